/** Candidates by the way that leads to them: over which products, observed or inferred. */
import type { Candidate } from "@/pages/match/types";

/** How sure a way is: each hop observed, one at least inferred, or none: found by its text. */
export const WAYS = ["observed", "inferred", "text"] as const;
export type Way = (typeof WAYS)[number];

export interface Route {
  key: string;
  way: Way;
  /** What lies between the two ends, as it is walked. */
  over: { id: string; title: string }[];
  /** The best first. */
  candidates: Candidate[];
}

export function wayOf({ path }: Pick<Candidate, "path">): Way {
  if (!path.length) return "text";
  return path.some(({ inferred }) => inferred) ? "inferred" : "observed";
}

/** Routes by their best candidate; what was found by its text alone comes last. */
export function routesOf(candidates: readonly Candidate[]): Route[] {
  const routes = new Map<string, Route>();
  for (const one of candidates) {
    const way = wayOf(one);
    const over = one.path.slice(0, -1).map(({ to }) => to);
    const key = [way, ...over.map(({ id }) => id)].join(" ");
    const route = routes.get(key) ?? { key, way, over, candidates: [] };
    route.candidates.push(one);
    routes.set(key, route);
  }
  return [...routes.values()].sort(
    (one, other) => Number(one.way === "text") - Number(other.way === "text"),
  );
}

/** Those reached in one way; empty: all. */
export const shown = (candidates: readonly Candidate[], way: Way | ""): Candidate[] =>
  candidates.filter((one) => !way || wayOf(one) === way);

export function countWays(candidates: readonly Candidate[]): Record<Way, number> {
  const counts = { observed: 0, inferred: 0, text: 0 };
  for (const one of candidates) counts[wayOf(one)] += 1;
  return counts;
}
