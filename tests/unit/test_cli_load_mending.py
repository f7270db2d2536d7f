"""``jiebang load --errors``: wrong rows come back, are mended, and load to the same nodes."""

import csv
import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from api.cli import app
from graph_service.model import Filter
from loaders.mending import REASON, ROW, Origin, origin
from loaders.service import load
from tests.stores import open_store

Rows = Sequence[Sequence[Any]]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", "--no-embed", *map(str, arguments)])


def table(path: Path, rows: Rows) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def workbook(path: Path, sheets: Mapping[str, Rows]) -> Path:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for row in rows:
            sheet.append(list(row))
    book.save(path)
    return path


def contents(location: Path | str) -> dict[str, Any]:
    """All that a store tells, but for versions."""
    with open_store(str(location), read_only=True) as store:
        graph = store.subgraph(Filter())
        return {
            "nodes": {
                node.id: (node.label, node.props, node.source)
                for node in store.scan(Filter(), limit=10_000).nodes
            },
            "edges": sorted((str(a), str(b), str(k)) for a, b, k in graph.edges(keys=True)),
        }


DEMANDS: Rows = [
    ["序号", "需求名称", "发榜企业", "技术难点", "预算（万元）", "截止日期", "随手写"],
    [1, "轴承降噪", "虚构甲公司", "噪声大", "很多", "2026-13-01", "=1+1"],
    [2, "", "虚构甲公司", "没有名称", "10", "", "@x"],
    [3, "丝杠", "虚构乙公司", "精度", "10", "2026-12", "-y"],
]


def mended(path: Path, changes: Mapping[tuple[int, int], Any]) -> Path:
    """A person mends cells (row, column) of the first sheet."""
    book = openpyxl.load_workbook(path)
    for (row, column), value in changes.items():
        book.worksheets[0].cell(row, column).value = value
    book.save(path)
    return path


def test_wrong_rows_come_back_marked_and_load_again_as_if_never_wrong(
    location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_STORE", location)
    source = table(tmp_path / "需求.csv", DEMANDS)
    result = run(source, "--errors", "out.xlsx")
    assert result.exit_code == 0, result.output
    assert "2 行已退回到 out.xlsx" in result.output
    sheet = openpyxl.load_workbook("out.xlsx").worksheets[0]
    rows = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert rows[1] == [*DEMANDS[0], REASON, ROW]
    assert [row[-1] for row in rows[2:]] == [2, 3]
    assert "金额认不出来" in rows[2][-2]
    marked = {
        (cell.row, cell.column): cell.comment.text
        for row in sheet.iter_rows()
        for cell in row
        if cell.comment and cell.fill.fgColor.rgb == "00FFC7CE"
    }
    assert set(marked) == {(3, 5), (3, 6), (4, 2)}
    assert "请写成" in marked[3, 5]
    assert (rows[2][6], rows[3][6]) == ("'=1+1", "'@x")  # no formula
    assert sheet.cell(3, 7).data_type == "s"

    mended(Path("out.xlsx"), {(3, 5): "50", (3, 6): "2026-12-01", (4, 2): "补上的名称"})
    assert run("out.xlsx", "--errors", "out2.xlsx").exit_code == 0
    assert not Path("out2.xlsx").exists()
    right = [list(row) for row in DEMANDS]
    right[1][4:6] = ["50", "2026-12-01"]
    right[2][1] = "补上的名称"
    (tmp_path / "right").mkdir()
    with open_store(str(tmp_path / "never_wrong")) as store:
        load([table(tmp_path / "right" / "需求.csv", right)], store)
    assert contents(location) == contents(tmp_path / "never_wrong")


def test_rows_that_tell_of_the_same_firm_come_along(tmp_path: Path) -> None:
    rows = [
        ["企业名称", "梯度", "有效期起"],
        ["虚构甲公司", "创新型", "2023"],
        ["虚构甲公司", "专精特新", "去年"],
        ["虚构乙公司", "小巨人", "2024"],
    ]
    run(workbook(tmp_path / "梯度.xlsx", {"一": rows}), "--errors", "out.xlsx")
    sheet = openpyxl.load_workbook("out.xlsx").worksheets[0]
    assert [row[0].value for row in sheet.iter_rows(min_row=3)] == ["虚构甲公司", "虚构甲公司"]
    mended(Path("out.xlsx"), {(4, 3): "2024"})
    assert run("out.xlsx").exit_code == 0
    tiers = contents(tmp_path / "store")["nodes"]["org:虚构甲公司"][1]["tiers"]
    assert tiers == [{"tier": "创新型", "from": "2023"}, {"tier": "专精特新", "from": "2024"}]


def test_a_repeat_that_is_not_mended_is_refused_again(tmp_path: Path) -> None:
    header = ["编号", "需求名称", "技术难点"]
    source = table(tmp_path / "a.csv", [header, ["D1", "甲", "一"], ["D1", "甲", "二"]])
    run(source, "--errors", "out.csv")
    again = run("out.csv", "--errors", "out.csv")
    assert "拒收 1 行" in again.output
    nodes = contents(tmp_path / "store")["nodes"]
    assert nodes["demand:D1"][1]["text"] == "一"


def test_several_tables_come_back_in_one_workbook_each_for_its_own(tmp_path: Path) -> None:
    header = ["需求名称", "发榜企业", "技术难点", "预算"]
    sheets = {
        "第一批": [["2026 年（单位：元）"], header, ["甲题", "虚构甲公司", "难", "若干"]],
        "第二批": [header, ["甲题", "虚构甲公司", "更难", "若干"]],
    }
    source = workbook(tmp_path / "榜单.xlsx", sheets)
    refused = run(source, "--errors", "out.csv")
    assert refused.exit_code == 2
    assert "请改用 .xlsx" in refused.output
    run(source, "--errors", "out.xlsx")
    before = set(contents(tmp_path / "store")["nodes"])
    book = openpyxl.load_workbook("out.xlsx")
    for sheet in book.worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                cell.value = "2000000" if cell.value == "若干" else cell.value
    book.worksheets[1].cell(3, 4).value = "30万"
    book.save("out.xlsx")
    assert run("out.xlsx").exit_code == 0
    after = contents(tmp_path / "store")["nodes"]
    assert set(after) == before
    budgets = {
        node[1]["text"]: node[1]["budget_wan"] for node in after.values() if "text" in node[1]
    }
    assert budgets == {"难": 200.0, "更难": 30.0}
    assert {node[2] for node in after.values()} == {"榜单.xlsx"}


@pytest.mark.parametrize("name", ["out.txt", "nowhere/out.xlsx"])
def test_a_file_that_cannot_be_written_is_refused_before_loading(name: str, tmp_path: Path) -> None:
    assert run(table(tmp_path / "需求.csv", DEMANDS), "--errors", name).exit_code == 2
    assert not (tmp_path / "store").exists()


@given(source=st.text(min_size=1, max_size=8), sheet=st.text(max_size=8))
def test_an_origin_is_read_from_its_line(source: str, sheet: str) -> None:
    line = Origin(source, sheet).line()
    assert origin(" ".join(line.split())) == Origin(source, sheet)
    assert origin("2026 年技术需求榜单") is None


CELL = st.one_of(
    st.text(max_size=8), st.sampled_from(["=1+1", "'-x", "@a", "+b", "\tc", "很多", "虚构甲公司"])
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(rows=st.lists(st.lists(CELL, min_size=4, max_size=4), min_size=1, max_size=5),
       suffix=st.sampled_from([".xlsx", ".csv"]))  # fmt: skip
def test_unmended_rows_change_nothing(
    rows: list[list[str]], suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("back")
    header = ["需求名称", "发榜企业", "技术难点", "悬赏额"]
    with open_store(str(folder / "store")) as store:
        first = load(
            [table(folder / "a.csv", [header, *rows])], store, give_back=folder / f"o{suffix}"
        )
        if not (folder / f"o{suffix}").exists():
            assert not first.given_back or not first.given_back.rows
            return
        again = load([folder / f"o{suffix}"], store)
        assert (again.changes.nodes.new, again.changes.nodes.changed) == (0, 0)
        assert (again.changes.edges.new, again.changes.edges.changed) == (0, 0)
        assert again.rejected == first.rejected


def test_rows_below_another_header_are_refused_and_not_given_back(tmp_path: Path) -> None:
    file = table(
        tmp_path / "名录.csv",
        [
            ["企业名称", "区县", "成立日期", "注册资本"],
            ["虚构甲阀门厂", "虚构区", "1998", "500"],
            ["虚构乙水泵厂", "虚构区", "旧", "80"],
            ["企业名称", "成立日期", "区县"],
            ["虚构丙竹木厂", "2015", "虚构区"],
        ],
    )
    done = json.loads(run(file, "--errors", "待改.csv", "--json").stdout)
    assert [one["code"] for one in done["errors"]] == ["bad_date", "other_table", "other_table"]
    assert (done["rejected"], done["given_back"]["rows"]) == (2, 1)
    assert "虚构丙竹木厂" not in Path("待改.csv").read_text("utf-8-sig")


def test_a_text_too_long_for_a_workbook_is_said_to_be_cut(tmp_path: Path) -> None:
    header = ["企业名称", "需求名称", "需求内容", "预算（万元）"]
    file = table(tmp_path / "长.csv", [header, ["虚构甲公司", "长需求", "字" * 40_000, "坏的"]])
    assert run(file, "--errors", "待改.xlsx").exit_code == 0
    text, reason = openpyxl.load_workbook("待改.xlsx").worksheets[0]["C3":"E3"][0][::2]
    assert len(str(text.value)) == 32_767
    assert "只有前 32,767 字" in str(reason.value)
    assert text.comment is not None
    assert "改用 .csv" in text.comment.text
    assert run(file, "--errors", "待改.csv").exit_code == 0
    assert "字" * 40_000 in Path("待改.csv").read_text("utf-8-sig")


def test_blanks_of_rows_given_back_are_not_filled(tmp_path: Path) -> None:
    header = ["企业名称", "需求名称", "预算（万元）", "截止日期"]
    first, second = ["虚构甲公司", "一", "5", "某日"], ["", "二", "6", "某日"]
    between = ["", "注：以下未署名", "", ""]
    file = table(tmp_path / "榜.csv", [header, first, between, second])
    assert run(file, "--errors", "待改.csv").exit_code == 0
    before = contents(tmp_path / "store")
    assert run("待改.csv").exit_code == 0
    assert contents(tmp_path / "store") == before
