import { readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { LANGUAGES, words } from "@/app/i18n";
import { PAGES } from "@/app/pages";

type Words = { [key: string]: string | Words };

/** `search.title` and the like: all that a language says, by key. */
function flat(of: Words, before = ""): Map<string, string> {
  const found = new Map<string, string>();
  for (const [key, value] of Object.entries(of)) {
    if (typeof value === "string") found.set(before + key, value);
    else for (const [deep, text] of flat(value, `${before}${key}.`)) found.set(deep, text);
  }
  return found;
}

const SOURCES = readdirSync("src", { recursive: true, encoding: "utf8" })
  .filter((name) => /\.(vue|ts)$/.test(name) && !/\.(test|d)\.ts$/.test(name))
  .map((name) => ({ name, code: readFileSync(join("src", name), "utf8") }));
const said = new Map(LANGUAGES.map((language) => [language, flat(words(language) as Words)]));
const chinese = said.get("zh-CN") ?? new Map<string, string>();
const english = said.get("en") ?? new Map<string, string>();
const slots = (text = ""): string[] => [...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort();

describe("the words", () => {
  it("are the same keys in both languages, none empty", () => {
    expect([...english.keys()].sort()).toEqual([...chinese.keys()].sort());
    expect(chinese.size).toBeGreaterThan(300);
    const empty = [...chinese, ...english].filter(([key, text]) => !text.trim() && !key.endsWith("colon"));
    expect(empty).toEqual([]);
  });

  it("take the same values in both languages", () => {
    const differing = [...chinese].filter(
      ([key, text]) => [...new Set(slots(text))].join() !== [...new Set(slots(english.get(key)))].join(),
    );
    expect(differing.map(([key]) => key)).toEqual([]);
  });

  it("hold no Chinese in English, but for the switch to it and an example of what one writes", () => {
    const meant = new Set(["app.other", "match.paste_hint"]);
    const han = [...english].filter(([key, text]) => /[\u4e00-\u9fff]/.test(text) && !meant.has(key));
    expect(han).toEqual([]);
  });

  it("are there wherever a page asks for them", () => {
    const missing = SOURCES.flatMap(({ name, code }) =>
      [...code.matchAll(/\bt\(\s*["']([\w.-]+)["']/g)]
        .map(([, key]) => key ?? "")
        .filter((key) => !chinese.has(key))
        .map((key) => `${name}: ${key}`),
    );
    expect(missing).toEqual([]);
  });

  it("have something under each beginning that a page completes", () => {
    const missing = SOURCES.flatMap(({ name, code }) =>
      [...code.matchAll(/\bt\(\s*`([\w.-]*[\w-]\.)\$\{/g)]
        .map(([, start]) => start ?? "")
        .filter((start) => ![...chinese.keys()].some((key) => key.startsWith(start)))
        .map((start) => `${name}: ${start}`),
    );
    expect(missing).toEqual([]);
  });

  it("name each page and say what it is for", () => {
    const missing = PAGES.flatMap(({ name, desks }) =>
      [`${name}.title`, ...(desks.length ? [`${name}.purpose`] : [])].filter((key) => !chinese.has(key)),
    );
    expect(missing).toEqual([]);
    expect(new Set(PAGES.map(({ name }) => name)).size).toBe(PAGES.length);
  });
});

describe("the pages", () => {
  it("bring no styles that the policy would drop", () => {
    const inline = SOURCES.filter(({ code }) => /<[a-zA-Z][^>]*\sstyle="/.test(code));
    expect(inline.map(({ name }) => name)).toEqual([]);
  });

  it("write no HTML of their own making and go nowhere outside", () => {
    const risky = SOURCES.filter(({ code }) => /\bv-html\b|\binnerHTML\b|\beval\(|new Function\(/.test(code));
    const outside = SOURCES.filter(({ code }) =>
      /["'`(]https?:\/\/(?!www\.w3\.org\/)/.test(code.replace(/^\s*(\*|\/\/|\/\*\*).*$/gm, "")),
    );
    expect([...risky, ...outside].map(({ name }) => name)).toEqual([]);
  });

  it("load nothing heavy before it is gone to", () => {
    const eager = SOURCES.filter(({ code }) => /from "(element-plus\/dist|echarts)"/.test(code));
    expect(eager.map(({ name }) => name)).toEqual([]);
    for (const page of PAGES) expect(String(page.component)).toContain("import");
  });
});
