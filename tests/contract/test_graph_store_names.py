"""Search by names as they are typed, as ``GraphStore.search_text`` promises it."""

from graph_service.model import ANY, Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.names import closeness
from graph_service.ports import GraphStore
from tests.contract.graph_builders import TODAY, firm, product
from tests.stores import open_store


def typed(store: GraphStore, text: str, where: Filter = ANY, limit: int = 10) -> list[str]:
    return [hit.node_id for hit in store.search_text({text: 1.0}, where, limit=limit, names=True)]


def test_names_are_found_in_characters_pinyin_and_initials_the_nearest_first(
    store: GraphStore,
) -> None:
    store.apply(
        Batch(
            [
                product("p1", name="谐波减速器"),
                product("p2", name="大型谐波减速器"),
                product("p3", name="谐波"),
                firm("f1", name="重庆谐波传动有限公司", aliases=["重庆谐波", "XBO"]),
                Node("d1", Label.DEMAND, {"title": "谐波减速器寿命提升", "text": "绿的"}),
            ]
        )
    )
    assert typed(store, "谐波") == ["p3", "p1", "d1", "f1", "p2"]
    assert typed(store, "谐波", limit=2) == ["p3", "p1"]
    assert typed(store, "xiebo") == ["p3", "p1", "d1", "f1", "p2"]
    assert typed(store, "xb") == ["p3", "f1", "p1", "d1", "p2"]
    assert typed(store, "chongqingx") == ["f1"]
    assert typed(store, "绿的") == []
    assert typed(store, "谐波", Filter(labels=frozenset({Label.PRODUCT}))) == ["p3", "p1", "p2"]
    assert typed(store, "谐波", Filter(ids=frozenset({"p2", "d1"}))) == ["d1", "p2"]
    (hit,) = store.search_text({"chongqingx": 1.0}, ANY, names=True)
    near = closeness("重庆谐波", "chongqingx")
    assert near is not None
    assert hit.score == near.score


def test_nothing_typed_finds_nothing(store: GraphStore) -> None:
    store.apply(Batch([product("p1", name="泵")]))
    assert store.search_text({}, ANY, names=True) == []
    assert typed(store, "") == typed(store, "（") == typed(store, "泵", limit=0) == []


def test_the_same_names_are_found_before_and_after_a_refresh_and_by_others(
    store: GraphStore, location: str
) -> None:
    firms = [firm(f"f{i:03}", name=f"谐波{i:03}厂") for i in range(30)]
    store.apply(Batch(firms))
    store.refresh()
    with open_store(location, read_only=True, today=TODAY) as other:
        assert typed(other, "谐波029") == ["f029"]
        store.apply(
            Batch([firm("f029", name="改名厂"), firm("new", name="新谐波")], delete_nodes=["f001"])
        )
        for _ in range(2):
            for one in (store, other):
                assert typed(one, "谐波029") == typed(one, "谐波001") == []
                assert typed(one, "gaiming") == ["f029"]
                assert typed(one, "谐波", limit=100) == [
                    *(f"f{i:03}" for i in range(30) if i not in {1, 29}),
                    "new",
                ]
            store.refresh(rebuild=True)


def test_names_follow_many_small_changes(store: GraphStore) -> None:
    for i in range(25):
        store.apply(Batch([firm("f", name=f"第{i}号厂"), firm(f"g{i}", name=f"别家{i}")]))
        assert typed(store, f"第{i}号") == ["f"]
        assert typed(store, f"第{i - 1}号") == []
        assert len(typed(store, "bj", limit=100)) == i + 1


def test_a_merged_node_goes_by_the_names_of_both(store: GraphStore) -> None:
    store.apply(
        Batch(
            [firm("a", name="苏州绿的谐波"), firm("b", name="绿的传动")],
            [Edge(EdgeType.MAKES, "b", "p")],
        )
    )
    store.apply(Batch(merges=[("b", "a")]))
    assert typed(store, "绿的传动") == ["a"]
    assert typed(store, "lvdexiebo") == ["a"]
    store.apply(Batch(splits=["b"]))
    assert typed(store, "绿的传动") == ["b"]


PRODUCTS = Filter(labels=frozenset({Label.PRODUCT}))


def within(
    store: GraphStore, text: str, where: Filter = PRODUCTS, limit: int = 10
) -> list[tuple[str, float]]:
    hits = store.search_text({text: 1.0}, where, limit=limit, names="within")
    return [(hit.node_id, hit.score) for hit in hits]


def test_names_are_found_that_stand_within_a_text_the_longest_first(store: GraphStore) -> None:
    long = "特" * 70
    store.apply(
        Batch(
            [
                product("p1", name="谐波减速器"),
                product("p2", name="（RV）减速器", aliases=["柔轮"]),
                product("p3", name="柔 轮"),
                product("p4", name="刚轮"),
                product("p5", name="减速器"),
                product("p6", name="减速器"),
                product("p7", name=long),
                Node("bare", Label.PRODUCT),
                firm("f1", name="柔轮"),
            ]
        )
    )
    text = "谐波减速器的柔轮断裂，\nＲＶ减速器 也如此 bare"
    every = [("p1", 5.0), ("p2", 5.0), ("p5", 3.0), ("p6", 3.0), ("p3", 2.0)]
    assert within(store, text) == every
    assert within(store, text, limit=4) == every[:4]
    assert within(store, text, Filter(ids=frozenset({"p3", "f1", "p4"}))) == [
        ("f1", 2.0),
        ("p3", 2.0),
    ]
    assert within(store, text, ANY, limit=100) == [*every[:4], ("f1", 2.0), ("p3", 2.0)]
    assert within(store, long) == [("p7", 64.0)]
    assert within(store, "\ud800柔轮") == [("p3", 2.0)]
    assert within(store, "") == within(store, "刚") == within(store, text, limit=0) == []


def test_names_within_follow_changes_whoever_makes_them(store: GraphStore, location: str) -> None:
    store.apply(Batch([product("p1", name="柔轮"), product("p2", name="刚轮")]))
    text = "柔轮、刚轮与钢球"
    with open_store(location, read_only=True, today=TODAY) as other:
        for one in (store, other):
            assert within(one, text) == [("p1", 2.0), ("p2", 2.0)]
        store.apply(Batch([firm("f1", name="钢球")]))
        store.apply(Batch([product("p1", name="钢球"), product("p3", name="与钢球")]))
        for one in (store, other):
            assert within(one, text) == [("p3", 3.0), ("p1", 2.0), ("p2", 2.0)]
        store.apply(Batch(delete_nodes=["p3"]))
        for one in (store, other):
            assert within(one, text) == [("p1", 2.0), ("p2", 2.0)]
        store.apply(Batch(merges=[("p2", "p1")]))
        for one in (store, other):
            assert within(one, text) == [("p1", 2.0)]
        store.apply(Batch(splits=["p2"]))
        store.refresh(rebuild=True)
        for one in (store, other):
            assert within(one, text) == [("p1", 2.0), ("p2", 2.0)]


def test_names_within_are_those_of_the_trial(location: str, store: GraphStore) -> None:
    store.apply(Batch([product("p1", name="柔轮")]))
    with open_store(location, trial=True, today=TODAY) as trial:
        trial.apply(Batch([product("p2", name="刚轮")]))
        assert within(trial, "柔轮与刚轮") == [("p1", 2.0), ("p2", 2.0)]
    assert within(store, "柔轮与刚轮") == [("p1", 2.0)]
