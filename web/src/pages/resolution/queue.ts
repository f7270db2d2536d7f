/** The pairs at hand, and what was done to them: a reducer that draws nothing and asks nothing. */
import type { Schemas } from "@/api/client";

export type Pair = Schemas["Pair"];
export type Status = Pair["status"];

export interface Queue {
  pairs: readonly Pair[];
  /** How many there are in all, those on further pages included. */
  total: number;
  /** Put off by the person, till the page is left. */
  later: readonly string[];
  /** Decided here, the last one last: what can be undone at once. */
  done: readonly Pair[];
}

export const empty: Queue = { pairs: [], total: 0, later: [], done: [] };

/** A page of the list: the first, or one that follows what is there. */
export function listed(queue: Queue, come: readonly Pair[], total: number, first: boolean): Queue {
  const known = first ? [] : queue.pairs;
  const ids = new Set(known.map(({ id }) => id));
  return { ...queue, pairs: [...known, ...come.filter(({ id }) => !ids.has(id))], total };
}

/** After a decision, an undoing, or word of what somebody else did. `status`: what is listed. */
export function told(queue: Queue, pair: Pair, status: Status, mine: boolean): Queue {
  const was = queue.pairs.some(({ id }) => id === pair.id);
  const fits = pair.status === status;
  const total = Math.max(0, queue.total + Number(fits && !was) - Number(!fits && was));
  const others = queue.pairs.filter(({ id }) => id !== pair.id);
  const pairs = !fits
    ? others
    : was
      ? queue.pairs.map((one) => (one.id === pair.id ? pair : one))
      : [pair, ...queue.pairs];
  const rest = queue.done.filter(({ id }) => id !== pair.id);
  const done = mine && pair.status !== "open" ? [...rest, pair] : rest;
  return { ...queue, pairs, total, done };
}

export const postponed = (queue: Queue, id: string): Queue => ({
  ...queue,
  later: [...queue.later.filter((one) => one !== id), id],
});

/** Whom to look at after this one: the next not put off, else the first so, else the one put off longest. */
export function next(queue: Queue, id: string | null): string | null {
  const ids = queue.pairs.map((pair) => pair.id).filter((one) => one !== id);
  const at = queue.pairs.findIndex((pair) => pair.id === id);
  const behind = queue.pairs.slice(at + 1).map((pair) => pair.id);
  const open = (one: string): boolean => !queue.later.includes(one);
  return (
    behind.find(open) ??
    ids.find(open) ??
    queue.later.find((one) => ids.includes(one)) ??
    (at >= 0 ? id : null)
  );
}

/** The one above or below. */
export function neighbour(queue: Queue, id: string | null, by: 1 | -1): string | null {
  const at = queue.pairs.findIndex((pair) => pair.id === id);
  if (at < 0) return queue.pairs[0]?.id ?? null;
  return queue.pairs[at + by]?.id ?? id;
}

/** The parts of the score as bars: the longest is 1; they and the prior add up to the score. */
export function bars(pair: Pair, prior: number): { part: string; value: number; share: number; evidence: string }[] {
  const all = [{ part: "prior", value: prior, evidence: "" }, ...pair.parts];
  const most = Math.max(...all.map(({ value }) => Math.abs(value)), 1e-9);
  return all.map((one) => ({ ...one, share: Math.abs(one.value) / most }));
}
