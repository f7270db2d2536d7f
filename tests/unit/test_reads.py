"""Reads as data, and functions over them that are run in lockstep."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from graph_service import deadline
from graph_service.errors import NotFoundError, QueryTimeoutError
from graph_service.lockstep import at_once, each, run
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.reads import (
    Lexical,
    Neighbours,
    Nodes,
    Onward,
    Paths,
    Read,
    Scan,
    Step,
    TextSearch,
    WithNodes,
)
from graph_service.reads import together as read_together
from graph_service.store.embedded import EmbeddedStore


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedStore]:
    with EmbeddedStore(tmp_path_factory.mktemp("reads") / "store") as store:
        store.apply(
            Batch(
                [Node(f"o{i}", Label.ORGANIZATION, {"name": f"虚构阀门{i}厂"}) for i in range(3)],
                [Edge(EdgeType.SUPPLIES, "o0", "o1"), Edge(EdgeType.SUPPLIES, "o1", "o2")],
            )
        )
        yield store


class Recording:
    """A store that answers reads together, and remembers each batch of them."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.store = store
        self.batches: list[Sequence[Read[Any]]] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name)

    def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
        self.batches.append(reads)
        return [read.ask(self.store) for read in reads]


@pytest.fixture
def recording(store: EmbeddedStore) -> Any:
    return Recording(store)


async def _titles(*ids: str) -> list[str]:
    found = [(await Nodes([node_id]))[node_id].title for node_id in ids]
    return sorted(found)


def test_a_read_asks_as_the_method_of_the_store_does(store: EmbeddedStore) -> None:
    where = Filter(labels=frozenset({Label.ORGANIZATION}))
    answers = read_together(
        store,
        [
            Nodes(["o1", "none"]),
            Scan(where, after="o0", limit=1),
            Neighbours(["o1"], (EdgeType.SUPPLIES,), "out"),
            Paths("o0", "o2", k=1),
            TextSearch({"阀门": 1.0}, where, limit=2),
        ],
    )
    assert answers == [
        store.nodes(["o1", "none"]),
        store.scan(where, after="o0", limit=1),
        store.neighbours(["o1"], types=(EdgeType.SUPPLIES,), direction="out"),
        store.paths("o0", "o2", k=1),
        store.search_text({"阀门": 1.0}, where, limit=2),
    ]
    assert all(answers)
    counted = run(store, at_once(Lexical(["阀门"], Label.ORGANIZATION, ["o2"]), Nodes([])))[0]
    assert (counted.frequency.tolist(), counted.counts.tolist()) == ([3], [[1]])


@pytest.mark.parametrize("direct", [True, False])
def test_a_walk_goes_on_from_wherever_its_first_steps_lead(
    store: EmbeddedStore, direct: bool
) -> None:
    over: list[Step] = [(EdgeType.SUPPLIES, "out"), (EdgeType.CONTROLS, "out")]
    walk = Onward(["o0"], over, (EdgeType.SUPPLIES, "both"), limit=1, direct=direct)
    (first, second), arrived = run(store, at_once(walk, Nodes([])))[0]
    assert first == store.neighbours(["o0"], types=[EdgeType.SUPPLIES], direction="out")
    assert second == {"o0": []}
    ends = ["o0", "o1"] if direct else ["o1"]
    assert arrived == store.neighbours(ends, types=[EdgeType.SUPPLIES], limit=1)


@pytest.mark.parametrize(
    ("finding", "named"),
    [
        (Neighbours(["o1"]), ["o0", "o2"]),
        (Paths("o0", "o2"), ["o0", "o1", "o2"]),
        (TextSearch({"厂": 1.0}, Filter(), limit=2), ["o0", "o1"]),
    ],
)
def test_nodes_that_an_answer_names_come_with_it(
    store: EmbeddedStore, finding: Any, named: list[str]
) -> None:
    answer, nodes = run(store, at_once(WithNodes(finding), Nodes([])))[0]
    assert answer == finding.ask(store)
    assert nodes == store.nodes(named)


def test_what_does_not_wait_for_each_other_goes_together(recording: Any) -> None:
    async def asking() -> tuple[list[str], list[list[str]]]:
        first = await Nodes(["o0"])
        assert first["o0"].title == "虚构阀门0厂"
        return await at_once(_titles("o0", "o1"), each([_titles("o2"), _titles("o1", "o0", "o2")]))

    ones, twos = run(recording, asking())
    assert ones == ["虚构阀门0厂", "虚构阀门1厂"]
    assert twos == [["虚构阀门2厂"], ["虚构阀门0厂", "虚构阀门1厂", "虚构阀门2厂"]]
    asked = [[read.ids[0] for read in batch] for batch in recording.batches]
    assert asked == [["o0"], ["o0", "o2", "o1"], ["o1", "o0"], ["o2"]]


def test_what_reads_nothing_asks_nothing(recording: Any) -> None:
    async def nothing() -> int:
        return 7

    async def asking() -> list[Any]:
        return [await at_once(nothing(), nothing()), await each([])]

    assert run(recording, asking()) == [(7, 7), []]
    assert recording.batches == []


def test_an_error_ends_what_runs_beside_it(recording: Any) -> None:
    ended = []

    async def failing() -> None:
        await Nodes(["o0"])
        raise NotFoundError.node("x")

    async def beside() -> None:
        try:
            await Nodes(["o1"])
            await Nodes(["o2"])
        finally:
            ended.append("beside")

    async def never_begun() -> None:
        ended.append("never")

    async def at_its_beginning() -> None:
        raise NotFoundError.node("y")

    with pytest.raises(NotFoundError, match="x"):
        run(recording, at_once(beside(), failing()))
    assert (ended, len(recording.batches)) == (["beside"], 1)
    with pytest.raises(NotFoundError, match="y"):  # and no warning that it was never awaited
        run(recording, at_once(at_its_beginning(), never_begun()))
    assert ended == ["beside"]


def test_an_error_of_a_batch_reaches_all_that_wait_for_it(store: EmbeddedStore) -> None:
    class Broken(Recording):
        def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
            if any(read == Nodes(["bad"]) for read in reads):
                raise NotFoundError.node("bad")
            return super().together(reads)

    async def forgiving() -> str:
        try:
            await Nodes(["o1"])
        except NotFoundError:
            return next(iter(await Nodes(["o2"])))
        return "no error"

    async def asking() -> tuple[str, str]:
        return await at_once(forgiving(), forgiving())

    async def strict() -> tuple[str, dict[str, Node]]:
        return await at_once(forgiving(), Nodes(["bad"]))

    broken: Any = Broken(store)
    assert run(broken, asking()) == ("no error", "no error")
    with pytest.raises(NotFoundError, match="bad"):
        run(broken, strict())

    async def mended() -> tuple[str, str]:
        async def bad() -> str:
            try:
                return (await Nodes(["bad"]))["bad"].id
            except NotFoundError:
                return "mended"

        return await at_once(forgiving(), bad())

    assert run(broken, mended()) == ("o2", "mended")


def test_a_time_limit_holds_in_every_batch(store: EmbeddedStore, tmp_path: Path) -> None:
    left = []

    class Watching(Recording):
        def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
            left.append(deadline.remaining())
            deadline.check()
            return super().together(reads)

    watching: Any = Watching(store)
    with deadline.time_limit(60):
        run(watching, at_once(_titles("o0", "o1"), _titles("o2")))
    assert all(seconds is not None and 0 < seconds <= 60 for seconds in left)
    assert len(left) == 2
    with deadline.time_limit(0), pytest.raises(QueryTimeoutError):
        run(watching, _titles("o0"))
