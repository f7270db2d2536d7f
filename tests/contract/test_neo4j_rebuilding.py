"""What is derived on a server, broken by another hand, is made anew from the record."""

from collections.abc import Callable
from typing import Any

import neo4j
import numpy as np
import pytest

from graph_service.model import ANY, Batch, Label, Node
from graph_service.ports import Store
from graph_service.store.bolt import compacting, cypher, schema
from graph_service.store.bolt.connection import Connection
from graph_service.store.bolt.vectors import index_names
from graph_service.text import EMBEDDED_LABELS
from tests.contract.graph_builders import TODAY, firm
from tests.neo4j_server.running import Neo4jServer
from tests.stores import open_store

FOUR = "model@1:4"
BROKEN = [
    "MATCH (t:Term) SET t.df = t.df + 3",
    "CREATE (:Term {key: 'Organization:nothing', df: 1})",
    "MATCH (t:Term {key: 'Organization:轴承'}) DELETE t",
    """MATCH (m:Meta) SET m.counts = '{"node": {"Organization": 9}}'""",
    "MATCH (p:Passage) UNWIND [k IN keys(p) WHERE k STARTS WITH 'v_'] AS k REMOVE p[k]",
    "DROP INDEX text_Organization",
]


def _told(store: Store) -> list[Any]:
    features = store.lexical_features(["轴承", "厂"], Label.ORGANIZATION, ["f1"])
    return [
        store.stats(),
        features.documents,
        features.frequency.tolist(),
        store.search_vectors(np.ones(4, np.float32), FOUR, ANY),
        store.search_text({"轴承": 1.0}, ANY),
    ]


@pytest.mark.neo4j
def test_reindexing_mends_what_is_derived_neo4j(
    emptied: Neo4jServer, neo4j_driver: neo4j.Driver
) -> None:
    with open_store(emptied.uri, today=TODAY) as store:
        firms = [firm("f1", name="轴承厂"), firm("f2", name="阀厂")]
        store.apply(Batch([*firms, Node("d1", Label.DEMAND, {"text": "轴承"})]))
        hashes = [text.hash for text in store.pending_texts(FOUR)]
        store.put_vectors(FOUR, hashes, np.eye(len(hashes), 4, dtype=np.float32))
        before = _told(store)
        for breaking in BROKEN:
            neo4j_driver.execute_query(breaking)
        assert store.stats() != before[0]
        store.refresh(rebuild=True)
        assert _told(store) == before


@pytest.mark.neo4j
def test_reindexing_leaves_the_indexes_of_others_neo4j(
    emptied: Neo4jServer, neo4j_driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    sent: list[str] = []

    def define(self: Connection, statement: str, /, **params: Any) -> None:
        sent.append(statement)
        really(self, statement, **params)

    really = Connection.define
    others = {"others", "v_others"}
    with open_store(emptied.uri, today=TODAY) as store:
        store.put_vectors(FOUR, [b"0" * 16], np.ones((1, 4), np.float32))
        for name in others:
            neo4j_driver.execute_query(f"CREATE INDEX {name} FOR (n:Person) ON (n.{name})")
        try:
            before = _indexes(neo4j_driver)
            monkeypatch.setattr(Connection, "define", define)
            store.refresh(rebuild=True)
            assert _indexes(neo4j_driver) == before
        finally:
            for name in others:
                neo4j_driver.execute_query(f"DROP INDEX {name}")
    dropped = {one.split("`")[1] for one in sent if one.startswith("DROP")}
    derived = {name for name, (kind, _, _) in schema.SHAPES.items() if kind != "UNIQUE"}
    assert dropped == derived | {*index_names(FOUR, EMBEDDED_LABELS)}


@pytest.mark.neo4j
def test_indexes_that_grew_are_made_anew_neo4j(
    emptied: Neo4jServer, neo4j_driver: neo4j.Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By what was written since they were made: words first, then the vectors that came later."""
    monkeypatch.setattr(compacting, "_WORTH", 3)
    words, vectors = (
        {cypher.NAMES, "text_Organization"},
        {*index_names(FOUR, ["Organization"])},
    )

    def remade(write: Callable[[], object]) -> set[str]:
        before = _numbers(neo4j_driver)
        write()
        store.refresh()
        now = _numbers(neo4j_driver)
        return {name for name in before if before[name] != now[name]} & {*words, *vectors}

    def load(first: int, end: int) -> Callable[[], object]:
        firms = [firm(f"f{i}", name=f"轴承厂{i}") for i in range(first, end)]
        return lambda: store.apply(Batch(firms))

    def embed() -> None:
        hashes = [text.hash for text in store.pending_texts(FOUR)]
        store.put_vectors(FOUR, hashes, np.eye(len(hashes), 4, dtype=np.float32) + 0.1)

    with open_store(emptied.uri, today=TODAY) as store:
        assert remade(load(0, 2)) == set()  # few
        assert remade(load(2, 4)) == words
        embed()
        before = _told(store)
        assert remade(lambda: None) == vectors
        assert _told(store) == before
        assert remade(load(4, 7)) == set()  # not twice as many
        assert remade(load(7, 8)) == words
        store.refresh(rebuild=True)
        assert remade(load(8, 9)) == set()
        gone = [f"f{i}" for i in range(1, 9)]
        assert remade(lambda: store.apply(Batch(delete_nodes=gone))) == set()
        assert remade(load(1, 4)) == words | vectors  # twice what was left, kept vectors too


def _numbers(driver: neo4j.Driver) -> dict[str, int]:
    found = driver.execute_query("SHOW INDEXES YIELD name, id").records
    return {record["name"]: record["id"] for record in found}


def _indexes(driver: neo4j.Driver) -> list[Any]:
    asked = "SHOW INDEXES YIELD name, createStatement, state RETURN * ORDER BY name"
    return driver.execute_query(asked).records
