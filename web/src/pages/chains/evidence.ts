/** Why two organisations are linked: the paths that a kind of link stands for. Pure. */
import type { Schemas } from "@/api/client";
import type { Linking } from "./scope";

type Path = Schemas["Path"];

/** Which edges a kind of link consists of, and how many of them in a row (docs/insight.md). */
export const MADE_OF: Record<Linking, { types: Schemas["EdgeType"][]; hops: number }> = {
  SUPPLIES: { types: ["SUPPLIES"], hops: 1 },
  PARTNERED: { types: ["PARTNERED"], hops: 1 },
  CONTROLS: { types: ["CONTROLS"], hops: 1 },
  NEEDS: { types: ["MAKES", "NEEDS"], hops: 2 },
  UPSTREAM_OF: { types: ["MAKES", "UPSTREAM_OF"], hops: 3 },
  OWNS: { types: ["OWNS"], hops: 2 },
  MAKES: { types: ["MAKES"], hops: 2 },
};

/** Whether a path is of that kind: as long as it is, with the edge that gives the kind its name. */
export function belongs(path: Path, kind: Linking): boolean {
  const { hops } = MADE_OF[kind];
  return path.path.length === hops && path.path.some((step) => step.type === kind);
}
