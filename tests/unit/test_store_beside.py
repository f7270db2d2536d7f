"""Several reads of the embedded store at once: the same answers, words beside vectors."""

import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service import deadline
from graph_service.errors import FingerprintError
from graph_service.model import Batch, Edge, EdgeType, Filter, Hit, Label, Node
from graph_service.ports import Floats
from graph_service.reads import (
    Neighbours,
    Nodes,
    Onward,
    Paths,
    Read,
    Scan,
    TextSearch,
    VectorSearch,
    WithNodes,
)
from graph_service.store.embedded import EmbeddedStore

EMBEDDER = HashingEmbedder()
ANY = Filter()


class Watched(EmbeddedStore):
    """Remembers which thread looked for what, and how long it might."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.seen: dict[str, tuple[str, float | None]] = {}

    def _see(self, what: str) -> None:
        self.seen[what] = threading.current_thread().name, deadline.remaining()

    def search_text(self, terms: Mapping[str, float], where: Filter, **more: Any) -> list[Hit]:
        self._see("words")
        return super().search_text(terms, where, **more)

    def search_vectors(
        self, vector: Floats, fingerprint: str, where: Filter, **more: Any
    ) -> list[Hit]:
        self._see("vectors")
        return super().search_vectors(vector, fingerprint, where, **more)


def _fill(store: EmbeddedStore) -> None:
    store.apply(
        Batch(
            [
                Node(f"o{i}", Label.ORGANIZATION, {"name": f"虚构阀门{name}厂"})
                for i, name in enumerate("甲乙丙丁")
            ],
            [Edge(EdgeType.SUPPLIES, f"o{i}", f"o{i + 1}") for i in range(3)],
        )
    )
    store.apply(Batch(merges=[("o3", "o2")]))
    fill(store, EMBEDDER)


def _vectors(**more: Any) -> VectorSearch:
    vector = EMBEDDER.embed_queries(["阀门"])[0]
    return VectorSearch(lambda: vector, EMBEDDER.fingerprint, ANY, **more)


WORDS = TextSearch({"阀门": 1.0}, ANY)


def test_answers_are_those_of_each_read_alone(tmp_path: Path) -> None:
    reads: list[Read[Any]] = [
        Nodes(["o3", "none", "o0", "o3"]),
        WORDS,
        WithNodes(_vectors(limit=2)),
        WithNodes(Neighbours(["o1", "o3"])),
        WithNodes(TextSearch({"甲": 1.0}, ANY, names=True)),
        Scan(ANY, limit=2),
        Nodes([]),
        WithNodes(Paths("o0", "o2")),
        Onward(["o0"], [(EdgeType.SUPPLIES, "out")], (EdgeType.SUPPLIES, "out")),
    ]
    with EmbeddedStore(tmp_path) as store:
        _fill(store)
        answers = store.together(reads)
        assert answers == [read.ask(store) for read in reads]
        assert all(answer for read, answer in zip(reads, answers, strict=True) if read != Nodes([]))
        assert list(answers[0]) == ["o3", "o0"]
        assert store.together([]) == []


def test_words_are_looked_for_beside_vectors_within_the_time_limit(tmp_path: Path) -> None:
    here = threading.current_thread().name
    with Watched(tmp_path) as store:
        _fill(store)
        with deadline.time_limit(60):
            assert all(store.together([_vectors(), WORDS]))
        (beside, left), (asker, _) = store.seen["words"], store.seen["vectors"]
        assert beside.startswith("beside")
        assert asker == here
        assert left is not None
        assert 0 < left <= 60
        store.together([WORDS])  # nothing to be beside of
        assert store.seen["words"] == (here, None)
    assert not [one for one in threading.enumerate() if one.name.startswith("beside")]


def test_a_trial_stays_in_its_thread(tmp_path: Path) -> None:
    with Watched(tmp_path, trial=True) as store:
        _fill(store)
        assert all(store.together([_vectors(), WORDS]))
        assert {thread for thread, _ in store.seen.values()} == {threading.current_thread().name}


@pytest.mark.parametrize("trial", [False, True])
def test_the_error_of_a_read_is_that_of_all(tmp_path: Path, trial: bool) -> None:
    wrong = VectorSearch(lambda: EMBEDDER.embed_queries(["x"])[0][:2], EMBEDDER.fingerprint, ANY)
    with EmbeddedStore(tmp_path, trial=trial) as store:
        _fill(store)
        with pytest.raises(FingerprintError):
            store.together([WORDS, wrong])
