"""The contract of ``GraphStore`` for what it keeps: writing, reading back, sharing."""

import math
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graph_service.errors import FingerprintError, InputError, StoreError, StoreUnavailableError
from graph_service.model import (
    Batch,
    Changes,
    Direction,
    Edge,
    EdgeType,
    Filter,
    Label,
    Node,
    Tally,
)
from graph_service.ports import GraphStore
from graph_service.store import open_store

TODAY = "2026-11-23"
PRINT = "model@1:2"


def firm(
    id_: str, source: str | None = "名录", observed_at: str | None = None, **props: Any
) -> Node:
    return Node(id_, Label.ORGANIZATION, props, source, observed_at)


def product(id_: str, **props: Any) -> Node:
    return Node(id_, Label.PRODUCT, props, "产品表")


def makes(from_id: str, to_id: str, **fields: Any) -> Edge:
    return Edge(EdgeType.MAKES, from_id, to_id, **fields)


def read(store: GraphStore, id_: str) -> Node:
    return store.nodes([id_])[id_]


def edges_at(store: GraphStore, id_: str) -> list[Edge]:
    return [hop.edge for hop in store.neighbours([id_])[id_]]


def pending(store: GraphStore) -> set[str]:
    return {waiting.text for waiting in store.pending_texts(PRINT)}


# -- apply: nodes ------------------------------------------------------------------------------


def test_a_node_is_read_as_it_was_written(store: GraphStore) -> None:
    props = {"name": "虚构精密", "tiers": ["小巨人"], "capital": 1.5, "more": {"a": [1, None]}}
    node = Node("f1", Label.ORGANIZATION, props, "名录", "2021-10")
    assert store.apply(Batch([node])) == Changes(Tally(new=1))
    assert store.nodes(["f1"]) == {
        "f1": Node("f1", Label.ORGANIZATION, props, "名录", "2021-10", version=1)
    }


def test_writing_the_same_again_changes_nothing(store: GraphStore, location: str) -> None:
    batch = Batch([firm("f1", name="甲")], [makes("f1", "p1", source="表", props={"share": 0.5})])
    store.apply(batch)
    before, edges, change = (
        store.nodes(["f1", "p1"]),
        edges_at(store, "f1"),
        store.stats()["change"],
    )
    with open_store(location, today="2027-01-01") as later:
        again = later.apply(batch)
    assert again == Changes(Tally(unchanged=1), Tally(unchanged=1))
    assert store.nodes(["f1", "p1"]) == before
    assert edges_at(store, "f1") == edges
    assert store.stats()["change"] == change


def test_what_has_no_date_is_dated_by_its_first_load(store: GraphStore) -> None:
    store.apply(Batch([firm("f1", name="甲")], [makes("f1", "p1")]))
    assert read(store, "f1").observed_at == TODAY
    assert edges_at(store, "f1")[0].observed_at == TODAY


def test_a_source_that_speaks_again_replaces_what_it_said(store: GraphStore) -> None:
    store.apply(Batch([firm("f1", name="甲", district="东区")]))
    assert store.apply(Batch([firm("f1", name="甲甲")])).nodes == Tally(changed=1)
    node = read(store, "f1")
    assert (node.props, node.version) == ({"name": "甲甲"}, 2)
    assert store.scan(Filter(districts=frozenset({"东区"}))).nodes == []


def test_the_newest_source_wins_each_property(store: GraphStore) -> None:
    old = firm("f1", "旧表", "2021-10", name="旧名", capital=3)
    new = firm("f1", "新表", "2021-10-02", name="新名")
    for batch in ([new], [old], [new], [old]):
        store.apply(Batch(batch))
    node = read(store, "f1")
    assert node.props == {"name": "新名", "capital": 3}
    assert (node.source, node.observed_at, node.version) == ("新表", "2021-10-02", 2)


def test_sources_of_one_day_are_ranked_by_name(store: GraphStore) -> None:
    store.apply(Batch([firm("f1", "乙", "2021-10", name="乙说"), firm("f1", "丙", "2021-10-01")]))
    store.apply(Batch([firm("f1", "丁", "2021", name="丁说")]))
    first = min("乙", "丙")
    assert (read(store, "f1").source, read(store, "f1").props["name"]) == (first, "乙说")


def test_the_last_word_of_a_source_in_a_batch_counts(store: GraphStore) -> None:
    batch = Batch([firm("f1", name="甲"), firm("f1", name="乙")])
    assert store.apply(batch).nodes == Tally(new=1)
    assert read(store, "f1").props == {"name": "乙"}
    assert store.apply(batch).nodes == Tally(unchanged=1)


def test_a_property_without_a_value_says_nothing(store: GraphStore) -> None:
    store.apply(Batch([firm("f1", "a", "2020", name="甲"), firm("f1", "b", "2021", name=None)]))
    assert read(store, "f1").props == {"name": "甲"}


@pytest.mark.parametrize(
    "wrong",
    [
        Batch([Node("", Label.PRODUCT)]),
        Batch([Node("a\0b", Label.PRODUCT)]),
        Batch(edges=[makes("f2", "")]),
        Batch(edges=[makes("f2", "p2", confidence=1.1)]),
        Batch(edges=[makes("f2", "p2", confidence=math.nan)]),
        Batch([Node("f3", Label.PRODUCT, source="别的表")]),
        Batch([firm("f2", name=object())]),
        Batch([firm("f2", name="\ud800")]),
        Batch([firm("\ud800")]),
    ],
    ids=["empty", "nul", "end", "over", "nan", "label", "object", "text", "id"],
)
def test_a_wrong_batch_is_refused_whole(store: GraphStore, wrong: Batch) -> None:
    store.apply(Batch([firm("f1", name="甲")]))
    before = store.stats()
    batch = Batch([firm("f3", name="乙"), *wrong.nodes], [makes("f1", "p9"), *wrong.edges], ["f1"])
    with pytest.raises(InputError) as caught:
        store.apply(batch)
    assert caught.value.hint
    assert store.stats() == before
    assert set(store.nodes(["f1", "f3", "p9"])) == {"f1"}


@pytest.mark.parametrize("source", ["名录", "别的表"])
def test_a_node_keeps_its_label(store: GraphStore, source: str) -> None:
    store.apply(Batch([firm("f1", name="甲")]))
    with pytest.raises(InputError) as caught:
        store.apply(Batch([Node("f1", Label.PRODUCT, source=source)]))
    assert caught.value.values["id"] == "f1"
    assert read(store, "f1").label == Label.ORGANIZATION


# -- apply: edges, bare nodes, deletes -----------------------------------------------------------


def test_an_edge_to_an_unknown_id_makes_a_bare_node(store: GraphStore) -> None:
    changes = store.apply(Batch(edges=[makes("f1", "p1"), makes("f1", "p2")]))
    assert changes == Changes(Tally(), Tally(new=2), bare=3)
    assert read(store, "p1") == Node("p1", Label.PRODUCT, version=1)
    assert read(store, "f1").label == Label.ORGANIZATION


def test_a_bare_node_becomes_what_is_first_said_of_it(store: GraphStore) -> None:
    about = Edge(EdgeType.ABOUT, "d1", "p1", source="表")
    store.apply(Batch(edges=[about]))
    said = Node("d1", Label.DEMAND, {"title": "需求"}, "表", "2024")
    assert store.apply(Batch([said])).nodes == Tally(changed=1)
    assert read(store, "d1") == Node("d1", Label.DEMAND, {"title": "需求"}, "表", "2024", 2)
    assert [edge.from_id for edge in edges_at(store, "p1")] == ["d1"]


def test_a_node_of_the_batch_is_no_bare_node(store: GraphStore) -> None:
    changes = store.apply(Batch([Node("d1", Label.DEMAND)], [Edge(EdgeType.ABOUT, "d1", "p1")]))
    assert changes.bare == 1
    assert read(store, "d1").label == Label.DEMAND


def test_an_edge_is_read_as_it_was_written(store: GraphStore) -> None:
    edge = Edge(EdgeType.SUPPLIES, "f1", "f2", "p1", {"share": 0.25}, "年报", "2021-10", 0.75, True)
    store.apply(Batch(edges=[edge]))
    assert edges_at(store, "f1") == edges_at(store, "f2") == [replace(edge, version=1)]


def test_the_key_tells_parallel_edges_apart(store: GraphStore) -> None:
    edges = [Edge(EdgeType.SUPPLIES, "f1", "f2", key) for key in ("", "p1", "p2", "p1")]
    assert store.apply(Batch(edges=edges)).edges == Tally(new=3)
    assert [edge.key for edge in edges_at(store, "f1")] == ["", "p1", "p2"]


def test_an_observed_statement_outweighs_an_inferred_one(store: GraphStore) -> None:
    guess = makes(
        "f1", "p1", source="推断", observed_at="2025", confidence=0.9, inferred=True, props={"g": 1}
    )
    fact = makes("f1", "p1", source="年报", observed_at="2021", confidence=0.6, props={"f": 1})
    store.apply(Batch(edges=[guess]))
    assert edges_at(store, "f1")[0].inferred
    assert store.apply(Batch(edges=[fact])).edges == Tally(changed=1)
    assert edges_at(store, "f1") == [
        makes(
            "f1", "p1", source="年报", observed_at="2021", confidence=0.6, props={"f": 1}, version=2
        )
    ]


@pytest.mark.parametrize(
    "field", [{"confidence": 0.5}, {"inferred": True}, {"props": {"a": 1}}, {"observed_at": "2020"}]
)
def test_each_part_of_an_edges_statement_counts(store: GraphStore, field: dict[str, Any]) -> None:
    store.apply(Batch(edges=[makes("f1", "p1", source="表")]))
    changed = Batch(edges=[makes("f1", "p1", source="表", **field)])
    assert store.apply(changed).edges == Tally(changed=1)
    assert store.apply(changed).edges == Tally(unchanged=1)
    (edge,) = edges_at(store, "f1")
    assert all(getattr(edge, name) == value for name, value in field.items())
    assert edge.version == 2


def test_deleting_a_node_deletes_its_edges_and_passages(store: GraphStore) -> None:
    store.apply(
        Batch(
            [firm("f1", name="甲", text="轴承"), product("p1", name="钢")],
            [makes("f1", "p1"), Edge(EdgeType.SUPPLIES, "f2", "f1")],
        )
    )
    changes = store.apply(Batch(delete_nodes=["f1", "nobody"]))
    assert changes == Changes(Tally(deleted=1), Tally(deleted=2))
    assert set(store.nodes(["f1", "f2", "p1"])) == {"f2", "p1"}
    assert store.neighbours(["p1", "f2"]) == {"p1": [], "f2": []}
    assert pending(store) == {"钢"}
    assert store.stats()["edges"] == {}


def test_deletes_come_before_writes(store: GraphStore) -> None:
    batch = Batch([firm("f1", name="甲")], [makes("f1", "p1")])
    store.apply(batch)
    anew = Batch([Node("f1", Label.DEMAND, {"title": "乙"})], delete_nodes=["f1"], delete_edges=[])
    assert store.apply(anew) == Changes(Tally(new=1, deleted=1), Tally(deleted=1))
    assert (read(store, "f1").label, read(store, "f1").version) == (Label.DEMAND, 1)
    assert edges_at(store, "f1") == []


def test_one_edge_can_be_deleted(store: GraphStore) -> None:
    store.apply(Batch(edges=[Edge(EdgeType.SUPPLIES, "f1", "f2", key) for key in ("a", "b")]))
    gone = [
        (EdgeType.SUPPLIES, "f1", "f2", "a"),
        (EdgeType.SUPPLIES, "f2", "f1", "b"),
        (EdgeType.MAKES, "f1", "f2", "b"),
        (EdgeType.MAKES, "f1", "nobody", ""),
    ]
    assert store.apply(Batch(delete_edges=gone)) == Changes(edges=Tally(deleted=1))
    assert [edge.key for edge in edges_at(store, "f1")] == ["b"]
    assert set(store.nodes(["f1", "f2"])) == {"f1", "f2"}


def test_a_deleted_node_leaves_the_filters(store: GraphStore) -> None:
    node = firm("f1", kind="enterprise", tiers=["小巨人"])
    where = Filter(kinds=frozenset({"enterprise"}), tiers=frozenset({"小巨人"}))
    store.apply(Batch([node]))
    store.apply(Batch(delete_nodes=["f1"]))
    assert store.scan(where).nodes == []
    store.apply(Batch([node, firm("f2")]))
    assert [found.id for found in store.scan(where).nodes] == ["f1"]


# -- apply: passages -----------------------------------------------------------------------------


def test_passages_follow_the_text(store: GraphStore) -> None:
    store.apply(Batch([Node("d1", Label.DEMAND, {"title": "需求", "text": "旧"}, "表")]))
    assert pending(store) == {"需求 旧"}
    store.apply(Batch([Node("d1", Label.DEMAND, {"title": "需求", "text": "新。" * 200}, "表")]))
    texts = pending(store)
    assert len(texts) > 2
    assert "需求 旧" not in texts
    store.apply(Batch([Node("d1", Label.DEMAND, {"title": "需求"}, "表")]))
    assert pending(store) == {"需求"}


def test_only_some_labels_get_vectors(store: GraphStore) -> None:
    store.apply(
        Batch([Node(label.value, label, {"name": label.value, "text": "文"}) for label in Label])
    )
    assert pending(store) == {
        f"{label} 文" for label in (Label.ORGANIZATION, Label.PRODUCT, Label.DEMAND, Label.RESULT)
    }
    assert store.stats()["passages"] == len(Label)


def test_a_firm_without_text_tells_what_it_makes(store: GraphStore) -> None:
    store.apply(
        Batch(
            [firm("f1", name="甲"), product("p1", name="阀"), product("p2", name="泵")],
            [
                makes("f1", "p1", props={"revenue_share": 0.2}),
                makes("f1", "p2", props={"revenue_share": 0.7}),
                makes("f1", "p3", inferred=True),
            ],
        )
    )
    assert pending(store) == {"甲 主营产品：泵、阀", "阀", "泵"}
    store.apply(Batch([product("p1", name="球阀")]))
    assert pending(store) == {"甲 主营产品：泵、球阀", "球阀", "泵"}
    store.apply(Batch(edges=[makes("f1", "p1", props={"revenue_share": 0.8})]))
    assert pending(store) == {"甲 主营产品：球阀、泵", "球阀", "泵"}
    store.apply(Batch(delete_edges=[(EdgeType.MAKES, "f1", "p2", "")]))
    assert pending(store) == {"甲 主营产品：球阀", "球阀", "泵"}
    store.apply(Batch(delete_nodes=["p1"]))
    assert pending(store) == {"甲", "泵"}


def test_a_firm_with_text_tells_its_text_and_what_that_leaves_out(store: GraphStore) -> None:
    store.apply(Batch([firm("f1", name="甲", text="造泵"), product("p1", name="阀")]))
    store.apply(Batch([product("p2", name="泵")], [makes("f1", "p1"), makes("f1", "p2")]))
    assert pending(store) == {"甲 造泵", "甲 主营产品：阀", "阀", "泵"}
    store.apply(Batch(delete_nodes=["p2"]))
    store.apply(Batch([firm("f1", name="甲")]))
    assert pending(store) == {"甲 主营产品：阀", "阀"}


def test_a_product_named_after_its_edge_is_told_by_name(store: GraphStore) -> None:
    store.apply(Batch([firm("f1", name="甲")], [makes("f1", "p1")]))
    store.apply(Batch([product("p1", name="阀")]))
    assert pending(store) == {"甲 主营产品：阀", "阀"}


def test_a_share_that_is_no_number_stops_nothing(store: GraphStore) -> None:
    shares = (makes("f1", "p1", props={"revenue_share": "约一半"}), makes("f1", "p2"))
    store.apply(Batch([product("p1", name="阀"), product("p2", name="泵")], shares))
    assert pending(store) == {"主营产品：泵、阀", "阀", "泵"}


def test_what_has_no_text_has_no_passage(store: GraphStore) -> None:
    store.apply(Batch([firm("f2", district="东区")], [makes("f1", "p1")]))
    assert pending(store) == set()
    assert store.stats()["passages"] == 0


# -- reading -------------------------------------------------------------------------------------


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


# -- vectors and counts --------------------------------------------------------------------------


def test_pending_texts_wait_until_they_have_a_vector(store: GraphStore) -> None:
    store.apply(Batch([product(f"p{i}", name=f"产品{i % 7}") for i in range(10)]))
    first = store.pending_texts(PRINT, limit=3)
    assert store.pending_texts(PRINT, limit=3) == first
    store.put_vectors(PRINT, [one.hash for one in first], np.eye(3, 2, dtype=np.float32))
    rest = store.pending_texts(PRINT)
    assert len(first) == 3
    assert {one.text for one in [*first, *rest]} == {f"产品{i}" for i in range(7)}
    assert len(rest) == 4
    store.put_vectors(PRINT, [one.hash for one in rest], np.ones((4, 2), np.float32))
    assert store.pending_texts(PRINT) == []
    assert len(store.pending_texts("other@1:2")) == 7
    store.apply(Batch([product("q", name="新的"), product("p0", name="产品1")]))
    assert [one.text for one in store.pending_texts(PRINT)] == ["新的"]


def test_a_vector_outlives_its_text(store: GraphStore) -> None:
    store.apply(Batch([product("p1", name="阀")]))
    (one,) = store.pending_texts(PRINT)
    store.put_vectors(PRINT, [one.hash], np.ones((1, 2), np.float32))
    store.apply(Batch(delete_nodes=["p1"]))
    store.apply(Batch([product("p2", name="阀")]))
    assert store.pending_texts(PRINT) == []


def test_put_vectors_again_is_harmless(store: GraphStore) -> None:
    store.apply(Batch([product("p1", name="阀")]))
    hashes = [one.hash for one in store.pending_texts(PRINT)]
    store.put_vectors(PRINT, hashes, np.ones((1, 2), np.float32))
    before = store.stats()
    store.put_vectors(PRINT, hashes * 2, np.ones((2, 2), np.float32))
    assert store.stats() == before


def test_vectors_of_another_dimension_are_refused(store: GraphStore) -> None:
    store.put_vectors(PRINT, [b"0" * 16], np.ones((1, 2), np.float32))
    before = store.stats()
    with pytest.raises(FingerprintError):
        store.put_vectors(PRINT, [b"1" * 16], np.ones((1, 3), np.float32))
    with pytest.raises(InputError):
        store.put_vectors(PRINT, [b"1" * 16], np.ones((2, 2), np.float32))
    assert store.stats() == before


def test_stats_count(store: GraphStore) -> None:
    empty = store.stats()
    assert empty == {"nodes": {}, "edges": {}, "passages": 0, "vectors": {}, "change": 0}
    store.apply(
        Batch(
            [firm("f1", name="甲"), product("p1", name="阀"), product("p2", name="阀")],
            [makes("f1", "p1"), makes("f1", "p2", inferred=True), Edge(EdgeType.NEEDS, "f1", "p2")],
        )
    )
    one = store.pending_texts(PRINT, limit=1)
    store.put_vectors(PRINT, [one[0].hash], np.ones((1, 2), np.float32))
    counts = store.stats()
    assert counts["nodes"] == {"Organization": 1, "Product": 2}
    assert counts["edges"] == {
        "MAKES": {"observed": 1, "inferred": 1},
        "NEEDS": {"observed": 1, "inferred": 0},
    }
    assert counts["passages"] == 3
    assert counts["vectors"] == {PRINT: {"dimension": 2, "texts": 1, "pending": 1}}
    assert counts["change"] > 0


# -- sharing -------------------------------------------------------------------------------------


def test_threads_read_what_threads_write(store: GraphStore) -> None:
    def write(worker: int) -> int:
        for i in range(10):
            id_ = f"{worker}-{i}"
            store.apply(Batch([firm(id_, name="甲")], [makes(id_, f"p{i}")]))
            assert id_ in store.nodes([id_])
            assert id_ in {hop.end for hop in store.neighbours([f"p{i}"])[f"p{i}"]}
        return worker

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(write, range(8))) == list(range(8))
    counts = store.stats()
    assert counts["nodes"] == {"Organization": 80, "Product": 10}
    assert counts["edges"]["MAKES"]["observed"] == 80


def _elsewhere(location: str, code: str) -> str:
    """What another process, with the store open, prints."""
    program = f"""
import sys
from graph_service.model import *
from graph_service.store import open_store
with open_store(sys.argv[1]) as store:
    {code}
"""
    done = subprocess.run(
        [sys.executable, "-c", program, location], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def test_processes_read_what_processes_write(store: GraphStore, location: str) -> None:
    store.apply(Batch([firm("f1", name="甲")]))
    assert store.stats()["nodes"] == {"Organization": 1}
    write = 'print(sorted(store.nodes(["f1"]))); store.apply(Batch([Node("p1", Label.PRODUCT)]))'
    assert _elsewhere(location, write) == "['f1']"
    assert store.stats()["nodes"] == {"Organization": 1, "Product": 1}
    assert store.apply(Batch([product("p1", name="阀")])).nodes == Tally(changed=1)


def test_a_killed_process_leaves_whole_batches(store: GraphStore, location: str) -> None:
    program = """
import sys
from graph_service.model import *
from graph_service.store import open_store
store = open_store(sys.argv[1])
for i in range(1_000_000):
    nodes = [Node(f"{i}-{j}", Label.PRODUCT, {"name": "阀"}) for j in range(50)]
    store.apply(Batch(nodes, [Edge(EdgeType.SUBTYPE_OF, f"{i}-{j}", f"{i}-0") for j in range(50)]))
    print(i + 1, flush=True)
"""
    command = [sys.executable, "-c", program, location]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as writer:
        assert writer.stdout is not None
        for _ in range(3):
            writer.stdout.readline()
        writer.kill()
        said = 3 + len(writer.stdout.readlines())
    counts = store.stats()
    nodes, edges = counts["nodes"]["Product"], counts["edges"]["SUBTYPE_OF"]["observed"]
    assert nodes == edges == counts["passages"]
    assert nodes % 50 == 0
    assert said <= nodes // 50 <= said + 1
    assert store.apply(Batch([firm("f1")])).nodes == Tally(new=1)


def test_read_only_reads_and_does_not_write(store: GraphStore, location: str) -> None:
    with open_store(location, read_only=True) as reader:
        store.apply(Batch([firm("f1", name="甲")]))
        assert set(reader.nodes(["f1"])) == {"f1"}
        with pytest.raises(StoreUnavailableError):
            reader.apply(Batch([firm("f2")]))
        with pytest.raises(StoreUnavailableError):
            reader.put_vectors(PRINT, [b"0" * 16], np.ones((1, 2), np.float32))
    assert set(store.nodes(["f1", "f2"])) == {"f1"}


def test_a_closed_store_says_so_and_keeps_what_it_had(location: str) -> None:
    with open_store(location, today=TODAY) as store:
        store.apply(Batch([firm("f1", name="甲")]))
    with pytest.raises(StoreError):
        store.nodes(["f1"])
    with pytest.raises(StoreError):
        store.apply(Batch([firm("f2")]))
    with open_store(location) as again:
        assert read(again, "f1").props == {"name": "甲"}
