/** The state of the match page: all of it stands in the address. */
import { computed, type ComputedRef } from "vue";
import { useRoute, useRouter, type LocationQueryRaw } from "vue-router";
import { hashIn, oneOf, text, texts, useAddress, whole } from "@/state/useAddress";
import type { Question } from "./asking";
import { RECIPES, TARGETS, type Subject } from "./types";

/** At phone width the columns are steps. */
const NARROW = "(max-width: 900px)";
export const STEPS = ["demand", "list", "evidence"] as const;
export type StepName = (typeof STEPS)[number];

/** As many candidates are compared at most (graph_service/matching/comparison.py). */
export const MOST_COMPARED = 4;

/**
 * A text stands behind the #, which a browser keeps to itself: a whole demand is longer than an
 * address may be, and what a firm has not posted yet is not for the logs between here and there.
 */
export const textOf = (hash: string): string => /^#text=(.*)$/s.exec(hash)?.[1] ?? "";
/** The router encodes it. */
export const hashOf = (said: string): string => (said ? `#text=${said}` : "");

/** `most`: how many candidates where the address does not say. */
export function useMatchState(most = 10) {
  const route = useRoute();
  const router = useRouter();
  const fields = useAddress({
    node: text(),
    text: text(),
    to: oneOf(TARGETS, "organizations"),
    recipe: oneOf(RECIPES, "full"),
    top: whole(most, 1, 200),
    district: texts(),
    tier: texts(),
    pick: text(),
    also: text(),
    with: texts(),
    view: oneOf(["list", "compare"] as const, "list"),
    step: oneOf(STEPS, "list"),
  });
  const subject: ComputedRef<Subject> = computed(() => ({
    node: fields.node.value,
    text: textOf(hashIn(route.fullPath)) || fields.text.value,
  }));
  const question = computed<Question | null>(() => {
    const { node, text: said } = subject.value;
    if (!node && !said) return null;
    const [to, recipe, top] = [fields.to.value, fields.recipe.value, fields.top.value];
    const [district, tier] = [fields.district.value, fields.tier.value];
    return { node, text: said, to, recipe, top, district, tier };
  });

  /** Change the address in one step; `how` "replace" leaves no step of history. */
  function go(
    changes: LocationQueryRaw,
    how: "push" | "replace" = "push",
    hash = hashIn(route.fullPath),
  ): void {
    void router[how]({ query: { ...route.query, ...changes }, hash });
  }

  /** What belongs to one list of candidates alone. */
  const fresh = { pick: undefined, also: undefined, with: undefined, view: undefined };

  return {
    fields,
    subject,
    question,
    /** Match for a stored node; `to` undefined: as without choosing. */
    choose: (node: string, to?: string) =>
      go({ ...fresh, node, text: undefined, to, step: undefined }, "push", ""),
    /** Match for a text; the node it was edited from stays beside it. */
    write: (said: string) =>
      go({ ...fresh, text: undefined, step: undefined }, "push", hashOf(said)),
    /** Back to the node as it is stored. */
    restore: () => go({ ...fresh, text: undefined }, "push", ""),
    /** Nothing yet: the start. */
    leave: () => void router.push({ query: {} }),
    ask: (changes: LocationQueryRaw) => go({ ...fresh, ...changes }),
    /** Show the evidence of a candidate; where the columns are steps, `open` goes to that step. */
    pick: (id: string, open = false) => {
      const steps = open && window.matchMedia(NARROW).matches;
      go({ pick: id, ...(steps ? { step: "evidence" } : {}) }, steps ? "push" : "replace");
    },
    unfold: (id: string) => go({ also: fields.also.value === id ? undefined : id }, "replace"),
    compareWith: (id: string) => {
      const chosen = toggled(fields.with.value, id);
      if (chosen.length <= MOST_COMPARED) go({ with: chosen }, "replace");
    },
    see: (view: "list" | "compare") => go({ view: view === "list" ? undefined : view }),
    stepTo: (step: StepName) => go({ step: step === "list" ? undefined : step }),
  };
}

export type MatchState = ReturnType<typeof useMatchState>;

export const toggled = (some: readonly string[], one: string): string[] =>
  some.includes(one) ? some.filter((other) => other !== one) : [...some, one];
