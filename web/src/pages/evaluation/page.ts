import { DataAnalysis } from "@element-plus/icons-vue";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "evaluation",
  path: "/evaluation",
  component: () => import("./EvaluationPage.vue"),
  desks: ["officer"],
  order: 95,
  icon: DataAnalysis,
  group: "data",
};
