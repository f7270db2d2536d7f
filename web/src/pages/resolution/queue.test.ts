import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import { row, rows, said } from "./compare";
import { bars, empty, listed, neighbour, next, postponed, told, type Pair, type Queue } from "./queue";

const pair = (id: string, status: Pair["status"] = "open"): Pair => ({
  ...{ id, version: 1, a: `org:${id}a`, b: `org:${id}b`, titles: ["甲", "乙"], score: 1, probability: 0.7 },
  ...{ level: "doubtful", status, parts: [], kept: null, gone: null, by: null, at: null },
});
const three: Queue = listed(empty, [pair("1"), pair("2"), pair("3")], 12, true);
const ids = (queue: Queue): string[] => queue.pairs.map(({ id }) => id);

describe("the pairs at hand", () => {
  it("loses a decided one, counts down, and can take it back", () => {
    const decided = told(three, pair("2", "accepted"), "open", true);
    expect([ids(decided), decided.total, decided.done.at(-1)?.id]).toEqual([["1", "3"], 11, "2"]);
    const undone = told(decided, pair("2"), "open", true);
    expect([ids(undone).includes("2"), undone.total, undone.done]).toEqual([true, 12, []]);
  });

  it("takes another's decision without offering to undo it", () => {
    const overtaken = told(three, pair("1", "rejected"), "open", false);
    expect([overtaken.total, overtaken.done]).toEqual([11, []]);
    const elsewhere = told(three, pair("9", "rejected"), "open", false);
    expect([ids(elsewhere), elsewhere.total]).toEqual([["1", "2", "3"], 12]);
  });

  it("goes on to the next that was not put off, and comes back to those last", () => {
    expect(next(three, "1")).toBe("2");
    expect(next(postponed(three, "2"), "1")).toBe("3");
    expect(next(three, "3")).toBe("1");
    const put = postponed(postponed(postponed(three, "2"), "1"), "3");
    expect(next(put, "3")).toBe("2");
    expect(next(listed(empty, [pair("1")], 1, true), "1")).toBe("1");
    expect(next(empty, null)).toBeNull();
  });

  it("adds a page without what is there", () => {
    expect(ids(listed(three, [pair("3"), pair("4")], 12, false))).toEqual(["1", "2", "3", "4"]);
  });

  it("moves by one, and stays at the ends", () => {
    expect([neighbour(three, "1", 1), neighbour(three, "1", -1), neighbour(three, null, 1)]).toEqual(["2", "1", "1"]);
  });

  it("draws prior and parts, the longest in full", () => {
    const parts = [{ part: "name", value: 6, evidence: "字号相同" }, { part: "region", value: -1.5, evidence: "" }];
    const drawn = bars({ ...pair("1"), parts }, -3);
    expect(drawn.map(({ part, share }) => [part, share])).toEqual([["prior", 0.5], ["name", 1], ["region", 0.25]]);
  });
});

describe("the two side by side", () => {
  it("marks what both say, however it is written", () => {
    expect(row("address", ["Ａ区 1号"], ["a区1号"]).how).toBe("same");
    expect(row("staff", ["10"], ["20"])).toMatchObject({ how: "differ", a: [{ text: "10", shared: false }] });
    expect(row("uscc", [], ["X"]).how).toBe("one");
  });

  it("puts what differs first, and properties before relations", () => {
    const node = (props: Record<string, unknown>) => ({ id: "", label: "Organization", props }) as unknown as Schemas["Node"];
    const makes = (title: string) =>
      ({ forward: true, type: "MAKES", to: { id: title, title } }) as unknown as Schemas["Relation"];
    const one = said(node({ district: "澄江区", staff: 10, website: "x.cn" }), [makes("轴承"), makes("轴承")]);
    const other = said(node({ district: "澄江区", staff: 20 }), [makes("齿轮")]);
    expect(one.get("edge:forward:MAKES")).toEqual(["轴承"]);
    expect(rows(one, other).map(({ name, how }) => [name, how])).toEqual([
      ["staff", "differ"],
      ["district", "same"],
      ["website", "one"],
      ["edge:forward:MAKES", "differ"],
    ]);
  });
});
