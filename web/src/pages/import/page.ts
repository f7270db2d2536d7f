import { Upload } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "import",
  path: "/import",
  component: () => import("./ImportPage.vue"),
  desks: DESKS,
  order: 60,
  icon: Upload,
  group: "data",
};
