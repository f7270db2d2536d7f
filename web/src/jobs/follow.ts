/** What a page knows of a job that it follows: a reducer over the events of `/jobs/{id}/events`. */
import type { Schemas } from "@/api/client";
import type { Problem } from "@/api/problem";

export type Job = Schemas["JobAnswer"];

export interface Followed {
  /** The newest that was told; null before anything was. */
  job: Job | null;
  /** `asking` at first, `live` by events, `broken` while the connection is being made again. */
  link: "asking" | "live" | "broken" | "ended";
  /** Why there is nothing to follow, or why what is shown may be old. */
  problem: Problem | null;
}

export type Said =
  | { type: "told"; job: Job }
  | { type: "opened" }
  | { type: "lost" }
  | { type: "refused"; problem: Problem };

export const nothing: Followed = { job: null, link: "asking", problem: null };

export const ended = (job: Pick<Job, "state">): boolean =>
  job.state !== "queued" && job.state !== "running";

/** How far a job is, as figures that only grow. */
const age = (job: Job): number[] => [
  Number(ended(job)),
  job.attempt,
  Number(job.state !== "queued"),
  job.progress.step,
  job.progress.done,
  Number(job.cancel_requested),
];

/** Whether `one` tells of an earlier moment than `other`: answers overtake each other. */
export function earlier(one: Job, other: Job): boolean {
  const before = age(other);
  for (const [place, value] of age(one).entries()) {
    const difference = value - (before[place] ?? 0);
    if (difference) return difference < 0;
  }
  return false;
}

export function heard(state: Followed, said: Said): Followed {
  switch (said.type) {
    case "told": {
      const known = state.job;
      const stale = known && known.id === said.job.id && earlier(said.job, known);
      const job = stale ? known : said.job;
      const link = ended(job) ? "ended" : state.link;
      return { job, link, problem: null };
    }
    case "opened":
      return state.link === "ended" ? state : { ...state, link: "live" };
    case "lost":
      return state.link === "ended" ? state : { ...state, link: "broken" };
    case "refused":
      return { ...state, problem: said.problem };
  }
}
