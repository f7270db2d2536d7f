/** Asking the service from a page: what came, what went wrong, and whether it is still under way. */
import { computed, onScopeDispose, ref, shallowRef, watch, type ComputedRef, type Ref } from "vue";
import { problemOf, unreachable, type Problem } from "./problem";

/** What openapi-fetch resolves to. */
export interface Fetched<T> {
  data?: T | undefined;
  error?: unknown;
  response: Response;
}

export interface Answer<T, K = unknown> {
  /**
   * The last answer; it stays while the next is under way, so that nothing jumps. Where another
   * question goes wrong it goes: below that question's address it would pass for its answer.
   */
  data: Readonly<Ref<T | undefined>>;
  /** The question that `data` answers, which may be an earlier one. */
  of: Readonly<Ref<K | undefined>>;
  problem: Readonly<Ref<Problem | null>>;
  /** Under way. */
  pending: Readonly<Ref<boolean>>;
  /** Under way for longer than 200 ms: now a skeleton helps. */
  slow: Readonly<Ref<boolean>>;
  /** Under way without anything to show yet, for longer than 200 ms. */
  bare: ComputedRef<boolean>;
  reload: () => Promise<void>;
}

/** Milliseconds before anything says that it is waiting. */
export const PATIENCE = 200;

/**
 * Ask whenever `about` changes; null asks nothing and forgets what was there. An answer that comes
 * after the next question is dropped, and its request broken off.
 *
 * ```ts
 * const { data, problem, bare, reload } = useAnswer(
 *   () => route.params.id as string,
 *   (id, signal) => client.GET("/api/v1/nodes/{id}", { params: { path: { id } }, signal }),
 * );
 * ```
 */
export function useAnswer<K, T>(
  about: () => K | null,
  ask: (about: K, signal: AbortSignal) => Promise<Fetched<T>>,
): Answer<T, K> {
  const data = shallowRef<T>();
  const of = shallowRef<K>();
  const problem = shallowRef<Problem | null>(null);
  const pending = ref(false);
  const slow = ref(false);
  let running: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;

  function stop(): void {
    running?.abort();
    running = null;
    clearTimeout(timer);
    pending.value = slow.value = false;
  }

  async function load(key: K | null): Promise<void> {
    stop();
    if (key === null) {
      data.value = of.value = undefined;
      problem.value = null;
      return;
    }
    const mine = (running = new AbortController());
    pending.value = true;
    timer = setTimeout(() => (slow.value = true), PATIENCE);
    const outcome = await settle(ask(key, mine.signal));
    if (running !== mine) return;
    running = null; // over: nothing is left to break off
    stop();
    if ("problem" in outcome) {
      problem.value = outcome.problem;
      if (JSON.stringify(of.value) !== JSON.stringify(key)) data.value = of.value = undefined;
    } else {
      problem.value = null;
      of.value = key;
      data.value = outcome.data;
    }
  }

  // By its content: a question made anew with the same words is the same question.
  const key = computed(() => JSON.stringify(about()));
  watch(key, () => void load(about()), { immediate: true });
  onScopeDispose(stop);
  const bare = computed(() => slow.value && data.value === undefined);
  return { data, of, problem, pending, slow, bare, reload: () => load(about()) };
}

/** Wait for one request: its data, or its problem. */
export async function settle<T>(
  asked: Promise<Fetched<T>>,
): Promise<{ data: T } | { problem: Problem }> {
  try {
    const { data, error, response } = await asked;
    if (response.ok) return { data: data as T };
    return { problem: problemOf(response, error) };
  } catch (reason) {
    if (reason instanceof SyntaxError) {
      return { problem: { ...unreachable(), code: "unreadable" } };
    }
    return { problem: unreachable() };
  }
}
