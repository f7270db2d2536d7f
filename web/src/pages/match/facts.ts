/** What tells candidates apart at a glance. */
import type { Candidate } from "./types";

const words = (value: unknown): string[] =>
  [value ?? []].flat().filter((one): one is string => typeof one === "string" && one !== "");

/** The tiers that hold on a day (ISO), each with the time for which it holds. */
export function tiersOf(facts: Candidate["facts"], today: string): { tier: string; until: string }[] {
  return (facts.tiers ?? []).flatMap((one) => {
    const { tier, from = "", until = "" } = one as Record<string, string | undefined>;
    // A month or a year holds to its end: "2026-11" is not over on 2026-11-23.
    const over = until !== "" && until < today.slice(0, until.length);
    const begun = from === "" || from.slice(0, today.length) <= today;
    return tier && begun && !over ? [{ tier, until }] : [];
  });
}

export const districtsOf = (facts: Candidate["facts"]): string[] => words(facts.district);
export const licencesOf = (facts: Candidate["facts"]): string[] => words(facts.licence);

/** Today, as the reader's calendar has it. */
export function today(now = new Date()): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
