/** What the match page shows: what was asked, what was found, and what is chosen of it. */
import { computed, reactive, watch } from "vue";
import { client } from "@/api/client";
import { useAnswer } from "@/api/useAnswer";
import { askMatches, askNode, askReading, comparison, offered, pairOf } from "./asking";
import { scaleOf } from "./parts";
import type { MatchState } from "./state";
import type { Candidate, Told } from "./types";

export function useMatch(state: MatchState) {
  const { fields, subject, question } = state;
  const node = useAnswer(() => subject.value.node || null, askNode);
  const reading = useAnswer(
    () => (subject.value.node || subject.value.text ? subject.value : null),
    askReading,
  );
  const matches = useAnswer(() => question.value, askMatches);
  const label = computed(() => (subject.value.text ? null : (node.data.value?.label ?? null)));
  const targets = computed(() => [...new Set([...offered(label.value), fields.to.value])]);

  /** Decisions of this visit, which the answer does not know yet. */
  const decided = reactive<Record<string, Told | null>>({});
  watch(matches.data, () => {
    for (const id of Object.keys(decided)) delete decided[id];
  });
  const now = (one: Candidate): Candidate =>
    one.id in decided ? { ...one, feedback: decided[one.id] ?? null } : one;
  const candidates = computed(() => (matches.data.value?.candidates ?? []).map(now));
  const scale = computed(() => scaleOf(candidates.value));

  /** Those folded into a candidate, as far as they were unfolded: at most three, with it. */
  const unfolded = useAnswer(
    () => {
      const open = fields.also.value;
      const first = (matches.data.value?.candidates ?? []).find((one) => one.id === open);
      if (!first?.also.length || !question.value) return null;
      const asked = [first.id, ...first.also.slice(0, MOST_UNFOLDED)];
      return comparison(question.value, node.data.value, asked);
    },
    (body, signal) => client.POST("/api/v1/comparisons", { body, signal }),
  );
  const folded = (one: Candidate): Candidate[] =>
    fields.also.value === one.id
      ? (unfolded.data.value?.candidates ?? []).filter(({ id }) => one.also.includes(id)).map(now)
      : [];

  /** All that can be walked through with ↑ and ↓, from the top. */
  const rows = computed(() => candidates.value.flatMap((one) => [one, ...folded(one)]));
  const picked = computed(
    () => rows.value.find(({ id }) => id === fields.pick.value) ?? rows.value[0] ?? null,
  );

  /**
   * Of which two a decision would be: of the list that is shown, which is not the one that the
   * address asks for while that is on its way.
   */
  const pair = (one: Candidate | null) => {
    const [asked, of] = [matches.of.value, node.data.value];
    if (!asked || !one || (of && of.id !== asked.node)) return null;
    return pairOf(asked, of, one);
  };

  const compared = useAnswer(
    () =>
      fields.view.value === "compare" && fields.with.value.length > 1 && question.value
        ? comparison(question.value, node.data.value, fields.with.value)
        : null,
    (body, signal) => client.POST("/api/v1/comparisons", { body, signal }),
  );

  return {
    ...{ node, reading, matches, compared, unfolded },
    ...{ label, targets, candidates, scale, folded, rows, picked, pair },
    /** Take in what was decided on a candidate. */
    decide: (id: string, told: Told | null) => (decided[id] = told),
  };
}

/** As many as one comparison takes beside the first. */
export const MOST_UNFOLDED = 3;

export type Match = ReturnType<typeof useMatch>;
