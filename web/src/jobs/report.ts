/** What a load left behind: `report.json`, as `jiebang load --json` prints it. */
import type { Schemas } from "@/api/client";
import type { Fetched } from "@/api/useAnswer";
import { fileAddress } from "./doing";
import type { Job } from "./follow";

export type Wrong = Schemas["Wrong"];

/** A node that a trial would make or change, with the properties that would differ. */
export interface Example {
  id: string;
  label: Schemas["Label"];
  title: string;
  change: "new" | "changed";
  props: Record<string, { before: unknown; after: unknown }>;
}

export interface Tally {
  new: number;
  changed: number;
  unchanged: number;
}

/** The result of a load that stands in the job itself. */
export interface LoadResult {
  rows: number;
  rejected: number;
  dropped: number;
  bare: number;
  nodes: Tally;
  edges: Tally;
  error_counts: Record<string, number>;
  seconds: number;
  dry_run: boolean;
  loaded: { file: string; sheet: string; kind: string; rows: number }[];
  skipped: { file: string; sheet: string; reason: string }[];
  given_back: { file: string; rows: number; along: number } | null;
  embedding: Record<string, unknown> | null;
}

export interface Report extends LoadResult {
  errors: Wrong[];
  notices: { file: string; sheet: string; row: number; code: string; message: string }[];
  notice_counts: Record<string, number>;
  examples: Example[];
}

export const REPORT = "report.json";
export const REJECTED = "rejected.xlsx";

export const loadResult = (job: Job): LoadResult | null =>
  job.kind === "load" && job.result ? (job.result as unknown as LoadResult) : null;

export const has = (job: Job, name: string): boolean => job.files.some((one) => one.name === name);

/** How many errors there are in all; the report keeps the first 1,000 in full. */
export const wrongs = (result: Pick<LoadResult, "error_counts">): number =>
  Object.values(result.error_counts).reduce((sum, count) => sum + count, 0);

export async function report(id: string, signal: AbortSignal): Promise<Fetched<Report>> {
  const response = await globalThis.fetch(fileAddress(id, REPORT), { signal });
  const body: unknown = await response.json();
  return response.ok ? { data: body as Report, response } : { error: body, response };
}
