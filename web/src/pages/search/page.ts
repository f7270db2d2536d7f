import { Search } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "search",
  path: "/search",
  component: () => import("./SearchPage.vue"),
  desks: DESKS,
  order: 90,
  icon: Search,
  group: "data",
};
