import { describe, expect, it } from "vitest";
import type { Candidate } from "@/pages/match/types";
import { countWays, routesOf, shown, wayOf } from "./routes";

const hop = (to: string, inferred = false) => ({ to: { id: to, title: to }, inferred });
const candidate = (id: string, ...path: object[]) => ({ id, path }) as unknown as Candidate;

const all = [
  candidate("far"),
  candidate("a", hop("织物"), hop("a")),
  candidate("b", hop("织物", true), hop("b")),
  candidate("c", hop("织物"), hop("c")),
  candidate("own", hop("own")),
];

describe("routes", () => {
  it("bring together what is reached over the same, equally sure; found by text last", () => {
    expect(routesOf(all).map(({ way, over, candidates }) => [
      way,
      over.map(({ id }) => id).join(),
      candidates.map(({ id }) => id).join(),
    ])).toEqual([
      ["observed", "织物", "a,c"],
      ["inferred", "织物", "b"],
      ["observed", "", "own"],
      ["text", "", "far"],
    ]);
  });
  it("one inferred hop makes the way inferred", () => {
    expect(wayOf(candidate("d", hop("x"), hop("d", true)))).toBe("inferred");
  });
  it("are counted by how sure they are", () => {
    expect(countWays(all)).toEqual({ observed: 3, inferred: 1, text: 1 });
    expect(shown(all, "text").map(({ id }) => id)).toEqual(["far"]);
    expect(shown(all, "")).toHaveLength(5);
  });
});
