/** Which part of the graph is looked at, how it is divided, and how an address says so. */
import type { Schemas } from "@/api/client";
import { flag, oneOf, text, texts, type Field } from "@/state/useAddress";

/** What may link two organisations; without the last by default (graph_service/insight/scope.py). */
export const LINKING = [
  ...(["SUPPLIES", "PARTNERED", "CONTROLS"] as const),
  ...(["NEEDS", "UPSTREAM_OF", "OWNS", "MAKES"] as const),
];
export type Linking = (typeof LINKING)[number];
export const USUAL: readonly Linking[] = LINKING.filter((type) => type !== "MAKES");
/** Coarser, as it comes, finer. */
export const RESOLUTIONS = ["0.5", "1", "2"] as const;
export type Resolution = (typeof RESOLUTIONS)[number];

export interface Scope {
  district: string[];
  chain: string;
  /** As `LINKING` orders them. */
  type: Linking[];
  inferred: boolean;
  until: string;
  resolution: Resolution;
}

export const WHOLE: Scope = {
  district: [],
  chain: "",
  type: [...USUAL],
  inferred: false,
  until: "",
  resolution: "1",
};

/** The kinds of links; what is usual leaves the address. */
export const kinds = (): Field<Linking[]> => ({
  read: (raw) => {
    const given = [raw ?? []].flat();
    const known = LINKING.filter((type) => given.includes(type));
    return known.length ? known : [...USUAL];
  },
  write: (value) =>
    value.length && value.join() !== USUAL.join()
      ? LINKING.filter((type) => value.includes(type))
      : undefined,
});

/** A day, a month or a year; anything else in the address means none. */
export const day = (): Field<string> => ({
  read: (raw) => {
    const first = [raw].flat()[0] ?? "";
    return /^\d{4}(-\d{2}(-\d{2})?)?$/.test(first) ? first : "";
  },
  write: (value) => value || undefined,
});

/** The scope's part of an address; `prefix` where a page has two of them. */
export const scopeFields = <P extends string = "">(prefix = "" as P) =>
  Object.fromEntries(
    Object.entries({
      district: texts(),
      chain: text(),
      type: kinds(),
      inferred: flag(),
      until: day(),
      resolution: oneOf(RESOLUTIONS, "1"),
    }).map(([name, field]) => [prefix + name, field]),
  ) as unknown as {
    [N in keyof Scope as `${P}${N}`]: Field<Scope[N]>;
  };

/** As the interface takes it, in an address or a body; what is usual is left out. */
export function asked(scope: Scope): Partial<Schemas["DividedBody"]> {
  return {
    ...(scope.district.length ? { district: scope.district } : {}),
    ...(scope.chain ? { chain: scope.chain } : {}),
    ...(scope.type.join() !== USUAL.join() ? { type: scope.type } : {}),
    ...(scope.inferred ? { inferred: true } : {}),
    ...(scope.until ? { until: scope.until } : {}),
    ...(scope.resolution !== "1" ? { resolution: Number(scope.resolution) } : {}),
  };
}

/** The same as words of an address (a download). */
export function written(scope: Scope): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(asked(scope)).map(([name, value]) => [
      name,
      Array.isArray(value) ? value : String(value),
    ]),
  );
}

/** A link to another page with the same scope; null in a parameter clears it. */
export function linked(scope: Scope): Record<string, string | string[]> {
  const { inferred, ...rest } = written(scope);
  return inferred ? { ...rest, inferred: "1" } : rest;
}
