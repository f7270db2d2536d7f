/** One route a page, each loaded when it is first gone to. */
import { nextTick } from "vue";
import { createRouter, createWebHistory, type RouteRecordRaw, type RouterHistory } from "vue-router";
import { i18n } from "./i18n";
import { PAGES } from "./pages";

const missing: RouteRecordRaw = {
  path: "/:rest(.*)*",
  name: "missing",
  component: () => import("./MissingPage.vue"),
};

export function makeRouter(history: RouterHistory = createWebHistory()) {
  const router = createRouter({
    history,
    routes: [
      ...PAGES.map(({ name, path, component }): RouteRecordRaw => ({ name, path, component })),
      missing,
    ],
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? undefined : { top: 0 }),
  });
  router.afterEach(async (to, from) => {
    document.title = `${i18n.global.t(`${String(to.name)}.title`)} · ${i18n.global.t("app.name")}`;
    if (from.matched.length === 0 || to.path === from.path) return;
    await nextTick();
    // So that a screen reader, and the next Tab, start at the new page.
    document.getElementById("main")?.focus({ preventScroll: true });
  });
  return router;
}
