/** What the page is about: the whole, the opened community, the chosen one; filtered, then folded. */
import { computed, type ComputedRef, type Ref } from "vue";
import { client } from "@/api/client";
import { useAnswer } from "@/api/useAnswer";
import { fold } from "./folding";
import { narrowed, type Chosen } from "./narrowing";
import { ofCommunities, ofCommunity, type Scene } from "./scene";
import { asked, type Scope } from "./scope";
import { usePatience } from "./usePatience";

const EMPTY: Scene = { kind: "communities", marks: [], lines: [], more: 0 };
/** Links between firms that are asked for; those that are not drawn are listed at each firm. */
const LINKS = 2000;

export function useInsight(
  scope: ComputedRef<Scope>,
  open: Ref<string>,
  at: Ref<string>,
  chosen: ComputedRef<Chosen>,
) {
  const whole = useAnswer(
    () => asked(scope.value),
    (query, signal) => client.GET("/api/v1/communities", { params: { query }, signal }),
  );
  const community = (id: () => string | null) =>
    useAnswer(
      () => {
        const one = id();
        return one ? { id: one, query: { ...asked(scope.value), links: LINKS, judge: true } } : null;
      },
      ({ id: one, query }, signal) =>
        client.GET("/api/v1/communities/{id}", { params: { path: { id: one }, query }, signal }),
    );
  const opened = community(() => open.value || null);

  /** All that is there. */
  const dataset = computed<Scene>(() => {
    if (open.value) return opened.data.value ? ofCommunity(opened.data.value) : EMPTY;
    const all = whole.data.value;
    return all ? ofCommunities(all.communities, all.bundles) : EMPTY;
  });
  /** What the filters leave: the table. */
  const filtered = computed(() => narrowed(dataset.value, chosen.value));
  const mark = computed(() => filtered.value.marks.find((one) => one.id === at.value) ?? null);
  const line = computed(() => dataset.value.lines.find((one) => one.id === at.value) ?? null);
  /** What is drawn. */
  const visible = computed(() => fold(filtered.value, mark.value?.id ?? null));
  const chosenOne = community(() => (mark.value?.kind === "community" ? mark.value.id : null));

  const names = computed(() => {
    const found = new Map(whole.data.value?.communities.map((one) => [one.id, one.name.text]));
    for (const one of dataset.value.marks) found.set(one.id, one.title);
    return found;
  });
  const current = computed(() => (open.value ? opened : whole));
  const patience = [
    usePatience(whole, false),
    usePatience(opened, true),
    usePatience(chosenOne, true),
  ];
  const computing = computed(() => patience.find((one) => one.computing.value));
  return {
    ...{ whole, opened, chosenOne, current, computing },
    ...{ dataset, filtered, visible, mark, line, names },
  };
}
