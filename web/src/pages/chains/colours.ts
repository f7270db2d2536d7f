/** One colour for each 产业链, the same everywhere: by its place among all chains, in id order. */

/** Categories in styles/tokens.css. */
const CATEGORIES = 8;
/** The last is the grey one: for chains beyond those with a colour, and for none known. */
export const OTHER = CATEGORIES;

/**
 * Numbers 1–8 by chain id. Eight colours tell eight chains apart; where there are more, the first seven
 * keep theirs and the rest share the grey.
 */
export function numbers(chains: readonly string[]): ReadonlyMap<string, number> {
  const order = [...new Set(chains)].sort((one, other) =>
    one.localeCompare(other, "en", { numeric: true }),
  );
  const own = order.length > CATEGORIES ? CATEGORIES - 1 : CATEGORIES;
  return new Map(order.map((id, place) => [id, place < own ? place + 1 : OTHER]));
}

export const numberOf = (of: ReadonlyMap<string, number>, chain: string | null): number =>
  (chain !== null && of.get(chain)) || OTHER;

/** `#rrggbb` of the tokens that a canvas cannot look up by itself; `[0]` is unused. */
export interface Palette {
  categories: readonly string[];
  surface: string;
  text: string;
  quiet: string;
  line: string;
  accent: string;
}

/** The colours as the page has them now: light, dark. */
export function palette(at: Element = document.documentElement): Palette {
  const style = getComputedStyle(at);
  const token = (name: string): string => style.getPropertyValue(`--${name}`).trim() || "#5c6670";
  return {
    categories: Array.from({ length: CATEGORIES + 1 }, (_, n) => token(`cat-${n || OTHER}`)),
    surface: token("surface"),
    text: token("text"),
    quiet: token("text-quiet"),
    line: token("line-strong"),
    accent: token("accent"),
  };
}

/** `#rrggbb` mixed into another: 0 is all `under`, 1 all `over`. */
export function mixed(over: string, under: string, share: number): string {
  const part = (hex: string, at: number): number => Number.parseInt(hex.slice(at, at + 2), 16);
  const full = (hex: string): string =>
    hex.length === 4 ? `#${[...hex.slice(1)].map((c) => c + c).join("")}` : hex;
  const [a, b] = [full(over), full(under)];
  const channel = (at: number): string =>
    Math.round(part(a, at) * share + part(b, at) * (1 - share))
      .toString(16)
      .padStart(2, "0");
  return `#${channel(1)}${channel(3)}${channel(5)}`;
}
