import { describe, expect, it } from "vitest";
import { bar, familyOf, parts, scaleOf, signed, spoken } from "./parts";
import type { Candidate } from "./types";

const part = (signal: string, contribution: number) =>
  ({ signal, contribution }) as Candidate["contributions"][number];
const one = { prior: -3, contributions: [part("text", 1), part("chain", 2), part("budget", 0)] };
const two = { prior: -3, contributions: [part("dense", 5), part("standing", -1)] };

describe("a score's parts", () => {
  it("add up to the score, without those that add nothing", () => {
    expect(parts(one).map(({ signal }) => signal)).toEqual(["text", "chain", "prior"]);
    expect(parts(one).reduce((sum, { amount }) => sum + amount, 0)).toBe(0);
  });
  it("share a scale that holds the longest of both sides, and zero", () => {
    expect(scaleOf([one, two])).toEqual({ least: -4, most: 5 });
    expect(scaleOf([])).toEqual({ least: 0, most: 0 });
  });
  it("stand at either side of zero, end to end", () => {
    const { segments, zero, score } = bar(one, { least: -5, most: 5 });
    expect(zero).toBe(50);
    expect(score).toBe(50);
    expect(segments.map(({ left, width }) => [left, width])).toEqual([
      [50, 10],
      [60, 20],
      [20, 30],
    ]);
  });
  it("a signal that is not known here counts among the others", () => {
    expect(familyOf("something new")).toBe("around");
  });
});

describe("signed", () => {
  it("has a real minus, and no sign for nothing", () => {
    expect([signed(1.236), signed(-0.5), signed(-0.001)]).toEqual(["+1.24", "−0.50", "0.00"]);
  });
});

it("a score is spoken as its parts", () => {
  const said = [{ signal: "text", amount: 2 }, { signal: "prior", amount: -3 }];
  expect(spoken(-1, said, (name) => name)).toBe("-1.00 = text +2.00，prior −3.00");
});
