import { describe, expect, it } from "vitest";
import type { Job } from "@/jobs/follow";
import { anyOpen, merged } from "./merge";

const job = (id: string, state: Job["state"] = "succeeded", done = 0): Job => ({
  ...({ kind: "load", params: {}, by: "", created_at: "", started_at: null, ended_at: null } as const),
  ...{ id, state, attempt: 1, cancel_requested: false, result: null, error: null, files: [] },
  progress: { step: 1, phase: "", done, total: null, percent: null },
});
const ids = (jobs: Job[]): string[] => jobs.map(({ id }) => id);

describe("the list of jobs read again", () => {
  it("puts new ones on top and keeps what was read further down", () => {
    expect(ids(merged([job("05"), job("04"), job("03")], [job("06"), job("05"), job("04")]))).toEqual([
      ...["06", "05", "04", "03"],
    ]);
  });

  it("drops what no longer passes the filter", () => {
    expect(ids(merged([job("05", "running"), job("04"), job("03")], [job("04")]))).toEqual(["04", "03"]);
    expect(merged([job("05")], [])).toEqual([]);
  });

  it("never makes a job younger", () => {
    const [only] = merged([job("05", "running", 8)], [job("05", "running", 3)]);
    expect(only?.progress.done).toBe(8);
  });

  it("knows whether any is still to end", () => {
    expect(anyOpen([job("1"), job("2", "queued")])).toBe(true);
    expect(anyOpen([job("1"), job("2", "broken")])).toBe(false);
  });
});
