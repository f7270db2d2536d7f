/** The 产业链 of the graph, by name and by colour: read once for all pages. */
import { computed, shallowRef, type ComputedRef } from "vue";
import { client } from "@/api/client";
import { settle } from "@/api/useAnswer";
import { numbers } from "./colours";

interface Chain {
  id: string;
  title: string;
}
const known = shallowRef<Chain[]>([]);
let asked: Promise<void> | null = null;

async function read(): Promise<void> {
  const found: Chain[] = [];
  let cursor: string | undefined;
  do {
    const query = { label: ["Chain" as const], ...(cursor ? { cursor } : {}) };
    const outcome = await settle(client.GET("/api/v1/nodes", { params: { query } }));
    if (!("data" in outcome)) {
      // Without them all is grey, and the page says what is wrong with the rest; try again next time.
      asked = null;
      return;
    }
    found.push(...outcome.data.nodes.map(({ id, title }) => ({ id, title })));
    cursor = outcome.data.next ?? undefined;
  } while (cursor);
  known.value = found;
}

export function useChains(): {
  chains: ComputedRef<Chain[]>;
  colours: ComputedRef<ReadonlyMap<string, number>>;
} {
  asked ??= read();
  return {
    chains: computed(() => known.value),
    colours: computed(() => numbers(known.value.map((chain) => chain.id))),
  };
}
