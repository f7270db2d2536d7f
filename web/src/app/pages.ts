/** The pages: each folder of src/pages says in its page.ts where it stands and for whom. */
import type { Component } from "vue";
import type { Desk } from "./desks";

export interface Page {
  /** The route's name, and the first word of its locale keys: `<name>.title` is what the rail says. */
  name: string;
  /** The address: `/match`, `/nodes/:id`. */
  path: string;
  component: () => Promise<{ default: Component }>;
  /** On whose rail it stands; none for pages that are only led to (a node). */
  desks: readonly Desk[];
  /** Its place on the rail: tens, from the top. */
  order?: number;
  /** An icon of @element-plus/icons-vue for the rail. */
  icon?: Component;
  /** Under which heading of the rail; `rail.<group>` in the locale. */
  group?: "work" | "data";
}

const found = import.meta.glob<{ page: Page }>("../pages/*/page.ts", { eager: true });

export const PAGES: readonly Page[] = Object.values(found)
  .map((module) => module.page)
  .sort((one, other) => (one.order ?? 999) - (other.order ?? 999));

/** What stands on a desk's rail, from the top. */
export const onRail = (desk: Desk): Page[] => PAGES.filter((page) => page.desks.includes(desk));
