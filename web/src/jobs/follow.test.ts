import { describe, expect, it } from "vitest";
import { earlier, heard, nothing, type Followed, type Job } from "./follow";
import { appended } from "./log";
import { flat } from "./result";
import { duration } from "./words";

const job = (said: Partial<Job> & { step?: number; done?: number } = {}): Job => {
  const { step = 1, done = 0, ...rest } = said;
  return {
    id: "1",
    kind: "load",
    params: {},
    state: "running",
    by: "",
    created_at: "2026-11-23T08:00:00+00:00",
    started_at: null,
    ended_at: null,
    attempt: 1,
    cancel_requested: false,
    progress: { step, phase: "写入", done, total: 10, percent: 0 },
    result: null,
    error: null,
    files: [],
    ...rest,
  };
};
const after = (...said: Parameters<typeof heard>[1][]): Followed => said.reduce(heard, nothing);

describe("following a job", () => {
  it("keeps the newest that was told, whichever answer overtook which", () => {
    const state = after({ type: "told", job: job({ done: 5 }) }, { type: "told", job: job({ done: 3 }) });
    expect(state.job?.progress.done).toBe(5);
    expect(heard(state, { type: "told", job: job({ step: 2, done: 0 }) }).job?.progress.step).toBe(2);
  });

  it("counts a later attempt as newer, though it begins again", () => {
    const again = job({ attempt: 2, state: "queued", step: 0 });
    expect(earlier(again, job({ done: 9, step: 3 }))).toBe(false);
    expect(earlier(job({ done: 9, step: 3 }), again)).toBe(true);
  });

  it("ends with the job, and comes back to life for nothing", () => {
    const ended = after({ type: "opened" }, { type: "told", job: job({ state: "succeeded" }) });
    expect(ended.link).toBe("ended");
    for (const said of [{ type: "lost" }, { type: "opened" }] as const) {
      expect(heard(ended, said)).toBe(ended);
    }
    const late = heard(ended, { type: "told", job: job({ done: 9 }) });
    expect(late.job?.state).toBe("succeeded");
    expect(late.link).toBe("ended");
  });

  it("tells a lost connection from a live one, and forgets a problem with the next word", () => {
    const problem = { code: "not_found", detail: "", hint: "", requestId: "", status: 404, errors: [], retryAfter: null };
    const lost = after({ type: "opened" }, { type: "told", job: job() }, { type: "lost" });
    expect(lost.link).toBe("broken");
    const refused = heard(lost, { type: "refused", problem });
    expect(refused.problem?.code).toBe("not_found");
    expect(refused.job).not.toBeNull();
    expect(heard(refused, { type: "told", job: job({ done: 4 }) }).problem).toBeNull();
  });

  it("takes the word that somebody wants it no more", () => {
    const state = after({ type: "told", job: job({ done: 5 }) }, { type: "told", job: job({ done: 5, cancel_requested: true }) });
    expect(state.job?.cancel_requested).toBe(true);
    expect(heard(state, { type: "told", job: job({ done: 5 }) }).job?.cancel_requested).toBe(true);
  });
});

describe("a log", () => {
  it("holds each line once", () => {
    const line = (number: number) => ({ number, at: "", text: String(number) });
    expect(appended([line(1), line(2)], [line(2), line(3)]).map((one) => one.number)).toEqual([1, 2, 3]);
  });
});

describe("a result", () => {
  it("is opened into rows, empty things left out", () => {
    const rows = flat({ a: { b: 1234.5, c: null }, d: ["x", "y"], e: [{}, {}], f: true, g: [] });
    expect(rows.map(({ path, value }) => [path.join("."), value])).toEqual([
      ["a.b", "1,234.5"],
      ["d", "x、y"],
      ["e", "2"],
      ["f", "✓"],
    ]);
  });
});

describe("a duration", () => {
  const t = (key: string, named: Record<string, number>): string =>
    [key.split(".")[1], ...Object.values(named)].join(" ");
  it.each([
    [null, ""],
    [0.84, "seconds 0.8"],
    [42.4, "seconds 42"],
    [59.7, "seconds 60"],
    [185, "minutes 3 5"],
    [7810, "hours 2 10"],
    [3599.6, "hours 1 0"],
  ])("%s s", (seconds, said) => expect(duration(seconds, t)).toBe(said));
});
