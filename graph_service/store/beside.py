"""Several reads of the embedded store at once: words beside vectors, all nodes in one look."""

import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any

from graph_service.ports import GraphStore
from graph_service.reads import Nodes, Read, TextSearch, VectorSearch, WithNodes


class Beside:
    """Answers batches of reads.

    Neither search holds Python's lock for long, nor does an encoder: words are looked for in
    another thread while this one makes vectors and compares them.

    Args:
        store: what is read.
        alone: everything in the thread of who asks, one after the other.
    """

    def __init__(self, store: GraphStore, *, alone: bool) -> None:
        self._store = store
        self._threads = (
            None if alone else ThreadPoolExecutor(os.cpu_count(), thread_name_prefix="beside")
        )

    def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
        """The answer of each read: see ``graph_service.reads.Batching``."""
        asked = [read.of if isinstance(read, WithNodes) else read for read in reads]
        answers = self._answers(asked)
        named = [_named(read, answer) for read, answer in zip(reads, answers, strict=True)]
        every = list(dict.fromkeys(node_id for ids in named for node_id in ids))
        nodes = self._store.nodes(every) if every else {}
        for i, read in enumerate(reads):
            if isinstance(read, Nodes | WithNodes):
                found = {node_id: nodes[node_id] for node_id in named[i] if node_id in nodes}
                answers[i] = (answers[i], found) if isinstance(read, WithNodes) else found
        return answers

    def close(self) -> None:
        """End the threads."""
        if self._threads:
            self._threads.shutdown()

    def _answers(self, asked: Sequence[Read[Any]]) -> list[Any]:
        """The answers but for those of nodes, which come last."""
        vectors = any(isinstance(read, VectorSearch) for read in asked)
        threads = self._threads if vectors else None
        begun = {
            # The request's time limit goes along.
            i: threads.submit(copy_context().run, read.ask, self._store)
            for i, read in enumerate(asked)
            if threads and isinstance(read, TextSearch)
        }
        answers = [
            None if i in begun or isinstance(read, Nodes) else read.ask(self._store)
            for i, read in enumerate(asked)
        ]
        for i, answer in begun.items():
            answers[i] = answer.result()
        return answers


def _named(read: Read[Any], answer: Any) -> Sequence[str]:
    """Ids of the nodes to be read."""
    if isinstance(read, Nodes):
        return read.ids
    return sorted(read.of.ids_in(answer)) if isinstance(read, WithNodes) else ()
