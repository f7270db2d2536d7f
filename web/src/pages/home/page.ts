import { HomeFilled } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "home",
  path: "/",
  component: () => import("./HomePage.vue"),
  desks: DESKS,
  order: 0,
  icon: HomeFilled,
};
