import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { ends, flows } from "./flows";

const group = (id: string, size: number) => ({ id, name: id, size });
const comparison = {
  pairs: [
    { before: group("A", 10), after: group("X", 6), stayed: 6, came: [], left: [], jaccard: 0.6 },
    { before: group("B", 2), after: null, stayed: 0, came: [], left: [], jaccard: 0 },
    { before: null, after: group("Y", 4), stayed: 0, came: [], left: [], jaccard: 0 },
  ],
  splits: [
    {
      before: group("A", 10),
      into: [
        { id: "X", name: "X", members: 6 },
        { id: "Y", name: "Y", members: 4 },
      ],
    },
  ],
  merges: [],
} as unknown as Schemas["CommunityComparison"];

describe("flows", () => {
  it("says each way once, the largest first", () => {
    expect(flows(comparison)).toEqual([
      { from: "A", to: "X", firms: 6 },
      { from: "A", to: "Y", firms: 4 },
    ]);
  });

  it("draws only communities that something flows through", () => {
    const { before, after } = ends(comparison, flows(comparison));
    expect(before.map((one) => one.id)).toEqual(["A"]);
    expect(after.map((one) => one.id)).toEqual(["X", "Y"]);
  });
});
