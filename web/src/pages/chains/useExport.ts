/** The picture to take along: PNG of what is seen, SVG of all of it. */
import { useI18n } from "vue-i18n";
import { day } from "@/format";
import { save } from "@/format/csv";
import { palette } from "./colours";
import type { Line, Scene } from "./scene";
import { toSvg, type Legend } from "./toSvg";

export interface Exported {
  scene: Scene;
  lines: readonly Line[];
  numbers: ReadonlyMap<string, number>;
  title: string;
  /** Scope, source and what was folded. */
  notes: string[];
}

export function useExport() {
  const { t } = useI18n();
  const firms = (count: number): string => t("chains.firms_count", { count });
  const dated = (title: string): string => `${title} ${day(new Date().toISOString())}`;

  function svg({ scene, lines, numbers, title, notes }: Exported): void {
    const legend: Legend = {
      title,
      notes,
      observed: t("chains.observed"),
      inferred: t("inferred.inferred"),
      firms,
    };
    const text = toSvg(scene, lines, numbers, palette(), legend);
    save(`${dated(title)}.svg`, new Blob([text], { type: "image/svg+xml" }));
  }

  /** With its title above and its notes below, at the screen's own resolution. */
  function png(seen: HTMLCanvasElement, { title, notes }: Exported): void {
    const colours = palette();
    const scale = window.devicePixelRatio || 1;
    const [head, row] = [44 * scale, 20 * scale];
    const canvas = document.createElement("canvas");
    canvas.width = seen.width;
    canvas.height = seen.height + head + (notes.length + 1) * row;
    const context = canvas.getContext("2d");
    if (!context) return;
    const font = getComputedStyle(document.body).fontFamily;
    context.fillStyle = colours.surface;
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(seen, 0, head);
    context.fillStyle = colours.text;
    context.font = `600 ${18 * scale}px ${font}`;
    context.fillText(title, 16 * scale, 28 * scale);
    context.fillStyle = colours.quiet;
    context.font = `${12 * scale}px ${font}`;
    const lines = [t("chains.key_lines"), ...notes];
    lines.forEach((note, at) =>
      context.fillText(note, 16 * scale, head + seen.height + (at + 0.5) * row),
    );
    canvas.toBlob((blob) => blob && save(`${dated(title)}.png`, blob), "image/png");
  }
  return { svg, png };
}
