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
