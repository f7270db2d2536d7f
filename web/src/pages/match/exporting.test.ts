import { expect, it } from "vitest";
import { spoken, table, type Words } from "./exporting";
import type { Candidate } from "./types";

const same = (name: string): string => name;
const words: Words = {
  column: same,
  signal: same,
  label: same,
  edge: (step) => step.type,
  reason: ({ key }) => key,
  decision: same,
  inferred: "推断",
  observed: "观测",
};
const candidate = {
  id: "result:1",
  label: "Result",
  title: "导线",
  rank: 2,
  score: -1,
  prior: -3,
  probability: 0.27,
  contributions: [
    { signal: "text", value: 2, contribution: 2, evidence: {} },
    { signal: "chain", value: null, contribution: 0, evidence: {} },
  ],
  path: [
    {
      from: { id: "d", title: "需求" },
      to: { id: "p", title: "织物" },
      type: "ABOUT",
      source: "难题征集.csv",
      observed_at: "2026-11",
      inferred: true,
    },
  ],
  owners: [{ id: "o", title: "研究所" }],
  also: [],
  facts: { district: "青砚区" },
  feedback: null,
} as unknown as Candidate;

it("a table has every part of the score, unknown ones empty, and each hop with its source", () => {
  const [head, row] = table([candidate], words, "2026-11-23");
  const cell = (name: string) => row?.[head?.indexOf(name) ?? -1];
  expect(row).toHaveLength(head?.length ?? 0);
  expect([cell("text"), cell("chain"), cell("score")]).toEqual([2, null, -1]);
  expect(cell("path")).toBe("需求 —ABOUT→ 织物（推断 难题征集.csv 2026-11）");
  expect([cell("organizations"), cell("district")]).toEqual(["研究所", "青砚区"]);
});

it("a score is spoken as its parts", () => {
  expect(spoken(-1, [{ signal: "text", amount: 2 }, { signal: "prior", amount: -3 }], same)).toBe(
    "-1.00 = text +2.00，prior −3.00",
  );
});
