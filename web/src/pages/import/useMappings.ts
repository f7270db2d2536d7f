/** The built-in mappings: their titles at once, the fields of one when a sheet is read by it. */
import { computed, shallowRef } from "vue";
import { client, type Schemas } from "@/api/client";
import { settle, useAnswer } from "@/api/useAnswer";

export type Mapping = Schemas["MappingAnswer"];

export function useMappings() {
  const { data, problem, reload } = useAnswer(
    () => "mappings",
    (_, signal) => client.GET("/api/v1/mappings", { signal }),
  );
  const all = computed(() => data.value?.mappings ?? []);
  const names = computed(() => new Set(all.value.map(({ name }) => name)));
  const read = shallowRef<Record<string, Mapping>>({});
  const under = new Map<string, Promise<Mapping | null>>();

  async function ask(name: string): Promise<Mapping | null> {
    const found = await settle(
      client.GET("/api/v1/mappings/{name}", { params: { path: { name } } }),
    );
    if (!("data" in found)) {
      under.delete(name);
      return null;
    }
    read.value = { ...read.value, [name]: found.data };
    return found.data;
  }
  /** The fields of a mapping; asked for once. */
  function fields(name: string): Promise<Mapping | null> {
    const asked = under.get(name) ?? ask(name);
    under.set(name, asked);
    return asked;
  }
  return { all, names, read, fields, problem, reload, ready: computed(() => data.value !== undefined) };
}

export type Mappings = ReturnType<typeof useMappings>;
