"""Exploring: nodes, relations page by page, ways, a part of the graph, and what was cut off."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.errors import InputError, NotFoundError
from graph_service.explore.service import MOST_EDGES, MOST_HOPS, MOST_PATHS, Explorer
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import Store
from graph_service.store import open_store

HUB, LAST = "org:枢纽", "product:9"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "store")) as opened:
        opened.apply(
            Batch(
                nodes=[
                    Node(HUB, Label.ORGANIZATION, {"name": "枢纽厂"}),
                    *(Node(f"product:{i}", Label.PRODUCT, {"name": f"产品{i}"}) for i in range(10)),
                ],
                edges=[
                    Edge(EdgeType.MAKES, HUB, f"product:{i}", confidence=0.5 + i / 100)
                    for i in range(10)
                ]
                + [
                    Edge(EdgeType.NEEDS, HUB, "product:0", inferred=True),
                    Edge(EdgeType.UPSTREAM_OF, "product:1", "product:0"),
                ],
            )
        )
        yield opened


@pytest.fixture
def explorer(store: Store) -> Explorer:
    return Explorer(store)


def test_pages_of_relations_make_up_all_of_them_in_order(explorer: Explorer, store: Store) -> None:
    whole = store.neighbours([HUB])[HUB]
    seen, cursor = [], None
    for _ in range(6):
        page = explorer.neighbours(HUB, after=cursor, limit=2, viewer=EVERYONE)
        seen += [step.hop for step in page.relations]
        cursor = page.cursor
    assert cursor is None
    assert seen == whole
    assert seen[0].end == LAST
    assert seen[-1].edge.inferred


def test_what_came_or_went_between_two_pages_shifts_nothing(
    explorer: Explorer, store: Store
) -> None:
    first = explorer.neighbours(HUB, limit=3, viewer=EVERYONE)
    surer = [Edge(EdgeType.MAKES, HUB, f"product:新{i}", confidence=0.99) for i in range(20)]
    gone = (EdgeType.MAKES, HUB, LAST, "")
    store.apply(Batch(edges=surer, delete_edges=[gone]))
    second = explorer.neighbours(HUB, after=first.cursor, limit=3, viewer=EVERYONE)
    assert [step.hop.end for step in second.relations] == ["product:6", "product:5", "product:4"]
    store.apply(Batch(delete_edges=[(e.type, e.from_id, e.to_id, e.key) for e in surer]))
    again = explorer.neighbours(HUB, after=first.cursor, limit=3, viewer=EVERYONE)
    assert again.relations == second.relations


@pytest.mark.parametrize(
    "cursor", ["", "x", "3", "[]", "[-1]", "[true]", '["a"]', "[1,false,0.5]", "{}", "null"]
)
def test_a_cursor_that_is_none_is_refused(explorer: Explorer, cursor: str) -> None:
    with pytest.raises(InputError):
        explorer.neighbours(HUB, after=cursor, viewer=EVERYONE)


def test_a_relation_names_both_ends_and_says_what_is_guessed(explorer: Explorer) -> None:
    answer = explorer.neighbours(
        "product:0", types=[EdgeType.NEEDS], direction="in", viewer=EVERYONE
    ).as_dict()
    assert answer["node"]["title"] == "产品0"
    (edge,) = answer["edges"]
    assert (edge["from"]["title"], edge["to"]["title"]) == ("产品0", "枢纽厂")
    assert (edge["forward"], edge["inferred"], edge["key"]) == (False, True, "")


def test_paths_come_with_the_names_of_their_nodes(explorer: Explorer) -> None:
    answer = explorer.paths("product:1", "product:0", viewer=EVERYONE).as_dict()
    assert [path["hops"] for path in answer["paths"]] == [1, 2]
    assert answer["paths"][1]["path"][0]["to"] == {"id": HUB, "title": "枢纽厂"}


def test_what_matching_found_is_no_way_unless_it_is_asked_for(
    explorer: Explorer, store: Store
) -> None:
    found = Edge(EdgeType.MATCHED, "demand:1", HUB, "full", confidence=0.5, inferred=True)
    store.apply(Batch(nodes=[Node("demand:1", Label.DEMAND, {"title": "需求"})], edges=[found]))
    assert explorer.paths("demand:1", HUB, viewer=EVERYONE).paths == []
    asked = explorer.paths("demand:1", HUB, types=[EdgeType.MATCHED], viewer=EVERYONE)
    assert [[step.hop.edge.inferred for step in path] for path in asked.paths] == [[True]]
    (shown,) = explorer.neighbours("demand:1", viewer=EVERYONE).relations
    assert (shown.hop.edge.type, shown.hop.edge.inferred) == (EdgeType.MATCHED, True)


def test_a_part_of_the_graph_says_what_was_cut_off(explorer: Explorer) -> None:
    whole = explorer.subgraph(viewer=EVERYONE)
    assert (len(whole.nodes), len(whole.edges)) == (11, 12)
    assert not whole.more_nodes
    assert not whole.more_edges
    exact = explorer.subgraph(nodes=11, edges=12, viewer=EVERYONE)
    assert exact == whole
    fewer = explorer.subgraph(nodes=10, viewer=EVERYONE)
    assert fewer.more_nodes
    assert not fewer.more_edges
    assert {node.id for node in fewer.nodes} == {node.id for node in whole.nodes} - {LAST}
    cut = explorer.subgraph(edges=3, viewer=EVERYONE).as_dict()
    assert (cut["more_nodes"], cut["more_edges"]) == (False, True)
    order = [(edge["from"], edge["to"], edge["type"]) for edge in cut["edges"]]
    assert order == sorted((e.from_id, e.to_id, e.type.value) for e in whole.edges)[:3]


def test_nodes_come_in_pages(explorer: Explorer) -> None:
    products = Filter(labels=frozenset({Label.PRODUCT}))
    page = explorer.nodes(products, limit=4, viewer=EVERYONE)
    rest = explorer.nodes(products, after=page.cursor, viewer=EVERYONE)
    assert [len(page.nodes), len(rest.nodes)] == [4, 6]
    assert rest.cursor is None


def test_numbers_out_of_range_are_refused(explorer: Explorer) -> None:
    calls = [
        lambda: explorer.paths(HUB, LAST, max_hops=MOST_HOPS + 1, viewer=EVERYONE),
        lambda: explorer.paths(HUB, LAST, k=MOST_PATHS + 1, viewer=EVERYONE),
        lambda: explorer.paths(HUB, LAST, k=0, viewer=EVERYONE),
        lambda: explorer.subgraph(edges=MOST_EDGES + 1, viewer=EVERYONE),
        lambda: explorer.subgraph(nodes=0, viewer=EVERYONE),
        lambda: explorer.nodes(limit=0, viewer=EVERYONE),
        lambda: explorer.neighbours(HUB, limit=-1, viewer=EVERYONE),
    ]
    for call in calls:
        with pytest.raises(InputError, match="不能用"):
            call()


def test_an_unknown_id_is_said_in_one_way(explorer: Explorer) -> None:
    said = set()
    for call in (
        lambda: explorer.node("org:无", viewer=EVERYONE),
        lambda: explorer.neighbours("org:无", viewer=EVERYONE),
        lambda: explorer.paths("org:无", LAST, viewer=EVERYONE),
        lambda: explorer.paths(LAST, "org:无", viewer=EVERYONE),
    ):
        with pytest.raises(NotFoundError) as error:
            call()
        said.add(error.value.message)
    assert len(said) == 1


def test_suggestions_say_which_name_was_met_and_how(explorer: Explorer, store: Store) -> None:
    other = Node("org:重庆", Label.ORGANIZATION, {"name": "重庆泵业", "aliases": ["山城泵业"]})
    store.apply(Batch(nodes=[other]))
    told = [one.as_dict() for one in explorer.suggest("shancheng", viewer=EVERYONE)]
    assert told == [
        {
            "id": "org:重庆",
            "label": "Organization",
            "title": "重庆泵业",
            "name": "山城泵业",
            "by": "pinyin",
        }
    ]
    assert [one.way for one in explorer.suggest("cqby", viewer=EVERYONE)] == ["initials"]
    products = explorer.suggest("产品", labels=[Label.PRODUCT], limit=3, viewer=EVERYONE)
    assert [one.node.id for one in products] == ["product:0", "product:1", "product:2"]
    assert explorer.suggest("产品", labels=[Label.REGION], viewer=EVERYONE) == []
