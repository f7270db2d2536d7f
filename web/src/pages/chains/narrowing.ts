/** Filters over what is in a picture, with how many each would leave. Pure. */
import type { Bubble, Mark, Member, Scene } from "./scene";

/** Districts are asked of the service for the whole picture; here among the firms of a community. */
export const FACETS = ["tier", "place", "with"] as const;
export type Facet = (typeof FACETS)[number];
export type Chosen = Record<Facet, string[]>;
export const NOTHING_CHOSEN: Chosen = { tier: [], place: [], with: [] };

/** What stands for "nobody said". */
export const UNKNOWN = "?";

const spread = ({ counts, unknown }: Bubble["tiers"]): [string, number][] => [
  ...Object.entries(counts),
  ...(unknown ? [[UNKNOWN, unknown] as [string, number]] : []),
];
const highest = (of: Member): string[] => (of.tiers.length ? of.tiers : [UNKNOWN]);

/** The values that a mark has in a facet, each with how many organisations have it. */
function values(mark: Mark, facet: Facet): [string, number][] {
  if (mark.kind === "community") {
    const { of } = mark;
    if (facet === "tier") return spread(of.tiers);
    if (facet === "place") return spread(of.districts);
    return [
      ...(of.leaders.length ? [["leader", 1] as [string, number]] : []),
      ...(of.demands.open ? [["open", 1] as [string, number]] : []),
      ...(of.demands.unmet ? [["unmet", 1] as [string, number]] : []),
    ];
  }
  const { of } = mark;
  if (facet === "tier") return highest(of).map((tier) => [tier, 1]);
  if (facet === "place") return [[of.district ?? UNKNOWN, 1]];
  return of.leader ? [["leader", 1]] : [];
}

const fits = (mark: Mark, facet: Facet, wanted: readonly string[]): boolean =>
  !wanted.length || values(mark, facet).some(([value]) => wanted.includes(value));

/** What is left of a scene; lines need both their ends. */
export function narrowed(scene: Scene, chosen: Chosen): Scene {
  const marks = scene.marks.filter((mark) => FACETS.every((one) => fits(mark, one, chosen[one])));
  if (marks.length === scene.marks.length) return scene;
  const left = new Set(marks.map((mark) => mark.id));
  const lines = scene.lines.filter((line) => left.has(line.from) && left.has(line.to));
  return { ...scene, marks, lines };
}

export interface Option {
  value: string;
  count: number;
}

/** What a facet offers: counted among the marks that the other facets leave; unknown last. */
export function options(scene: Scene, chosen: Chosen, facet: Facet): Option[] {
  const others = FACETS.filter((one) => one !== facet);
  const counts = new Map<string, number>(chosen[facet].map((value) => [value, 0]));
  for (const mark of scene.marks) {
    if (!others.every((one) => fits(mark, one, chosen[one]))) continue;
    for (const [value, count] of values(mark, facet)) {
      counts.set(value, (counts.get(value) ?? 0) + count);
    }
  }
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort(
      (one, other) =>
        Number(one.value === UNKNOWN) - Number(other.value === UNKNOWN) ||
        other.count - one.count ||
        one.value.localeCompare(other.value, "zh-CN"),
    );
}
