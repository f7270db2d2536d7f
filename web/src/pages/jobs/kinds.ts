import type { Job } from "@/jobs/follow";

export const KINDS = [
  ...(["load", "embed", "resolve", "match", "bulk_match", "export", "evaluate"] as const),
  ...(["reindex", "adapt", "use_model", "train"] as const),
] satisfies readonly Job["kind"][];

export const STATES = [
  ...(["queued", "running", "succeeded", "failed", "cancelled", "broken"] as const),
] satisfies readonly Job["state"][];
