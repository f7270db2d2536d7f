/** The list of pairs and the decisions on them. */
import { computed, ref, shallowRef, watch } from "vue";
import { client } from "@/api/client";
import { useAction } from "@/api/useAction";
import { settle, useAnswer } from "@/api/useAnswer";
import type { Problem } from "@/api/problem";
import { empty, listed, postponed, told, type Pair, type Queue, type Status } from "./queue";

export interface Asked {
  state: Status;
  level: ("probable" | "doubtful")[];
  name: string;
}

const PAGE = 50;

export function usePairs(asked: () => Asked) {
  const queue = shallowRef<Queue>(empty);
  const prior = ref(0);
  const next = ref<string | null>(null);
  /** Somebody else was faster: what they decided. */
  const overtaken = shallowRef<{ pair: Pair; problem: Problem } | null>(null);

  const query = ({ state, level, name }: Asked, cursor?: string) => ({
    state: [state],
    level,
    ...(name ? { name } : {}),
    limit: PAGE,
    ...(cursor ? { cursor } : {}),
  });
  const answer = useAnswer(asked, (about, signal) =>
    client.GET("/api/v1/resolution/pairs", { params: { query: query(about) }, signal }),
  );
  watch(answer.data, (page) => {
    if (!page) return;
    queue.value = listed(queue.value, page.pairs, page.total, true);
    prior.value = page.prior;
    next.value = page.next;
  });
  const further = useAction(async () => {
    const [about, cursor] = [asked(), next.value];
    const answered = await client.GET("/api/v1/resolution/pairs", {
      params: { query: query(about, cursor ?? undefined) },
    });
    // Another list may have come meanwhile: these pairs are not its.
    const same = JSON.stringify(about) === JSON.stringify(asked()) && cursor === next.value;
    if (answered.data && same) {
      queue.value = listed(queue.value, answered.data.pairs, answered.data.total, false);
      next.value = answered.data.next;
    }
    return answered;
  });

  type Decision = "accept" | "reject" | "undo";
  const decide = useAction((what: Decision, id: string, keep: string | null) => {
    const params = { path: { id } };
    if (what === "undo") return client.POST("/api/v1/resolution/pairs/{id}/undo", { params });
    if (what === "reject") {
      return client.POST("/api/v1/resolution/pairs/{id}/reject", { params, body: {} });
    }
    return client.POST("/api/v1/resolution/pairs/{id}/accept", {
      params,
      body: keep ? { keep } : {},
    });
  });

  /** True where it was done; where somebody else was faster, what they decided is told and shown. */
  async function act(what: Decision, id: string, keep: string | null = null): Promise<boolean> {
    overtaken.value = null;
    const done = await decide.run(what, id, keep);
    if (done) {
      queue.value = told(queue.value, done, asked().state, true);
      return true;
    }
    const problem = decide.problem.value;
    if (problem && (problem.code === "conflict" || problem.code === "pair_state")) {
      const found = await settle(
        client.GET("/api/v1/resolution/pairs/{id}", { params: { path: { id } } }),
      );
      if ("data" in found) {
        overtaken.value = { pair: found.data, problem };
        queue.value = told(queue.value, found.data, asked().state, false);
        decide.forget();
      }
    }
    return false;
  }

  return {
    answer,
    queue,
    prior,
    next,
    further,
    overtaken,
    problem: decide.problem,
    running: decide.running,
    last: computed(() => queue.value.done.at(-1) ?? null),
    act,
    postpone: (id: string) => (queue.value = postponed(queue.value, id)),
    settleOvertaken: () => (overtaken.value = null),
  };
}
