"""The contract of ``GraphStore`` for what each source said, read as it was said."""

from graph_service.model import Batch, Edge, Filter, Label, Node, Tally
from graph_service.ports import GraphStore
from tests.contract.graph_builders import TODAY, edges_at, firm, makes, read


def _said(store: GraphStore, id_: str) -> list[Edge]:
    return [hop.edge for hop in store.neighbours([id_], direction="out", stated=True)[id_]]


def test_every_statement_about_a_node_is_read_as_it_was_said(store: GraphStore) -> None:
    said = [
        firm("f1", None, "2020", name="甲"),
        firm("f1", "名录", "2021-10", name="甲甲", capital=1.5),
        firm("f2", "名录", "2021"),
    ]
    store.apply(Batch(said))
    assert store.scan(Filter(), stated=True).nodes == said


def test_every_statement_about_an_edge_is_read_as_it_was_said(store: GraphStore) -> None:
    said = [
        makes("f1", "p1", source="年报", observed_at="2021", props={"share": 0.4}, confidence=0.9),
        makes("f1", "p1", source="比对", observed_at="2022", confidence=0.5, inferred=True),
    ]
    store.apply(Batch(edges=said))
    assert _said(store, "f1") == said
    assert [edge.inferred for edge in edges_at(store, "f1")] == [False]


def test_pages_of_statements_count_nodes(store: GraphStore) -> None:
    store.apply(Batch([firm(f"f{i}", source) for i in range(5) for source in ("甲", "乙")]))
    ids, after = [], None
    while True:
        page = store.scan(Filter(), after=after, limit=2, stated=True)
        ids += [node.id for node in page.nodes]
        assert len(page.nodes) <= 4
        if (after := page.cursor) is None:
            break
    assert ids == [f"f{i}" for i in range(5) for _ in range(2)]


def test_a_node_that_says_nothing_is_bare(store: GraphStore) -> None:
    bare = Node("x", Label.CHAIN)
    assert store.apply(Batch([bare])).nodes == Tally(new=1)
    assert read(store, "x") == Node("x", Label.CHAIN, version=1)
    assert store.scan(Filter(), stated=True).nodes == [bare]
    assert store.apply(Batch([bare])).nodes == Tally(unchanged=1)
    assert store.apply(Batch([Node("x", Label.PRODUCT, {"name": "阀"})])).nodes == Tally(changed=1)
    assert read(store, "x").observed_at == TODAY
    assert store.apply(Batch([Node("x", Label.PRODUCT)])).nodes == Tally(unchanged=1)
    assert read(store, "x").props == {"name": "阀"}


def test_statements_about_merged_nodes_stand_under_their_own_ids(store: GraphStore) -> None:
    nodes = [firm("f1", "甲", "2020", name="一"), firm("f2", "乙", "2021", name="二")]
    edge = makes("f2", "p1", source="表", observed_at="2021")
    store.apply(Batch(nodes, [edge]))
    store.apply(Batch([Node("f3", Label.ORGANIZATION)]))
    store.apply(Batch(merges=[("f2", "f1"), ("f3", "f1")]))
    said = [*nodes[::-1], Node("f3", Label.ORGANIZATION), Node("p1", Label.PRODUCT)]
    assert list(store.scan(Filter(), stated=True).nodes) == said
    assert _said(store, "f1") == [edge]
