/** Light, dark, or as the system has it; public/theme.js does the same before the first paint. */
import { ref, watchEffect } from "vue";
import { recall } from "@/state/stored";

export const THEMES = ["system", "light", "dark"] as const;
export type Theme = (typeof THEMES)[number];

const KEY = "jiebang.theme";
const remembered = recall(KEY);
export const theme = ref<Theme>(
  remembered === "dark" || remembered === "light" ? remembered : "system",
);
/** Whether it is dark now: what charts and graphs ask. */
export const dark = ref(false);

const system = matchMedia("(prefers-color-scheme: dark)");
const systemDark = ref(system.matches);
system.addEventListener("change", (event) => (systemDark.value = event.matches));

export function followTheme(): void {
  watchEffect(() => {
    dark.value = theme.value === "system" ? systemDark.value : theme.value === "dark";
    document.documentElement.classList.toggle("dark", dark.value);
    try {
      if (theme.value === "system") localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, theme.value);
    } catch {
      // Forbidden or full: the choice holds until the page is closed.
    }
  });
}
