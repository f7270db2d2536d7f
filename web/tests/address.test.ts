// @vitest-environment happy-dom
import { nextTick } from "vue";
import { mount, flushPromises } from "@vue/test-utils";
import { describe, expect, it } from "vitest";
import { createMemoryHistory, createRouter } from "vue-router";
import { flag, oneOf, text, texts, useAddress, whole } from "@/state/useAddress";

const fields = {
  q: text(),
  to: oneOf(["results", "demands"], "results"),
  kind: texts(),
  top: whole(10, 1, 200),
  open: flag(),
};
type State = ReturnType<typeof useAddress<typeof fields>>;

async function at(path: string) {
  let state!: State;
  const Page = { setup: () => ((state = useAddress(fields)), () => null) };
  const router = createRouter({
    history: createMemoryHistory(),
    routes: [{ path: "/", name: "here", component: Page }],
  });
  await router.push(path);
  mount({ template: "<RouterView />" }, { global: { plugins: [router] } });
  await flushPromises();
  return { router, state };
}

describe("useAddress", () => {
  it("reads what the address says", async () => {
    const { state } = await at("/?q=齿轮&to=demands&kind=高校&kind=专利&top=3&open=1");
    const values = Object.values(state).map((one) => one.value);
    expect(values).toEqual(["齿轮", "demands", ["高校", "专利"], 3, true]);
  });

  it("takes nothing amiss from a wrong address", async () => {
    const { state } = await at("/?to=nonsense&top=-4&kind=&q&open=maybe");
    const values = Object.values(state).map((one) => one.value);
    expect(values).toEqual(["", "results", [], 10, false]);
  });

  it("writes several in one step of history, leaves out what is usual, and goes back", async () => {
    const { router, state } = await at("/?q=一&other=kept");
    state.q.value = "二";
    state.kind.value = ["高校", "专利"];
    state.top.value = 10;
    await nextTick();
    await flushPromises();
    expect(decodeURI(router.currentRoute.value.fullPath)).toBe("/?q=二&other=kept&kind=高校&kind=专利");
    router.back();
    await flushPromises();
    expect(state.q.value).toBe("一");
    expect(state.kind.value).toEqual([]);
  });

  it("loses nothing where two parts of a page write in one go", async () => {
    const { router, state } = await at("/?q=一");
    const app = mount(
      { setup: () => ({ other: useAddress({ page: whole(1) }) }), template: "<i />" },
      { global: { plugins: [router] } },
    );
    state.q.value = "二";
    (app.vm as unknown as { other: { page: { value: number } } }).other.page.value = 3;
    await nextTick();
    await flushPromises();
    expect(decodeURI(router.currentRoute.value.fullPath)).toBe("/?q=二&page=3");
    router.back();
    await flushPromises();
    expect(decodeURI(router.currentRoute.value.fullPath)).toBe("/?q=一");
  });
});
