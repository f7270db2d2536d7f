/** Whether the fictional city is among what is stored: then every page says so. */
import { ref } from "vue";
import { client } from "@/api/client";
import { settle } from "@/api/useAnswer";

/** A district of it (examples/city); a real store holds none of this name. */
const DISTRICT = "望潮区";

/** Of a node: what examples/city notes on every row. */
export const invented = (props: Record<string, unknown>): boolean =>
  String(props.remark ?? "").includes("虚构");

export const fictional = ref(false);
let told = false;

/** Look, or look `again`: something may have been loaded. What cannot be read changes nothing. */
export async function lookForFictional(again: boolean): Promise<void> {
  if (told && !again) return;
  const query = { label: ["Organization" as const], district: [DISTRICT], limit: 1 };
  const found = await settle(client.GET("/api/v1/nodes", { params: { query: query as never } }));
  if (!("data" in found)) return;
  told = true;
  fictional.value = found.data.nodes.some(({ props }) => invented(props));
}
