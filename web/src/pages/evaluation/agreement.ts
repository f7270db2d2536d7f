/** How far recipes agree on one demand, and what was decided on those that they list. */

/** What a recipe lists, by id, the best first. */
export type Lists = Partial<Record<string, readonly string[]>>;

/** How many of the first `depth` both list; null where either is not there. */
export function overlap(lists: Lists, one: string, other: string, depth = 10): number | null {
  const [mine, theirs] = [lists[one], lists[other]];
  if (!mine || !theirs) return null;
  const known = new Set(theirs.slice(0, depth));
  return mine.slice(0, depth).filter((id) => known.has(id)).length;
}

/** At which place (from 1) each recipe lists a candidate; null: not among those shown. */
export function places(lists: Lists, id: string): Record<string, number | null> {
  return Object.fromEntries(
    Object.entries(lists).map(([recipe, ids]) => [recipe, (ids ?? []).indexOf(id) + 1 || null]),
  );
}

export interface Decided {
  candidate: { id: string };
  decision: string;
}

/** Of what was decided, how much a recipe lists among its first `depth`. */
export function judged(
  ids: readonly string[],
  decided: readonly Decided[],
  depth = 10,
): { accepted: number; rejected: number } {
  const shown = new Set(ids.slice(0, depth));
  const count = (decision: string): number =>
    decided.filter((one) => one.decision === decision && shown.has(one.candidate.id)).length;
  return { accepted: count("accepted"), rejected: count("rejected") };
}
