"""How many round trips a match takes: batches of reads that wait for each other."""

from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node
from graph_service.reads import Lexical, Onward, Read
from graph_service.store.embedded import EmbeddedStore

#: At most so many for a stored query whose poster has sisters, for a text, and for a mere ranking
#: of a text. Four of a stored query's are bound to follow each other: the node; the rarest of its
#: words, and whom the poster is related to; who has the words, and who are the sisters; how well,
#: and what the sisters own. Then come the reasons of the best, and for ``full`` first what tells
#: the best apart.
MOST = {
    "bm25": (5, 3, 2),
    "dense": (5, 3, 2),
    "rrf": (5, 3, 2),
    "hybrid": (5, 4, 3),
    "full": (6, 5, 4),
}

ORG, PRODUCT, DEMAND, RESULT = Label.ORGANIZATION, Label.PRODUCT, Label.DEMAND, Label.RESULT
NODES = [
    Node("org:poster", ORG, {"name": "甲整机厂"}),
    Node("org:group", ORG, {"name": "己集团"}),
    Node("org:sister", ORG, {"name": "庚减速器厂", "district": "东区"}),
    Node("org:maker", ORG, {"name": "乙精工", "text": "做谐波减速器的柔轮，寿命长"}),
    Node("org:needer", ORG, {"name": "丙整机"}),
    Node("product:谐波减速器", PRODUCT, {"name": "谐波减速器"}),
    Node("product:柔轮", PRODUCT, {"name": "柔轮"}),
    Node("product:疲劳断", PRODUCT, {"name": "疲劳断"}),
    Node("demand:1", DEMAND, {"title": "谐波减速器寿命提升", "text": "柔轮疲劳断裂，要求寿命长。"}),
    Node("demand:2", DEMAND, {"title": "柔轮开裂", "text": "谐波减速器柔轮在高速下疲劳断裂。"}),
    Node("result:1", RESULT, {"title": "柔轮表面强化方法", "text": "提升柔轮疲劳寿命的喷丸工艺。"}),
    Node("result:3", RESULT, {"title": "断口分析", "text": "看断裂面。"}),
    Node("result:2", RESULT, {"title": "柔轮疲劳试验", "text": "柔轮寿命试验。"}),
]
EDGES = [
    Edge(EdgeType.POSTED, "org:poster", "demand:1"),
    Edge(EdgeType.CONTROLS, "org:group", "org:poster"),
    Edge(EdgeType.CONTROLS, "org:group", "org:sister"),
    Edge(EdgeType.OWNS, "org:sister", "result:2"),
    Edge(EdgeType.ABOUT, "demand:1", "product:谐波减速器"),
    Edge(EdgeType.MAKES, "org:maker", "product:柔轮"),
    Edge(EdgeType.MAKES, "org:sister", "product:谐波减速器"),
    Edge(EdgeType.NEEDS, "org:needer", "product:谐波减速器"),
    Edge(EdgeType.UPSTREAM_OF, "product:柔轮", "product:谐波减速器"),
    Edge(EdgeType.OWNS, "org:maker", "result:1"),
    Edge(EdgeType.ABOUT, "result:1", "product:柔轮"),
    Edge(EdgeType.ABOUT, "result:3", "product:疲劳断"),
]


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
    """疲劳断 stands in 柔轮疲劳断裂; cut on its own it has a word, 断, that the text has not."""
    found = matcher.match(Query.of_node("demand:1"), to=Target.RESULTS, viewer=EVERYONE)
    assert len(recording.batches) == MOST["full"][0]
    (walking,) = (
        batch for batch in recording.batches if any(isinstance(read, Onward) for read in batch)
    )
    assert [read.terms for read in walking if isinstance(read, Lexical)] == [["断"]]
    paths = {candidate.node.id: candidate.path for candidate in found.candidates}
    mention = paths["result:3"][0].hop.edge
    assert mention.props == {"mention": "疲劳断"}
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
