"""What a process keeps of words and vectors never outlives the state that it was read in."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import neo4j
import numpy as np
import pytest

from graph_service.errors import StoreUnavailableError
from graph_service.model import ANY, Batch, Edge, EdgeType, Label, Node
from graph_service.ports import Store
from graph_service.reads import DocumentWords, Lexical, Vectors, together
from graph_service.store.bolt import kept, within
from graph_service.store.bolt.kept import Remembered
from tests.contract.graph_builders import TODAY, firm, product
from tests.neo4j_server.running import Neo4jServer, empty
from tests.stores import open_store

FOUR = "model@1:4"
IDS = ["f1", "d1", "f2", "nobody"]


def _told(store: Store) -> list[Any]:
    told: list[Any] = []
    for ids in (IDS[:2], IDS):  # some of them were read just before
        counts, words, *vectors = together(
            store,
            [
                Lexical(["轴承", "阀", "寿命"], Label.ORGANIZATION, ids),
                DocumentWords(ids),
                Vectors(ids, FOUR),
                Vectors(ids, FOUR, whole_documents=True),
            ],
        )
        told.append([counts.documents, counts.frequency.tolist(), counts.counts.tolist()])
        told.append([counts.lengths.tolist(), words])
        told.extend([v.node_ids, list(v.ordinals), v.matrix.tolist()] for v in vectors)
    return told


def _embed(store: Store) -> None:
    texts = store.pending_texts(FOUR)
    matrix = np.array([[len(text.text), *text.hash[:3]] for text in texts], np.float32)
    store.put_vectors(FOUR, [text.hash for text in texts], matrix)


@pytest.fixture
def settled(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is read once is kept at once: no writer is at work meanwhile."""
    monkeypatch.setattr(kept, "SETTLED", 0.0)


@pytest.mark.usefixtures("settled")
@pytest.mark.neo4j
def test_what_is_kept_follows_every_change_neo4j(emptied: Neo4jServer) -> None:
    long = "轴承寿命短。" * 60
    with open_store(emptied.uri, today=TODAY) as writer, open_store(emptied.uri) as reader:
        steps: list[Callable[[], object]] = [
            lambda: writer.apply(Batch([firm("f1", name="轴承厂"), firm("f2", name="阀厂")])),
            lambda: writer.apply(Batch([Node("d1", Label.DEMAND, {"text": long})])),
            lambda: _embed(writer),
            lambda: writer.apply(
                Batch([product("p1", name="密封阀")], [Edge(EdgeType.MAKES, "f1", "p1")])
            ),
            lambda: _embed(writer),
            lambda: writer.apply(Batch(merges=[("f2", "f1")])),
            lambda: writer.apply(Batch(splits=["f2"])),
            lambda: writer.apply(Batch(delete_nodes=["f1"])),
            lambda: writer.apply(Batch([firm("f1", name="阀门阀门厂")])),
            lambda: writer.drop_vectors(FOUR),
            lambda: _embed(writer),
        ]
        seen = []
        for step in steps:
            step()
            seen.append(_told(reader))
            assert _told(reader) == seen[-1]
            with open_store(emptied.uri, read_only=True) as fresh:
                assert _told(fresh) == seen[-1]
        assert all(one != other for one, other in pairwise(seen))


@pytest.mark.usefixtures("settled")
@pytest.mark.neo4j
def test_what_is_kept_is_of_one_store_neo4j(
    emptied: Neo4jServer, neo4j_driver: neo4j.Driver
) -> None:
    """A server that is emptied and filled again by as many changes has other answers."""
    with open_store(emptied.uri) as reader:
        answers = []
        for name in ("轴承厂", "阀门厂"):
            with open_store(emptied.uri, today=TODAY) as writer:
                writer.apply(Batch([firm("f1", name=name), firm("f2", name=f"第二{name}")]))
                _embed(writer)
            answers.append(
                [_told(reader), reader.search_text({"轴承厂的": 1.0}, ANY, names="within")]
            )
            with open_store(emptied.uri, read_only=True) as fresh:
                assert _told(fresh) == answers[-1][0]
            empty(neo4j_driver)
            with pytest.raises(StoreUnavailableError, match="清空"):
                _told(reader)
            with pytest.raises(StoreUnavailableError, match="清空"):
                reader.search_text({"轴承厂的": 1.0}, ANY, names="within")
        assert [len(within) for _, within in answers] == [1, 0]


@pytest.mark.neo4j
def test_names_that_may_be_half_written_are_read_once_more_neo4j(
    emptied: Neo4jServer, neo4j_driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [100.0]
    monkeypatch.setattr(within, "monotonic", lambda: clock[0])
    with open_store(emptied.uri, today=TODAY) as store:

        def found() -> int:
            return len(store.search_text({"求轴承厂": 1.0}, ANY, names="within"))

        store.apply(Batch([firm("f1", name="轴承厂")]))
        neo4j_driver.execute_query("MATCH (n:Node) SET n.title = '阀厂'")  # not yet as it will be
        assert found() == 0
        neo4j_driver.execute_query("MATCH (n:Node) SET n.title = '轴承厂'")
        assert found() == 0
        clock[0] += within.SETTLED
        assert found() == 1
        neo4j_driver.execute_query("MATCH (n:Node) SET n.title = '阀厂'")
        clock[0] += within.SETTLED
        assert found() == 1  # kept from now on


def test_the_last_read_stay_where_room_is_short(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "_EACH", 0)
    monkeypatch.setattr(kept, "SETTLED", 0.0)
    some: Remembered[str, str] = Remembered(6, len)
    some.add("", "one", {"a": "old"})
    assert some.now() == ("one", {})
    some.add("one", "one", {"a": "aaa"})
    some.add("one", "one", {"b": "bbb", "a": "aaa"})
    assert some.now() == ("one", {"a": "aaa", "b": "bbb"})
    some.add("one", "one", {"c": "cc"})
    assert some.now() == ("one", {"c": "cc"})
    some.add("one", "other", {"c": "c"})
    assert some.now() == ("other", {})


def test_what_is_not_there_takes_room_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "SETTLED", 0.0)
    some: Remembered[str, str] = Remembered(1000, len)
    for i in range(100):
        some.add("one" if i else "", "one", {f"nobody{i}": ""})
    assert 0 < len(some.now()[1]) <= 5


def test_nothing_is_kept_of_a_state_that_may_be_half_written(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [100.0]
    monkeypatch.setattr(kept, "monotonic", lambda: clock[0])
    some: Remembered[str, str] = Remembered(1000, len)
    for _ in range(2):
        before, _ = some.now()
        some.add(before, "one", {"a": "as before"})
        clock[0] += 1
        assert some.now() == ("", {})
    clock[0] += kept.SETTLED
    before, known = some.now()
    assert (before, known) == ("one", {})
    some.add(before, "one", {"a": "new"})
    assert some.now() == ("one", {"a": "new"})
