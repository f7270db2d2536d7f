"""What only a server is asked: commits of unknown outcome, data of others, newer schemas, forks."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import cast

import neo4j
import pytest
from neo4j.exceptions import IncompleteCommit, ServiceUnavailable

from api.bootstrap import server_options
from api.settings import load_settings
from graph_service.errors import (
    InputError,
    StoreError,
    StoreLockedError,
    StoreNewerError,
    StoreUnavailableError,
)
from graph_service.model import ANY, Batch, EdgeType, Filter, Label, Put, Tally, UnitOfWork
from graph_service.ports import Store
from graph_service.store import upkeep
from graph_service.store.bolt import schema
from graph_service.store.bolt.connection import Tx
from tests.contract.graph_builders import firm, makes
from tests.neo4j_server.running import Neo4jServer
from tests.stores import open_impatient, open_store

FIRST = Batch([firm("a", name="甲"), firm("b", name="乙"), firm("c", name="丙")])


@pytest.fixture
def place(emptied: Neo4jServer) -> str:
    return emptied.uri


@pytest.fixture
def store(place: str) -> Iterator[Store]:
    with open_store(place) as opened:
        yield opened


@pytest.mark.parametrize("stands", [True, False], ids=["stands", "lost"])
def test_what_breaks_while_it_is_committed_is_written_once_neo4j(
    store: Store, monkeypatch: pytest.MonkeyPatch, stands: bool
) -> None:
    real = neo4j.Transaction.commit
    broken: list[bool] = []

    def commit(transaction: neo4j.Transaction) -> None:
        if broken:
            return real(transaction)
        broken.append(True)
        (real if stands else neo4j.Transaction.rollback)(transaction)
        raise IncompleteCommit("cut")

    monkeypatch.setattr(neo4j.Transaction, "commit", commit)
    done = store.commit(UnitOfWork([Put("audit", None, {"n": 1})], FIRST))
    assert broken
    assert [record.version for record in done.records] == [1]
    assert done.changes.nodes == Tally(new=3)
    assert store.count("audit") == 1
    assert store.stats()["change"] > 0
    assert {node.version for node in store.nodes(["a", "b", "c"]).values()} == {1}
    assert store.stats()["nodes"] == {"Organization": 3}


def test_what_fails_in_passing_is_tried_again_neo4j(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = neo4j.Session.run
    failed: list[str] = []

    def run(session: neo4j.Session, *asked: object, **more: object) -> neo4j.Result:
        if len(failed) < 3:
            failed.append("once more")
            raise ServiceUnavailable("restarting")
        return real(session, *asked, **more)

    store.apply(FIRST)
    monkeypatch.setattr(neo4j.Session, "run", run)
    assert set(store.nodes(["a"])) == {"a"}
    assert len(failed) == 3


def test_a_thread_that_writes_long_does_not_hold_up_another_for_ever_neo4j(place: str) -> None:
    begun, enough = Event(), Event()

    def write(_: Tx) -> bool:
        begun.set()
        return enough.wait(60)

    with open_impatient(place) as store, ThreadPoolExecutor(1) as pool:
        written = pool.submit(store._connection.write, write)  # type: ignore[attr-defined]
        assert begun.wait(60)
        with pytest.raises(StoreLockedError):
            store.apply(FIRST)
        enough.set()
        assert written.result()
        assert store.apply(FIRST).nodes == Tally(new=3)


def test_data_of_others_are_left_alone_neo4j(place: str, neo4j_driver: neo4j.Driver) -> None:
    neo4j_driver.execute_query("CREATE (:Film {title: '别人的'})")
    for read_only in (False, True):
        with pytest.raises(StoreError) as caught, open_store(place, read_only=read_only):
            pass
        assert "别的数据" in caught.value.message
    found = neo4j_driver.execute_query("MATCH (n) RETURN labels(n), properties(n)").records
    assert [record.values() for record in found] == [[["Film"], {"title": "别人的"}]]


def test_a_newer_schema_is_refused_neo4j(
    store: Store, place: str, neo4j_driver: neo4j.Driver
) -> None:
    store.apply(FIRST)
    neo4j_driver.execute_query("MATCH (m:Meta) SET m.schema = 99")
    for more in ({}, {"read_only": True}, {"trial": True}):
        with pytest.raises(StoreNewerError), open_store(place, **more):
            pass


def test_clients_not_seen_for_a_week_are_forgotten_neo4j(
    store: Store, place: str, neo4j_driver: neo4j.Driver
) -> None:
    store.apply(FIRST)
    neo4j_driver.execute_query("CREATE (:Client {id: 'gone', unit: 1, seen: 0})")
    upkeep.migrate(place, server_options(load_settings({"store": place})))
    found = neo4j_driver.execute_query("MATCH (c:Client) RETURN c.id").records
    assert len(found) == 1
    assert found[0].value() != "gone"


def test_an_index_that_is_gone_is_told_neo4j(
    store: Store, place: str, neo4j_driver: neo4j.Driver
) -> None:
    store.apply(FIRST)
    neo4j_driver.execute_query("DROP INDEX text_Organization")
    try:
        with pytest.raises(StoreError) as caught:
            store.search_text({"甲": 1.0}, Filter())
    finally:
        upkeep.migrate(place, server_options(load_settings({"store": place})))
    assert "jiebang reindex" in caught.value.hint


def test_processes_that_make_a_store_at_once_all_do_neo4j(
    place: str, neo4j_driver: neo4j.Driver
) -> None:
    options = server_options(load_settings({"store": place}))
    for _ in range(3):
        for name in schema.SHAPES:
            kind = "CONSTRAINT" if schema.SHAPES[name][0] == "UNIQUE" else "INDEX"
            neo4j_driver.execute_query(f"DROP {kind} {name} IF EXISTS")
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda _: upkeep.migrate(place, options), range(4)))
        found = neo4j_driver.execute_query("SHOW INDEXES YIELD name").records
        assert set(schema.SHAPES) <= {record.value() for record in found}


def test_a_server_without_a_store_is_not_read_neo4j(place: str) -> None:
    with pytest.raises(StoreUnavailableError) as caught, open_store(place, read_only=True):
        pass
    assert caught.value.hint


@pytest.mark.parametrize("word", ["Meta", "Node) DETACH DELETE (n"])
def test_words_that_name_no_label_or_type_find_nothing_neo4j(store: Store, word: str) -> None:
    store.apply(FIRST)
    before = store.stats()
    where, types = Filter(labels=frozenset({cast("Label", word)})), [cast("EdgeType", word)]
    assert store.scan(where).nodes == []
    assert store.search_text({"甲": 1.0}, where) == []
    assert store.search_text({"甲": 1.0}, where, names=True) == []
    assert store.subgraph(where, types=types).size() == 0
    assert store.neighbours(["a"], types=types) == {"a": []}
    assert store.paths("a", "p1", types=types) == []
    assert store.stats() == before


def test_a_trial_goes_on_after_a_batch_that_was_refused_half_written_neo4j(
    store: Store, place: str
) -> None:
    store.apply(FIRST)
    with open_store(place, trial=True) as trial:
        trial.apply(Batch([firm("d", name="丁")], [makes("d", "p1")], merges=[("c", "a")]))
        before = trial.stats(), trial.scan(Filter()).nodes, trial.nodes(["a", "b", "c", "d"])
        with pytest.raises(InputError):
            trial.apply(Batch([firm("e")], merges=[("b", "a"), ("b", "d")], delete_nodes=["d"]))
        after = trial.stats(), trial.scan(Filter()).nodes, trial.nodes(["a", "b", "c", "d"])
        assert after == before
        assert trial.apply(Batch([firm("e", name="戊")])).nodes == Tally(new=1)
    assert set(store.nodes(["a", "b", "c", "d", "e"])) == {"a", "b", "c"}


def test_a_trial_on_a_server_without_a_store_finds_by_words_neo4j(
    place: str, neo4j_driver: neo4j.Driver
) -> None:
    with open_store(place, trial=True) as trial:
        trial.apply(Batch([firm("a", name="轴承厂")]))
        assert [hit.node_id for hit in trial.search_text({"轴承": 1.0}, ANY)] == ["a"]
    assert not neo4j_driver.execute_query("MATCH (n) RETURN n").records


def test_a_fork_has_connections_of_its_own_neo4j(place: str) -> None:
    program = """
import os, sys
from graph_service.model import Batch, Label, Node
from tests.stores import open_impatient, open_store
with open_store(sys.argv[1]) as store:
    store.apply(Batch([Node("a", Label.PRODUCT, {"name": "阀"})]))
    child = os.fork()
    for n in range(5):
        store.apply(Batch([Node(f"{n}-{bool(child)}", Label.PRODUCT, {"name": "泵"})]))
        assert len(store.nodes(["a", f"{n}-{bool(child)}"])) == 2
    if not child:
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    print(store.stats()["nodes"]["Product"])
"""
    command = [sys.executable, "-c", program, place]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert (done.stdout.strip(), done.stderr) == ("11", "")
