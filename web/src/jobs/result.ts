/** The result of any job as rows of a table: figures and words by the path that leads to them. */

export interface Row {
  path: string[];
  value: string;
}

/** Objects are opened; lists of plain values are joined, others are counted. */
export function flat(value: unknown, path: string[] = []): Row[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value)) {
    if (!value.length) return [];
    const plain = value.every((one) => typeof one !== "object");
    return [{ path, value: plain ? value.join("、") : String(value.length) }];
  }
  if (typeof value === "object") {
    return Object.entries(value).flatMap(([name, one]) => flat(one, [...path, name]));
  }
  if (typeof value === "number") {
    return [{ path, value: value.toLocaleString("zh-CN", { maximumFractionDigits: 4 }) }];
  }
  if (typeof value === "boolean") return [{ path, value: value ? "✓" : "✗" }];
  return [{ path, value: String(value) }];
}
