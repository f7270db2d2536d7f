import type { Page } from "@/app/pages";

export const page: Page = {
  name: "node",
  path: "/nodes/:id",
  component: () => import("./NodePage.vue"),
  desks: [],
};
