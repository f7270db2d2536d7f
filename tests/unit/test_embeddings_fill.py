"""Filling a store with vectors: whole, in chunks, interrupted and resumed."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.model import Batch, Filter, Label, Node
from graph_service.ports import Floats, GraphStore
from graph_service.store import open_store

COUNT = 50


class Interrupted(HashingEmbedder):
    """Stopped by Ctrl-C at a given call."""

    def __init__(self, at: int) -> None:
        super().__init__()
        self.calls, self.at = 0, at

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        self.calls += 1
        if self.calls == self.at:
            raise KeyboardInterrupt
        return super().embed_documents(texts)


class Counting:
    """Progress that remembers."""

    def __init__(self) -> None:
        self.total: int | None = None
        self.steps: list[int] = []
        self.finished = 0

    def start(self, phase: str, total: int | None = None) -> None:
        assert phase == "生成向量"
        self.total = total

    def advance(self, count: int = 1) -> None:
        self.steps.append(count)

    def finish(self) -> None:
        self.finished += 1


@pytest.fixture
def store(tmp_path: Path) -> Iterator[GraphStore]:
    with open_store(str(tmp_path / "store")) as opened:
        nodes = [
            Node(f"p{i:02}", Label.PRODUCT, {"name": f"第{i}号减速器" + "零件" * (i % 7)})
            for i in range(COUNT)
        ]
        opened.apply(Batch(nodes=nodes))
        yield opened


def test_every_text_gets_its_vector(store: GraphStore) -> None:
    embedder, progress = HashingEmbedder(), Counting()
    report = fill(store, embedder, progress=progress, batch=20)
    assert report.texts == progress.total == COUNT
    assert progress.steps == [20, 20, 10]
    assert progress.finished == 1
    assert store.pending_texts(embedder.fingerprint) == []
    vectors = store.passage_vectors(["p07"], embedder.fingerprint)
    text = store.nodes(["p07"])["p07"].title
    assert vectors.matrix == pytest.approx(embedder.embed_documents([text]))
    query = embedder.embed_queries([text])[0]
    hits = store.search_vectors(query, embedder.fingerprint, Filter(), limit=1)
    assert [hit.node_id for hit in hits] == ["p07"]


def test_filling_again_does_nothing(store: GraphStore) -> None:
    embedder = HashingEmbedder()
    fill(store, embedder)
    assert fill(store, embedder).texts == 0


def test_an_interrupted_fill_keeps_what_was_committed_and_goes_on(store: GraphStore) -> None:
    embedder, progress = Interrupted(at=3), Counting()
    with pytest.raises(KeyboardInterrupt):
        fill(store, embedder, progress=progress, batch=20)
    assert progress.steps == [20, 20]
    assert progress.finished == 1
    assert len(store.pending_texts(embedder.fingerprint)) == COUNT - 40
    resumed = Counting()
    assert fill(store, embedder, progress=resumed).texts == resumed.total == COUNT - 40
    assert store.pending_texts(embedder.fingerprint) == []
