/** One sentence why: the evidence that a person can check, in the fewest words. */
import { conditions, counts } from "./conditions";
import { shared } from "./marking";
import type { Candidate } from "./types";

/** A part of the sentence: words under `match.why`, and what is put into them. */
export interface Reason {
  key: "words" | "products" | "chain" | "conditions" | "cooperation" | "together" | "district" | "meaning";
  given: Record<string, string | number>;
  inferred: boolean;
}

interface Tie {
  organization: string;
  title: string;
}

const SHOWN = 3;
const QUOTED = 36;

export function why(candidate: Pick<Candidate, "id" | "contributions">): Reason[] {
  const of = (signal: string) => candidate.contributions.find((one) => one.signal === signal);
  const reasons: Reason[] = [];
  const say = (key: Reason["key"], given: Reason["given"], inferred = false) =>
    reasons.push({ key, given, inferred });

  // Of runs of characters only the longer are words; a bare figure says nothing.
  const said = (signal: string) => shared(candidate.contributions.filter((c) => c.signal === signal));
  const words = [
    ...said("pairs").filter((run) => run.length > 2),
    ...said("text").filter((word) => word.length > 1),
  ].filter((word) => !/^[\d.]+$/.test(word));
  const apart = words.filter((word) => !words.some((other) => other !== word && other.includes(word)));
  if (apart.length) say("words", { words: apart.slice(0, SHOWN).map((w) => `“${w}”`).join("") });

  const way = [of("products"), of("chain")].find((one) => one && (one.value ?? 0) > 0);
  const over = way?.evidence as { names?: string[]; inferred?: boolean } | undefined;
  if (way && over?.names?.length) {
    const key = way.signal === "products" ? "products" : "chain";
    say(key, { names: over.names.join(" → ") }, over.inferred);
  }

  const { met } = counts(conditions(candidate));
  if (met) say("conditions", { met }, true);

  const ties = of("cooperation")?.evidence as { records?: Tie[] } | undefined;
  const tie = ties?.records?.[0];
  if (tie?.organization === candidate.id) say("together", {});
  else if (tie) say("cooperation", { name: tie.title });

  const place = of("district");
  const where = (place?.evidence as { offered?: string } | undefined)?.offered;
  if (place && (place.value ?? 0) > 0 && where) say("district", { name: where });

  if (!reasons.length) {
    const near = of("passage") ?? of("dense");
    const said = (near?.evidence as { passage?: string } | undefined)?.passage ?? "";
    const quoted = said.length > QUOTED ? `${said.slice(0, QUOTED)}…` : said;
    if (quoted) say("meaning", { passage: quoted });
  }
  return reasons.slice(0, SHOWN);
}
