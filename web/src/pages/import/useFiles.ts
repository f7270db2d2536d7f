/** The uploads whose ids stand in the address. */
import { shallowRef, watch, type ShallowRef } from "vue";
import { client } from "@/api/client";
import type { Problem } from "@/api/problem";
import { settle } from "@/api/useAnswer";
import type { Upload } from "./upload";

export interface Kept {
  id: string;
  upload: Upload | null;
  problem: Problem | null;
}

/** Names and sizes, by id; what is known is not asked again. */
export function useUploads(ids: () => readonly string[]): {
  kept: ShallowRef<Kept[]>;
  know: (upload: Upload) => void;
} {
  const known = new Map<string, Kept>();
  const kept = shallowRef<Kept[]>([]);
  const show = (): void => {
    kept.value = ids().map((id) => known.get(id) ?? { id, upload: null, problem: null });
  };
  watch(
    () => ids().join(),
    async () => {
      show();
      for (const id of ids()) {
        if (known.has(id)) continue;
        const found = await settle(client.GET("/api/v1/uploads/{id}", { params: { path: { id } } }));
        known.set(
          id,
          "data" in found
            ? { id, upload: found.data, problem: null }
            : { id, upload: null, problem: found.problem },
        );
        show();
      }
    },
    { immediate: true },
  );
  return {
    kept,
    know: (upload) => {
      known.set(upload.id, { id: upload.id, upload, problem: null });
      show();
    },
  };
}
