import { Connection } from "@element-plus/icons-vue";
import { DESKS } from "@/app/desks";
import type { Page } from "@/app/pages";

export const page: Page = {
  name: "match",
  path: "/match",
  component: () => import("./MatchPage.vue"),
  desks: DESKS,
  order: 10,
  icon: Connection,
};
