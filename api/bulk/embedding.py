"""``bulk embed``: vectors for all texts that have none, encoded by many workers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from api.bootstrap import Services
from api.bulk.engine import Engine, same_model
from api.embedding import told
from embeddings.fill import fill
from graph_service.ports import Floats, PendingText
from graph_service.progress import Progress

#: Texts in a shard: about a second of work, which is what a kill can lose of each worker.
SHARD = 256

#: Shards a worker that are taken up at once.
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class Part:
    """A shard: some texts, and the model that is to encode them."""

    texts: Sequence[PendingText]
    fingerprint: str


def embed_part(made: Services, part: Part) -> Floats:
    """The task of a worker: the texts' vectors, (n, d).

    Raises:
        FingerprintError: the worker has another model.
        EmbedderError: it is missing.
    """
    same_model(made, part.fingerprint)
    vectors: Floats = made.embedder.embed_documents([text.text for text in part.texts])
    return vectors


def embed_all(made: Services, engine: Engine, progress: Progress) -> dict[str, Any]:
    """Embed every text without a vector; what was done, as ``api.embedding`` tells it.

    Raises:
        EmbedderError: the model is missing.
        EngineError: workers were lost.
        StoreError
    """
    fingerprint = made.embedder.fingerprint

    def encode(texts: Sequence[PendingText]) -> Iterator[tuple[Sequence[PendingText], Floats]]:
        parts = (Part(texts[i : i + SHARD], fingerprint) for i in range(0, len(texts), SHARD))
        for part, vectors in engine.run(embed_part, parts):
            yield part.texts, vectors

    ahead = SHARD * _AHEAD * engine.workers
    report = fill(made.store, made.embedder, progress=progress, batch=ahead, encode=encode)
    return told(report, fingerprint)
