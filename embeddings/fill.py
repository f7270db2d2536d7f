"""Give every text in a store its vector."""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from graph_service.ports import Embedder, Floats, GraphStore, PendingText
from graph_service.progress import Progress, Silent

#: Texts embedded between two commits: some seconds of work, which is what a kill can lose.
BATCH = 2048

#: From texts to vectors, some at a time as they are done: each time (n) texts and their (n, d).
Encode = Callable[[Sequence[PendingText]], Iterable[tuple[Sequence[PendingText], Floats]]]


@dataclass(frozen=True, slots=True)
class FillReport:
    """How many texts got a vector, in how many seconds."""

    texts: int
    seconds: float


def fill(
    store: GraphStore,
    embedder: Embedder,
    *,
    progress: Progress = Silent(),  # noqa: B008 - stateless
    batch: int = BATCH,
    encode: Encode | None = None,
) -> FillReport:
    """Embed the store's pending texts until none is left, then refresh the store.

    What is encoded is committed at once, and only then told to ``progress``: whatever ends the
    work (Ctrl-C too), the next call goes on behind it.

    Args:
        store: whose texts.
        embedder: encodes them.
        progress: is told of texts whose vectors are safe.
        batch: texts that are taken up at once.
        encode: encodes in the embedder's place, by workers that have the same one.
    """
    encode = encode or (
        lambda texts: [(texts, embedder.embed_documents([text.text for text in texts]))]
    )
    started = time.perf_counter()
    fingerprint = embedder.fingerprint
    # No vectors at all make the fingerprint known to the store, which can then count what waits.
    store.put_vectors(fingerprint, [], np.empty((0, embedder.dimension), np.float32))
    done = 0
    progress.start("生成向量", store.stats()["vectors"][fingerprint]["pending"])
    try:
        while pending := store.pending_texts(fingerprint, limit=batch):
            for texts, made in encode(pending):
                store.put_vectors(fingerprint, [text.hash for text in texts], made)
                done += len(texts)
                progress.advance(len(texts))
    finally:
        progress.finish()
    store.refresh()
    return FillReport(done, time.perf_counter() - started)
