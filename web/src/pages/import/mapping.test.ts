import { describe, expect, it } from "vitest";
import type { Schemas } from "@/api/client";
import * as mapping from "./mapping";

const guess = (header: string, field: string | null, score = 0.9) => ({
  ...{ header, field, known_as: field ? `项${field}` : "", score, why: "" },
});
const ANSWER: Schemas["RecognitionAnswer"] = {
  sheets: [
    {
      ...{ file: "a.xlsx", sheet: "甲", mapping: "demands", kind: "技术需求与榜单", rows: 3 },
      columns: [{ header: "需求名称", field: "title" }],
      unused: [guess("打算投入", "budget"), guess("吉祥物", null, 0)],
    },
  ],
  skipped: [
    {
      ...{ file: "b.csv", sheet: "", reason: "表头认不出来（甲、乙）；最接近“技术需求与榜单”，相似程度 0.90" },
      proposal: {
        ...{ like: "demands", kind: "技术需求与榜单", score: 0.9, missing: [] },
        columns: [guess('题"目', "title"), guess("瓶颈（万元）", "difficulty"), guess("其他", null, 0)],
      },
    },
    { file: "c.csv", sheet: "", reason: "没有内容", proposal: null },
  ],
  errors: [],
  mappings: [],
};
const UPLOAD = "8e29065e2f64b96b";
const sheets = mapping.seen(UPLOAD, ANSWER, new Set(["demands"]));
const [known, unknown, nothing] = sheets as [mapping.SheetSeen, mapping.SheetSeen, mapping.SheetSeen];
const field = (name: string, headers: string[] = [], required = false): mapping.MappingField => ({
  ...{ name, known_as: `项${name}`, headers, required },
});

describe("what was recognised", () => {
  it("names sheets so that the address can, and says why without the advice", () => {
    expect(sheets.map(({ key }) => key)).toEqual(["8e29065e.k0", "8e29065e.u0", "8e29065e.u1"]);
    expect(unknown.reason).toBe("表头认不出来（甲、乙）");
    expect(nothing.like).toBeNull();
    expect(sheets.map(({ whole }) => whole)).toEqual([true, true, false]);
  });

  it("reads a known sheet as it is, its guesses only where a person takes them", () => {
    expect(mapping.reads(known, undefined)).toEqual(["title", null, null]);
    expect(mapping.reads(known, { like: null, picks: { 1: "budget" } })).toEqual(["title", "budget", null]);
  });

  it("takes the proposal for an unknown sheet when it is confirmed, never before", () => {
    expect(mapping.used(unknown, undefined)).toBe(false);
    expect(mapping.reads(unknown, undefined)).toEqual([null, null, null]);
    expect(mapping.reads(unknown, { like: null, picks: { 1: "" } })).toEqual(["title", null, null]);
  });

  it("guesses nothing by the fields of another kind", () => {
    expect(mapping.reads(unknown, { like: "results", picks: { 2: "title" } })).toEqual([null, null, "title"]);
  });
});

describe("another kind", () => {
  it("takes fields by their own headers, each once", () => {
    const fields = [field("title", ["题目"]), field("price", ["瓶颈"])];
    expect(mapping.picksFor(unknown, fields)).toEqual({ 0: "title", 1: "price", 2: "" });
    const twice = { ...unknown, columns: [unknown.columns[0]!, unknown.columns[0]!] };
    expect(mapping.picksFor(twice, fields)).toEqual({ 0: "title", 1: "" });
  });

  it("compares headers as the service does", () => {
    expect(mapping.headerKey("一、 预 算（万元）*")).toBe("预算");
    expect(mapping.headerKey("ＴＲＬ 等级")).toBe("trl等级");
  });
});

describe("flaws", () => {
  it("tells what is missing and what stands twice", () => {
    const fields = [field("title", [], true), field("budget")];
    expect(mapping.flaws([null, "budget", "budget"], fields)).toEqual({
      missing: ["项title"],
      doubled: ["项budget"],
    });
    expect(mapping.flaws(["title", "budget"], fields)).toEqual({ missing: [], doubled: [] });
  });
});

describe("the mapping file", () => {
  it("says what was confirmed, quoted for TOML", () => {
    expect(mapping.toml(unknown, { like: null, picks: {} })).toBe(
      'like = "demands"\n\n[fields]\ntitle = { headers = ["题\\"目"] }\ndifficulty = { headers = ["瓶颈（万元）"] }\n',
    );
  });

  it("says nothing that the service knows, and nothing where nobody chose", () => {
    expect(mapping.toml(known, undefined)).toBeNull();
    expect(mapping.toml(known, { like: null, picks: { 0: "title" } })).toBeNull();
    expect(mapping.toml(known, { like: null, picks: { 1: "budget" } })).toContain('budget = { headers = ["打算投入"] }');
    expect(mapping.toml(nothing, { like: null, picks: {} })).toBeNull();
  });

  it("holds no character that TOML refuses", () => {
    const odd = { ...unknown, columns: [{ header: "a\x7fb\ud800c\n", known: null, guess: guess("", "title") }] };
    expect(mapping.toml(odd, { like: null, picks: {} })).toContain('["a\\u007fb\ufffdc\\n"]');
  });
});

describe("the address", () => {
  const choices: mapping.Choices = {
    "8e29065e.u0": { like: "demands", picks: { 1: "budget", 3: "" } },
    "aa29065e.k2": { like: null, picks: {} },
  };
  it("brings back what was chosen", () => {
    expect(mapping.write(choices)).toEqual(["8e29065e.u0:demands;1=budget;3=", "aa29065e.k2"]);
    expect(mapping.read(mapping.write(choices))).toEqual(choices);
  });

  it("passes over what it cannot read", () => {
    expect(mapping.read(["", "x.y;1=a", "8e29065e.u0;a=b;2=ok;3=no!", "8e29065e.z1"])).toEqual({
      "8e29065e.u0": { like: null, picks: { 2: "ok" } },
    });
  });

  it("forgets one choice, or all of a file", () => {
    expect(mapping.having(choices, "aa29065e.k2", null)).not.toHaveProperty(["aa29065e.k2"]);
    expect(Object.keys(mapping.without(choices, UPLOAD))).toEqual(["aa29065e.k2"]);
  });
});
