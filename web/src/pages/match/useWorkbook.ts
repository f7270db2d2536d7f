/** The list as an Excel workbook that the service makes: each candidate, part, way and source. */
import { client, type Schemas } from "@/api/client";
import { useAction } from "@/api/useAction";
import type { Fetched } from "@/api/useAnswer";
import { save } from "@/format/csv";

/**
 * @param asked what the list was asked for; null: nothing is known yet, and nothing is made.
 * @param title the name of the file, without its ending.
 */
export function useWorkbook(asked: () => Schemas["MatchBody"] | null, title: () => string) {
  return useAction(async () => {
    const body = asked();
    if (!body) return { response: new Response() } as Fetched<never>;
    const made = await client.POST("/api/v1/match/table", { body, parseAs: "blob" });
    if (made.data) save(`${title()}.xlsx`, made.data as unknown as Blob);
    return made;
  });
}
