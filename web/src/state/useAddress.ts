/** The state of a page in its address, so that a reload, a link and 后退 keep it. */
import { computed, nextTick, type WritableComputedRef } from "vue";
import {
  useRoute,
  useRouter,
  type LocationQueryRaw,
  type LocationQueryValue,
  type Router,
} from "vue-router";

type Raw = LocationQueryValue | LocationQueryValue[] | undefined;

/** How one parameter reads and writes; what writes as undefined leaves the address. */
export interface Field<T> {
  read: (raw: Raw) => T;
  write: (value: T) => string | string[] | undefined;
}

const first = (raw: Raw): string | null | undefined => (Array.isArray(raw) ? raw[0] : raw);

/** A text; `none` is what no parameter means. */
export const text = (none = ""): Field<string> => ({
  read: (raw) => first(raw) ?? none,
  write: (value) => (value === none ? undefined : value),
});

/** One of a few words; anything else in the address means `none`. */
export const oneOf = <T extends string>(words: readonly T[], none: T): Field<T> => ({
  read: (raw) => words.find((word) => word === first(raw)) ?? none,
  write: (value) => (value === none ? undefined : value),
});

/** Some texts, each a parameter of its own: `?kind=高校&kind=科研院所`. */
export const texts = (): Field<string[]> => ({
  read: (raw) => [raw ?? []].flat().filter((one): one is string => Boolean(one)),
  write: (value) => (value.length ? value : undefined),
});

/** A whole number within bounds. */
export const whole = (none: number, least = 1, most = 1_000_000): Field<number> => ({
  read: (raw) => {
    const value = first(raw);
    const number = value ? Number(value) : Number.NaN;
    return Number.isInteger(number) && number >= least && number <= most ? number : none;
  },
  write: (value) => (value === none ? undefined : String(value)),
});

/** Yes or no: `?open=1`. */
export const flag = (none = false): Field<boolean> => ({
  read: (raw) => (first(raw) == null ? none : first(raw) === "1"),
  write: (value) => (value === none ? undefined : value ? "1" : "0"),
});

/**
 * What stands in an address from the # on, decoded once: the router's own `hash` was decoded twice
 * where the address came from outside (vue-router 4.6), so that 5%25 had become 5%.
 */
export function hashIn(fullPath: string): string {
  const at = fullPath.indexOf("#");
  if (at < 0) return "";
  const raw = fullPath.slice(at);
  try {
    return decodeURIComponent(raw);
  } catch {
    return raw;
  }
}

/** What was written in this go and is not in the address yet, whichever part of a page wrote it. */
interface Waiting {
  query: LocationQueryRaw;
  how: "push" | "replace";
}
const waiting = new WeakMap<Router, Waiting>();

type Refs<F> = { [N in keyof F]: F[N] extends Field<infer T> ? WritableComputedRef<T> : never };

/**
 * Refs over the query of the address. Writing several in one go makes one step of history;
 * `how: "replace"` makes none (for what changes with every key).
 *
 * ```ts
 * const { q, label } = useAddress({ q: text(), label: texts() });
 * label.value = ["Demand"];   // → ?q=…&label=Demand
 * ```
 */
export function useAddress<F extends Record<string, Field<never>> | object>(
  fields: F,
  how: "push" | "replace" = "push",
): Refs<F> {
  const route = useRoute();
  const router = useRouter();
  const here = route.name;

  function put(name: string, raw: string | string[] | undefined): void {
    let going = waiting.get(router);
    if (!going) {
      const mine: Waiting = (going = { query: {}, how: "replace" });
      waiting.set(router, mine);
      void nextTick(() => {
        waiting.delete(router);
        const query = { ...route.query, ...mine.query };
        if (route.name === here) void router[mine.how]({ query, hash: hashIn(route.fullPath) });
      });
    }
    going.query[name] = raw;
    if (how === "push") going.how = how;
  }

  const entries = Object.entries(fields as Record<string, Field<unknown>>);
  return Object.fromEntries(
    entries.map(([name, field]) => [
      name,
      computed({
        get: () => field.read(route.query[name]),
        set: (value) => put(name, field.write(value)),
      }),
    ]),
  ) as Refs<F>;
}
