"""``jiebang load --dry-run``: exact counts, examples, and nothing written."""

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

CITY = Path(__file__).parents[2] / "examples" / "city"


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", str(tmp_path / "store"))


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", "--no-embed", *map(str, arguments)])


def answer(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.output)


COUNTS = ("rows", "nodes", "edges", "bare", "rejected", "dropped", "error_counts")


def write(path: Path, *rows: list[str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return path


def test_a_trial_of_a_city_counts_exactly_and_makes_no_store(tmp_path: Path) -> None:
    tried = answer(CITY, "--dry-run")
    assert tried["dry_run"] is True
    assert not (tmp_path / "store").exists()
    loaded = answer(CITY)
    assert {key: tried[key] for key in COUNTS} == {key: loaded[key] for key in COUNTS}
    assert loaded["examples"] == []
    again = answer(CITY, "--dry-run")
    assert (again["nodes"]["new"], again["nodes"]["changed"]) == (0, 0)
    assert again["examples"] == []


def test_a_trial_shows_what_would_change_and_leaves_it(tmp_path: Path) -> None:
    header = ["需求名称", "发榜企业", "技术难点", "悬赏额"]
    path = write(tmp_path / "榜.csv", header, ["轴承降噪", "虚构甲公司", "噪声大", "50万"])
    run(path)
    write(
        path,
        header,
        ["轴承降噪", "虚构甲公司", "噪声大", "80万"],
        ["丝杠", "虚构甲公司", "精度", "x"],
    )
    tried = answer(path, "--dry-run")
    changed, new = tried["examples"]
    assert (changed["change"], changed["props"]) == (
        "changed",
        {"budget_wan": {"before": 50.0, "after": 80.0}},
    )
    assert (new["change"], new["title"]) == ("new", "丝杠")
    assert tried["error_counts"] == {"bad_money": 1}
    shown = run(path, "--dry-run").output
    assert "悬赏额（万元）：50.0 → 80.0" in shown
    assert "库里什么也没有写" in shown
    store = CliRunner().invoke(app, ["stats", "--json"]).output
    assert json.loads(store)["nodes"]["Demand"] == 1


def test_the_sheets_of_a_workbook_of_forms_are_told_as_one() -> None:
    shown = run(CITY / "水处理企业需求征集表.xlsx", CITY / "技术需求榜单.xlsx", "--dry-run").output
    assert re.search(r"水处理企业需求征集表.xlsx〔7 张表〕 +技术需求与榜单 +7 ", shown)
    assert re.search(r"技术需求榜单.xlsx〔榜单〕 +技术需求与榜单 +20 ", shown)
