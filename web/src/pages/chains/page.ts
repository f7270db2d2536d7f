import { Share } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "chains",
  path: "/chains",
  component: () => import("./ChainsPage.vue"),
  desks: DESKS,
  order: 30,
  icon: Share,
  group: "work",
};
