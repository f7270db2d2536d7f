import type { Cell } from "@/format/csv";

/** A column of DataTable. Cells are drawn by the slot `<key>`, or as `value` says. */
export interface Column<R> {
  key: string;
  title: string;
  /** What sorts and exports; also what is shown without a slot. */
  value: (row: R) => Cell;
  /** Figures stand at the right. */
  number?: boolean;
  /** CSS width: "8em"; the rest share what is left. */
  width?: string;
  /** Whether its heading sorts. */
  sorts?: boolean;
}

/** Rows by a column, the order kept among equals; what is empty comes last either way. */
export function sorted<R>(rows: readonly R[], column: Column<R>, descending: boolean): R[] {
  const by = (one: R, other: R): number => {
    const a = column.value(one);
    const b = column.value(other);
    const empty = Number(a == null || a === "") - Number(b == null || b === "");
    if (empty || a == null || b == null) return empty;
    const both = typeof a === "number" && typeof b === "number";
    const order = both ? a - b : String(a).localeCompare(String(b), "zh-CN");
    return descending ? -order : order;
  };
  return [...rows].sort(by);
}
