/** Never a hairball: the weakest lines fold into counts. Pure. */
import type { Line, Scene } from "./scene";

/** Lines that a picture shows at most. */
export const MOST_LINES = 300;

export interface Folded {
  shown: Line[];
  /** Lines that are not drawn, and how many of them were observed. */
  folded: number;
  foldedObserved: number;
  /** By mark: how many of its lines are not drawn. */
  at: ReadonlyMap<string, number>;
}

/**
 * The strongest lines stay. Lines of `keep` (the chosen mark) come before all others: whoever looks at
 * one firm sees its links.
 */
export function fold(scene: Scene, keep: string | null = null, most = MOST_LINES): Folded {
  const own = (line: Line): boolean => keep !== null && (line.from === keep || line.to === keep);
  const order = keep === null ? scene.lines : [...scene.lines].sort((a, b) => +own(b) - +own(a));
  const rest = order.slice(most);
  const at = new Map<string, number>();
  for (const line of rest) {
    for (const end of [line.from, line.to]) at.set(end, (at.get(end) ?? 0) + 1);
  }
  return {
    shown: order.slice(0, most),
    folded: rest.length + scene.more,
    foldedObserved: rest.filter((line) => !line.inferred).length,
    at,
  };
}
