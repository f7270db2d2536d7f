import { Connection } from "@element-plus/icons-vue";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "resolution",
  path: "/resolution",
  component: () => import("./ResolutionPage.vue"),
  desks: ["officer"],
  order: 80,
  icon: Connection,
  group: "data",
};
