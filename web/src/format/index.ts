/** How figures and dates are written: 1,234 家, 2026-11-23, 85%. */

const grouped = new Intl.NumberFormat("zh-CN");

/** 12345 → 12,345; fractions keep what they have, up to three places. */
export const number = (value: number): string => grouped.format(value);

/** 0.8512 → 85% (or 85.1% with `places` 1). */
export const percent = (share: number, places = 0): string => `${(share * 100).toFixed(places)}%`;

/** 2026-11-23T08:15:00+00:00 → 2026-11-23 16:15 where the reader is; a date alone stays as it is. */
export function moment(iso: string): string {
  if (!iso.includes("T")) return iso;
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return iso;
  const two = (part: number): string => String(part).padStart(2, "0");
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  return `${day} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** 2026-11-23T08:15:00Z → 2026-11-23. */
export const day = (iso: string): string => moment(iso).slice(0, 10);

/** 1536 → 1.5 KB. */
export function bytes(size: number): string {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log(Math.max(size, 1)) / Math.log(1024)), 3);
  const value = size / 1024 ** power;
  return `${value < 10 && power ? value.toFixed(1) : Math.round(value)} ${units[power]}`;
}
