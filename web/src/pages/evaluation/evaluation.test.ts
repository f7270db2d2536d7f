import { describe, expect, it } from "vitest";
import { judged, overlap, places } from "./agreement";
import { recordOf } from "./record";

describe("agreement", () => {
  const lists = { full: ["a", "b", "c"], bm25: ["c", "x", "a"] };
  it("counts what both list within the depth", () => {
    expect(overlap(lists, "full", "bm25")).toBe(2);
    expect(overlap(lists, "full", "bm25", 2)).toBe(0);
    expect(overlap(lists, "full", "dense")).toBeNull();
  });
  it("knows the place in each list", () => {
    expect(places(lists, "c")).toEqual({ full: 3, bm25: 1 });
    expect(places(lists, "x")).toEqual({ full: null, bm25: 2 });
  });
  it("counts decisions on those shown alone", () => {
    const decided = [
      { candidate: { id: "a" }, decision: "accepted" },
      { candidate: { id: "b" }, decision: "rejected" },
      { candidate: { id: "z" }, decision: "accepted" },
    ];
    expect(judged(["a", "b"], decided)).toEqual({ accepted: 1, rejected: 1 });
    expect(judged(["a", "b"], decided, 1)).toEqual({ accepted: 1, rejected: 0 });
  });
});

describe("the training record", () => {
  const figures = { queries: 36, fitting: 20, "ndcg@10": 0.65, abstention: null };
  const bins = [{ probability: 0.1, useful: 0.2, count: 33 }];
  it("is read as far as it is told", () => {
    const record = recordOf({
      made_at: "2026-11-23",
      tasks: ["results"],
      feedback: 0,
      figures: {
        results: {
          ...figures,
          "reliability@10": { count: 33, base: 0.1, error: 0.03, skill: 0.1, bins },
          before: { ...figures, "ndcg@10": 0.64 },
        },
      },
    });
    const { results } = record.figures;
    expect([results?.ndcg, results?.before?.ndcg]).toEqual([0.65, 0.64]);
    expect(results?.reliability?.bins).toEqual(bins);
    expect([record.feedback, record.demands, results?.abstention]).toEqual([0, null, null]);
  });
  it("of nothing, or of something else, is empty", () => {
    expect(recordOf({}).figures).toEqual({});
    expect(recordOf({ figures: { results: { note: "x" }, demands: 3 } }).figures).toEqual({});
  });
});
