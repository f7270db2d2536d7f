/** Doing something at the service: one at a time, with its problem beside the button. */
import { ref, shallowRef, type Ref } from "vue";
import type { Problem } from "./problem";
import { settle, type Fetched } from "./useAnswer";

export interface Action<A extends unknown[], T> {
  running: Readonly<Ref<boolean>>;
  problem: Readonly<Ref<Problem | null>>;
  /** The answer; undefined where it went wrong, or one is under way already. */
  run: (...given: A) => Promise<T | undefined>;
  forget: () => void;
}

export function useAction<A extends unknown[], T>(
  act: (...given: A) => Promise<Fetched<T>>,
): Action<A, T> {
  const running = ref(false);
  const problem = shallowRef<Problem | null>(null);

  async function run(...given: A): Promise<T | undefined> {
    if (running.value) return undefined;
    running.value = true;
    problem.value = null;
    const outcome = await settle(act(...given));
    running.value = false;
    if ("data" in outcome) return outcome.data;
    problem.value = outcome.problem;
    return undefined;
  }

  return { running, problem, run, forget: () => (problem.value = null) };
}
