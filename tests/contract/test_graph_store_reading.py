"""The contract of ``GraphStore`` for reading back: nodes, filters, neighbours, subgraph."""

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

import numpy as np
import pytest

from graph_service.deadline import time_limit
from graph_service.errors import QueryTimeoutError
from graph_service.model import (
    Batch,
    Direction,
    Edge,
    EdgeType,
    Filter,
    Label,
    Node,
)
from graph_service.ports import GraphStore
from tests.contract.graph_builders import PRINT, firm, makes, product, read


def test_nodes_come_in_the_order_asked_for(store: GraphStore) -> None:
    store.apply(Batch([firm(id_) for id_ in "abc"]))
    assert list(store.nodes(["c", "nobody", "a", "c"])) == ["c", "a"]
    assert store.nodes([]) == {}


def test_scan_pages_in_id_order(store: GraphStore) -> None:
    ids = [f"{i:03}" for i in range(25)]
    store.apply(Batch([firm(id_, name="甲") for id_ in reversed(ids)]))
    seen: list[str] = []
    after: str | None = None
    sizes = []
    while True:
        page = store.scan(Filter(), after=after, limit=10)
        seen += [node.id for node in page.nodes]
        sizes.append(len(page.nodes))
        if (after := page.cursor) is None:
            break
    assert (seen, sizes) == (ids, [10, 10, 5])


def test_the_last_full_page_has_no_cursor(store: GraphStore) -> None:
    store.apply(Batch([firm("a"), firm("b")]))
    assert store.scan(Filter(), limit=2).cursor is None
    assert store.scan(Filter(), limit=1).cursor == "a"


def _city() -> Batch:
    return Batch(
        [
            firm("f1", observed_at="2021", kind="enterprise", tiers=["小巨人"], district="东区"),
            firm("f2", observed_at="2021-03", kind="enterprise", industry=["C35", "C36"]),
            firm(
                "f3",
                observed_at="2021-03-15",
                kind="university",
                district="西区",
                tiers=[{"tier": "专精特新", "from": "2020"}, {"tier": "小巨人"}],
            ),
            firm("f4", observed_at="2022-01-01T08:00", industry="C35", district="东区"),
            Node("i1", Label.INDUSTRY, {"name": "专用设备"}, "国标", "2017"),
            Node("d1", Label.DEMAND, {"district": "东区"}, "榜单", "2023"),
        ],
        [Edge(EdgeType.IN_INDUSTRY, "f1", "i1"), Edge(EdgeType.IN_INDUSTRY, "f3", "bare")],
    )


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        ({}, ["bare", "d1", "f1", "f2", "f3", "f4", "i1"]),
        ({"labels": {Label.DEMAND, Label.INDUSTRY}}, ["bare", "d1", "i1"]),
        ({"kinds": {"enterprise"}}, ["f1", "f2"]),
        ({"kinds": {"enterprise", "university"}}, ["f1", "f2", "f3"]),
        ({"tiers": {"小巨人"}}, ["f1", "f3"]),
        ({"tiers": {"专精特新"}}, ["f3"]),
        ({"districts": {"东区"}}, ["d1", "f1", "f4"]),
        ({"districts": {"东区"}, "labels": {Label.ORGANIZATION}}, ["f1", "f4"]),
        ({"districts": {"东区"}, "kinds": {"enterprise"}}, ["f1"]),
        ({"industries": {"C35"}}, ["f2", "f4"]),
        ({"industries": {"C36"}}, ["f2"]),
        ({"industries": {"专用设备"}}, ["f1"]),
        ({"industries": {"i1", "bare"}}, ["f1", "f3"]),
        ({"industries": {"C36", "专用设备"}}, ["f1", "f2"]),
        ({"observed_from": "2021-03"}, ["d1", "f2", "f3", "f4"]),
        ({"observed_from": "2021-03-02"}, ["d1", "f3", "f4"]),
        ({"observed_to": "2021"}, ["f1", "i1"]),
        ({"observed_to": "2021-03-01"}, ["f1", "f2", "i1"]),
        ({"observed_from": "2022", "observed_to": "2022"}, ["f4"]),
        ({"kinds": {"nobody"}}, []),
    ],
    ids=lambda value: ",".join(value) if isinstance(value, dict) else None,
)
def test_scan_keeps_what_passes_the_filter(
    store: GraphStore, where: dict[str, Any], expected: Sequence[str]
) -> None:
    store.apply(_city())
    sets = {name: frozenset(v) if isinstance(v, set) else v for name, v in where.items()}
    assert [node.id for node in store.scan(Filter(**sets)).nodes] == expected


def test_a_filter_follows_changed_properties(store: GraphStore) -> None:
    store.apply(_city())
    moved = firm("f1", observed_at="2021", kind="enterprise", district="西区")
    store.apply(Batch([moved], delete_edges=[(EdgeType.IN_INDUSTRY, "f1", "i1", "")]))

    def ids(**where: Any) -> list[str]:
        return [node.id for node in store.scan(Filter(**where)).nodes]

    assert ids(districts=frozenset({"西区"})) == ["f1", "f3"]
    assert ids(tiers=frozenset({"小巨人"})) == ["f3"]
    assert ids(industries=frozenset({"专用设备"})) == []


@pytest.mark.parametrize(
    ("tier", "held"),
    [
        ({"tier": "小巨人", "from": "2022", "until": "2999-06"}, True),
        ({"tier": "小巨人", "until": "2020"}, False),
        ({"tier": "小巨人", "from": "2999"}, False),
        ({"tier": "小巨人", "until": f"{date.today():%Y}"}, True),  # noqa: DTZ011
        ({"tier": "专精特新", "until": "2999"}, False),
    ],
    ids=["held", "past", "to come", "until this year", "another"],
)
def test_a_filter_counts_the_tiers_held_today(
    store: GraphStore, tier: dict[str, str], held: bool
) -> None:
    store.apply(Batch([firm("f1", tiers=[tier])]))
    where = Filter(tiers=frozenset({"小巨人"}))
    assert [node.id for node in store.scan(where).nodes] == (["f1"] if held else [])


def test_a_filter_counts_what_the_owner_is(store: GraphStore) -> None:
    owned = [
        Node("r1", Label.RESULT, {"title": "甲"}),
        Node("r2", Label.RESULT, {"title": "乙"}),
        Node("d1", Label.DEMAND, {"title": "丙"}),
    ]
    edges = [
        Edge(EdgeType.OWNS, "f1", "r1"),
        Edge(EdgeType.OWNS, "f1", "r2", inferred=True),
        Edge(EdgeType.POSTED, "f1", "d1"),
    ]
    store.apply(Batch([firm("f1", district="东区", tiers=["小巨人"]), *owned], edges))
    for where in (Filter(districts=frozenset({"东区"})), Filter(tiers=frozenset({"小巨人"}))):
        assert [node.id for node in store.scan(where).nodes] == ["d1", "f1", "r1"]


def test_an_industry_holds_those_below_it(store: GraphStore) -> None:
    industries = [Node(code, Label.INDUSTRY, {"name": code}) for code in ("C34", "C349", "C3491")]
    edges = [
        Edge(EdgeType.SUBTYPE_OF, "C3491", "C349"),
        Edge(EdgeType.SUBTYPE_OF, "C349", "C34"),
        Edge(EdgeType.IN_INDUSTRY, "f1", "C3491"),
    ]
    store.apply(Batch([firm("f1"), *industries], edges))
    for industry, found in (("C34", ["f1"]), ("C3491", ["f1"]), ("C35", [])):
        where = Filter(labels=frozenset({Label.ORGANIZATION}), industries=frozenset({industry}))
        assert [node.id for node in store.scan(where).nodes] == found


def test_neighbours_are_ranked_and_cut(store: GraphStore) -> None:
    edges = [
        makes("f1", "p1", inferred=True, confidence=1.0),
        makes("f1", "p3", confidence=0.5),
        makes("f1", "p2", confidence=0.5),
        makes("f1", "p4", confidence=0.9),
        Edge(EdgeType.NEEDS, "f1", "p0", confidence=0.5),
        Edge(EdgeType.NEEDS, "f2", "p0", confidence=0.5),
    ]
    store.apply(Batch(edges=edges))
    hops = store.neighbours(["f1", "nobody", "f2"])
    assert list(hops) == ["f1", "f2"]
    assert [hop.end for hop in hops["f1"]] == ["p4", "p2", "p3", "p0", "p1"]
    cut = store.neighbours(["p0", "f1"], limit=2)
    assert [hop.end for hop in cut["f1"]] == ["p4", "p2"]
    assert [hop.end for hop in cut["p0"]] == ["f1", "f2"]


@pytest.mark.parametrize(
    ("direction", "types", "ends"),
    [
        ("both", [], ["f0", "f1", "f2", "p1"]),
        ("out", [], ["f1", "f2", "p1"]),
        ("in", [], ["f0", "f1"]),
        ("both", [EdgeType.MAKES], ["p1"]),
        ("in", [EdgeType.MAKES], []),
        ("out", [EdgeType.SUPPLIES, EdgeType.MAKES], ["f1", "f2", "p1"]),
    ],
)
def test_neighbours_by_direction_and_type(
    store: GraphStore, direction: Direction, types: list[EdgeType], ends: list[str]
) -> None:
    supplies = [
        Edge(EdgeType.SUPPLIES, a, b) for a, b in (("f0", "f1"), ("f1", "f2"), ("f1", "f1"))
    ]
    store.apply(Batch(edges=[*supplies, makes("f1", "p1")]))
    hops = store.neighbours(["f1"], types=iter(types), direction=direction)["f1"]
    assert sorted(hop.end for hop in hops) == ends
    assert {hop.start for hop in hops} <= {"f1"}
    assert all(hop.forward == (hop.edge.from_id == "f1") for hop in hops if hop.end != "f1")


def test_subgraph_has_all_edges_between_its_nodes(store: GraphStore) -> None:
    supplies = [Edge(EdgeType.SUPPLIES, "f1", "f2", key) for key in ("a", "b")]
    store.apply(
        Batch(
            [firm("f1"), firm("f2"), product("p1", name="阀")],
            [*supplies, Edge(EdgeType.PARTNERED, "f2", "f1"), makes("f1", "p1")],
        )
    )
    graph = store.subgraph(Filter(labels=frozenset({Label.ORGANIZATION})))
    assert sorted(graph.nodes) == ["f1", "f2"]
    assert graph.nodes["f1"]["node"] == read(store, "f1")
    assert sorted(graph.edges(keys=True)) == [
        ("f1", "f2", (EdgeType.SUPPLIES, "a")),
        ("f1", "f2", (EdgeType.SUPPLIES, "b")),
        ("f2", "f1", (EdgeType.PARTNERED, "")),
    ]
    assert [graph.edges["f2", "f1", (EdgeType.PARTNERED, "")]["edge"]] == [
        hop.edge for hop in store.neighbours(["f1"], types=[EdgeType.PARTNERED])["f1"]
    ]
    assert store.subgraph(Filter(), types=[EdgeType.MAKES]).size() == 1
    assert sorted(store.subgraph(Filter(), limit=2).nodes) == ["f1", "f2"]


def test_reads_stop_at_the_time_limit_and_writes_do_not(store: GraphStore) -> None:
    vector = np.zeros(2, np.float32)
    reads: list[Callable[[], object]] = [
        lambda: store.nodes(["f1"]),
        lambda: store.scan(Filter()),
        lambda: store.neighbours(["f1"]),
        lambda: store.paths("f1", "p1"),
        lambda: store.subgraph(Filter()),
        lambda: store.search_text({"泵": 1.0}, Filter()),
        lambda: store.search_vectors(vector, PRINT, Filter()),
        lambda: store.lexical_features(["泵"], Label.ORGANIZATION, ["f1"]),
        lambda: store.passage_vectors(["f1"], PRINT),
        lambda: store.pending_texts(PRINT),
        store.stats,
    ]
    with time_limit(0):
        store.apply(Batch(nodes=[firm("f1", name="泵厂")], edges=[makes("f1", "p1")]))
        for read_ in reads:
            with pytest.raises(QueryTimeoutError):
                read_()
    for read_ in reads:
        read_()


def test_a_subgraph_has_so_many_edges_and_says_that_there_are_more(store: GraphStore) -> None:
    store.apply(
        Batch(
            nodes=[firm(id_) for id_ in ("f1", "f2", "f3")],
            edges=[
                Edge(type_, *ends)
                for ends in (("f2", "f1"), ("f1", "f3"), ("f1", "f2"))
                for type_ in (EdgeType.SUPPLIES, EdgeType.CONTROLS)
            ],
        )
    )
    graph = store.subgraph(Filter(), edges=3)
    assert list(graph.edges(keys=True)) == [
        ("f1", "f2", (EdgeType.CONTROLS, "")),
        ("f1", "f2", (EdgeType.SUPPLIES, "")),
        ("f1", "f3", (EdgeType.CONTROLS, "")),
    ]
    assert graph.graph == {"more_nodes": False, "more_edges": True}
    assert store.subgraph(Filter(), edges=6).graph == {"more_nodes": False, "more_edges": False}
    assert store.subgraph(Filter(), limit=2).graph == {"more_nodes": True, "more_edges": False}
    assert store.subgraph(Filter(), limit=3).graph["more_nodes"] is False


def test_a_hub_alone_gives_the_same_edges_as_among_others(store: GraphStore) -> None:
    edges = [
        Edge(type_, *ends, confidence=i % 7 / 10, inferred=i % 3 == 0)
        for i in range(40)
        for type_ in (EdgeType.SUPPLIES, EdgeType.CONTROLS)
        for ends in (("hub", f"f{i}"), (f"f{i}", "hub"))
    ]
    store.apply(Batch(edges=[*edges, Edge(EdgeType.SUPPLIES, "hub", "hub")]))
    whole = store.neighbours(["hub"], limit=1000)["hub"]
    assert len(whole) == 161
    for limit in (0, 1, 30, 160, 161):
        among = store.neighbours(["f1", "hub"], limit=limit)["hub"]
        assert store.neighbours(["hub"], limit=limit)["hub"] == among == whole[:limit]


def test_counts_are_those_of_now_whatever_was_done_with_those_before(store: GraphStore) -> None:
    store.apply(Batch(nodes=[firm("f1", name="泵厂")]))
    store.stats()["nodes"].clear()
    store.stats()["vectors"]["x"] = {}
    assert store.stats()["nodes"] == {"Organization": 1}
    store.put_vectors(PRINT, [], np.zeros((0, 2), np.float32))
    assert store.stats()["vectors"] == {PRINT: {"dimension": 2, "texts": 0, "pending": 1}}
    store.apply(Batch(delete_nodes=["f1"]))
    assert store.stats()["nodes"] == {}
