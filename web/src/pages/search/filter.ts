import type { Schemas } from "@/api/client";

/** What a search or a list is narrowed to. */
export interface Filter {
  label: Schemas["Label"][];
  district: string[];
  tier: string[];
}

export const EMPTY_FILTER: Filter = { label: [], district: [], tier: [] };
