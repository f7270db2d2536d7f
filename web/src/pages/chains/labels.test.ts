import { expect, it } from "vitest";
import { free, kept, type Taken } from "./labels";

it("a name stays whole within the canvas", () => {
  expect([kept(10, 100, 300), kept(150, 100, 300), kept(290, 100, 300)]).toEqual([52, 150, 248]);
  expect(kept(10, 400, 300)).toBe(150);
});

it("no name stands on another, and one that does not takes no place", () => {
  const taken: Taken = [];
  expect(free(taken, 50, 20, 80, 14)).toBe(true);
  expect(free(taken, 100, 25, 80, 14)).toBe(false);
  expect(free(taken, 132, 20, 80, 14)).toBe(true);
  expect(free(taken, 50, 40, 80, 14)).toBe(true);
  expect(taken).toHaveLength(3);
});
