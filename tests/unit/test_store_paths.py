"""The k shortest paths agree with networkx, on whatever graph, without visiting hubs' leaves."""

from itertools import islice

import hypothesis.strategies as st
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from graph_service.model import Direction, EdgeType
from graph_service.store import paths
from graph_service.store.adjacency import Adjacency, Graph
from graph_service.store.paths import shortest_simple_paths

OPPOSITE: dict[Direction, Direction] = {"out": "in", "in": "out", "both": "both"}


def adjacency(links: list[tuple[str, int, int]], split: int = 0) -> Adjacency:
    """All edges, of which those from ``split`` on are the tail, after stale ones in the base."""
    rows = [(num, type_, start, end) for num, (type_, start, end) in enumerate(links, start=1)]
    wrong = [(num, "CONTROLS", end, start) for num, _, start, end in rows[split:]]
    stale = np.array([row[0] for row in wrong], dtype=np.int32)
    return Adjacency(Graph.build(rows[:split] + wrong), stale, Graph.build(rows[split:]))


def ours(
    graph: Adjacency,
    start: int,
    end: int,
    *,
    types: frozenset[EdgeType] = frozenset(),
    direction: Direction = "both",
    max_hops: int = 4,
    k: int = 3,
) -> list[tuple[int, ...]]:
    return shortest_simple_paths(
        lambda nums: graph.neighbours(nums, types, direction),
        lambda nums: graph.neighbours(nums, types, OPPOSITE[direction]),
        lambda nums: sorted(nums.tolist(), key=str),
        start,
        end,
        max_hops=max_hops,
        k=k,
    )


links = st.lists(
    st.tuples(st.sampled_from(["MAKES", "NEEDS"]), st.integers(1, 12), st.integers(1, 12)),
    max_size=40,
)


@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    links=links,
    split=st.integers(0, 40),
    direction=st.sampled_from(["out", "in", "both"]),
    makes=st.booleans(),
    max_hops=st.integers(1, 6),
    k=st.integers(1, 30),
    many=st.sampled_from([1, 64]),
)
def test_the_shortest_paths_are_those_of_networkx(
    links: list[tuple[str, int, int]],
    split: int,
    direction: Direction,
    makes: bool,
    max_hops: int,
    k: int,
    many: int,
) -> None:
    oracle: nx.DiGraph = nx.DiGraph()
    oracle.add_nodes_from((1, 2))
    for type_, start, end in links:
        if type_ == "MAKES" or not makes:
            oracle.add_edge(*((end, start) if direction == "in" else (start, end)))
            if direction == "both":
                oracle.add_edge(end, start)
    every = nx.all_simple_paths(oracle, 1, 2, cutoff=max_hops)
    expected = sorted(map(tuple, every), key=lambda path: (len(path), [str(num) for num in path]))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(paths, "_MANY", many)
        found = ours(
            adjacency(links, split),
            1,
            2,
            types=frozenset({EdgeType.MAKES}) if makes else frozenset(),
            direction=direction,
            max_hops=max_hops,
            k=k,
        )
    assert found == expected[:k]
    if expected:
        shortest = next(islice(nx.shortest_simple_paths(oracle, 1, 2), 1))
        assert len(found[0]) == len(shortest)


def test_two_hubs_with_many_leaves_cost_few_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_STEPS", 200)
    leaves = range(10, 10_010)
    links = [("MAKES", hub, leaf) for hub in (2, 3) for leaf in leaves]
    links += [("MAKES", 1, 2), ("MAKES", 3, 4)]
    graph = adjacency(links, len(links))
    assert ours(graph, 1, 4, k=2) == [(1, 2, 10, 3, 4), (1, 2, 100, 3, 4)]
    star = [("MAKES", 2, leaf) for leaf in leaves] + [("MAKES", 1, 2), ("MAKES", 2, 3)]
    assert ours(adjacency(star, len(star)), 1, 3, max_hops=6) == [(1, 2, 3)]


def test_a_search_without_end_gives_what_it_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(paths, "MOST_STEPS", 3)
    links = [("MAKES", 1, 2), *(("MAKES", i, j) for i in range(1, 9) for j in range(1, 9))]
    assert ours(adjacency(links), 1, 2, k=50)[0] == (1, 2)
    assert len(ours(adjacency(links), 1, 2, k=50)) < 50
