import { Switch } from "@element-plus/icons-vue";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "comparison",
  path: "/comparison",
  component: () => import("./ComparisonPage.vue"),
  desks: ["officer"],
  order: 32,
  icon: Switch,
  group: "work",
};
