/** Names on the canvas above the picture: Chinese, upright, on a halo of the ground's colour. */
import type { NodeDisplayData, PartialButFor } from "sigma/types";
import type { Settings } from "sigma/settings";
import type { Palette } from "./colours";

export type Labelled = PartialButFor<NodeDisplayData, "x" | "y" | "size" | "label" | "color"> & {
  /** A second line, for communities: 12 家. */
  below?: string;
  kind?: "community" | "firm";
};

const FONT = '"PingFang SC", "Microsoft YaHei", "Noto Sans SC", "Noto Sans CJK SC", sans-serif';

function written(
  context: CanvasRenderingContext2D,
  colours: Palette,
  text: string,
  x: number,
  y: number,
  size: number,
  weight = "",
): void {
  context.font = `${weight} ${size}px ${FONT}`;
  context.textAlign = "center";
  context.lineJoin = "round";
  context.lineWidth = 3;
  context.strokeStyle = colours.surface;
  context.fillStyle = colours.text;
  context.strokeText(text, x, y);
  context.fillText(text, x, y);
}

/** Where names stand already, in one drawing of the picture: left, top, right, bottom. */
export type Taken = [number, number, number, number][];

/** A middle at which so wide a name is whole within the canvas. */
export function kept(x: number, wide: number, canvas: number): number {
  const half = wide / 2 + 2;
  return half * 2 > canvas ? canvas / 2 : Math.min(Math.max(x, half), canvas - half);
}

/** Whether a name would stand on another; where not, its place is taken from now on. */
export function free(taken: Taken, x: number, y: number, wide: number, high: number): boolean {
  const [left, top, right, bottom] = [x - wide / 2, y - high, x + wide / 2, y];
  const clash = taken.some(([l, t, r, b]) => left < r && l < right && top < b && t < bottom);
  if (!clash) taken.push([left, top, right, bottom]);
  return !clash;
}

/** Pixels of radius. */
const SMALL = 18;

/** Cut so as to be no wider than a circle lets it be. */
function within(context: CanvasRenderingContext2D, text: string, width: number): string {
  if (context.measureText(text).width <= width) return text;
  const signs = [...text];
  while (signs.length > 2 && context.measureText(`${signs.join("")}…`).width > width) signs.pop();
  return `${signs.join("")}…`;
}

/** Sigma's drawer of labels. A community's stands in its circle, a firm's below its dot. */
export function drawName(
  context: CanvasRenderingContext2D,
  data: Labelled,
  colours: Palette,
  taken: Taken = [],
): void {
  if (!data.label) return;
  const { y, size, below } = data;
  const canvas = context.canvas.width / context.getTransform().a;
  if (data.kind === "firm") {
    context.font = `12px ${FONT}`;
    const text = data.highlighted ? data.label : within(context, data.label, 130);
    const wide = context.measureText(text).width;
    const x = kept(data.x, wide, canvas);
    const room = free(taken, x, y + size + 16, wide, 14);
    // Names that nobody could read for the name above are left to the pointer, and to nearness.
    if (room || data.highlighted || data.forceLabel) {
      written(context, colours, text, x, y + size + 14, 12);
    }
    return;
  }
  const room = Math.max(size * 2 + 16, 96);
  context.font = `600 13px ${FONT}`;
  const text = data.highlighted ? data.label : within(context, data.label, room);
  const x = kept(data.x, context.measureText(text).width, canvas);
  // What would cover a small circle stands below it.
  const middle = size < SMALL ? y + size + 16 : y;
  written(context, colours, text, x, middle - 1, 13, "600");
  if (below) written(context, colours, below, x, middle + 16, 12);
}

/** What is under the pointer, or chosen: a ring around it, its whole name. */
export function drawChosen(
  context: CanvasRenderingContext2D,
  data: Labelled,
  colours: Palette,
): void {
  context.beginPath();
  context.arc(data.x, data.y, data.size + 3, 0, 2 * Math.PI);
  context.lineWidth = 2.5;
  context.strokeStyle = colours.accent;
  context.stroke();
  drawName(context, { ...data, highlighted: true }, colours);
}

export type LabelDrawer = (
  context: CanvasRenderingContext2D,
  data: Labelled,
  settings: Settings,
) => void;
