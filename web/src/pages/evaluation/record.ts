/** The training record of the learned weights (`record` of GET /learned), as far as it is there. */

type Told = Record<string, unknown>;

/** How often what was said to be this probable was in fact useful. */
export interface Bin {
  probability: number;
  useful: number;
  count: number;
}
export interface Reliability {
  count: number;
  base: number;
  error: number;
  skill: number;
  bins: Bin[];
}
export interface Abstention {
  threshold: number;
  nothing_fits: number;
  told: number;
  right: number;
  precision: number | null;
  recall: number | null;
}
export interface Figures {
  queries: number;
  fitting: number;
  ndcg: number;
  reliability: Reliability | null;
  abstention: Abstention | null;
  /** The same of what was in use before, on the same judgements. */
  before: Figures | null;
}
export interface TrainingRecord {
  madeAt: string | null;
  tasks: string[];
  feedback: number | null;
  demands: number | null;
  encoder: string | null;
  /** By what was looked for. */
  figures: Record<string, Figures>;
}

export function recordOf(told: Told): TrainingRecord {
  const figures = Object.entries(object(told.figures)).flatMap(([target, one]) => {
    const read = figuresOf(one);
    return read ? [[target, read] as const] : [];
  });
  return {
    madeAt: typeof told.made_at === "string" ? told.made_at : null,
    tasks: (Array.isArray(told.tasks) ? told.tasks : []).map(String),
    feedback: number(told.feedback),
    demands: number(told.demands),
    encoder: typeof told.encoder === "string" ? told.encoder : null,
    figures: Object.fromEntries(figures),
  };
}

function figuresOf(value: unknown): Figures | null {
  const told = object(value);
  const [queries, fitting, ndcg] = [told.queries, told.fitting, told["ndcg@10"]].map(number);
  if (queries == null || ndcg == null) return null;
  return {
    queries,
    fitting: fitting ?? queries,
    ndcg,
    reliability: reliabilityOf(told["reliability@10"] ?? told.reliability),
    abstention: abstentionOf(told.abstention),
    before: told.before ? figuresOf(told.before) : null,
  };
}

function reliabilityOf(value: unknown): Reliability | null {
  const told = object(value);
  const [count, base, error, skill] = [told.count, told.base, told.error, told.skill].map(number);
  if (count == null || base == null || error == null || skill == null) return null;
  const bins = (Array.isArray(told.bins) ? told.bins : []).map(object).flatMap((bin) => {
    const [probability, useful, of] = [bin.probability, bin.useful, bin.count].map(number);
    return probability == null || useful == null ? [] : [{ probability, useful, count: of ?? 0 }];
  });
  return { count, base, error, skill, bins };
}

function abstentionOf(value: unknown): Abstention | null {
  const told = object(value);
  const names = ["threshold", "nothing_fits", "told", "right"];
  const [threshold, none, said, right] = names.map((name) => number(told[name]));
  if (threshold == null || none == null || said == null || right == null) return null;
  const [precision, recall] = [number(told.precision), number(told.recall)];
  return { threshold, nothing_fits: none, told: said, right, precision, recall };
}

const object = (value: unknown): Told =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Told) : {};
const number = (value: unknown): number | null =>
  typeof value === "number" && Number.isFinite(value) ? value : null;
