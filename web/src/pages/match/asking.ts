/** What is asked of the service, for a subject and a filter. */
import { client, type Schemas } from "@/api/client";
import type { Node, Recipe, Subject, Target } from "./types";

export interface Question extends Subject {
  to: Target;
  recipe: Recipe;
  top: number;
  district: string[];
  tier: string[];
}

/** What can be looked for, by what is asked for; the first is what one gets without choosing. */
const OFFERED: Partial<Record<Schemas["Label"], readonly Target[]>> = {
  Demand: ["organizations", "results", "demands"],
  Result: ["demands", "organizations"],
  Organization: ["demands", "results", "partners"],
};
const OF_TEXT: readonly Target[] = ["organizations", "results", "demands"];

export const offered = (label: Schemas["Label"] | null): readonly Target[] =>
  (label && OFFERED[label]) || OF_TEXT;

/** Matches of a text where there is one, else of the node. */
export function askMatches(question: Question, signal: AbortSignal) {
  const { node, text, to, recipe, top, district, tier } = question;
  if (text) {
    const body = { text, to, recipe, top, filter: { district, tier } };
    return client.POST("/api/v1/match", { body: body as Schemas["MatchBody"], signal });
  }
  const query = { to, recipe, top, district, tier };
  return client.GET("/api/v1/nodes/{id}/matches", { params: { path: { id: node }, query }, signal });
}

export function askReading({ node, text }: Subject, signal: AbortSignal) {
  if (text) return client.POST("/api/v1/readings", { body: { text }, signal });
  return client.GET("/api/v1/nodes/{id}/reading", { params: { path: { id: node } }, signal });
}

export const askNode = (id: string, signal: AbortSignal) =>
  client.GET("/api/v1/nodes/{id}", { params: { path: { id } }, signal });

/** The name under which a comparison is told its subject. */
function subjectOf({ text }: Subject, node: Node | undefined): Record<string, string> | null {
  if (text) return { text };
  const name = { Demand: "demand", Result: "result", Organization: "organization" }[
    (node?.label ?? "") as string
  ];
  return node && name ? { [name]: node.id } : null;
}

/** All that the list is asked for, in one body; null while the kind of the subject is not known. */
export function wholeOf(question: Question, node: Node | undefined): Schemas["MatchBody"] | null {
  const subject = subjectOf(question, node);
  const { to, recipe, top, district, tier } = question;
  const filter = { district, tier };
  return subject && ({ ...subject, to, recipe, top, filter } as Schemas["MatchBody"]);
}

/** A comparison's body; null while the kind of the subject is not known. */
export function comparison(
  question: Subject & Pick<Question, "to" | "recipe">,
  node: Node | undefined,
  candidates: readonly string[],
): Schemas["CompareBody"] | null {
  const subject = subjectOf(question, node);
  const { to, recipe } = question;
  return subject && ({ ...subject, to, recipe, candidates } as Schemas["CompareBody"]);
}

/** Of which demand and which candidate a decision would be; null where there is no such pair. */
export function pairOf(
  subject: Subject,
  node: Node | undefined,
  candidate: Pick<Schemas["Candidate"], "id" | "label">,
): { demand: string; candidate: string } | null {
  if (subject.text || !node) return null;
  const decided = (label: Schemas["Label"]) => label === "Result" || label === "Organization";
  if (node.label === "Demand" && decided(candidate.label)) {
    return { demand: node.id, candidate: candidate.id };
  }
  if (candidate.label === "Demand" && decided(node.label)) {
    return { demand: candidate.id, candidate: node.id };
  }
  return null;
}
