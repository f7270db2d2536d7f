"""``jiebang exposure`` for people and for programs."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app
from graph_service.model import Batch
from graph_service.store import open_store
from tests.exposure_graph import EDGES, NODES


@pytest.fixture(scope="module")
def location(tmp_path_factory: pytest.TempPathFactory) -> str:
    where: Path = tmp_path_factory.mktemp("exposure") / "store"
    with open_store(str(where)) as store:
        store.apply(Batch(NODES, EDGES))
    return str(where)


def test_the_report_in_words(location: str) -> None:
    done = CliRunner().invoke(app, ["exposure", "--store", location])
    assert done.exit_code == 0, done.output
    told = "".join(done.stdout.split())
    assert "成果·方案full·每项需求前10名，同一机构只算一个·匹配于" in told
    assert "3项需求，2项有名单，共4个名次；归属未知1个" in told
    assert "没有记载125.0%120.0%—" in told
    assert "机构：2家被展示，候选共2家；基尼系数0.17（被展示的之间）、0.17（全部候选）" in told
    assert "大集团org:大223" in told
    assert not done.stderr


def test_json_and_where_there_are_no_lists(location: str) -> None:
    words = ["exposure", "--store", location, "--to", "organizations", "--json"]
    told = json.loads(CliRunner().invoke(app, words).stdout)
    assert (told["to"], told["shown"], told["warning"]) == ("organizations", 2, None)
    none = CliRunner().invoke(
        app, ["exposure", "--store", location, "--recipe", "bm25", "--demand", "demand:1"]
    )
    assert "请先做成批匹配（任务 bulk_match，to 为 results，recipe 为 bm25）" in none.stderr
    assert "基尼系数 —（被展示的之间）" in none.stdout


def test_only_what_bulk_match_finds_has_an_exposure(location: str) -> None:
    done = CliRunner().invoke(app, ["exposure", "--store", location, "--to", "partners"])
    assert done.exit_code == 2
    assert "可用的值：results、organizations" in done.stderr
