/** Which parts of a demand matter, and which of them goes with a candidate's passage. */
import { found, inUnits } from "./marking";
import type { Reading } from "./types";

export interface Part {
  /** What it is about; null where the text has no parts. */
  title: string | null;
  text: string;
  /** Where it begins in the text, in the browser's units. */
  start: number;
  /** How much it weighs in matching, in [0, 1]. */
  weight: number;
  /** It is among those that weigh most in matching. */
  core: boolean;
  inferred: boolean;
  confidence: number;
}

type Said = Pick<Reading, "text" | "sections" | "passages">;

/** The text part by part, as read; one part without a title where nothing was told apart. */
export function partsOf({ text, sections, passages }: Said): Part[] {
  if (!text) return [];
  if (!sections.length) {
    return [{ title: null, text, start: 0, weight: 1, core: false, inferred: false, confidence: 1 }];
  }
  const at = inUnits(text);
  const inText = passages.filter(({ field }) => field === "text");
  const most = Math.max(0, ...inText.map(({ weight }) => weight));
  const least = Math.min(1, ...inText.map(({ weight }) => weight));
  return sections.map(({ title, start, end, inferred, confidence }) => {
    const within = inText.filter((one) => one.start >= start && one.end <= end);
    const weight = Math.max(0, ...within.map((one) => one.weight));
    return {
      title,
      text: text.slice(at(start), at(end)),
      start: at(start),
      weight,
      // Where all weigh the same, none stands out.
      core: most > least && weight === most,
      inferred,
      confidence,
    };
  });
}

/** The part that shares the most with a candidate, by its weight; of equals, the weightier. */
export function nearest(reading: Said, words: readonly string[]): Part | null {
  const scored = partsOf(reading).map((part) => ({
    part,
    score: words.filter((word) => found(part.text, [word]).length > 0).length * part.weight,
  }));
  scored.sort(
    (one, other) => other.score - one.score || other.part.weight - one.part.weight,
  );
  return scored[0]?.part ?? null;
}
