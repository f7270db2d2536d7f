import { describe, expect, it } from "vitest";
import type { Candidate } from "./types";
import { why } from "./why";

const told = (signal: string, value: number | null, evidence: object) =>
  ({ signal, value, evidence }) as unknown as Candidate["contributions"][number];
const keys = (...contributions: Candidate["contributions"]) =>
  why({ id: "org:1", contributions }).map(({ key }) => key);

describe("why", () => {
  it("names shared words once, the longest of those that hold each other", () => {
    const [reason] = why({
      id: "org:1",
      contributions: [
        told("text", 4, {
          words: [
            { word: "绣花", bm25: 1 },
            { word: "次", bm25: 2 },
            { word: "10", bm25: 9 },
          ],
        }),
        told("pairs", 5, {
          phrases: [
            { phrase: "绣花机", bm25: 5 },
            { phrase: "的齿", bm25: 9 },
          ],
        }),
      ],
    });
    expect(reason).toMatchObject({ key: "words", given: { words: "“绣花机”" } });
  });
  it("names the way through the graph, and whether it is inferred", () => {
    const [reason] = why({
      id: "org:1",
      contributions: [
        told("products", null, {}),
        told("chain", 0.2, { names: ["织物", "银线"], inferred: true }),
      ],
    });
    expect(reason).toEqual({ key: "chain", given: { names: "织物 → 银线" }, inferred: true });
  });
  it("names past co-operation and the same district, not another one", () => {
    expect(
      keys(
        told("cooperation", 1, { records: [{ title: "汀澜理工大学" }] }),
        told("district", 0, { asked: "甲区", offered: "乙区" }),
      ),
    ).toEqual(["cooperation"]);
    expect(keys(told("cooperation", 1, { records: [{ organization: "org:1", title: "甲" }] }))).toEqual(
      ["together"],
    );
    expect(keys(told("district", 1, { offered: "甲区" }))).toEqual(["district"]);
  });
  it("quotes the nearest passage only where there is nothing else", () => {
    expect(keys(told("dense", 2, { passage: "箔绕金银线" }))).toEqual(["meaning"]);
    expect(keys(told("tier", 0.7, { offered: "小巨人" }))).toEqual([]);
  });
});
