import { describe, expect, it } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { hashIn } from "@/state/useAddress";
import { hashOf, textOf, toggled } from "./state";

describe("a text behind the #", () => {
  const TEXTS = ["电阻变化≤10%25；a=b&c#d %E4\n第二行", "良率由 95%20 提高；%00", "100% 合格"];
  it.each(TEXTS)("comes back as it was from an address: %j", async (said) => {
    const routes = [{ path: "/match", component: {} }];
    const router = createRouter({ history: createMemoryHistory(), routes });
    await router.push({ path: "/match", hash: hashOf(said) });
    const { fullPath } = router.currentRoute.value;
    await router.push("/match");
    await router.push(fullPath);
    expect(textOf(hashIn(router.currentRoute.value.fullPath))).toBe(said);
  });
  it("is none where nothing was written, and nothing else is a text", () => {
    expect([hashOf(""), textOf("#main"), textOf("")]).toEqual(["", "", ""]);
  });
});

describe("toggled", () => {
  it("adds at the end and takes out", () => {
    expect(toggled(["a"], "b")).toEqual(["a", "b"]);
    expect(toggled(["a", "b"], "a")).toEqual(["b"]);
  });
});
