"""``jiebang bulk`` on the fictional city: Ray as one process, killed and gone on with, again."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
import pytest

from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Edge, EdgeType, Filter, Label
from graph_service.ports import GraphStore
from tests.e2e.store_faults import ENCODER, WORDS, acknowledged, call, command, environment
from tests.neo4j_server.running import Neo4jServer
from tests.stores import open_store

CITY = Path(__file__).parents[2] / "examples" / "city"
DISTRICT = "汀澜高新区"
DEMANDS = Filter(labels=frozenset({Label.DEMAND}))
CLUSTER = """
import sys, ray
ray.init("local", num_cpus=2, include_dashboard=False, logging_level="ERROR", log_to_driver=False,
         object_store_memory=10**8, _node_ip_address="127.0.0.1", _temp_dir=sys.argv[1])
print(ray.get_runtime_context().gcs_address, flush=True)
sys.stdin.read()
"""
#: Ray's workers give way to whatever else runs, unless told: beside another test they would starve.
AWAKE = {"RAY_worker_niceness": "0"}
QUIET = {"RAY_USAGE_STATS_ENABLED": "0", "RAY_AUTH_MODE": "disabled", **AWAKE}


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Ray cluster with two workers; it ends with this process."""
    pipe = subprocess.PIPE
    with (
        tempfile.TemporaryDirectory(prefix="jb-", ignore_cleanup_errors=True) as folder,
        subprocess.Popen(
            [sys.executable, "-c", CLUSTER, folder],
            env=environment() | QUIET,
            stdin=pipe,
            stdout=pipe,
            text=True,
        ) as child,
    ):
        assert child.stdin is not None
        assert child.stdout is not None
        yield child.stdout.readline().strip()
        child.stdin.close()
        child.wait(30)


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    store = tmp_path_factory.mktemp("bulk") / "city"
    assert call("load", CITY, "--store", store).exit_code == 0
    return store


@pytest.fixture(scope="module")
def whole(loaded: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Edge]]:
    """What one process finds, by recipe."""
    store = tmp_path_factory.mktemp("whole") / "city"
    shutil.copytree(loaded, store)
    for recipe in ("full", "hybrid"):
        assert bulk("match", "--recipe", recipe, "--store", store)["edges"]["new"] > 0
    return {recipe: edges(store, recipe) for recipe in ("full", "hybrid")}


@pytest.fixture
def city(loaded: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(loaded, tmp_path / "city"))


def bulk(*words: object) -> dict[str, Any]:
    """What the command answers, in this process."""
    result = call("bulk", *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def on_ray(cluster: str | None, *words: object) -> dict[str, Any]:
    """The same by two workers; it says nothing beside its answer."""
    where = ("--address", cluster) if cluster else ()
    done = subprocess.run(
        command("bulk", *words, "--engine", "ray", "--workers", "2", *where, "--json"),
        env=environment() | (QUIET if cluster else AWAKE),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stdout
    return json.loads(done.stdout)


def edges(store: Path | str, recipe: str) -> list[Edge]:
    with open_store(str(store), read_only=True) as opened:
        return [edge for edge in all_edges(opened) if edge.key == recipe]


def all_edges(store: GraphStore) -> list[Edge]:
    demands = [node.id for node in store.scan(DEMANDS, limit=1000).nodes]
    hops = store.neighbours(demands, types=[EdgeType.MATCHED], direction="out", limit=10_000)
    return [hop.edge for demand in demands for hop in hops.get(demand, [])]


def stats(store: Path | str) -> dict[str, Any]:
    with open_store(str(store), read_only=True) as opened:
        return opened.stats()


def test_the_edges_say_what_the_matcher_finds(city: Path, whole: dict[str, list[Edge]]) -> None:
    with open_store(str(city), read_only=True) as store:
        matcher = Matcher(store, ENCODER)
        for demand in [node.id for node in store.scan(DEMANDS, limit=5).nodes]:
            wanted = {
                found.node.id: {
                    "recipe": "full",
                    "rank": found.rank,
                    "score": round(found.score, 4),
                }
                for to in (Target.RESULTS, Target.ORGANIZATIONS)
                for found in matcher.match(
                    Query.of_node(demand), to=to, top=50, group=False, viewer=EVERYONE
                ).candidates
            }
            said = [edge for edge in whole["full"] if edge.from_id == demand]
            assert {edge.to_id: edge.props for edge in said} == wanted
            assert len(said) == 100
    assert {edge.source for edge in whole["full"]} == {"jiebang:bulk:full"}
    assert all(edge.inferred and edge.observed_at for edge in whole["full"])


def test_ray_finds_what_one_process_finds(
    city: Path, cluster: str, whole: dict[str, list[Edge]]
) -> None:
    done = on_ray(cluster, "match", "--store", city)
    assert (done["engine"], done["workers"], done["gone_on"]) == ("ray", 2, 0)
    assert edges(city, "full") == whole["full"]


def test_a_cluster_of_its_own_is_silent_and_ends(city: Path) -> None:
    done = on_ray(None, "match", "--recipe", "bm25", "--top", "3", "--store", city)
    assert done["edges"]["new"] == len(edges(city, "bm25")) == done["demands"] * 6
    assert bulk("match", "--recipe", "bm25", "--top", "3", "--store", city)["edges"] == {
        "new": 0, "changed": 0, "unchanged": done["edges"]["new"], "deleted": 0,
    }  # fmt: skip


def begun(how: signal.Signals, phase: str, *words: object) -> tuple[int, int]:
    """Run until a phase has been acknowledged once and end it then; exit code, acknowledged."""
    with subprocess.Popen(
        command("bulk", *words),
        env=environment() | QUIET,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        lines = []
        for line in child.stderr:
            lines.append(line)
            if acknowledged(lines, phase):
                child.send_signal(how)
                break
        lines += child.stderr
        child.wait()
    return child.returncode, acknowledged(lines, phase)


def test_workers_ask_a_server_with_the_password_of_their_environment(
    emptied: Neo4jServer, tmp_path: Path
) -> None:
    rows = [
        {"node": f"{label}:{i}", "label": label, "props": {"title": f"{word} 疲劳 {i}"}}
        for label in ("Demand", "Result", "Organization")
        for i, word in enumerate(WORDS)
    ]
    (tmp_path / "图.jsonl").write_bytes(b"\n".join(map(orjson.dumps, rows)))
    assert call("load", tmp_path / "图.jsonl", "--store", emptied.uri).exit_code == 0
    words = ("match", "--recipe", "hybrid", "--top", "3", "--store", emptied.uri)
    done = on_ray(None, *words)
    assert done["edges"]["new"] == len(edges(emptied.uri, "hybrid")) == 6 * len(WORDS)
    assert bulk(*words)["edges"] == {
        "new": 0, "changed": 0, "unchanged": 6 * len(WORDS), "deleted": 0,
    }  # fmt: skip
    assert stats(emptied.uri)["records"]["bulk"] == 1


@pytest.mark.parametrize(
    ("how", "engine"),
    [(signal.SIGKILL, "local"), (signal.SIGKILL, "ray"), (signal.SIGINT, "ray")],
)
def test_what_was_stopped_is_gone_on_with(
    city: Path, cluster: str, whole: dict[str, list[Edge]], how: signal.Signals, engine: str
) -> None:
    words = ("match", "--recipe", "hybrid", "--store", city)
    where = ("--engine", "ray", "--address", cluster) if engine == "ray" else ()
    code, done = begun(how, "匹配", *words, *where)
    assert code == (130 if how is signal.SIGINT else -how)
    assert edges(city, "hybrid") == []
    again = bulk(*words) if engine == "ray" else on_ray(cluster, *words)
    assert done <= again["gone_on"] < again["demands"]
    assert again["anew"] == []
    assert edges(city, "hybrid") == whole["hybrid"]
    assert stats(city)["records"]["bulk"] == 1


def test_writing_that_was_killed_is_gone_on_with(city: Path, whole: dict[str, list[Edge]]) -> None:
    words = ("match", "--recipe", "hybrid", "--store", city)
    code, done = begun(signal.SIGKILL, "写入匹配关系", *words)
    assert code == -signal.SIGKILL
    demands = {edge.from_id for edge in edges(city, "hybrid")}
    assert len(demands) >= done
    again = bulk(*words)
    assert again["edges"]["new"] == len(whole["hybrid"]) - 100 * len(demands)
    assert edges(city, "hybrid") == whole["hybrid"]


def test_a_graph_that_has_changed_is_matched_anew(city: Path, tmp_path: Path) -> None:
    words = ("match", "--recipe", "bm25", "--store", city)
    begun(signal.SIGKILL, "匹配", *words)
    rows = tmp_path / "新.jsonl"
    rows.write_text('{"node": "demand:新", "label": "Demand", "props": {"title": "柔轮疲劳"}}\n')
    assert call("load", rows, "--store", city).exit_code == 0
    told = call("bulk", *words)
    assert "没有接着用，因为不同了：要匹配的需求、图谱。" in told.output.replace("\n", "")
    assert "demand:新" in {edge.from_id for edge in edges(city, "bm25")}
    assert stats(city)["records"]["bulk"] == 1


def test_matching_again_changes_nothing(city: Path) -> None:
    words = ("match", "--recipe", "bm25", "--store", city)
    first = bulk(*words)
    before, found = stats(city), edges(city, "bm25")
    again = bulk(*words)
    assert again["edges"] == {
        "new": 0, "changed": 0, "unchanged": first["edges"]["new"], "deleted": 0,
    }  # fmt: skip
    assert (stats(city), edges(city, "bm25")) == (before, found)


def test_a_run_replaces_what_it_looked_for_and_nothing_else(city: Path) -> None:
    bulk("match", "--recipe", "bm25", "--top", "5", "--store", city)
    before = edges(city, "bm25")
    bulk("match", "--recipe", "dense", "--top", "4", "--store", city)
    assert edges(city, "bm25") == before
    with open_store(str(city), read_only=True) as store:
        where = Filter(labels=DEMANDS.labels, districts=frozenset({DISTRICT}))
        chosen = {node.id for node in store.scan(where, limit=1000).nodes}
        results = {
            node.id
            for node in store.nodes([edge.to_id for edge in before]).values()
            if node.label is Label.RESULT
        }
    done = bulk(
        "match", "--recipe", "bm25", "--top", "2", "--to", "results", "--district", DISTRICT,
        "--store", city,
    )  # fmt: skip
    assert 0 < done["demands"] == len(chosen) < len({edge.from_id for edge in before})
    assert done["edges"] == {
        "new": 0, "changed": 0, "unchanged": 2 * len(chosen), "deleted": 3 * len(chosen),
    }  # fmt: skip
    assert edges(city, "bm25") == [
        edge
        for edge in before
        if edge.props["rank"] <= 2 or edge.from_id not in chosen or edge.to_id not in results
    ]
    assert len(edges(city, "dense")) == 8 * len({edge.from_id for edge in before})


def test_what_was_found_is_no_reason_for_anything(city: Path) -> None:
    def answers() -> list[Any]:
        with open_store(str(city), read_only=True) as store:
            matcher = Matcher(store, ENCODER)
            ids = [node.id for node in store.scan(DEMANDS, limit=8).nodes]
            found = [
                matcher.match(Query.of_node(id_), to=to, viewer=EVERYONE).as_dict()
                for id_ in ids
                for to in Target
            ]
            return [one | {"took_ms": 0} for one in found]

    before, passages = answers(), stats(city)["passages"]
    bulk("match", "--recipe", "bm25", "--store", city)
    assert answers() == before
    assert stats(city)["passages"] == passages
    assert stats(city)["edges"]["MATCHED"]["observed"] == 0


def test_they_are_exported_as_inferred(city: Path, tmp_path: Path) -> None:
    bulk("match", "--recipe", "bm25", "--top", "2", "--store", city)
    call("export", tmp_path / "图.jsonl", "--store", city)
    rows = map(json.loads, (tmp_path / "图.jsonl").read_text("utf-8").splitlines())
    matched = [row for row in rows if row.get("edge") == "MATCHED"]
    assert len(matched) == len(edges(city, "bm25"))
    assert {(row["inferred"], row["source"], row["key"]) for row in matched} == {
        (True, "jiebang:bulk:bm25", "bm25")
    }
    shown = call("show", matched[0]["from"], "--type", "MATCHED", "--store", city).output
    assert "推断 · 成批匹配（bm25）" in shown
    assert "观测" not in shown
    assert call("load", tmp_path / "图.jsonl", "--store", tmp_path / "other").exit_code == 0
    assert edges(tmp_path / "other", "bm25") == edges(city, "bm25")


def test_workers_that_die_are_replaced(
    city: Path, cluster: str, whole: dict[str, list[Edge]]
) -> None:
    words = ("match", "--recipe", "hybrid", "--store", city)
    with subprocess.Popen(
        command("bulk", *words, "--engine", "ray", "--address", cluster),
        env=environment() | QUIET,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as child:
        assert child.stderr is not None
        assert child.stderr.readline().startswith("进度")
        os.kill(workers()[0], signal.SIGKILL)
        child.communicate()
    assert child.returncode == 0
    assert edges(city, "hybrid") == whole["hybrid"]


def workers() -> list[int]:
    """Processes that work on shards."""
    found = []
    for cmdline in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = cmdline.read_bytes()
        except OSError:
            continue
        if words.startswith(b"ray::_Worker"):
            found.append(int(cmdline.parent.name))
    return found


def test_texts_are_embedded_by_workers(cluster: str, tmp_path: Path) -> None:
    for name in ("one", "two"):
        call("load", CITY, "--no-embed", "--store", tmp_path / name)
    here, there = (
        bulk("embed", "--store", tmp_path / "one"),
        on_ray(cluster, "embed", "--store", tmp_path / "two"),
    )
    assert here["texts"] == there["texts"] > 256
    assert bulk("embed", "--store", tmp_path / "two")["texts"] == 0
    matrices = []
    for name in ("one", "two"):
        with open_store(str(tmp_path / name), read_only=True) as store:
            ids = [node.id for node in store.scan(Filter(), limit=5000).nodes]
            matrices.append(store.passage_vectors(ids, ENCODER.fingerprint).matrix)
    np.testing.assert_array_equal(*matrices)


def test_ray_that_is_not_there(city: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RAY_USAGE_STATS_ENABLED", "RAY_AUTH_MODE", "RAY_AUTH_TOKEN"):
        monkeypatch.setenv(name, "0")
    monkeypatch.setitem(sys.modules, "ray", None)
    result = call("bulk", "embed", "--engine", "ray", "--store", city, "--json")
    error = json.loads(result.stdout)["error"]
    assert (result.exit_code, error["code"]) == (2, "engine")
    assert "pip install 'jiebang[ray]'" in error["hint"]


@pytest.mark.parametrize("address", ["127.0.0.1:1", "nowhere", "ray.invalid:6379"])
def test_a_cluster_that_is_not_there(city: Path, address: str) -> None:
    done = subprocess.run(
        command("bulk", "embed", "--engine", "ray", "--address", address, "--store", city),
        env=environment() | QUIET,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stdout) == (2, "")
    said, hint = done.stderr.splitlines()
    assert said == f"错误：连不上 Ray 集群 {address}。（engine）"
    assert hint.startswith("提示：请检查地址")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("match", "--to", "demands"), "成批匹配不找 demands"),
        (("match", "--recipe", "best"), "没有名为“best”的匹配方案"),
        (("match", "--engine", "spark"), "--engine 的值 'spark' 不能用"),
        (("embed", "--workers", "2"), "--workers 与 --address 只用于 Ray"),
    ],
)
def test_what_cannot_be_asked(city: Path, words: tuple[str, ...], said: str) -> None:
    result = call("bulk", *words, "--store", city)
    assert result.exit_code == 2
    assert said in result.stderr
