"""How many round trips a match takes: batches of reads that wait for each other."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node
from graph_service.reads import Lexical, Onward, Read
from graph_service.store.embedded import EmbeddedStore
from tests.matching_graph import EDGES, MOST, NODES


class Recording:
    """A store that answers reads together, and remembers each batch of them."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.store = store
        self.batches: list[Sequence[Read[Any]]] = []

    def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
        self.batches.append(reads)
        return self.store.together(reads)


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Recording]:
    with EmbeddedStore(tmp_path_factory.mktemp("batches") / "store") as store:
        store.apply(Batch(NODES, EDGES))
        fill(store, HashingEmbedder())
        yield Recording(store)


@pytest.fixture
def matcher(recording: Recording) -> Matcher:
    recording.batches.clear()
    store: Any = recording  # it has nothing else: whoever asks the store itself fails
    return Matcher(store, HashingEmbedder())


@pytest.mark.parametrize("to", Target)
@pytest.mark.parametrize("recipe", MOST)
def test_a_stored_query_takes_few_round_trips(
    recording: Recording, matcher: Matcher, recipe: str, to: Target
) -> None:
    found = 0
    for node_id in ("demand:1", "result:1", "org:maker"):
        recording.batches.clear()
        answer = matcher.match(Query.of_node(node_id), to=to, recipe=recipe, viewer=EVERYONE)
        found += len(answer.candidates)
        assert len(recording.batches) <= MOST[recipe][0], node_id
    assert found


@pytest.mark.parametrize("to", Target)
@pytest.mark.parametrize("recipe", MOST)
def test_a_text_takes_fewer(
    recording: Recording, matcher: Matcher, recipe: str, to: Target
) -> None:
    text = "谐波减速器的柔轮疲劳断裂"
    assert matcher.match(Query.of_text(text), to=to, recipe=recipe, viewer=EVERYONE).candidates
    assert len(recording.batches) <= MOST[recipe][1]
    recording.batches.clear()
    assert matcher.rank(text, to, recipe, viewer=EVERYONE)
    assert len(recording.batches) <= MOST[recipe][2]


def test_words_of_names_are_counted_while_the_graph_is_walked(
    recording: Recording, matcher: Matcher
) -> None:
    """锰酸锂 stands in 镍钴锰酸锂 from word to word; alone it is a word that the text lacks."""
    found = matcher.match(Query.of_node("demand:1"), to=Target.RESULTS, viewer=EVERYONE)
    assert len(recording.batches) == MOST["full"][0]
    (walking,) = (
        batch
        for batch in recording.batches
        if any(isinstance(read, Onward) and read.arrive[0] is EdgeType.ABOUT for read in batch)
    )
    assert [read.terms for read in walking if isinstance(read, Lexical)] == [["锰酸锂"]]
    paths = {candidate.node.id: candidate.path for candidate in found.candidates}
    mention = paths["result:3"][0].hop.edge
    assert mention.props == {"mention": "锰酸锂"}
    assert mention.confidence > 0.5


def test_a_search_takes_two(recording: Recording, matcher: Matcher) -> None:
    assert matcher.search("柔轮", viewer=EVERYONE)
    assert len(recording.batches) == 2


def test_a_comparison_takes_one_more(recording: Recording, matcher: Matcher) -> None:
    matcher.compare(
        Query.of_node("demand:2"),
        to=Target.RESULTS,
        candidates=["result:1", "result:2"],
        viewer=EVERYONE,
    )
    assert len(recording.batches) <= MOST["full"][0] + 1


@pytest.mark.parametrize("to", [Target.RESULTS, Target.ORGANIZATIONS])
def test_awards_of_the_best_take_no_more(tmp_path: Path, to: Target) -> None:
    """What was won, by whom, and whether it has ended, is read with who is behind the best."""
    with EmbeddedStore(tmp_path / "store") as store:
        won = Node("demand:3", Label.DEMAND, {"title": "注塑机节能", "stage": "实施中"})
        store.apply(Batch([*NODES, won], [*EDGES, Edge(EdgeType.WON, "org:maker", won.id)]))
        recording = Recording(store)
        asked: Any = recording
        found = Matcher(asked, None).match(Query.of_node("demand:1"), to=to, viewer=EVERYONE)
    loads = [
        part.value
        for candidate in found.candidates
        for part in candidate.contributions
        if part.signal == "load"
    ]
    assert -1 / 3 in loads
    assert len(recording.batches) <= MOST["full"][0]
