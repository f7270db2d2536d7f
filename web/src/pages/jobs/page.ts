import { List } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "jobs",
  path: "/jobs",
  component: () => import("./JobsPage.vue"),
  desks: DESKS,
  order: 70,
  icon: List,
  group: "data",
};
