/**
 * The words, in Chinese and English: src/locales for all pages, src/locales/graph for what the graph
 * and the matcher name (as api/words.py has it), and each page's beside it.
 */
import { watchEffect } from "vue";
import { createI18n } from "vue-i18n";
import { stored } from "@/state/stored";

export const LANGUAGES = ["zh-CN", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

type Words = { [key: string]: string | Words };
const shared = import.meta.glob<{ default: Words }>("../locales/*.json", { eager: true });
const ofGraph = import.meta.glob<{ default: Words }>("../locales/graph/*.json", { eager: true });
const ofPages = import.meta.glob<{ default: Words }>("../pages/*/locales/*.json", { eager: true });

/** All words of a language: those of all pages, and each page's under the page's folder name. */
export function words(language: Language): Words {
  const all: Words = {
    ...shared[`../locales/${language}.json`]?.default,
    ...ofGraph[`../locales/graph/${language}.json`]?.default,
  };
  for (const [path, module] of Object.entries(ofPages)) {
    const [, page, of] = /pages\/([^/]+)\/locales\/(.+)\.json$/.exec(path) ?? [];
    if (page && of === language) all[page] = module.default;
  }
  return all;
}

export const language = stored("language", LANGUAGES, "zh-CN");

const date = { year: "numeric", month: "2-digit", day: "2-digit" } as const;

export const i18n = createI18n({
  legacy: false,
  locale: language.value,
  fallbackLocale: "zh-CN",
  messages: Object.fromEntries(LANGUAGES.map((one) => [one, words(one)])) as Record<string, Words>,
  datetimeFormats: { "zh-CN": { date }, en: { date } },
});

export function followLanguage(): void {
  watchEffect(() => {
    i18n.global.locale.value = language.value;
    document.documentElement.lang = language.value;
  });
}
