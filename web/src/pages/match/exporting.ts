/** The list of candidates as a table to take along: every part of each score, and the way. */
import { signed } from "./parts";
import { conditions, counts } from "./conditions";
import { districtsOf, licencesOf, tiersOf } from "./facts";
import type { Cell } from "@/format/csv";
import type { Candidate, Step } from "./types";
import type { Reason } from "./why";
import { why } from "./why";

/** How things are called in the reader's language. */
export interface Words {
  column: (name: string) => string;
  signal: (name: string) => string;
  label: (name: string) => string;
  edge: (step: Step) => string;
  reason: (reason: Reason) => string;
  decision: (name: string) => string;
  inferred: string;
  observed: string;
}

const COLUMNS = [
  ...["rank", "title", "label", "organizations", "probability", "score", "prior"],
  ...["met", "unmet", "unknown", "district", "tier", "licence", "why", "path", "decision", "id"],
] as const;

/** Rows, the first of which is the heading; a part that is unknown is left empty. */
export function table(candidates: readonly Candidate[], words: Words, today: string): Cell[][] {
  const signals = [...new Set(candidates.flatMap((one) => one.contributions.map((c) => c.signal)))];
  const head = [...COLUMNS.map(words.column), ...signals.map(words.signal)];
  return [head, ...candidates.map((one) => [...told(one, words, today), ...amounts(one, signals)])];
}

function told(one: Candidate, words: Words, today: string): Cell[] {
  const { met, unmet, unknown } = counts(conditions(one));
  return [
    one.rank,
    one.title,
    words.label(one.label),
    one.owners.map(({ title }) => title).join("、"),
    one.probability,
    one.score,
    one.prior,
    met,
    unmet,
    unknown,
    districtsOf(one.facts).join("、"),
    tiersOf(one.facts, today)
      .map(({ tier }) => tier)
      .join("、"),
    licencesOf(one.facts).join("、"),
    why(one).map(words.reason).join("；"),
    one.path.map((step) => hop(step, words)).join("；"),
    one.feedback ? words.decision(one.feedback.decision) : "",
    one.id,
  ];
}

const amounts = (one: Candidate, signals: readonly string[]): Cell[] =>
  signals.map((signal) => {
    const part = one.contributions.find((contribution) => contribution.signal === signal);
    return part?.value == null ? null : part.contribution;
  });

function hop(step: Step, words: Words): string {
  const said = step.inferred ? words.inferred : words.observed;
  const source = [said, step.source, step.observed_at].filter(Boolean).join(" ");
  return `${step.from.title} —${words.edge(step)}→ ${step.to.title}（${source}）`;
}

/** A score in words, for those who cannot see the bar: "2.39 = 字词 +0.96 …". */
export const spoken = (
  score: number,
  parts: readonly { signal: string; amount: number }[],
  name: (signal: string) => string,
): string =>
  `${score.toFixed(2)} = ${parts.map((one) => `${name(one.signal)} ${signed(one.amount)}`).join("，")}`;
