/** Who submitted a job; until there are accounts that is anybody. */
export const by = (name: string, t: (key: string) => string): string =>
  name === "everyone" ? t("jobs.anybody") : name;

/** How long something took: 0.8 秒, 42 秒, 3 分 5 秒, 2 小时 10 分. */
export function duration(
  seconds: number | null,
  t: (key: string, named: Record<string, number>) => string,
): string {
  if (seconds === null) return "";
  if (seconds < 60) {
    const value = seconds < 10 ? Math.round(seconds * 10) / 10 : Math.round(seconds);
    return t("jobs.seconds", { seconds: value });
  }
  const whole = Math.round(seconds);
  if (whole < 3600) {
    return t("jobs.minutes", { minutes: Math.floor(whole / 60), seconds: whole % 60 });
  }
  const minutes = Math.round(whole / 60);
  return t("jobs.hours", { hours: Math.floor(minutes / 60), minutes: minutes % 60 });
}
