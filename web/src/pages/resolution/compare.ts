/** Two organisations side by side: what is said of both, and where they differ. */
import type { Schemas } from "@/api/client";
import { facts, tiers } from "@/pages/node/facts";

type Node = Schemas["Node"];
type Relation = Schemas["Relation"];

export interface Value {
  text: string;
  /** The other has it, too. */
  shared: boolean;
}

export interface Row {
  /** A property's name, or a relation's as `edge:forward:MAKES`. */
  name: string;
  a: Value[];
  b: Value[];
  /** `same`: equal; `differ`: both say something, not the same; `one`: only one says anything. */
  how: "same" | "differ" | "one";
}

/** As it counts when compared: full and half width, case and blanks aside. */
const key = (text: string): string => text.normalize("NFKC").toLowerCase().replace(/\s+/g, "");

export function row(name: string, a: readonly string[], b: readonly string[]): Row {
  const ofA = new Set(a.map(key));
  const ofB = new Set(b.map(key));
  const marked = (texts: readonly string[], others: ReadonlySet<string>): Value[] =>
    texts.map((text) => ({ text, shared: others.has(key(text)) }));
  const equal = ofA.size === ofB.size && [...ofA].every((one) => ofB.has(one));
  const how = !ofA.size || !ofB.size ? "one" : equal ? "same" : "differ";
  return { name, a: marked(a, ofB), b: marked(b, ofA), how };
}

type Said = Map<string, string[]>;

/** What is said of a node, by name: its properties, its tiers, and by relation the others' titles. */
export function said(node: Node, relations: readonly Relation[]): Said {
  const all: Said = new Map(facts(node).map(({ name, values }) => [name, values]));
  const held = tiers(node).map(({ tier, from }) => [tier, from].filter(Boolean).join(" "));
  if (held.length) all.set("tiers", held);
  for (const { forward, type, to } of relations) {
    const name = `edge:${forward ? "forward" : "reverse"}:${type}`;
    const titles = all.get(name) ?? [];
    if (!titles.includes(to.title)) all.set(name, [...titles, to.title]);
  }
  return all;
}

/** What tells the two apart first, then what they share; properties before relations. */
export function rows(a: Said, b: Said): Row[] {
  const order = { differ: 0, same: 1, one: 2 } as const;
  const names = [...new Set([...a.keys(), ...b.keys()])];
  return names
    .map((name) => row(name, a.get(name) ?? [], b.get(name) ?? []))
    .sort(
      (one, other) =>
        Number(one.name.startsWith("edge:")) - Number(other.name.startsWith("edge:")) ||
        order[one.how] - order[other.how],
    );
}
