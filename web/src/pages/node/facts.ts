/** How the properties of a node read: see docs/data-formats.md for what each is. */
import type { Schemas } from "@/api/client";

type Node = Schemas["Node"];

/** For whom matches can be asked, and which. */
export const MATCHES: Partial<Record<Schemas["Label"], ("organizations" | "demands" | "results")[]>> =
  {
    Demand: ["organizations", "results"],
    Result: ["demands", "organizations"],
    Organization: ["demands", "results"],
  };

/** Shown elsewhere on the page: in its heading, as its text, among what became of it. */
const ELSEWHERE = new Set(["title", "name", "text", "tiers", "merged"]);

export const longText = (node: Node): string =>
  typeof node.props.text === "string" ? node.props.text : "";

export interface Fact {
  name: string;
  values: string[];
}

/** The properties that stand in the table of facts, in the order in which they came. */
export const facts = (node: Node): Fact[] =>
  Object.entries(node.props)
    .filter(([name, value]) => !ELSEWHERE.has(name) && value !== null && value !== "")
    .map(([name, value]) => ({ name, values: [value].flat().map(shown) }))
    .filter(({ values }) => values.length > 0);

function shown(value: unknown): string {
  if (typeof value === "number") return value.toLocaleString("zh-CN", { maximumFractionDigits: 6 });
  if (typeof value === "string") return value;
  if (typeof value === "boolean") return value ? "✓" : "✗";
  return JSON.stringify(value);
}

/** A step of 梯度培育: what a firm is called, from when to when, and who says so. */
export interface Tier {
  tier: string;
  from: string;
  until: string;
  source: string;
}

export const tiers = (node: Node): Tier[] =>
  entries(node.props.tiers)
    .map(({ tier, from, until, source }) => ({
      tier: word(tier),
      from: word(from),
      until: word(until),
      source: word(source),
    }))
    .filter(({ tier }) => tier !== "")
    .sort((one, other) => other.from.localeCompare(one.from));

/** Ids and names under which it was told before, where nodes were merged into it. */
export function merged(node: Node): { id: string; name: string }[] {
  const told = node.props.merged;
  if (typeof told !== "object" || told === null) return [];
  return Object.entries(told as Record<string, unknown>).map(([id, said]) => ({
    id,
    name: word((said as Record<string, unknown> | null)?.name),
  }));
}

const word = (value: unknown): string => (typeof value === "string" ? value : "");

const entries = (value: unknown): Record<string, unknown>[] =>
  (Array.isArray(value) ? value : []).filter(
    (one): one is Record<string, unknown> => typeof one === "object" && one !== null,
  );
