// @vitest-environment happy-dom
import { effectScope, nextTick, ref } from "vue";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { client } from "@/api/client";
import { useAction } from "@/api/useAction";
import { PATIENCE, useAnswer, type Answer } from "@/api/useAnswer";

const PROBLEM = {
  type: "/problems/busy",
  title: "Busy",
  status: 503,
  detail: "较重的请求太多",
  hint: "稍后再试",
  code: "busy",
  request_id: "abc",
};

interface Asked {
  url: string;
  signal: AbortSignal;
  answer: (body: unknown, status?: number, headers?: Record<string, string>) => Promise<void>;
  fail: () => Promise<void>;
}
let asked: Asked[] = [];
const settled = async (): Promise<void> => void (await vi.advanceTimersByTimeAsync(0));

beforeEach(() => {
  vi.useFakeTimers();
  asked = [];
  vi.stubGlobal("fetch", (request: Request) => {
    return new Promise<Response>((resolve, reject) => {
      request.signal.addEventListener("abort", () => reject(new DOMException("", "AbortError")));
      asked.push({
        url: decodeURIComponent(new URL(request.url).pathname + new URL(request.url).search),
        signal: request.signal,
        answer: (body, status = 200, headers = {}) => {
          const type = { "content-type": "application/json", ...headers };
          resolve(new Response(JSON.stringify(body), { status, headers: type }));
          return settled().then(settled);
        },
        fail: () => {
          reject(new TypeError("failed to fetch"));
          return settled();
        },
      });
    });
  });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

function search(q: () => string | null) {
  const scope = effectScope();
  const answer = scope.run(() =>
    useAnswer(q, (words, signal) =>
      client.GET("/api/v1/search", { params: { query: { q: words, label: ["Demand", "Result"] } }, signal }),
    ),
  ) as Answer<{ query: string }>;
  return { answer, scope };
}

describe("useAnswer", () => {
  it("asks, waits patiently, then gives what came", async () => {
    const { answer } = search(() => "齿轮");
    await settled();
    expect(asked[0]?.url).toBe("/api/v1/search?q=齿轮&label=Demand&label=Result");
    expect([answer.pending.value, answer.bare.value]).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(PATIENCE + 1);
    expect(answer.bare.value).toBe(true);
    await asked[0]?.answer({ query: "齿轮" });
    expect(answer.data.value).toEqual({ query: "齿轮" });
    expect([answer.pending.value, answer.slow.value, answer.problem.value]).toEqual([false, false, null]);
  });

  it("drops the answer to an earlier question and keeps the old one meanwhile", async () => {
    const q = ref("一");
    const { answer } = search(() => q.value);
    await settled();
    await asked[0]?.answer({ query: "一" });
    q.value = "二";
    await nextTick();
    q.value = "三";
    await nextTick();
    await settled();
    expect(asked.map(({ signal }) => signal.aborted)).toEqual([false, true, false]);
    expect(answer.data.value).toEqual({ query: "一" });
    await asked[2]?.answer({ query: "三" });
    expect(answer.data.value).toEqual({ query: "三" });
    expect(answer.problem.value).toBeNull();
  });

  it("asks nothing for null, and nothing anew for the same words", async () => {
    const q = ref<string | null>(null);
    const other = ref(0);
    search(() => (other.value < 9 ? q.value : q.value));
    await settled();
    other.value = 1;
    await nextTick();
    expect(asked).toHaveLength(0);
  });

  it("tells the service's problem with its code, and asks again on demand", async () => {
    const { answer } = search(() => "齿轮");
    await settled();
    await asked[0]?.answer(PROBLEM, 503, { "retry-after": "2" });
    expect(answer.problem.value).toMatchObject({
      code: "busy",
      detail: "较重的请求太多",
      requestId: "abc",
      retryAfter: 2,
    });
    void answer.reload();
    await settled();
    await asked[1]?.answer({ query: "齿轮" });
    expect(answer.problem.value).toBeNull();
  });

  it("keeps an answer where asking again fails, and drops it where another question does", async () => {
    const q = ref("一");
    const { answer } = search(() => q.value);
    await settled();
    await asked[0]?.answer({ query: "一" });
    void answer.reload();
    await settled();
    await asked[1]?.answer(PROBLEM, 503);
    expect([answer.data.value, answer.of.value]).toEqual([{ query: "一" }, "一"]);
    q.value = "二";
    await nextTick();
    await settled();
    expect([answer.data.value, answer.of.value]).toEqual([{ query: "一" }, "一"]);
    await asked[2]?.answer(PROBLEM, 503);
    expect([answer.data.value, answer.of.value]).toEqual([undefined, undefined]);
  });

  it("tells where the service cannot be reached, or answers what nobody can read", async () => {
    const { answer } = search(() => "齿轮");
    await settled();
    await asked[0]?.fail();
    expect(answer.problem.value?.code).toBe("unreachable");
    void answer.reload();
    await settled();
    await asked[1]?.answer("<html>", 502);
    expect(answer.problem.value).toMatchObject({ code: "unreadable", status: 502 });
  });

  it("breaks off when the page is left", async () => {
    const { scope } = search(() => "齿轮");
    await settled();
    scope.stop();
    expect(asked[0]?.signal.aborted).toBe(true);
  });
});

describe("useAction", () => {
  it("does one thing at a time and keeps its problem until the next", async () => {
    const { run, running, problem } = useAction((id: string) =>
      client.POST("/api/v1/jobs/{id}/cancel", { params: { path: { id } } }),
    );
    const first = run("a/b");
    expect(await run("a/b")).toBeUndefined();
    await settled();
    expect(asked).toHaveLength(1);
    await asked[0]?.answer(PROBLEM, 503);
    expect(await first).toBeUndefined();
    expect(problem.value?.code).toBe("busy");
    const second = run("c");
    expect([running.value, problem.value]).toEqual([true, null]);
    await settled();
    await asked[1]?.answer({ id: "c" });
    expect(await second).toEqual({ id: "c" });
  });
});
