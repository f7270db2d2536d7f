"""``store copy``, ``migrate``, ``verify`` and what is for folders alone, on the command line."""

import json
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import neo4j
import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from graph_service.model import Batch, Edge, EdgeType, Label, Node, Put, UnitOfWork
from graph_service.store import schema
from tests.neo4j_server.running import Neo4jServer
from tests.stores import open_store

NEWEST = len(schema.MIGRATIONS)


@pytest.fixture
def filled(location: str) -> str:
    """A store of each engine with something in it."""
    with open_store(location) as store:
        firms = [Node(f"org:{i}", Label.ORGANIZATION, {"name": f"企业{i}"}) for i in range(3)]
        store.apply(Batch(firms, [Edge(EdgeType.SUPPLIES, "org:0", "org:2")]))
        store.commit(UnitOfWork([Put("bid", "1", {"by": "org:1"})]))
    return location


def run(*words: str) -> Result:
    return CliRunner().invoke(app, words)


def answer(*words: str) -> Any:
    result = run(*words, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_a_store_is_copied_and_what_both_hold_is_told(filled: str, tmp_path: Path) -> None:
    target = str(tmp_path / "copy")
    told = answer("store", "copy", filled, target)
    assert {name: part["count"] for name, part in told["parts"].items()} == {
        "nodes": 3, "edges": 1, "merges": 0, "records": 1, "vectors": 0,
    }  # fmt: skip
    assert (told["from"], told["to"], told["resumed"]) == (filled, target, False)
    assert len(told["checksum"]) == 64
    again = run("store", "copy", filled, target)
    assert again.exit_code == 0, again.output
    assert "两边的数目与校验和都相同" in again.stdout.replace("\n", "")  # cut to the width
    assert told["checksum"] in again.stdout
    assert "核对目标" in again.stderr
    assert answer("store", "verify", "--store", target)["ok"]


@pytest.mark.parametrize(
    "words",
    ["stats", "load . --dry-run", "store migrate", "store migrate --check", "store verify"],
)
def test_a_server_without_its_driver_is_told(words: str, tmp_path: Path) -> None:
    program = "import sys; sys.modules['neo4j'] = None; from api.cli import main; main()"
    done = subprocess.run(
        [sys.executable, "-c", program, *words.split(), "--store", "neo4j://127.0.0.1:1"],
        check=False,
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 4
    assert "没有安装 Neo4j 的驱动程序" in done.stderr
    assert "pip install 'jiebang[neo4j]'" in done.stderr


def test_a_target_that_is_not_empty_is_refused(filled: str, tmp_path: Path) -> None:
    with open_store(str(tmp_path / "other")) as store:
        store.apply(Batch([Node("p", Label.PRODUCT, {"name": "阀"})]))
    refused = run("store", "copy", filled, str(tmp_path / "other"), "--json")
    assert refused.exit_code == 2
    error = json.loads(refused.stdout)["error"]
    assert "不是空的" in error["message"]
    assert error["hint"]


def test_what_is_not_there_is_not_copied_and_nothing_is_made(tmp_path: Path) -> None:
    result = run("store", "copy", str(tmp_path / "none"), str(tmp_path / "copy"))
    assert result.exit_code == 4
    assert "没有找到图谱库" in result.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_whole_store_is_told_to_be_whole(filled: str) -> None:
    told = answer("store", "verify", "--store", filled)
    assert told["ok"], told
    assert {"节点与各来源的说法", "数目"} <= {check["title"] for check in told["checks"]}
    shown = run("store", "verify", "--store", filled)
    assert (shown.exit_code, "完好" in shown.stdout) == (0, True)


def test_the_newest_version_is_told_and_nothing_to_do(filled: str) -> None:
    for extra in ((), ("--check",)):
        told = answer("store", "migrate", "--store", filled, *extra)
        assert told["before"] == told["now"] == told["known"] > 0
        assert "已是最新" in run("store", "migrate", "--store", filled, *extra).stdout


def test_an_empty_store_is_made(location: str) -> None:
    checked = answer("store", "migrate", "--check", "--store", location)
    assert (checked["before"], checked["now"]) == (0, 0)
    assert "还没有图谱库" in run("store", "migrate", "--check", "--store", location).stdout
    made = answer("store", "migrate", "--store", location)
    assert (made["before"], made["now"]) == (0, made["known"])
    assert answer("stats", "--store", location)["nodes"] == {}


def test_an_older_store_is_brought_up_and_a_newer_one_refused(tmp_path: Path) -> None:
    dump = Path(__file__).parents[1] / "data/store_v1.sql"
    connection = sqlite3.connect(tmp_path / "record.sqlite")
    connection.executescript(dump.read_text(encoding="utf-8"))
    store = ("--store", str(tmp_path))
    assert "格式版本 1，可升级" in run("store", "migrate", "--check", *store).stdout
    assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    assert f"从 1 升级到 {NEWEST}" in run("store", "migrate", *store).stdout
    assert connection.execute("PRAGMA user_version").fetchone() == (NEWEST,)
    connection.execute(f"PRAGMA user_version = {NEWEST + 1}")
    connection.close()
    for extra in ((), ("--check",)):
        refused = run("store", "migrate", *store, *extra, "--json")
        assert refused.exit_code == 4
        assert json.loads(refused.stdout)["error"]["code"] == "store_newer"


@pytest.mark.parametrize(
    ("there", "code"),
    [
        (
            "CREATE (:Meta {id: 'store', schema: 99, change: 0, writes: 0, counts: '{}'})",
            "store_newer",
        ),
        ("CREATE (:Film {title: '别人的'})", "store"),
    ],
)
def test_a_server_that_is_not_ours_to_change_is_refused(
    emptied: Neo4jServer, neo4j_driver: neo4j.Driver, tmp_path: Path, there: str, code: str
) -> None:
    with open_store(str(tmp_path / "source")) as source:
        source.apply(Batch([Node("p", Label.PRODUCT, {"name": "阀"})]))
    neo4j_driver.execute_query(there)
    place = ("--store", emptied.uri)
    for words in (
        ("store", "migrate", *place),
        ("store", "migrate", "--check", *place),
        ("store", "verify", *place),
        ("stats", *place),
        ("store", "copy", str(tmp_path / "source"), emptied.uri),
        ("store", "copy", emptied.uri, str(tmp_path / "target")),
    ):
        refused = run(*words, "--json")
        assert refused.exit_code == 4, refused.output
        assert json.loads(refused.stdout)["error"]["code"] == code
    (record,) = neo4j_driver.execute_query("MATCH (n) RETURN count(n) AS nodes").records
    assert record["nodes"] == 1
    assert not (tmp_path / "target").exists()


@pytest.mark.parametrize("command", ["backup", "restore"])
def test_a_server_is_backed_up_by_a_copy(command: str, tmp_path: Path) -> None:
    place = ("--store", "neo4j://127.0.0.1:1")
    refused = run("store", command, str(tmp_path / "库.zip"), *place, "--json")
    assert refused.exit_code == 4
    assert "jiebang store copy" in json.loads(refused.stdout)["error"]["hint"]
