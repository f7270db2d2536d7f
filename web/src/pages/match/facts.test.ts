import { describe, expect, it } from "vitest";
import { districtsOf, tiersOf, today } from "./facts";

describe("tiers", () => {
  const tiers = [
    { tier: "单项冠军", from: "2024-01", until: "2026-12" },
    { tier: "小巨人", from: "2021-07", until: "2024-06" },
    { tier: "创新型", from: "2027-01", until: "" },
    { tier: "专精特新" },
  ];
  it("are those that hold on the day, a month to its end", () => {
    expect(tiersOf({ tiers }, "2026-11-23").map(({ tier }) => tier)).toEqual(["单项冠军", "专精特新"]);
    expect(tiersOf({ tiers }, "2024-06-30").map(({ tier }) => tier)).toContain("小巨人");
    expect(tiersOf({ tiers }, "2024-07-01").map(({ tier }) => tier)).not.toContain("小巨人");
    expect(tiersOf({}, "2026-11-23")).toEqual([]);
  });
});

describe("facts", () => {
  it("are lists whether one or several are told", () => {
    expect(districtsOf({ district: "青砚区" })).toEqual(["青砚区"]);
    expect(districtsOf({ district: ["甲", "乙"] })).toEqual(["甲", "乙"]);
    expect(districtsOf({ district: null })).toEqual([]);
  });
  it("today is the reader's day", () => {
    expect(today(new Date(2026, 0, 5))).toBe("2026-01-05");
  });
});
