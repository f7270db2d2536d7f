import { describe, expect, it } from "vitest";
import { conditions, counts } from "./conditions";
import type { Candidate } from "./types";

const told = (signal: string, value: number | null, evidence: object) =>
  ({ signal, value, evidence }) as unknown as Candidate["contributions"][number];
const of = (...contributions: Candidate["contributions"]) => conditions({ contributions });
const amounts = (asked: object | null, offered: object | null, value: number | null) =>
  of(told("budget", value, { asked, offered, unit: "万元", inferred: false, confidence: 1 }));

describe("conditions", () => {
  it("has each indicator with both sides, figures placed within the passage", () => {
    const stated = { passage: "线密度≤40 tex；", start: 118, indicator: [118, 128] };
    const all = of(
      told("indicators", 1, {
        indicators: [
          { verdict: "met", asked: stated, offered: stated, inferred: true, confidence: 0.8 },
          { verdict: "unknown", asked: stated, offered: null, inferred: true, confidence: null },
        ],
      }),
    );
    expect(all[0]?.asked).toEqual({ text: "线密度≤40 tex；", figure: [0, 10] });
    expect(all[1]?.offered).toBeNull();
    expect(counts(all)).toEqual({ met: 1, unmet: 0, unknown: 1 });
  });
  it("leaves out what the demand does not ask for", () => {
    expect(of(told("trl", null, { asked: null, offered: 9 }))).toEqual([]);
    expect(amounts(null, { low: 1, high: 2 }, null)).toEqual([]);
    expect(of(told("licence", null, { asked: [], offered: ["许可"] }))).toEqual([]);
    expect(of(told("term", null, {}), told("tier", 0.7, { offered: "小巨人" }))).toEqual([]);
  });
  it("holds a price against a budget by the amounts, not by the value", () => {
    const has = { low: 100, high: 100 };
    expect(amounts(has, { low: 80, high: 80 }, 1)[0]?.verdict).toBe("met");
    // A quarter too dear has the value of a range that fits in part.
    expect(amounts(has, { low: 125, high: 125 }, 0.5)[0]?.verdict).toBe("unmet");
    expect(amounts(has, { low: 80, high: 120 }, 0.5)[0]?.verdict).toBe("unknown");
    expect(amounts(has, null, null)[0]).toMatchObject({ verdict: "unknown", offered: null });
    expect(amounts({ low: 0, high: 40 }, null, null)[0]?.asked.text).toBe("≤ 40 万元");
  });
  it("takes maturity and licence as the matcher values them", () => {
    const stage = { asked: "小试", asked_level: 4, offered: 3 };
    expect(of(told("trl", 0.5, stage))[0]?.verdict).toBe("unmet");
    expect(of(told("trl", 1, { ...stage, offered: 5 }))[0]).toMatchObject({
      verdict: "met",
      asked: { text: "小试 TRL 4" },
    });
    const modes = { asked: ["转让"], offered: ["许可"] };
    expect(of(told("licence", -0.5, modes))[0]?.verdict).toBe("unmet");
  });
});
