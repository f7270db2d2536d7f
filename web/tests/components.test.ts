// @vitest-environment happy-dom
import { mount } from "@vue/test-utils";
import { beforeEach, describe, expect, it, vi } from "vitest";
import { i18n } from "@/app/i18n";
import type { Problem } from "@/api/problem";
import DataTable from "@/components/DataTable.vue";
import ErrorNote from "@/components/ErrorNote.vue";
import InferredMark from "@/components/InferredMark.vue";
import SourceChip from "@/components/SourceChip.vue";
import { sorted, type Column } from "@/components/table";
import { csv } from "@/format/csv";
import { bytes, day, moment, percent } from "@/format";

const global = { plugins: [i18n] };
const problem: Problem = {
  code: "unreachable",
  detail: "",
  hint: "",
  requestId: "",
  status: 0,
  errors: [],
  retryAfter: null,
};

beforeEach(() => (i18n.global.locale.value = "zh-CN"));

describe("ErrorNote", () => {
  it("tells the page's own problems in its own words", () => {
    const text = mount(ErrorNote, { global, props: { problem } }).text();
    expect(text).toContain("连不上服务");
    expect(text).toContain("unreachable");
    expect(text).not.toContain("errors.");
  });

  it("tells the service's with fields, a code to quote and a way to try again", async () => {
    const retry = vi.fn();
    const note = mount(ErrorNote, {
      global,
      props: {
        problem: {
          ...problem,
          code: "input",
          detail: "参数有误",
          requestId: "req-12345",
          status: 422,
          retryAfter: 1.2,
          errors: [{ field: "top", code: "int", message: "应为整数" }],
        },
        what: "没有查到",
        retry,
      },
    });
    expect(note.attributes("role")).toBe("alert");
    for (const words of ["没有查到：", "参数有误", "top", "应为整数", "req-12345", "2 秒"]) {
      expect(note.text()).toContain(words);
    }
    expect(note.get("a").attributes("href")).toBe("/problems/input");
    await note.get("button").trigger("click");
    expect(retry).toHaveBeenCalledOnce();
  });
});

describe("what is guessed and what is unknown", () => {
  it("is marked as such, in words", () => {
    expect(mount(InferredMark, { global, props: { confidence: 0.853 } }).text()).toBe("推断 85%");
    expect(mount(InferredMark, { global, props: { kind: "machine" } }).text()).toBe("机器识别");
    const none = mount(SourceChip, { global, props: { source: null, date: null } }).text();
    expect(none).toBe("来源未知日期未知");
    const own = mount(SourceChip, { global, props: { source: "jiebang:mention", date: "2026-04" } });
    expect(own.text()).toBe("文中提及2026-04");
  });
});

interface Row {
  id: string;
  count: number | null;
}
const rows: Row[] = [
  { id: "b", count: 2 },
  { id: "c", count: null },
  { id: "a", count: 10 },
];
const columns: Column<Row>[] = [
  { key: "id", title: "名称", value: (row) => row.id, sorts: true },
  { key: "count", title: "数量", value: (row) => row.count, number: true, sorts: true },
];

describe("DataTable", () => {
  const shown = (table: ReturnType<typeof mount>) =>
    table.findAll("tbody tr").map((row) => row.get("td").text());

  it("sorts by a heading, figures the largest first, what is unknown last, and back", async () => {
    const props = { caption: "表", rows, columns, id: (row: Row) => row.id };
    const table = mount(DataTable<Row>, { global, props });
    const [, count] = table.findAll("th");
    for (const [order, aria] of [
      [["a", "b", "c"], "descending"],
      [["b", "a", "c"], "ascending"],
      [["b", "c", "a"], "none"],
    ] as const) {
      await count?.get("button").trigger("click");
      expect(shown(table)).toEqual(order);
      expect(count?.attributes("aria-sort")).toBe(aria);
    }
  });

  it("tells which row is chosen, by key too", async () => {
    const props = { caption: "表", rows, columns, id: (row: Row) => row.id, choosable: true };
    const table = mount(DataTable<Row>, { global, props });
    await table.findAll("tbody tr")[2]?.trigger("keydown", { key: "Enter" });
    expect(table.emitted("choose")).toEqual([[rows[2]]]);
  });

  it("keeps the order among equals", () => {
    const same = [{ id: "z", count: 1 }, { id: "y", count: 1 }];
    expect(sorted(same, columns[1] as Column<Row>, true).map(({ id }) => id)).toEqual(["z", "y"]);
  });
});

describe("what is taken along", () => {
  it("quotes what must be, and starts no formula", () => {
    expect(csv([["名称", 'a "b", c', "=1+1", "-5", -5, null], ["两\n行"]])).toBe(
      `名称,"a ""b"", c",'=1+1,-5,-5,\r\n"两\n行"\r\n`,
    );
  });

  it("writes dates and sizes as people do", () => {
    expect([day("2026-11"), moment("2021"), percent(0.125, 1)]).toEqual(["2026-11", "2021", "12.5%"]);
    expect(moment("2026-11-23T08:15:00Z")).toMatch(/^2026-11-2\d \d\d:15$/);
    expect([bytes(0), bytes(1536), bytes(20 * 1024 ** 2)]).toEqual(["0 B", "1.5 KB", "20 MB"]);
  });
});
