import { describe, expect, it } from "vitest";
import { found, inUnits, pieces, shared, telling } from "./marking";

describe("pieces", () => {
  it("joined are the text, marked where spans are", () => {
    const cut = pieces("线密度≤40 tex；弯折", [
      { start: 0, end: 10, mark: "indicator" },
      { start: 11, end: 13, mark: "word" },
    ]);
    expect(cut.map(({ text, mark }) => [text, mark])).toEqual([
      ["线密度≤40 tex", "indicator"],
      ["；", null],
      ["弯折", "word"],
    ]);
  });
  it("keep two of a kind apart that touch, and let the later span win", () => {
    const touching = pieces("甲乙", [
      { start: 0, end: 1, mark: "a" },
      { start: 1, end: 2, mark: "a" },
    ]);
    expect(touching).toHaveLength(2);
    const over = pieces("甲乙丙", [
      { start: 0, end: 3, mark: "a" },
      { start: 1, end: 2, mark: "b" },
    ]);
    expect(over.map(({ mark }) => mark)).toEqual(["a", "b", "a"]);
  });
  it("of nothing are none", () => {
    expect(pieces("", [{ start: 0, end: 3, mark: "a" }])).toEqual([]);
  });
});

describe("found", () => {
  it("finds each place of each word, whatever the case", () => {
    expect(found("SiC 与 sic", ["sic"]).map(({ start }) => start)).toEqual([0, 6]);
    expect(found("甲", ["", "乙"])).toEqual([]);
  });
});

describe("inUnits", () => {
  it("moves places behind characters that are two units long", () => {
    const text = "𬬭板厚3 mm";
    const at = inUnits(text);
    expect(text.slice(at(1), at(3))).toBe("板厚");
    expect(at(99)).toBe(text.length);
    expect(inUnits("板厚")(1)).toBe(1);
  });
});

describe("shared", () => {
  it("takes words and runs by weight, once each, without those that say nothing", () => {
    const said = [
      {
        signal: "text",
        evidence: {
          words: [
            { word: "弯折", bm25: 1.7 },
            { word: "的", bm25: 0.01 },
          ],
        },
      },
      {
        signal: "pairs",
        evidence: {
          phrases: [
            { phrase: "绣花机", bm25: 5 },
            { phrase: "弯折", bm25: 1 },
          ],
        },
      },
      { signal: "dense", evidence: {} },
    ];
    expect(shared(said)).toEqual(["绣花机", "弯折"]);
  });
});

it("words that tell are longer than a character and part of no other", () => {
  expect(telling(["万次不断", "次", "不断", "绣花"])).toEqual(["万次不断", "绣花"]);
});
