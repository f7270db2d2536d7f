"""The contract of ``GraphStore`` for what it keeps: what each source says, passages, vectors."""

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graph_service.errors import FingerprintError, InputError
from graph_service.model import (
    Batch,
    Changes,
    Edge,
    EdgeType,
    Filter,
    Label,
    Node,
    Tally,
)
from graph_service.ports import GraphStore
from tests.contract.graph_builders import (
    PRINT,
    TODAY,
    edges_at,
    firm,
    makes,
    pending,
    product,
    read,
)
from tests.stores import open_store

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
        Batch([Node("长" * 2001, Label.PRODUCT)]),
        Batch(edges=[makes("f2", "")]),
        Batch(edges=[makes("f2", "p2", confidence=1.1)]),
        Batch(edges=[makes("f2", "p2", confidence=math.nan)]),
        Batch([Node("f3", Label.PRODUCT, source="别的表")]),
        Batch([firm("f2", name=object())]),
        Batch([firm("f2", name="\ud800")]),
        Batch([firm("\ud800")]),
    ],
    ids=["empty", "nul", "long", "end", "over", "nan", "label", "object", "text", "id"],
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


def test_the_longest_id_can_be_used(store: GraphStore) -> None:
    id_ = "𠀀" * 2000
    store.apply(Batch([product(id_, name="甲")], [makes("f1", id_)]))
    assert read(store, id_).props == {"name": "甲"}
    assert [edge.to_id for edge in edges_at(store, "f1")] == [id_]


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
    none: dict[str, object] = {"nodes": {}, "edges": {}, "vectors": {}, "records": {}}
    assert store.stats() == {**none, "passages": 0, "change": 0}
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
