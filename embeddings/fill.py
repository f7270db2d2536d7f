"""Give every text in a store its vector."""

import time
from dataclasses import dataclass

import numpy as np

from graph_service.ports import Embedder, GraphStore
from graph_service.progress import Progress, Silent

#: Texts embedded between two commits: some seconds of work, which is what a kill can lose.
BATCH = 2048


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
) -> FillReport:
    """Embed the store's pending texts until none is left, then refresh the store.

    Each batch is committed before the next is begun, and only then told to ``progress``: whatever
    ends the work (Ctrl-C too), the next call goes on behind the last batch.
    """
    started = time.perf_counter()
    fingerprint = embedder.fingerprint
    # No vectors at all make the fingerprint known to the store, which can then count what waits.
    store.put_vectors(fingerprint, [], np.empty((0, embedder.dimension), np.float32))
    done = 0
    progress.start("生成向量", store.stats()["vectors"][fingerprint]["pending"])
    try:
        while pending := store.pending_texts(fingerprint, limit=batch):
            made = embedder.embed_documents([text.text for text in pending])
            store.put_vectors(fingerprint, [text.hash for text in pending], made)
            done += len(pending)
            progress.advance(len(pending))
    finally:
        progress.finish()
    store.refresh()
    return FillReport(done, time.perf_counter() - started)
