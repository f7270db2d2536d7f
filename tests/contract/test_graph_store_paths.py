"""Paths between two nodes, as ``GraphStore.paths`` promises them."""

import pytest

from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.ports import GraphStore

MAKES, NEEDS, SUPPLIES = EdgeType.MAKES, EdgeType.NEEDS, EdgeType.SUPPLIES


def ids(store: GraphStore, start: str, end: str, **how: object) -> list[str]:
    return ["".join(path.node_ids) for path in store.paths(start, end, **how)]  # type: ignore[arg-type]


@pytest.fixture
def chain(store: GraphStore) -> GraphStore:
    """Firms a, b, c, d and products p, q: a → p ← b → q ← c, a → c supplies, c → d."""
    store.apply(
        Batch(
            edges=[
                Edge(MAKES, "a", "p"),
                Edge(NEEDS, "b", "p"),
                Edge(MAKES, "b", "q"),
                Edge(NEEDS, "c", "q"),
                Edge(SUPPLIES, "a", "c", key="q", inferred=True, confidence=0.9),
                Edge(SUPPLIES, "a", "c", key="p", inferred=True, confidence=0.9),
                Edge(SUPPLIES, "c", "d"),
            ]
        )
    )
    return store


def test_shortest_come_first(chain: GraphStore) -> None:
    assert ids(chain, "a", "c") == ["ac", "apbqc"]
    assert ids(chain, "a", "d", max_hops=5) == ["acd", "apbqcd"]


def test_hops_and_number_are_bounded(chain: GraphStore) -> None:
    assert ids(chain, "a", "c", max_hops=3) == ["ac"]
    assert ids(chain, "a", "c", max_hops=4, k=1) == ["ac"]
    assert ids(chain, "a", "d", max_hops=1) == []


def test_equal_lengths_come_in_the_order_of_ids(store: GraphStore) -> None:
    middles = ["m9", "m10", "m1", "n", "m2"]
    edges = [Edge(MAKES, "s", middle) for middle in middles]
    store.apply(Batch(edges=[*edges, *(Edge(NEEDS, "t", middle) for middle in reversed(middles))]))
    found = [path.node_ids[1] for path in store.paths("s", "t", k=4)]
    assert found == sorted(middles)[:4]
    assert [path.node_ids[1] for path in store.paths("s", "t", k=50)] == sorted(middles)


def test_direction_is_followed(chain: GraphStore) -> None:
    assert ids(chain, "a", "d", direction="out") == ["acd"]
    assert ids(chain, "d", "a", direction="out") == []
    assert ids(chain, "d", "a", direction="in") == ["dca"]
    assert ids(chain, "a", "b", direction="out") == []
    hops = chain.paths("d", "a", direction="in")[0].hops
    assert [(hop.start, hop.end, hop.forward) for hop in hops] == [
        ("d", "c", False),
        ("c", "a", False),
    ]


def test_only_edges_of_the_types_asked_for(chain: GraphStore) -> None:
    assert ids(chain, "a", "c", types=[MAKES, NEEDS]) == ["apbqc"]
    assert ids(chain, "a", "c", types=[SUPPLIES]) == ["ac"]
    assert ids(chain, "a", "c", types=[MAKES]) == []
    assert ids(chain, "a", "c", types=iter([MAKES, NEEDS]), max_hops=4) == ["apbqc"]


def test_one_edge_stands_for_parallel_ones(chain: GraphStore) -> None:
    (hop,) = chain.paths("a", "c", k=1)[0].hops
    assert (hop.edge.key, hop.edge.inferred) == ("p", True)  # alike: by key
    chain.apply(Batch(edges=[Edge(SUPPLIES, "a", "c", key="z", inferred=True, confidence=0.95)]))
    assert chain.paths("a", "c", k=1)[0].hops[0].edge.key == "z"  # more confident
    chain.apply(Batch(edges=[Edge(EdgeType.PARTNERED, "c", "a", confidence=0.1)]))
    (hop,) = chain.paths("a", "c", k=1)[0].hops  # observed, though against its direction
    assert (hop.edge.type, hop.edge.inferred, hop.forward) == (EdgeType.PARTNERED, False, False)
    assert (hop.start, hop.end) == ("a", "c")
    assert len(chain.paths("a", "c", k=9, max_hops=1)) == 1


def test_hops_carry_the_whole_edge(store: GraphStore) -> None:
    edge = Edge(
        MAKES, "a", "p", props={"revenue_share": 0.4}, source="年报", observed_at="2021-10",
        confidence=0.7,
    )  # fmt: skip
    store.apply(Batch(edges=[edge]))
    (hop,) = store.paths("a", "p")[0].hops
    found = hop.edge
    assert (found.source, found.observed_at, found.confidence) == ("年报", "2021-10", 0.7)
    assert dict(found.props) == {"revenue_share": 0.4}
    assert found.version == 1


def test_paths_are_simple(store: GraphStore) -> None:
    store.apply(
        Batch(edges=[Edge(SUPPLIES, one, two) for one, two in ["ab", "ba", "aa", "bc", "cb", "cd"]])
    )
    assert ids(store, "a", "d", max_hops=6, k=10) == ["abcd"]


def test_unknown_ends_and_the_same_end_have_no_path(chain: GraphStore) -> None:
    assert chain.paths("a", "nobody") == []
    assert chain.paths("nobody", "a") == []
    assert chain.paths("a", "a") == []
    assert chain.paths("a", "c", k=0) == []


def test_changes_are_followed_with_and_without_a_refresh(chain: GraphStore) -> None:
    for refresh in (False, True):
        if refresh:
            chain.refresh()
        chain.apply(Batch(edges=[Edge(SUPPLIES, "a", "d")]))
        assert ids(chain, "a", "d", k=1) == ["ad"]
        chain.apply(Batch(delete_edges=[(SUPPLIES, "a", "d", "")]))
        assert ids(chain, "a", "d", k=1) == ["acd"]
    chain.apply(Batch(delete_nodes=["b"]))
    assert ids(chain, "a", "c") == ["ac"]
    chain.refresh(rebuild=True)
    assert ids(chain, "a", "c") == ["ac"]
    chain.apply(Batch(nodes=[Node("b", Label.ORGANIZATION)], edges=[Edge(NEEDS, "b", "p")]))
    assert ids(chain, "a", "b") == ["apb"]
