/** What the match page speaks of, as the interface has it. */
import type { Schemas } from "@/api/client";

export type Candidate = Schemas["Candidate"];
export type Contribution = Schemas["Contribution"];
export type Reading = Schemas["ReadingAnswer"];
export type Step = Schemas["Step"];
export type Target = Schemas["Target"];
export type Recipe = Schemas["MatchAnswer"]["recipe"];
export type Told = Schemas["Told"];
export type Node = Schemas["Node"];

export const TARGETS: readonly Target[] = ["organizations", "results", "demands", "partners"];
export const RECIPES: readonly Recipe[] = ["full", "hybrid", "rrf", "dense", "bm25"];

/** For whom or what matches are asked. */
export interface Subject {
  /** A stored node; where `text` is there too, the text was edited and stands instead of it. */
  node: string;
  text: string;
}
