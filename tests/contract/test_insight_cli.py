"""``jiebang communities`` and ``jiebang gaps`` for people and for programs, on every engine."""

import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from typer.testing import CliRunner

from api.cli import app
from graph_service.model import Batch
from tests.insight_graph import EDGES, NODES
from tests.stores import open_store

COARSE = ("--resolution", "0.4")


@pytest.fixture(scope="module")
def location(module_location: str) -> str:
    with open_store(module_location) as store:
        store.apply(Batch(NODES, EDGES))
    return module_location


def _done(location: str, *words: str) -> Any:
    return CliRunner().invoke(app, [*words, "--store", location])


def _told(location: str, *words: str) -> str:
    done = _done(location, *words)
    assert done.exit_code == 0, done.output
    return done.stdout


def _joined(location: str, *words: str) -> str:
    return "".join(_told(location, *words).split())


def _json(location: str, *words: str) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(_told(location, *words, "--json"))
    return told


def _sheets(file: Path) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(file, read_only=True)
    return {sheet.title: list(sheet.values) for sheet in book.worksheets}


def test_communities_are_told_and_one_opened(location: str, tmp_path: Path) -> None:
    found = _json(location, "communities", *COARSE)["communities"]
    robots = max(found, key=lambda one: one["size"])
    told = _joined(location, "communities", *COARSE)
    assert "9家机构，8家与别家有联系，分为2个群落·联系7对观测、0对推断" in told
    assert f"{robots['name']['text']}5丁机器人0.40100%1.0011{robots['id']}" in told
    assert "在榜需求1项，有没有合适的候选没有判断；加--unmet来判断。" in told

    opened = ("communities", *COARSE, "--community", robots["id"])
    out = tmp_path / "群落.xlsx"
    told = _joined(location, *opened, "--limit", "2", "--out", str(out))
    assert "5家机构·内部联系4对，观测占100%" in told
    assert "链主丁机器人（机器人链）" in told
    assert "梯度专精特新1家、单项冠军1家、小巨人1家、未知2家" in told
    assert "★丁机器人" not in told
    assert "乙柔轮厂org:轮东区小巨人3家名录.csv·2024-01-01" in told
    assert "另有3家没有列出：用--limit多列，或用--out存成Excel。" in told
    assert "在榜需求：柔轮寿命（乙柔轮厂）" in told
    assert len(_sheets(out)["成员"]) == 1 + 5
    assert "★丁机器人" in _joined(location, *opened)
    assert len(_json(location, *opened)["members"]) == 5


def test_gaps_are_told_with_who_is_nearest_and_by_which_way(location: str) -> None:
    told = _joined(location, "gaps", "--limit", "1")
    assert "1种范围内没有人生产" in told
    assert "需要1家：丁机器人写明采购·观测·关系.csv·2024-01-01" in told
    assert "最接近传感新法（壬大学）┄┄涉及→传感器·推断" in told
    assert "种没有列出：用--limit多列" in told
    assert "没有链主的产业链1条：氢能链（3家）" in told
    west = _joined(location, "gaps", "--district", "西区")
    assert "最接近［范围外］丙减速器厂──生产→谐波减速器──小类→减速器·观测" in west
    found = _json(location, "gaps")
    assert [gap["product"]["title"] for gap in found["missing"]["gaps"]] == ["传感器"]


def test_tables_are_written_with_sources_and_never_over_a_file(
    location: str, tmp_path: Path
) -> None:
    whole, gaps = tmp_path / "群落.xlsx", tmp_path / "补链.xlsx"
    assert f"已写到{whole}" in _joined(location, "communities", *COARSE, "--out", str(whole))
    sheets = _sheets(whole)
    assert list(sheets) == ["说明", "群落", "成员", "联系", "群落之间", "在榜需求"]
    assert len(sheets["成员"]) == 1 + 8
    _told(location, "gaps", "--out", str(gaps), "--json")
    assert ("区县", "全部") in _sheets(gaps)["说明"]
    for file, hint in (
        (whole, "不覆盖已有的文件"),
        (tmp_path / "表.csv", "只写 Excel"),
        (tmp_path / "没有" / "表.xlsx", "没有这个文件夹"),
    ):
        done = _done(location, "gaps", "--out", str(file))
        assert (done.exit_code, hint in done.stderr) == (2, True)


def test_what_is_not_there_is_told_with_what_to_do(location: str) -> None:
    assert "范围里没有机构。提示：检查 --district" in _told(
        location, "communities", "--district", "南区"
    )
    assert "范围里没有机构" in _told(location, "gaps", "--district", "南区")
    assert "没有所选关系的联系。提示：放宽 --until" in _told(
        location, "communities", "--until", "1990"
    )
    for words, said in (
        (("communities", "--chain", "chain:9"), "chain:9"),
        (("communities", "--type", "LOCATED_IN"), "可用的关系：SUPPLIES"),
        (("communities", "--until", "2024-13"), "写成 2024、2024-06"),
        (("gaps", "--community", "0-none"), "没有编号为 0-none 的群落"),
    ):
        done = _done(location, *words)
        assert (done.exit_code, said in done.stderr) == (2, True), done.output


def test_demands_are_judged_where_that_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    location = str(tmp_path / "store")  # matching on both engines is tested by itself
    with open_store(location) as store:
        store.apply(Batch(NODES, EDGES))
    told = _joined(location, "communities", *COARSE, "--unmet")
    assert "在榜需求1项：没有合适的候选" in told
    assert "加--unmet" not in told
    judged = _json(location, "gaps", "--unmet")
    assert judged["judging"] == {"done": 1, "of": 1, "warning": None}
    assert judged["demands"]["unjudged"] == 0
