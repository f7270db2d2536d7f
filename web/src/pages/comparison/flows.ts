/** Where the members of each community went: flows between two divisions. Pure. */
import type { Schemas } from "@/api/client";

type Comparison = Schemas["CommunityComparison"];

export interface Flow {
  /** Ids of the communities, before and after. */
  from: string;
  to: string;
  firms: number;
}
export interface End {
  id: string;
  name: string;
  size: number;
}

/** What stayed in its pair, and what split off or merged in; each flow once, the largest first. */
export function flows({ pairs, splits, merges }: Comparison): Flow[] {
  const found = new Map<string, Flow>();
  const add = (from: string, to: string, firms: number): void => {
    if (firms > 0) found.set(`${from} ${to}`, { from, to, firms });
  };
  for (const { before, after, stayed } of pairs) if (before && after) add(before.id, after.id, stayed);
  for (const { before, into } of splits) for (const one of into) add(before.id, one.id, one.members);
  for (const { after, from } of merges) for (const one of from) add(one.id, after.id, one.members);
  return [...found.values()].sort(
    (one, other) => other.firms - one.firms || one.from.localeCompare(other.from),
  );
}

/** The communities of both sides that a flow touches, as the pairs order them. */
export function ends({ pairs }: Comparison, drawn: readonly Flow[]): { before: End[]; after: End[] } {
  const from = new Set(drawn.map((flow) => flow.from));
  const to = new Set(drawn.map((flow) => flow.to));
  return {
    before: pairs.flatMap(({ before }) => (before && from.has(before.id) ? [before] : [])),
    after: pairs.flatMap(({ after }) => (after && to.has(after.id) ? [after] : [])),
  };
}
