/** The scope of a page in its address; `prefix` where a page has two. */
import { computed, type ComputedRef } from "vue";
import { useAddress } from "@/state/useAddress";
import { scopeFields, type Scope } from "./scope";

export function useScope(prefix = ""): {
  scope: ComputedRef<Scope>;
  change: (part: Partial<Scope>) => void;
} {
  const state = useAddress(scopeFields(prefix)) as unknown as Record<string, { value: unknown }>;
  const names = ["district", "chain", "type", "inferred", "until", "resolution"] as const;
  const scope = computed(
    () => Object.fromEntries(names.map((name) => [name, state[prefix + name]?.value])) as unknown as Scope,
  );
  function change(part: Partial<Scope>): void {
    for (const [name, value] of Object.entries(part)) {
      const field = state[prefix + name];
      if (field) field.value = value;
    }
  }
  return { scope, change };
}
