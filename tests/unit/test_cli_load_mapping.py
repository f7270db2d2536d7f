"""``jiebang load --suggest-mapping`` and ``--mapping``: headers that no mapping knows."""

import csv
import json
import tomllib
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from graph_service.model import EdgeType, Filter, Label
from tests.stores import open_store


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, ["load", "--no-embed", *map(str, arguments)])


def write(name: str, *rows: list[str]) -> str:
    with Path(name).open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    return name


def demands(location: Path | str) -> dict[str, Any]:
    with open_store(str(location), read_only=True) as store:
        page = store.scan(Filter(labels=frozenset({Label.DEMAND})), limit=100)
        return {node.title: node.props for node in page.nodes}


HEADER = ["贵企业的名称", "技术需求的题目", "遇到的技术瓶颈", "打算投入的经费（万元）", "吉祥物"]
ROW = ["虚构帘卷纺织有限公司", "数码印花色差", "批间色差大", "30", "熊"]


def test_a_suggestion_is_written_and_used(location: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", location)
    file = write("自拟.csv", HEADER, ROW)
    plain = run(file)
    assert plain.exit_code == 2
    assert "像是“悬赏额”" in plain.output
    assert run(file, "--suggest-mapping", "对照.toml").exit_code == 0
    written = Path("对照.toml").read_text("utf-8")
    data = tomllib.loads(written)
    assert data["like"] == "demands"
    assert data["fields"]["budget"] == {"headers": ["打算投入的经费（万元）"]}
    assert '# ? = { headers = ["吉祥物"] }' in written
    assert run(file, "--mapping", "对照.toml").exit_code == 0
    assert demands(location)["数码印花色差"] == {
        "title": "数码印花色差",
        "text": "批间色差大",
        "budget_wan": 30.0,
    }
    assert run(file, "--suggest-mapping", "对照.toml").exit_code == 2  # never over an edited one


def test_a_person_s_word_outweighs_ours(tmp_path: Path) -> None:
    file = write("a.csv", ["需求名称", "技术难点", "备注"], ["轴承", "噪声大", "寿命短"])
    Path("m.toml").write_text(
        'like = "demands"\n[fields]\nindicators = { headers = ["备注"] }\n', "utf-8"
    )
    assert run(file, "--mapping", "m.toml").exit_code == 0
    assert demands(tmp_path / "store")["轴承"]["indicators"] == "寿命短"


def test_a_whole_mapping_of_one_s_own(tmp_path: Path) -> None:
    Path("own.toml").write_text(
        """
title = "参展企业"
rank = 40
required = ["firm", "goods"]
[fields]
firm = { headers = ["参展单位"], clean = "name" }
goods = { headers = ["展品"], clean = "items" }
[[nodes]]
as = "firm"
label = "Organization"
how = "named"
name = ["firm"]
required = true
[[nodes]]
as = "goods"
label = "Product"
how = "product"
name = ["goods"]
[[edges]]
type = "MAKES"
from = "firm"
to = "goods"
""",
        "utf-8",
    )
    file = write("展.csv", ["参展单位", "展品"], ["虚构甲公司", "轴承、丝杠"])
    assert run(file, "--mapping", "own.toml").exit_code == 0
    with open_store(str(tmp_path / "store"), read_only=True) as store:
        hops = store.neighbours(["org:虚构甲公司"], types=[EdgeType.MAKES])["org:虚构甲公司"]
        assert {hop.end for hop in hops} == {"product:轴承", "product:丝杠"}


@pytest.mark.parametrize(
    "content",
    [
        "like = ",
        'like = "nothing"',
        'like = "../mappings/demands"',
        "title = 'x'",
        'like = "demands"\n[fields]\nx = { headers = [1] }',
        'like = "demands"\n[fields]\nx = { tail = ["a"] }',
        'like = "demands"\n[fields]\nbudget = { clean = "nothing" }',
        pytest.param("a = " + 5000 * "[", id="deep"),
        pytest.param('like = "demands"  # ' + 300_000 * "x", id="large"),
    ],
)
def test_an_unsound_mapping_is_refused_in_words(content: str) -> None:
    Path("m.toml").write_text(content, "utf-8")
    result = run(write("a.csv", HEADER, ROW), "--mapping", "m.toml")
    assert result.exit_code == 2
    assert "m.toml" in result.stderr
    assert "提示" in result.stderr


def test_unused_columns_of_a_known_table_are_told(tmp_path: Path) -> None:
    file = write(
        "a.csv",
        ["需求名称", "技术难点", "打算投入的经费（万元）", "序号"],
        ["轴承", "x", "30", "1"],
    )
    report = json.loads(run(file, "--json").output)
    (unused,) = report["loaded"][0]["unused"]
    assert (unused["header"], unused["field"]) == ("打算投入的经费（万元）", "budget")
    assert unused["score"] > 0.8
    run(file, "--suggest-mapping", "m.toml")
    assert run(file, "--mapping", "m.toml").exit_code == 0
    assert demands(tmp_path / "store")["轴承"]["budget_wan"] == 30.0


def test_several_strange_tables_get_a_file_each() -> None:
    one = write("a.csv", HEADER, ROW)
    other = write(
        "b.csv", ["供货方的全名", "收货方的全名", "所供产品名"], ["虚构甲公司", "虚构乙公司", "油"]
    )
    assert run(one, other, "--suggest-mapping", "m.toml").exit_code == 0
    kinds = {
        tomllib.loads(Path(name).read_text("utf-8"))["like"] for name in ("m.toml", "m-2.toml")
    }
    assert kinds == {"demands", "supplies"}
