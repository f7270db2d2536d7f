import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";

const STATIC = "../api/static";
const MOST = 400_000;

/** What the browser fetches for the home page: the entry, what it imports, and the page's own. */
function scripts(name: string, seen = new Set<string>()): Set<string> {
  if (seen.has(name)) return seen;
  seen.add(name);
  const code = readFileSync(join(STATIC, "assets", name), "utf8");
  // Minified: import{a}from"./x.js", import"./x.js"; import("./x.js") comes later, or never.
  for (const [, next] of code.matchAll(/(?:from|import)\s*["'`]\.\/([\w.-]+\.js)["'`]/g)) {
    if (next) scripts(next, seen);
  }
  return seen;
}

const size = (name: string): number => {
  const path = join(STATIC, "assets", name);
  return statSync(existsSync(`${path}.gz`) ? `${path}.gz` : path).size;
};

// The build comes before the tests in `make test`; without one there is nothing to weigh.
describe.runIf(existsSync(join(STATIC, "index.html")))("the built home page", () => {
  it("loads at most 400 kB of compressed script, without graphs and charts", () => {
    const index = readFileSync(join(STATIC, "index.html"), "utf8");
    const [, entry] = /src="\/assets\/([\w.-]+\.js)"/.exec(index) ?? [];
    const code = readFileSync(join(STATIC, "assets", entry ?? ""), "utf8");
    const [home] = /HomePage-[\w-]+\.js/.exec(code) ?? [];
    const fetched = [...scripts(home ?? "", scripts(entry ?? ""))];
    expect(fetched.length).toBeGreaterThan(2);
    expect(fetched.reduce((sum, name) => sum + size(name), 0)).toBeLessThan(MOST);
    expect(fetched.filter((name) => /echarts|sigma|graphology/i.test(name))).toEqual([]);
  });
});
