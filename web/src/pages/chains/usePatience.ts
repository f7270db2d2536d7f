/** What the service is still at work on: asked again, without anybody having to press anything. */
import { computed, onScopeDispose, ref, watch, type ComputedRef, type Ref } from "vue";
import type { Answer } from "@/api/useAnswer";

interface Judged {
  judging: { done: number; of: number; warning: string | null };
}

/** Milliseconds between two questions: while communities are computed, while demands are judged. */
const SOON = 2000;
const LATER = 4000;

/** Answers that mean: not yet. */
const NOT_YET = ["query_timeout", "busy"];

export interface Patience {
  /** The answer is being computed; it is asked for again. */
  computing: ComputedRef<boolean>;
  /** Seconds since it was asked for. */
  seconds: Ref<number>;
}

/** `judged`: whether demands are being judged, so that asking again tells more. */
export function usePatience<T extends Judged>(answer: Answer<T>, judged: boolean): Patience {
  const seconds = ref(0);
  let timer: ReturnType<typeof setTimeout> | undefined;
  let since = 0;
  const computing = computed(() => NOT_YET.includes(answer.problem.value?.code ?? ""));

  // Another question under way needs nobody to ask again, and must not be broken off.
  watch(answer.pending, (now) => now && clearTimeout(timer));
  watch([answer.data, answer.problem], () => {
    clearTimeout(timer);
    if (computing.value) {
      since ||= Date.now();
      seconds.value = Math.round((Date.now() - since) / 1000);
      const wait = (answer.problem.value?.retryAfter ?? SOON / 1000) * 1000;
      timer = setTimeout(() => void answer.reload(), Math.min(Math.max(wait, SOON), 30_000));
      return;
    }
    since = 0;
    const judging = answer.data.value?.judging;
    if (!judged || answer.problem.value || !judging || judging.warning || judging.done >= judging.of) return;
    timer = setTimeout(() => void answer.reload(), LATER);
  });
  onScopeDispose(() => clearTimeout(timer));
  return { computing, seconds };
}
