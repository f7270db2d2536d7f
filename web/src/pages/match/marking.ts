/** Texts with places marked: matched words, indicators. */

export interface Span {
  start: number;
  end: number;
  /** How it is marked; later spans win where two overlap. */
  mark: string;
}

export interface Piece {
  text: string;
  mark: string | null;
}

/** The text cut where marks begin and end; joined, the pieces are the text. */
export function pieces(text: string, spans: readonly Span[]): Piece[] {
  const marks = new Array<string | null>(text.length).fill(null);
  for (const { start, end, mark } of spans) marks.fill(mark, Math.max(0, start), Math.max(0, end));
  const cut: Piece[] = [];
  for (let at = 0; at < text.length; at++) {
    const last = cut.at(-1);
    const mark = marks[at] ?? null;
    // Two indicators side by side stay two: a span begins anew at its start.
    const begins = spans.some((span) => span.start === at && span.mark === mark);
    if (last && last.mark === mark && !begins) last.text += text[at];
    else cut.push({ text: text[at] ?? "", mark });
  }
  return cut;
}

/** Where words stand in a text, whatever their case. */
export function found(text: string, words: readonly string[], mark = "word"): Span[] {
  const low = text.toLowerCase();
  return words.filter(Boolean).flatMap((word) => {
    const spans: Span[] = [];
    const sought = word.toLowerCase();
    for (let at = low.indexOf(sought); at >= 0; at = low.indexOf(sought, at + sought.length)) {
      spans.push({ start: at, end: at + sought.length, mark });
    }
    return spans;
  });
}

/**
 * The service counts characters, a browser counts halves of pairs: places of the one as places of
 * the other. They differ only behind rare characters (𬬭).
 */
export function inUnits(text: string): (place: number) => number {
  if (!/[\ud800-\udbff]/.test(text)) return (place) => place;
  const starts = [0];
  for (const character of text) starts.push((starts.at(-1) ?? 0) + character.length);
  return (place) => starts[Math.min(place, starts.length - 1)] ?? text.length;
}

/** What the service says the two sides share: words and runs of characters, the heaviest first. */
export function shared(contributions: readonly { signal: string; evidence: object }[]): string[] {
  const weighed = contributions.flatMap(({ signal, evidence }) => {
    const told = evidence as Record<string, { bm25: number; word?: string; phrase?: string }[]>;
    if (signal === "pairs") return told.phrases ?? [];
    return signal === "text" ? (told.words ?? []) : [];
  });
  const telling = weighed.filter(({ bm25 }) => bm25 >= TELLING);
  telling.sort((one, other) => other.bm25 - one.bm25);
  return [...new Set(telling.map(({ word, phrase }) => word ?? phrase ?? ""))].filter(Boolean);
}

/** Words of less weight say nothing (graph_service/matching/sentences.py has the same). */
const TELLING = 0.05;

/** Without single characters, and without what is part of a longer one: those a reader knows. */
export const telling = (words: readonly string[]): string[] =>
  words.filter(
    (word) =>
      [...word].length > 1 && !words.some((other) => other !== word && other.includes(word)),
  );
