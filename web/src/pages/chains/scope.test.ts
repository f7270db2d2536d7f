import { describe, expect, it } from "vitest";
import { USUAL, WHOLE, asked, day, kinds, linked, scopeFields, written } from "./scope";

describe("a scope in an address", () => {
  it("leaves out what is usual", () => {
    expect(asked(WHOLE)).toEqual({});
    expect(written(WHOLE)).toEqual({});
  });

  it("says the rest as the interface takes it", () => {
    const scope = { ...WHOLE, district: ["石蓼区"], resolution: "0.5" as const, inferred: true };
    expect(asked(scope)).toEqual({ district: ["石蓼区"], resolution: 0.5, inferred: true });
    expect(written(scope)).toEqual({ district: ["石蓼区"], resolution: "0.5", inferred: "true" });
    // A page's own addresses say yes with 1.
    expect(linked(scope).inferred).toBe("1");
  });

  it("reads back what it writes", () => {
    const field = kinds();
    expect(field.write([...USUAL])).toBeUndefined();
    expect(field.read(undefined)).toEqual([...USUAL]);
    const some = field.write(["MAKES", "SUPPLIES"]);
    expect(some).toEqual(["SUPPLIES", "MAKES"]);
    expect(field.read(some)).toEqual(["SUPPLIES", "MAKES"]);
  });

  it("takes nothing that cannot be", () => {
    expect(kinds().read(["LOVES"])).toEqual([...USUAL]);
    expect(day().read("2024-06-01")).toBe("2024-06-01");
    expect(day().read("2024")).toBe("2024");
    expect(day().read("soon")).toBe("");
    expect(scopeFields().resolution.read("7")).toBe("1");
  });

  it("has two in one address", () => {
    expect(Object.keys(scopeFields("a_"))).toContain("a_until");
  });
});
