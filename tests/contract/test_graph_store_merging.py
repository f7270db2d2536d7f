"""The contract of ``GraphStore`` for nodes that were found to be one, and for undoing that."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from graph_service.errors import InputError
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node, Page, Tally
from graph_service.ports import GraphStore
from graph_service.text import EMBEDDED_LABELS, tokens
from tests.contract.graph_builders import PRINT, TODAY, edges_at, firm, makes, product, read
from tests.stores import open_store

IDS = ("a", "b", "c", "p1", "p2", "i1")
WORDS = tokens("虚构精密传动 旧名机械 别处仪器 轴承 柔轮")
VECTOR = np.array([1, 0], np.float32)


@pytest.fixture
def city(store: GraphStore) -> GraphStore:
    """Firms a and b that are one (one source names both), c, what they make and need."""
    store.apply(
        Batch(
            [
                firm("a", name="虚构精密传动", district="东区", uscc="X1", text="做传动。"),
                firm("a", "年报", "2021", capital=3),
                firm("b", name="旧名机械", district="西区", names=["更旧名"], staff=7),
                firm("b", "年报", "2022-03", capital=5, text="做柔轮和轴承。"),
                firm("c", name="别处仪器"),
                product("p1", name="轴承"),
                product("p2", name="柔轮"),
            ],
            [
                makes("a", "p1", source="年报", props={"revenue_share": 0.4}),
                makes("b", "p1", source="年报", props={"revenue_share": 0.6}, confidence=0.8),
                makes("b", "p2", source="名录"),
                Edge(EdgeType.SUPPLIES, "c", "b", "p1", source="名录"),
                Edge(EdgeType.PARTNERED, "a", "b", source="名录", inferred=True),
                Edge(EdgeType.IN_INDUSTRY, "b", "i1", source="名录"),
            ],
        )
    )
    embed(store)
    return store


def embed(store: GraphStore) -> None:
    while waiting := store.pending_texts(PRINT):
        angles = [len(one.text) / 40 for one in waiting]
        vectors = np.array([(np.cos(x), np.sin(x)) for x in angles], np.float32)
        store.put_vectors(PRINT, [one.hash for one in waiting], vectors)


def _aside(thing: Any) -> Any:
    """Without versions, which go on."""
    match thing:
        case Node() | Edge():
            return replace(thing, version=0)
        case Page():
            return [_aside(node) for node in thing.nodes], thing.cursor
        case dict():
            return {key: _aside(value) for key, value in thing.items() if key != "change"}
        case list() | tuple():
            return [_aside(item) for item in thing]
        case np.ndarray():
            return thing.tolist()
    if hasattr(thing, "__dataclass_fields__"):
        return {name: _aside(getattr(thing, name)) for name in thing.__dataclass_fields__}
    return thing


def state(store: GraphStore) -> dict[str, Any]:
    """What every reading method of the port says."""
    graph = store.subgraph(Filter())
    wheres = [
        Filter(),
        Filter(labels=frozenset({Label.ORGANIZATION})),
        Filter(ids=frozenset({"a"})),
        Filter(ids=frozenset({"b"})),
        Filter(districts=frozenset({"东区"})),
        Filter(districts=frozenset({"西区"})),
        Filter(industries=frozenset({"i1"})),
        Filter(observed_to="2021"),
    ]
    said = {
        "nodes": store.nodes(IDS),
        "scan": [store.scan(where) for where in wheres],
        "neighbours": store.neighbours(IDS),
        "paths": [store.paths(x, y) for x in IDS for y in IDS],
        "subgraph": (dict(graph.nodes.data("node")), sorted(map(str, graph.edges(keys=True)))),
        # An engine's own score may still know of what is gone; matching does not look at it.
        "text": [
            sorted(hit.node_id for hit in store.search_text({word: 1.0}, where))
            for word in WORDS
            for where in wheres
        ],
        "vectors": [store.search_vectors(VECTOR, PRINT, where) for where in wheres],
        "features": [store.lexical_features(WORDS, label, IDS) for label in EMBEDDED_LABELS],
        "words": store.document_words(IDS),
        "passages": store.passage_vectors(IDS, PRINT),
        "pending": store.pending_texts(PRINT),
        "stats": store.stats(),
    }
    return {name: _aside(value) for name, value in said.items()}


def test_either_id_answers_with_the_kept_node(city: GraphStore) -> None:
    assert city.apply(Batch(merges=[("b", "a")])).nodes == Tally()
    nodes = city.nodes(["b", "a", "c"])
    assert list(nodes) == ["b", "a", "c"]
    assert nodes["a"] == nodes["b"]
    assert nodes["a"].id == "a"
    assert city.neighbours(["b"])["b"] == city.neighbours(["a"])["a"]
    assert city.paths("b", "c") == city.paths("a", "c") != []
    assert city.paths("a", "b") == []
    for where in (Filter(ids=frozenset({"b"})), Filter(ids=frozenset({"a", "b"}))):
        assert [node.id for node in city.scan(where).nodes] == ["a"]
        assert list(city.subgraph(where)) == ["a"]
    features = city.lexical_features(WORDS, Label.ORGANIZATION, ["a", "b"])
    assert features.counts[0].tolist() == features.counts[1].tolist()
    assert features.documents == 2
    assert city.document_words(["a", "b", "c"])[0] == city.document_words(["b"])[0] != ""
    assert "b" not in [node.id for node in city.scan(Filter()).nodes]


def test_the_kept_node_has_what_was_said_of_both(city: GraphStore) -> None:
    city.apply(Batch(merges=[("b", "a")]))
    node = read(city, "a")
    assert node.props == {
        "name": "虚构精密传动",
        "district": "东区",
        "uscc": "X1",
        "text": "做传动。",
        "capital": 5,
        "staff": 7,
        "aliases": ["旧名机械", "更旧名"],
        "merged": {"b": {"name": "旧名机械", "names": ["更旧名"]}},
    }
    assert city.scan(Filter(districts=frozenset({"西区"}))).nodes == []
    assert city.stats()["nodes"] == {"Industry": 1, "Organization": 2, "Product": 2}


def test_the_kept_node_has_the_edges_of_both(city: GraphStore) -> None:
    city.apply(Batch(merges=[("b", "a")]))
    edges = {(edge.type, edge.from_id, edge.to_id): edge for edge in edges_at(city, "a")}
    assert set(edges) == {
        (EdgeType.MAKES, "a", "p1"),
        (EdgeType.MAKES, "a", "p2"),
        (EdgeType.SUPPLIES, "c", "a"),
        (EdgeType.PARTNERED, "a", "a"),
        (EdgeType.IN_INDUSTRY, "a", "i1"),
    }
    both = edges[EdgeType.MAKES, "a", "p1"]
    assert both.source == "年报"
    assert both.confidence in (1.0, 0.8)
    assert city.stats()["edges"]["MAKES"] == {"observed": 2, "inferred": 0}


def test_both_names_find_one_node(city: GraphStore) -> None:
    city.apply(Batch(merges=[("b", "a")]))
    for refreshed in (False, True):
        if refreshed:
            city.refresh()
        for name in ("虚构精密传动", "旧名机械"):
            hits = city.search_text(dict.fromkeys(tokens(name), 1.0), Filter())
            assert [hit.node_id for hit in hits].count("a") == 1
            assert "b" not in [hit.node_id for hit in hits]


def test_undoing_gives_back_what_was(city: GraphStore, location: str) -> None:
    city.refresh()
    before = state(city)
    versions = {id_: node.version for id_, node in city.nodes(IDS).items()}
    city.apply(Batch(merges=[("b", "a")]))
    embed(city)
    city.refresh()
    assert state(city) != before
    city.apply(Batch(splits=["b"]))
    assert state(city) == before
    city.refresh()
    assert state(city) == before
    with open_store(location, today=TODAY) as other:
        assert state(other) == before
    for id_, node in city.nodes(IDS).items():
        assert node.version > versions[id_] if id_ in "ab" else node.version == versions[id_]


def test_a_later_load_of_either_goes_to_the_right_one(city: GraphStore) -> None:
    city.apply(Batch(merges=[("b", "a")]))
    merged = read(city, "a")
    again = [firm("b", name="旧名机械", district="西区", names=["更旧名"], staff=7)]
    done = city.apply(Batch(again, [makes("b", "p2", source="名录")]))
    assert (done.nodes, done.edges) == (Tally(unchanged=1), Tally(unchanged=1))
    assert read(city, "a") == merged
    more = [firm("b", "新表", "2026-12", staff=9), firm("a", "新表", "2026-12", owner="甲")]
    done = city.apply(Batch(more, [makes("b", "p9", source="新表")]))
    assert done.nodes == Tally(changed=1)
    assert (read(city, "a").props["staff"], read(city, "a").props["owner"]) == (9, "甲")
    assert "p9" in {edge.to_id for edge in edges_at(city, "a")}
    city.apply(Batch(splits=["b"]))
    a, b = read(city, "a"), read(city, "b")
    assert (a.props.get("staff"), a.props["owner"]) == (None, "甲")
    assert (b.props["staff"], "owner" in b.props) == (9, False)
    assert {edge.to_id for edge in edges_at(city, "b") if edge.from_id == "b"} == {
        "p1", "p2", "p9", "i1",
    }  # fmt: skip


def test_merging_goes_on_and_is_undone_in_any_order(city: GraphStore) -> None:
    before = state(city)
    for undo in (["b", "a"], ["a", "b"]):
        city.apply(Batch(merges=[("b", "a")]))
        city.apply(Batch(merges=[("a", "c")]))
        assert {node.id for node in city.nodes(["a", "b", "c"]).values()} == {"c"}
        assert set(read(city, "c").props["merged"]) == {"a", "b"}
        city.apply(Batch(splits=undo[:1]))
        kept = {id_: node.id for id_, node in city.nodes(["a", "b", "c"]).items()}
        assert kept == (
            {"a": "c", "b": "b", "c": "c"} if undo[0] == "b" else {"a": "a", "b": "a", "c": "c"}
        )
        city.apply(Batch(splits=undo[1:]))
        embed(city)
        assert state(city) == before


def test_into_what_was_merged_means_into_what_stands_for_it(city: GraphStore) -> None:
    city.apply(Batch(merges=[("b", "a"), ("c", "b")]))
    assert {node.id for node in city.nodes(["a", "b", "c"]).values()} == {"a"}
    city.apply(Batch(splits=["b"]))
    assert {id_: node.id for id_, node in city.nodes(["a", "b", "c"]).items()} == {
        "a": "a", "b": "b", "c": "a",
    }  # fmt: skip


def test_a_bare_node_can_be_merged_and_comes_back(store: GraphStore) -> None:
    store.apply(Batch([firm("a", name="甲")], [makes("b", "p1")]))
    store.apply(Batch(merges=[("b", "a")]))
    assert [edge.from_id for edge in edges_at(store, "p1")] == ["a"]
    store.apply(Batch(delete_edges=[(EdgeType.MAKES, "b", "p1", "")]))
    assert edges_at(store, "p1") == []
    store.apply(Batch(splits=["b"]))
    assert read(store, "b").props == {}
    assert read(store, "a").props == {"name": "甲"}


def test_deleting_either_deletes_the_one(city: GraphStore) -> None:
    city.apply(Batch(merges=[("b", "a")]))
    assert city.apply(Batch(delete_nodes=["b"])).nodes == Tally(deleted=1)
    assert city.nodes(["a", "b"]) == {}
    city.apply(Batch([firm("b", name="旧名机械")]))
    assert read(city, "b").id == "a"


REFUSED = [
    Batch(merges=[("a", "a")]),
    Batch(merges=[("a", "p1")]),
    Batch(merges=[("none", "a")]),
    Batch(merges=[("a", "none")]),
    Batch(merges=[("b", "a"), ("b", "c")]),
    Batch(merges=[("b", "a"), ("a", "b")]),
    Batch(splits=["a"]),
    Batch(splits=["none"]),
]


def test_what_cannot_be_merged_or_split_is_refused_whole(city: GraphStore) -> None:
    before = state(city)
    for batch in REFUSED:
        with pytest.raises(InputError):
            city.apply(batch)
        assert state(city) == before, batch


def test_a_source_with_a_null_character_is_refused(store: GraphStore) -> None:
    with pytest.raises(InputError):
        store.apply(Batch([firm("a", "名录\0b", name="甲")]))


def test_nodes_of_which_nothing_is_known_are_two_again_after_a_split(store: GraphStore) -> None:
    store.apply(Batch(edges=[Edge(EdgeType.SUPPLIES, "a", "c"), Edge(EdgeType.SUPPLIES, "b", "c")]))
    before = store.stats()["nodes"]
    store.apply(Batch(merges=[("a", "b")]))
    store.apply(Batch(splits=["a"]))
    assert set(store.nodes(["a", "b", "c"])) == {"a", "b", "c"}
    assert store.stats()["nodes"] == before == {"Organization": 3}


def test_a_node_deleted_by_a_batch_is_bare_where_its_edges_name_it(store: GraphStore) -> None:
    store.apply(Batch([firm("a", name="甲"), firm("b", name="乙")]))
    deleting = Batch(edges=[Edge(EdgeType.PARTNERED, "a", "b")], delete_nodes=["b"])
    assert store.apply(deleting).bare == 1
    assert (read(store, "b").props, len(edges_at(store, "b"))) == ({}, 1)
    assert store.stats()["nodes"] == {"Organization": 2}
