/** A score as its signed parts: score = prior + the sum of contributions. */
import type { Candidate } from "./types";

/** Kinds of evidence, each with its colour; the order in which they stand in a bar. */
export const FAMILIES = ["words", "meaning", "graph", "conditions", "around", "prior"] as const;
export type Family = (typeof FAMILIES)[number];

const OF: Record<string, Family> = {
  text: "words",
  pairs: "words",
  dense: "meaning",
  title: "meaning",
  passage: "meaning",
  standing: "meaning",
  products: "graph",
  chain: "graph",
  indicators: "conditions",
  trl: "conditions",
  budget: "conditions",
  term: "conditions",
  licence: "conditions",
};

export const familyOf = (signal: string): Family => OF[signal] ?? "around";

export interface Part {
  /** A signal, or `prior`. */
  signal: string;
  family: Family;
  amount: number;
}

/** All parts that add or take something, by family; they add up to the score. */
export function parts(candidate: Pick<Candidate, "prior" | "contributions">): Part[] {
  const told = candidate.contributions.map(
    ({ signal, contribution }): Part => ({ signal, family: familyOf(signal), amount: contribution }),
  );
  const all: Part[] = [...told, { signal: "prior", family: "prior", amount: candidate.prior }];
  return all
    .filter(({ amount }) => amount !== 0)
    .sort((one, other) => FAMILIES.indexOf(one.family) - FAMILIES.indexOf(other.family));
}

/** From where to where bars reach that are to be compared; zero lies within. */
export interface Scale {
  least: number;
  most: number;
}

export function scaleOf(candidates: readonly Pick<Candidate, "prior" | "contributions">[]): Scale {
  const scale = { least: 0, most: 0 };
  for (const one of candidates) {
    let [below, above] = [0, 0];
    for (const { amount } of parts(one)) amount < 0 ? (below += amount) : (above += amount);
    scale.least = Math.min(scale.least, below);
    scale.most = Math.max(scale.most, above);
  }
  return scale;
}

export interface Segment extends Part {
  /** In percent of the bar's length. */
  left: number;
  width: number;
}

export interface Bar {
  segments: Segment[];
  /** Where zero and the score stand, in percent. */
  zero: number;
  score: number;
}

/** Where each part stands: what adds to the right of zero, what takes away to the left. */
export function bar(candidate: Pick<Candidate, "prior" | "contributions">, scale: Scale): Bar {
  const length = scale.most - scale.least || 1;
  const at = (value: number): number => ((value - scale.least) / length) * 100;
  let [below, above, score] = [0, 0, 0];
  const segments = parts(candidate).map((part): Segment => {
    const from = part.amount < 0 ? below + part.amount : above;
    if (part.amount < 0) below += part.amount;
    else above += part.amount;
    score += part.amount;
    return { ...part, left: at(from), width: (Math.abs(part.amount) / length) * 100 };
  });
  return { segments, zero: at(0), score: at(score) };
}

/** 1.234 → +1.234; the sign is a real minus. */
export const signed = (amount: number, places = 2): string => {
  const shown = Math.abs(amount).toFixed(places);
  if (Number(shown) === 0) return shown;
  return `${amount < 0 ? "−" : "+"}${shown}`;
};

/** A score in words, for those who cannot see the bar: "2.39 = 字词 +0.96 …". */
export const spoken = (
  score: number,
  parts: readonly { signal: string; amount: number }[],
  name: (signal: string) => string,
): string =>
  `${score.toFixed(2)} = ${parts.map((one) => `${name(one.signal)} ${signed(one.amount)}`).join("，")}`;
