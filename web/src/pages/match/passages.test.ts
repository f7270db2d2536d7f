import { describe, expect, it } from "vitest";
import { nearest, partsOf } from "./passages";
import type { Reading } from "./types";

const text = "公司做背心。洗后断路怎么办？";
const section = (part: string, start: number, end: number) =>
  ({ part, title: part, start, end, told: "cue", inferred: true, confidence: 0.7 }) as never;
const passage = (part: string, start: number, end: number, weight: number) =>
  ({ field: "text", part, start, end, weight }) as never;
const reading: Pick<Reading, "text" | "sections" | "passages"> = {
  text,
  sections: [section("background", 0, 6), section("problem", 6, 14)],
  passages: [passage("background", 0, 6, 0.3), passage("problem", 6, 14, 1)],
};

describe("the parts of a demand", () => {
  it("tile the text, and what weighs most is the core", () => {
    const parts = partsOf(reading);
    expect(parts.map((part) => part.text).join("")).toBe(text);
    expect(parts.map(({ core }) => core)).toEqual([false, true]);
  });
  it("have no core where all weigh the same, and are one where nothing was told apart", () => {
    const same = reading.passages.map((one) => ({ ...one, weight: 1 }));
    expect(partsOf({ ...reading, passages: same }).some(({ core }) => core)).toBe(false);
    expect(partsOf({ ...reading, sections: [] })).toHaveLength(1);
    expect(partsOf({ ...reading, text: "", sections: [] })).toEqual([]);
  });
  it("the nearest shares the most words, by weight; of equals it is the weightiest", () => {
    expect(nearest(reading, ["背心"])?.title).toBe("background");
    expect(nearest(reading, ["背心", "公司", "断路"])?.title).toBe("problem");
    expect(nearest(reading, [])?.title).toBe("problem");
  });
});
