import { OfficeBuilding } from "@element-plus/icons-vue";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "results",
  path: "/results",
  component: () => import("./ResultsPage.vue"),
  desks: ["university", "officer"],
  order: 20,
  icon: OfficeBuilding,
};
