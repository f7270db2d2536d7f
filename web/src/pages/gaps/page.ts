import { Tickets } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "gaps",
  path: "/gaps",
  component: () => import("./GapsPage.vue"),
  desks: DESKS,
  order: 31,
  icon: Tickets,
  group: "work",
};
