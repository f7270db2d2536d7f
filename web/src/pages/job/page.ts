import type { Page } from "@/app/pages";

export const page: Page = {
  name: "job",
  path: "/jobs/:id",
  component: () => import("./JobPage.vue"),
  desks: [],
};
