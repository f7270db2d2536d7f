/** A list of jobs that is read again while one looks at it. */
import { earlier, ended, type Job } from "@/jobs/follow";

/** The first page anew on top of what was read further down; nothing stands twice, none grows younger. */
export function merged(known: readonly Job[], anew: readonly Job[]): Job[] {
  const before = new Map(known.map((job) => [job.id, job]));
  const first = anew.map((job) => {
    const old = before.get(job.id);
    return old && earlier(job, old) ? old : job;
  });
  const told = new Set(first.map((job) => job.id));
  const last = anew.at(-1)?.id;
  // Ids grow with time: what is newer than the end of this page and not on it is no longer listed.
  const further = last === undefined ? [] : known.filter((job) => job.id < last);
  return [...first, ...further.filter((job) => !told.has(job.id))];
}

export const anyOpen = (jobs: readonly Job[]): boolean => jobs.some((job) => !ended(job));
