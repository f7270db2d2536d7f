import { describe, expect, it } from "vitest";
import { comparison, offered, pairOf } from "./asking";
import type { Node } from "./types";

const node = (label: string, id: string) => ({ label, id }) as unknown as Node;
const asked = { node: "demand:1", text: "", to: "results", recipe: "full" } as const;

describe("a comparison", () => {
  it("names its subject by its kind, or is of the text", () => {
    expect(comparison(asked, node("Demand", "demand:1"), ["a", "b"])).toEqual({
      demand: "demand:1",
      to: "results",
      recipe: "full",
      candidates: ["a", "b"],
    });
    expect(comparison({ ...asked, text: "甲" }, undefined, ["a", "b"])).toMatchObject({ text: "甲" });
    expect(comparison(asked, undefined, ["a", "b"])).toBeNull();
  });
});

describe("a decision's pair", () => {
  const [demand, result] = [node("Demand", "demand:1"), node("Result", "result:1")];
  it("is of a demand and a candidate, whichever was asked for", () => {
    const pair = { demand: "demand:1", candidate: "result:1" };
    expect(pairOf(asked, demand, result)).toEqual(pair);
    expect(pairOf({ node: "result:1", text: "" }, result, demand)).toEqual(pair);
  });
  it("is none for texts, and for two of a kind", () => {
    expect(pairOf({ ...asked, text: "改过" }, demand, result)).toBeNull();
    expect(pairOf(asked, demand, demand)).toBeNull();
    expect(pairOf(asked, undefined, result)).toBeNull();
  });
});

describe("what is offered", () => {
  it("depends on who asks", () => {
    expect(offered("Result")[0]).toBe("demands");
    expect(offered(null)).toContain("results");
  });
});
