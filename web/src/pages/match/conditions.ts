/** What a demand asks for, held against what a candidate states: 满足, 不满足, 未知. */
import type { Candidate } from "./types";

export type Verdict = "met" | "unmet" | "unknown";
export const VERDICTS: readonly Verdict[] = ["met", "unmet", "unknown"];

/** A side of a condition in its own words, with the place of the figure in them. */
export interface Said {
  text: string;
  /** In the characters that the service counts; null: no figure was read. */
  figure: [number, number] | null;
}

export interface Condition {
  /** `indicators`, `trl`, `budget`, `term`, `licence`: also the signal. */
  kind: string;
  verdict: Verdict;
  asked: Said;
  offered: Said | null;
  inferred: boolean;
  confidence: number | null;
}

interface Stated {
  passage: string;
  start: number;
  indicator?: [number, number];
}
interface Compared {
  verdict: Verdict;
  asked: Stated;
  offered: Stated | null;
  inferred: boolean;
  confidence: number | null;
}
interface Amount {
  low: number;
  high: number;
}
interface Fact {
  asked?: unknown;
  offered?: unknown;
  asked_level?: number | null;
  unit?: string;
  inferred?: boolean;
  confidence?: number | null;
  indicators?: Compared[];
}

/** Every condition that the demand states; what it does not ask for is none. */
export function conditions(candidate: Pick<Candidate, "contributions">): Condition[] {
  return candidate.contributions.flatMap(({ signal, value, evidence }) => {
    const fact = evidence as Fact;
    if (signal === "indicators") return (fact.indicators ?? []).map(indicator);
    const sides = read(signal, fact, value);
    if (!sides) return [];
    const { inferred = false, confidence = null } = fact;
    return [{ kind: signal, inferred, confidence, ...sides }];
  });
}

export function counts(all: readonly Condition[]): Record<Verdict, number> {
  const sum = { met: 0, unmet: 0, unknown: 0 };
  for (const { verdict } of all) sum[verdict] += 1;
  return sum;
}

function indicator({ verdict, asked, offered, inferred, confidence }: Compared): Condition {
  const said = ({ passage, start, indicator: place }: Stated): Said => ({
    text: passage,
    figure: place ? [place[0] - start, place[1] - start] : null,
  });
  return {
    kind: "indicators",
    verdict,
    asked: said(asked),
    offered: offered && said(offered),
    inferred,
    confidence,
  };
}

type Sides = Pick<Condition, "verdict" | "asked" | "offered">;

function read(signal: string, fact: Fact, value: number | null): Sides | null {
  if (signal === "trl") {
    if (fact.asked == null) return null;
    const level = fact.asked_level == null ? "" : ` TRL ${fact.asked_level}`;
    const offered = fact.offered == null ? null : plain(`TRL ${String(fact.offered)}`);
    return { asked: plain(`${String(fact.asked)}${level}`), offered, verdict: by(value) };
  }
  if (signal === "budget" || signal === "term") {
    const [has, takes] = [fact.asked, fact.offered] as (Amount | null | undefined)[];
    if (!has) return null;
    const unit = fact.unit ?? "";
    return {
      asked: plain(amount(has, unit)),
      offered: takes ? plain(amount(takes, unit)) : null,
      // A price that reaches from within the budget to beyond it decides nothing.
      verdict: !takes || value === null ? "unknown" : within(has, takes),
    };
  }
  if (signal === "licence") {
    const [asked, offered] = [fact.asked, fact.offered] as (string[] | undefined)[];
    if (!asked?.length) return null;
    return {
      asked: plain(asked.join("、")),
      offered: offered?.length ? plain(offered.join("、")) : null,
      verdict: by(value),
    };
  }
  return null;
}

const plain = (text: string): Said => ({ text, figure: null });
const by = (value: number | null): Verdict =>
  value === null ? "unknown" : value >= 1 ? "met" : "unmet";

function within(has: Amount, takes: Amount): Verdict {
  if (takes.low > has.high) return "unmet";
  return takes.high <= has.high ? "met" : "unknown";
}

function amount({ low, high }: Amount, unit: string): string {
  const shown = (value: number): string => String(Math.round(value * 10) / 10);
  if (low === 0) return `≤ ${shown(high)} ${unit}`;
  return low === high ? `${shown(low)} ${unit}` : `${shown(low)}–${shown(high)} ${unit}`;
}
