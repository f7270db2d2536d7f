/** The worked examples of the fictional city: those of `jiebang demo` (api/cli/demo.py). */
import type { Desk } from "@/app/desks";

export interface Example {
  desk: Desk;
  /** Whose matches are asked for. */
  node: string;
  to: "organizations" | "demands" | "results";
}

export const EXAMPLES: readonly Example[] = [
  { desk: "enterprise", node: "demand:D-040", to: "organizations" },
  { desk: "university", node: "result:R-066", to: "demands" },
  { desk: "officer", node: "demand:D-043", to: "demands" },
];
