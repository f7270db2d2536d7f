/** Tables to take along: CSV that Excel opens as it is meant, and that starts no formula there. */

export type Cell = string | number | null | undefined;

const risky = /^[=+\-@\t\r]/;
const plainNumber = /^-?\d+(\.\d+)?$/;

function quoted(cell: Cell): string {
  let text = cell == null ? "" : String(cell);
  // https://owasp.org/www-community/attacks/CSV_Injection
  if (typeof cell === "string" && risky.test(text) && !plainNumber.test(text)) text = `'${text}`;
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

export const csv = (rows: readonly (readonly Cell[])[]): string =>
  rows.map((row) => row.map(quoted).join(",")).join("\r\n") + "\r\n";

/** Hand the browser a file of its own making. */
export function save(name: string, content: Blob): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(content);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** With the mark by which Excel knows UTF-8. */
export const saveCsv = (name: string, rows: readonly (readonly Cell[])[]): void =>
  save(name, new Blob(["\ufeff", csv(rows)], { type: "text/csv;charset=utf-8" }));
