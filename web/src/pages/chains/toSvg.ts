/** A scene as SVG that stands alone: for a report, a slide, a printer. Pure. */
import type { Palette } from "./colours";
import { caption, extent, lineColour, look, shortened, span, widths } from "./drawing";
import type { Line, Mark, Scene } from "./scene";

export interface Legend {
  title: string;
  /** Where and when it is from, what was left out: one line each. */
  notes: readonly string[];
  observed: string;
  inferred: string;
  /** 12 家 */
  firms: (count: number) => string;
}

const FONT = "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif";
const WIDTH = 1200;

const escaped = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
const places = (value: number): string => String(Math.round(value * 100) / 100);

export function toSvg(
  scene: Scene,
  lines: readonly Line[],
  numbers: ReadonlyMap<string, number>,
  colours: Palette,
  legend: Legend,
): string {
  const box = extent(scene.marks);
  const across = span(scene.marks);
  const scale = WIDTH / across;
  const wide = (box.x[1] - box.x[0]) * scale;
  const high = (box.y[1] - box.y[0]) * scale;
  const left = (WIDTH - wide) / 2;
  const top = 56;
  // The plane's y grows upward, the paper's downward.
  const at = (mark: { x: number; y: number }): [number, number] => [
    left + (mark.x - box.x[0]) * scale,
    top + (box.y[1] - mark.y) * scale,
  ];
  const width = widths(lines, across);
  const byId = new Map(scene.marks.map((mark) => [mark.id, mark]));
  const foot = top + high + 28;
  const height = foot + legend.notes.length * 20 + 12;

  const drawnLines = lines.flatMap((line) => {
    const [from, to] = [byId.get(line.from), byId.get(line.to)];
    if (!from || !to) return [];
    const [[x1, y1], [x2, y2]] = [at(from), at(to)];
    const dash = line.inferred ? ' stroke-dasharray="6 5"' : "";
    return [
      `<line x1="${places(x1)}" y1="${places(y1)}" x2="${places(x2)}" y2="${places(y2)}"` +
        ` stroke="${lineColour(line, colours)}" stroke-width="${places(width(line) * scale)}"${dash}/>`,
    ];
  });
  const drawnMarks = scene.marks.map((mark) => drawn(mark, at(mark), mark.r * scale));

  function drawn(mark: Mark, [x, y]: [number, number], r: number): string {
    const { colour, fill } = look(mark, numbers, colours);
    const whole = `<title>${escaped(mark.title)}</title>`;
    const words = (text: string, down: number, size: number): string =>
      `<text x="${places(x)}" y="${places(y + down)}" font-size="${size}" text-anchor="middle"` +
      ` fill="${colours.text}" stroke="${colours.surface}" stroke-width="3"` +
      ` paint-order="stroke">${escaped(text)}</text>`;
    if (mark.kind === "firm") {
      const ring = mark.leader
        ? `<circle cx="${places(x)}" cy="${places(y)}" r="${places(r + 3)}" fill="none"` +
          ` stroke="${colours.text}" stroke-width="1.5"/>`
        : "";
      const dot = `<circle cx="${places(x)}" cy="${places(y)}" r="${places(r)}" fill="${fill}"/>`;
      return `<g>${whole}${dot}${ring}${words(shortened(mark.title, 14), r + 15, 11)}</g>`;
    }
    const stroke = Math.max(2, Math.min(6, r * 0.1));
    const round = 2 * Math.PI * (r - stroke / 2);
    const circle = (rest: string): string =>
      `<circle cx="${places(x)}" cy="${places(y)}" r="${places(r - stroke / 2)}" ${rest}/>`;
    return [
      `<g>${whole}`,
      circle(`fill="${fill}" stroke="${colour}" stroke-width="1" stroke-dasharray="4 4"`),
      circle(
        `fill="none" stroke="${colour}" stroke-width="${places(stroke)}"` +
          ` stroke-dasharray="${places(round * mark.observed)} ${places(round)}"` +
          ` transform="rotate(-90 ${places(x)} ${places(y)})"`,
      ),
      words(shortened(caption(mark), 16), -2, 13),
      words(legend.firms(mark.of.size), 16, 12),
      "</g>",
    ].join("");
  }

  const key = [
    `<line x1="24" y1="40" x2="64" y2="40" stroke="${colours.quiet}" stroke-width="2"/>`,
    `<text x="72" y="44" font-size="12" fill="${colours.quiet}">${escaped(legend.observed)}</text>`,
    `<line x1="150" y1="40" x2="190" y2="40" stroke="${colours.quiet}" stroke-width="2"` +
      ` stroke-dasharray="6 5"/>`,
    `<text x="198" y="44" font-size="12" fill="${colours.quiet}">${escaped(legend.inferred)}</text>`,
  ];
  const notes = legend.notes.map(
    (note, row) =>
      `<text x="24" y="${places(foot + row * 20)}" font-size="12"` +
      ` fill="${colours.quiet}">${escaped(note)}</text>`,
  );
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${places(height)}"`,
    ` viewBox="0 0 ${WIDTH} ${places(height)}" font-family="${FONT}" role="img">`,
    `<title>${escaped(legend.title)}</title>`,
    `<rect width="100%" height="100%" fill="${colours.surface}"/>`,
    `<text x="24" y="26" font-size="18" font-weight="600"`,
    ` fill="${colours.text}">${escaped(legend.title)}</text>`,
    ...key,
    ...drawnLines,
    ...drawnMarks,
    ...notes,
    "</svg>",
  ].join("");
}
