/** How a scene looks: what the screen, the SVG and the PNG share. Pure. */
import { mixed, numberOf, type Palette } from "./colours";
import type { Line, Mark, Scene } from "./scene";

/** Width of lines as shares of the picture's longer side. */
const THINNEST = 0.0014;
const THICKEST = 0.012;

/** The rectangle in which all circles lie, with some room around. */
export function extent(marks: readonly Mark[]): { x: [number, number]; y: [number, number] } {
  if (!marks.length) return { x: [-1, 1], y: [-1, 1] };
  let [left, right, low, high] = [Infinity, -Infinity, Infinity, -Infinity];
  for (const { x, y, r } of marks) {
    left = Math.min(left, x - r);
    right = Math.max(right, x + r);
    low = Math.min(low, y - r);
    high = Math.max(high, y + r);
  }
  const room = Math.max(right - left, high - low) * 0.04;
  return { x: [left - room, right + room], y: [low - room, high + room] };
}

/** The longer side of the picture, in units of the plane. */
export function span(marks: readonly Mark[]): number {
  const { x, y } = extent(marks);
  return Math.max(x[1] - x[0], y[1] - y[0]);
}

/** Line widths in units of the plane: by the root of the weight, so that area tells. */
export function widths(lines: readonly Line[], across: number): (line: Line) => number {
  const most = Math.max(...lines.map((line) => line.weight), 1e-9);
  return ({ weight }) =>
    across * (THINNEST + (THICKEST - THINNEST) * Math.sqrt(Math.max(weight, 0) / most));
}

export interface Look {
  /** Of the ring, and of a firm. */
  colour: string;
  /** Of the inside of a community. */
  fill: string;
}

export function look(mark: Mark, numbers: ReadonlyMap<string, number>, of: Palette): Look {
  const colour = of.categories[numberOf(numbers, mark.chain)] ?? of.quiet;
  return { colour, fill: mark.kind === "community" ? mixed(colour, of.surface, 0.16) : colour };
}

/** A line's colour: drawn solid, it is dark; as a guess, lighter (and dashed). */
export const lineColour = (line: Line, of: Palette): string =>
  mixed(of.quiet, of.surface, line.inferred ? 0.55 : 0.6);

/** A name that has room in a picture. */
export const shortened = (title: string, most: number): string =>
  [...title].length > most ? `${[...title].slice(0, most - 1).join("")}…` : title;

/** Names of communities all say 群落 at their end: in the picture that goes without saying. */
export const caption = (mark: Mark): string =>
  mark.kind === "community" ? mark.title.replace(/群落$/, "") : mark.title;

/** In one sentence, for those who do not see it. */
export const counted = (scene: Scene): { marks: number; lines: number } => ({
  marks: scene.marks.length,
  lines: scene.lines.length + scene.more,
});
