"""A store as the first issue's program left it opens, reads, is written and is searched."""

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from embeddings.hashing import HashingEmbedder
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node, Put, Tally, UnitOfWork
from graph_service.store import open_store, schema

DUMP = Path(__file__).parents[1] / "data/store_v1.sql"
ENCODER = HashingEmbedder(8)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    connection = sqlite3.connect(tmp_path / "record.sqlite")
    connection.executescript(DUMP.read_text(encoding="utf-8"))
    connection.close()
    return tmp_path


def _version(folder: Path) -> int:
    connection = sqlite3.connect(folder / "record.sqlite")
    try:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])
    finally:
        connection.close()


def test_it_is_of_the_first_version(folder: Path) -> None:
    assert _version(folder) == 1


def test_it_is_read_as_it_was_written(folder: Path) -> None:
    with open_store(str(folder)) as store:
        page = store.scan(Filter())
        assert [node.id for node in page.nodes] == [
            "demand:D-1",
            "org:丙",
            "org:乙",
            "org:甲",
            "product:柔轮",
            "result:R-1",
        ]
        firm = store.nodes(["org:甲"])["org:甲"]
        assert (firm.props["name"], firm.props["founded"]) == ("虚构精密传动有限公司", "2009-05")
        assert (firm.source, firm.observed_at, firm.version) == ("名录.csv", "2025-03", 1)
        assert store.nodes(["org:丙"])["org:丙"].props == {}
        made, supplied = (hop.edge for hop in store.neighbours(["org:甲"])["org:甲"][::-1])
        assert (made.type, made.confidence, made.inferred) == (EdgeType.MAKES, 0.9, False)
        assert (supplied.to_id, supplied.key) == ("org:丙", "product:柔轮")
        (guess,) = store.neighbours(["result:R-1"], types=[EdgeType.ABOUT])["result:R-1"]
        assert guess.edge.inferred


def test_it_is_brought_to_the_newest_version_and_written(folder: Path) -> None:
    with open_store(str(folder)) as store:
        again = Node("org:乙", Label.ORGANIZATION, {"name": "虚构理工大学", "kind": "university"})
        more = Node("product:钢轮", Label.PRODUCT, {"name": "钢轮"}, "产品.csv")
        edge = Edge(EdgeType.MAKES, "org:甲", "product:钢轮", source="年报.csv")
        assert store.apply(Batch([again, more], [edge])).nodes == Tally(new=1, changed=1)
        assert "钢轮" in store.pending_texts(ENCODER.fingerprint)[0].text
    assert _version(folder) == len(schema.MIGRATIONS)


def test_it_is_searched_by_words_and_by_its_vectors(folder: Path) -> None:
    with open_store(str(folder)) as store:
        for _ in range(2):
            found = store.search_text({"柔轮": 1.0}, Filter(labels=frozenset({Label.DEMAND})))
            assert [hit.node_id for hit in found] == ["demand:D-1"]
            asked = ENCODER.embed_queries(["虚构理工大学"])[0]
            near = store.search_vectors(asked, ENCODER.fingerprint, Filter(), limit=1)
            assert [hit.node_id for hit in near] == ["org:乙"]
            store.refresh()
        kept = store.passage_vectors(["org:乙"], ENCODER.fingerprint)
        assert np.allclose(kept.matrix, ENCODER.embed_documents(["虚构理工大学"]))


def test_it_is_read_without_being_changed(folder: Path) -> None:
    with open_store(str(folder), read_only=True) as store:
        assert store.stats()["nodes"] == {
            "Demand": 1,
            "Organization": 3,
            "Product": 1,
            "Result": 1,
        }
        assert len(store.search_text({"柔轮": 1.0}, Filter())) == 4
    assert _version(folder) == 1


def test_it_keeps_records_and_merges(folder: Path) -> None:
    with open_store(str(folder), read_only=True) as store:
        assert store.query("bid").records == []
    with open_store(str(folder)) as store:
        unit = UnitOfWork([Put("bid", "1", {"n": 1})], Batch(merges=[("org:丙", "org:甲")]))
        assert store.commit(unit).records[0].version == 1
        assert store.nodes(["org:丙"])["org:丙"].id == "org:甲"
