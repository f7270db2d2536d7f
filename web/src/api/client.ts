/** The typed client of the interface: types come from docs/openapi.json, at build time. */
import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

export const client = createClient<paths>({
  baseUrl: "/",
  // Looked up at each request, so that tests can stand in for it.
  fetch: (request) => globalThis.fetch(request),
});

/** An address of the interface for a link (a download), with what stands in its path encoded. */
export function address(path: string, query: Record<string, string | string[]> = {}): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const one of Array.isArray(value) ? value : [value]) search.append(name, one);
  }
  const text = search.toString();
  return text ? `${path}?${text}` : path;
}
