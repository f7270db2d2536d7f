import { describe, expect, it } from "vitest";
import { OTHER, mixed, numberOf, numbers } from "./colours";
import { extent, widths } from "./drawing";
import { belongs } from "./evidence";
import { MOST_LINES, fold } from "./folding";
import { NOTHING_CHOSEN, UNKNOWN, narrowed, options } from "./narrowing";
import { ofCommunity, type FirmMark, type Line, type Scene } from "./scene";
import { toSvg } from "./toSvg";

const firm = (id: string, over: Partial<FirmMark["of"]> = {}): FirmMark => ({
  ...{ kind: "firm", id, title: `甲 & ${id}`, x: Number(id), y: 0, r: 1, chain: "c", leader: false },
  of: {
    ...{ id, title: id, kind: "enterprise", district: "石蓼区", tiers: ["小巨人"], degree: 1 },
    ...{ weight: 1, x: 0, y: 0, r: 1, leader: false, child: null, source: "s", observed_at: null },
    ...over,
  },
});
const line = (from: string, to: string, weight: number, inferred = false): Line => ({
  ...{ id: `${from} ${to}`, from, to, weight, inferred, links: 1 },
  ...{ observed: inferred ? 0 : 1, kinds: { SUPPLIES: 1 } },
});
const scene = (count: number): Scene => ({
  kind: "firms",
  marks: Array.from({ length: count }, (_, at) => firm(String(at))),
  // As the service sends them: the strongest first.
  lines: Array.from({ length: count - 1 }, (_, at) => line(String(at), String(at + 1), count - at)),
  more: 7,
});

describe("folding", () => {
  it("draws the strongest, and counts the rest and those that never came", () => {
    const { shown, folded, foldedObserved, at } = fold(scene(MOST_LINES + 11));
    expect(shown).toHaveLength(MOST_LINES);
    expect(shown.at(-1)?.weight).toBeGreaterThan(11);
    expect(folded).toBe(10 + 7);
    expect(foldedObserved).toBe(10);
    expect(at.get(String(MOST_LINES))).toBe(1);
    expect(at.get("0")).toBeUndefined();
  });

  it("shows the chosen firm's own links however weak", () => {
    const last = String(MOST_LINES + 10);
    const { shown } = fold(scene(MOST_LINES + 11), last);
    expect(shown).toHaveLength(MOST_LINES);
    expect(shown.some((one) => one.to === last)).toBe(true);
  });
});

describe("filters", () => {
  const all: Scene = {
    ...scene(3),
    marks: [
      firm("0"),
      firm("1", { district: null, tiers: [], leader: true }),
      firm("2", { district: "望潮区" }),
    ],
  };

  it("keeps marks that fit, in order, and lines between them", () => {
    const left = narrowed(all, { ...NOTHING_CHOSEN, tier: ["小巨人"] });
    expect(left.marks.map((mark) => mark.id)).toEqual(["0", "2"]);
    expect(left.lines).toEqual([]);
    expect(narrowed(all, NOTHING_CHOSEN)).toBe(all);
  });

  it("counts what the other filters leave, unknown last", () => {
    const chosen = { ...NOTHING_CHOSEN, tier: ["小巨人"] };
    expect(options(all, chosen, "place")).toEqual([
      { value: "石蓼区", count: 1 },
      { value: "望潮区", count: 1 },
    ]);
    expect(options(all, chosen, "tier")).toEqual([
      { value: "小巨人", count: 2 },
      { value: UNKNOWN, count: 1 },
    ]);
    // What is chosen stays on offer, though nobody has it.
    expect(options(all, { ...NOTHING_CHOSEN, place: ["青砚区"] }, "place")).toContainEqual({
      value: "青砚区",
      count: 0,
    });
  });
});

describe("colours", () => {
  it("gives eight chains eight colours, whatever order they come in", () => {
    const ids = Array.from({ length: 8 }, (_, at) => `chain:C-${at + 1}`);
    expect([...numbers(ids).values()]).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(numbers([...ids].reverse())).toEqual(numbers(ids));
  });

  it("lets chains beyond eight share the grey, and puts C-10 behind C-2", () => {
    const of = numbers(Array.from({ length: 12 }, (_, at) => `chain:C-${at + 1}`));
    expect(numberOf(of, "chain:C-7")).toBe(7);
    expect(numberOf(of, "chain:C-8")).toBe(OTHER);
    expect(numberOf(of, "chain:C-10")).toBe(OTHER);
    expect(numberOf(of, null)).toBe(OTHER);
  });

  it("mixes", () => {
    expect(mixed("#ffffff", "#000000", 0.5)).toBe("#808080");
    expect(mixed("#fff", "#000", 1)).toBe("#ffffff");
  });
});

describe("drawing", () => {
  it("leaves room for whole circles", () => {
    const { x, y } = extent([firm("0"), firm("9")]);
    expect(x[0]).toBeLessThan(-1);
    expect(x[1]).toBeGreaterThan(10);
    expect(y[0]).toBeLessThan(-1);
    expect(extent([]).x).toEqual([-1, 1]);
  });

  it("draws stronger lines wider", () => {
    const lines = [line("0", "1", 4), line("1", "2", 1)];
    const width = widths(lines, 100);
    expect(width(lines[0]!)).toBeGreaterThan(width(lines[1]!));
  });

  it("writes an SVG: what is inferred in dashes, names escaped", () => {
    const marks = [firm("0"), firm("1")];
    const lines = [line("0", "1", 1, true)];
    const colours = { categories: Array<string>(9).fill("#0072b2"), surface: "#ffffff" };
    const svg = toSvg(
      { kind: "firms", marks, lines, more: 0 },
      lines,
      new Map([["c", 1]]),
      { ...colours, text: "#000000", quiet: "#555555", line: "#999999", accent: "#2b5fab" },
      {
        title: "图 <1>",
        notes: ["来源"],
        observed: "观测",
        inferred: "推断",
        firms: (count) => `${count} 家`,
      },
    );
    expect(svg.match(/<circle/g)).toHaveLength(2);
    expect(svg).toContain("图 &lt;1&gt;");
    expect(svg).toContain("甲 &amp; 0");
    // The legend's dash, and the line's.
    expect(svg.match(/stroke-dasharray="6 5"/g)).toHaveLength(2);
  });
});

describe("a community opened", () => {
  it("draws firms where nothing divides it, lines with all they stand for", () => {
    const member = firm("a").of;
    const opened = {
      ...{ children: [], bundles: [], members: [member], more_links: 3 },
      community: { chains: [{ id: "chain:C-1", title: "链", firms: 2 }] },
      links: [
        { from: "a", to: "b", weight: 1, kinds: { SUPPLIES: 2, NEEDS: 1 }, inferred: false },
        { from: "a", to: "c", weight: 2, kinds: { NEEDS: 1 }, inferred: true },
      ],
    } as unknown as Parameters<typeof ofCommunity>[0];
    const drawn = ofCommunity(opened);
    expect(drawn.kind).toBe("firms");
    expect(drawn.marks[0]?.chain).toBe("chain:C-1");
    expect(drawn.lines.map((one) => [one.id, one.links, one.observed])).toEqual([
      ["a c", 1, 0],
      ["a b", 3, 3],
    ]);
    expect(drawn.more).toBe(3);
  });
});

describe("evidence", () => {
  const path = (...types: string[]) =>
    ({ hops: types.length, path: types.map((type) => ({ type })) }) as unknown as Parameters<
      typeof belongs
    >[0];

  it("knows the paths that a kind of link stands for", () => {
    expect(belongs(path("SUPPLIES"), "SUPPLIES")).toBe(true);
    expect(belongs(path("MAKES", "NEEDS"), "NEEDS")).toBe(true);
    expect(belongs(path("MAKES", "MAKES"), "NEEDS")).toBe(false);
    expect(belongs(path("MAKES", "UPSTREAM_OF", "MAKES"), "UPSTREAM_OF")).toBe(true);
    expect(belongs(path("MAKES", "MAKES"), "UPSTREAM_OF")).toBe(false);
  });
});
