"""Merging and splitting in any order beside loads: once all is split again, nothing ever was.

The oracle is an embedded store that was given the same batches and no merges.
"""

from pathlib import Path
from tempfile import mkdtemp

import neo4j
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.errors import InputError
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import Store
from tests.contract.graph_builders import TODAY
from tests.neo4j_server.running import Neo4jServer, empty
from tests.stores import open_store

IDS = ["a", "b", "c", "d"]
ORGS = st.sampled_from(IDS)
SOURCES = st.sampled_from([None, "甲表", "乙表"])
DATES = st.sampled_from([None, "2021", "2023-05", "2026-01-02"])

NODES = st.builds(
    Node,
    ORGS,
    st.just(Label.ORGANIZATION),
    st.dictionaries(
        st.sampled_from(["name", "district", "text"]), st.sampled_from(["子", "丑"]), min_size=1
    ),
    SOURCES,
    DATES,
)
EDGES = st.one_of(
    st.builds(
        Edge, st.just(EdgeType.SUPPLIES), ORGS, ORGS, st.sampled_from(["", "p"]), source=SOURCES
    ),
    st.builds(
        Edge,
        st.just(EdgeType.MAKES),
        ORGS,
        st.sampled_from(["p", "q"]),
        source=SOURCES,
        inferred=st.booleans(),
        observed_at=DATES,
    ),
)
FIRST = Batch([Node(id_, Label.ORGANIZATION, {"name": id_}, "甲表") for id_ in IDS[:3]])
LOADS = st.builds(Batch, st.lists(NODES, max_size=3), st.lists(EDGES, max_size=3))
MERGES = st.tuples(ORGS, ORGS).map(lambda pair: Batch(merges=[pair]))
SPLITS = ORGS.map(lambda id_: Batch(splits=[id_]))


def said(store: Store) -> tuple[dict, dict, dict]:
    """All nodes and edges, versions aside, and how many there are."""
    graph = store.subgraph(Filter())
    nodes = {
        id_: (node.label, dict(node.props), node.source, node.observed_at)
        for id_, node in graph.nodes.data("node")
    }
    edges = {
        (e.type, e.from_id, e.to_id, e.key): (
            dict(e.props), e.source, e.observed_at, e.confidence, e.inferred,
        )
        for _, _, e in graph.edges.data("edge")
    }  # fmt: skip
    counts = store.stats()
    return nodes, edges, {name: counts[name] for name in ("nodes", "edges", "passages")}


def _check(merging: str, plain: str, steps: list[Batch]) -> None:
    with open_store(merging, today=TODAY) as store, open_store(plain, today=TODAY) as oracle:
        for step in [FIRST, *steps]:
            try:
                store.apply(step)
            except InputError:
                assert step.merges or step.splits
                continue
            oracle.apply(Batch(step.nodes, step.edges))
            standing = {node.id for node in store.nodes(IDS).values()}
            listed = {
                n.id for n in store.scan(Filter(labels=frozenset({Label.ORGANIZATION}))).nodes
            }
            assert standing == listed
        for _ in IDS:
            for id_, node in store.nodes(IDS).items():
                if node.id != id_:
                    store.apply(Batch(splits=[id_]))
        assert said(store) == said(oracle)


STEPS = st.lists(st.one_of(LOADS, MERGES, SPLITS), min_size=3, max_size=12)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_all_that_is_merged_comes_apart_again_embedded(tmp_path: Path, steps: list[Batch]) -> None:
    _check(mkdtemp(dir=tmp_path), mkdtemp(dir=tmp_path), steps)


@pytest.mark.parametrize("examples", [5, pytest.param(40, marks=pytest.mark.soak)])
def test_all_that_is_merged_comes_apart_again_neo4j(
    examples: int, emptied: Neo4jServer, neo4j_driver: neo4j.Driver, tmp_path: Path
) -> None:
    @settings(max_examples=examples)
    @given(steps=STEPS)
    def holds(steps: list[Batch]) -> None:
        empty(neo4j_driver)
        _check(emptied.uri, mkdtemp(dir=tmp_path), steps)

    holds()
