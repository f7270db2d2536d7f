"""What a process keeps of words and vectors never outlives the state that it was read in."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest

from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.ports import Store
from graph_service.reads import DocumentWords, Lexical, Vectors, together
from graph_service.store.bolt.kept import Remembered
from tests.contract.graph_builders import TODAY, firm, product
from tests.neo4j_server.running import Neo4jServer
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


def test_the_last_read_stay_where_room_is_short() -> None:
    kept: Remembered[str, str] = Remembered(6, len)
    kept.add(1, {"a": "aaa"})
    kept.add(1, {"b": "bbb"})
    assert kept.now() == (1, {"a": "aaa", "b": "bbb"})
    kept.add(1, {"c": "cc"})
    assert kept.now() == (1, {"c": "cc"})
    kept.add(0, {"a": "old"})
    assert kept.now() == (1, {"c": "cc"})
    kept.add(2, {"c": "c"})
    assert kept.now() == (2, {"c": "c"})
