/** Submitting, cancelling and doing jobs again; the addresses of what they wrote. */
import { client } from "@/api/client";
import type { paths } from "@/api/schema";
import type { Job } from "./follow";

export type Asked = NonNullable<
  paths["/api/v1/jobs"]["post"]["requestBody"]
>["content"]["application/json"];

export const submit = (asked: Asked) => client.POST("/api/v1/jobs", { body: asked });

export const cancel = (id: string) =>
  client.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id } } });

/** The same work as a new job: the service keeps what it was asked. */
export const again = (job: Pick<Job, "kind" | "params">) =>
  submit({ kind: job.kind, params: job.params } as Asked);

export const fileAddress = (id: string, name: string): string =>
  `/api/v1/jobs/${encodeURIComponent(id)}/files/${encodeURIComponent(name)}`;

/** Seconds from start to end, or to `now` while it runs; null before it starts. */
export function lasted(job: Job, now: number): number | null {
  if (!job.started_at) return null;
  const end = job.ended_at ? Date.parse(job.ended_at) : now;
  return Math.max(0, (end - Date.parse(job.started_at)) / 1000);
}
