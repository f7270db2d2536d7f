"""Bulk runs as they are kept: one process at a recipe, nothing forgotten, merges between runs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.bootstrap import Services
from api.bulk.engine import Local
from api.bulk.matching import Wanted, match_all
from api.bulk.runs import KIND, Phase, Runs
from api.settings import load_settings
from graph_service.errors import StoreLockedError
from graph_service.matching.kept import matched, replacing
from graph_service.model import Batch, Edge, EdgeType, Label, Node, Tally
from graph_service.progress import Silent

TODAY = "2026-03-01"


@pytest.fixture
def made(tmp_path: Path) -> Iterator[Services]:
    settings = load_settings({"store": str(tmp_path / "store"), "model": "hashing"})
    with Services(settings) as services:
        yield services


def test_one_process_is_at_a_recipe(made: Services) -> None:
    ours, theirs = Runs(made.store, "full"), Runs(made.store, "full")
    run = ours.begin({"top": 1}, TODAY)
    ours.keep(run, 0, {"d": {}})
    assert theirs.last() == run
    theirs.keep(run, 1, {})
    for refused in (
        lambda: ours.keep(run, 2, {}),
        lambda: ours.turn(run, Phase.WRITING),
        lambda: ours.write(run, 0, Batch(nodes=[Node("d", Label.DEMAND)])),
    ):
        with pytest.raises(StoreLockedError, match="另一个进程也在用方案 full"):
            refused()
    assert made.store.nodes(["d"]) == {}
    assert [number for number, _ in theirs.kept(run)] == [0, 1]
    other = Runs(made.store, "bm25")
    other.keep(other.begin({}, TODAY), 0, {})
    assert [number for number, _ in theirs.kept(run)] == [0, 1]


def test_what_is_begun_anew_forgets_all_shards(made: Services) -> None:
    runs = Runs(made.store, "full")
    first = runs.begin({"top": 1}, TODAY)
    for number in range(45):
        runs.keep(first, number, {})
    second = runs.begin({"top": 2}, TODAY)
    assert list(runs.kept(second)) == []
    assert made.store.count(KIND) == 1
    assert runs.last() == second


def test_all_that_is_kept_comes_though_it_is_written_meanwhile(made: Services) -> None:
    runs = Runs(made.store, "full")
    run = runs.begin({}, TODAY)
    for number in range(45):
        runs.keep(run, number, {})
    seen = []
    for number, _ in runs.kept(run):
        runs.write(run, number, Batch(nodes=[Node(f"d{number}", Label.DEMAND)]))
        seen.append(number)
    assert seen == list(range(45))
    assert made.store.stats()["nodes"] == {"Demand": 45}
    assert made.store.count(KIND) == 1


def test_edges_to_what_was_not_looked_for_stay() -> None:
    nodes = {"r": Node("r", Label.RESULT), "o": Node("o", Label.ORGANIZATION)}
    standing = matched("d", "bm25", [("r", 2.0), ("o", 1.0)])
    wanted = matched("d", "bm25", [("s", 1.0)])
    batch = replacing(standing, wanted, nodes, {Label.RESULT})
    assert batch == Batch(edges=wanted, delete_edges=[(EdgeType.MATCHED, "d", "r", "bm25")])


def test_scores_that_differ_by_the_last_bit_say_the_same() -> None:
    standing, wanted = (matched("d", "full", [("r", score)]) for score in (0.92654, 0.92656))
    assert standing != wanted
    batch = replacing(standing, wanted, {}, {Label.RESULT})
    assert (batch.edges, batch.delete_edges) == ([], [])


def test_organisations_that_are_merged_between_two_runs(made: Services) -> None:
    firms = [f"org:{name}" for name in "甲乙丙"]
    made.store.apply(
        Batch(
            nodes=[
                Node("demand:1", Label.DEMAND, {"title": "柔轮 疲劳 寿命"}),
                *(
                    Node(firm, Label.ORGANIZATION, {"name": firm, "text": "柔轮" + " 疲劳" * i})
                    for i, firm in enumerate(firms)
                ),
            ]
        )
    )

    def run() -> Tally:
        wanted = Wanted("bm25")
        return match_all(made, Local(made), wanted, Silent()).edges

    def edges() -> list[Edge]:
        hops = made.store.neighbours(["demand:1"], types=[EdgeType.MATCHED])
        return sorted((hop.edge for hop in hops["demand:1"]), key=lambda e: e.props["rank"])

    assert run().new == 3
    apart = edges()
    made.store.apply(Batch(merges=[(firms[1], firms[2])]))
    run()
    assert [(edge.to_id, edge.props["rank"]) for edge in edges()] == [(firms[2], 1), (firms[0], 2)]
    assert run() == Tally(unchanged=2)
    made.store.apply(Batch(splits=[firms[1]]))
    run()
    assert [(e.to_id, e.props) for e in edges()] == [(e.to_id, e.props) for e in apart]
    assert run() == Tally(unchanged=3)
