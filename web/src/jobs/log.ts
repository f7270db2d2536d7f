/** The log of a job: each line once, in order. */
import type { Schemas } from "@/api/client";

type Line = Schemas["LogLine"];

/** What was read before with what came now; lines that came twice stand once. */
export function appended(lines: readonly Line[], come: readonly Line[]): Line[] {
  const last = lines.at(-1)?.number ?? 0;
  return [...lines, ...come.filter((one) => one.number > last)];
}
