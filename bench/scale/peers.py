"""Peers on the same documents and vectors: ``python -m bench.scale.peers STORE PEER``.

bm25s (words, numba), sentence-transformers' ``semantic_search`` (vectors, torch on all cores) and
txtai (both: its SQLite-backed BM25 and faiss), each as its documentation advises for speed, each in
a process of its own. Queries are the stored demands, ready as tokens and vectors, for ten results;
none of the three explains an answer or follows a commit. Prints JSON.
"""

import argparse
import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

from bench.scale.measure import memory, timed
from graph_service.model import Filter, Label
from graph_service.ports import Floats
from graph_service.store import open_store

_TOP = 10


class Corpus:
    """A store's results and some of its demands, as words and as vectors of whole documents."""

    def __init__(self, folder: str, queries: int) -> None:
        self._folder = Path(folder)
        with open_store(folder, read_only=True) as store:
            self._fingerprint = next(iter(store.stats()["vectors"]))
            self._store = store
            demands = store.scan(Filter(labels=frozenset({Label.DEMAND})), limit=queries).nodes
            ids = [node.id for node in demands]
            self.asked = store.passage_vectors(ids, self._fingerprint, whole_documents=True).matrix
        self.said = [words.split(" ") for words in self._words(Label.DEMAND, queries)]

    def words(self) -> Iterator[list[str]]:
        """The words of each result."""
        for words in self._words(Label.RESULT, -1):
            yield words.split(" ")

    def vectors(self) -> Floats:
        """The vectors of the results, shape (n, d)."""
        with open_store(str(self._folder), read_only=True) as store:
            blocks, after = [], None
            while True:
                page = store.scan(
                    Filter(labels=frozenset({Label.RESULT})), after=after, limit=20_000
                )
                ids = [node.id for node in page.nodes]
                found = store.passage_vectors(ids, self._fingerprint, whole_documents=True)
                blocks.append(found.matrix)
                after = page.cursor
                if after is None:
                    return np.concatenate(blocks)

    def _words(self, label: Label, limit: int) -> Iterator[str]:
        # The words as the store keeps them: cutting a million texts again would measure the cutter.
        connection = sqlite3.connect(f"file:{self._folder / 'record.sqlite'}?mode=ro", uri=True)
        yield from (
            words
            for (words,) in connection.execute(
                "SELECT p.tokens FROM nodes n JOIN passages p ON p.node_num = n.num "
                "AND p.ordinal = 0 WHERE n.label = ? ORDER BY n.id LIMIT ?",
                (label.value, limit),
            )
        )


def bm25s(corpus: Corpus) -> list[Callable[[], object]]:
    """Word search: BM25 scores kept ready for every word and document, read by numba."""
    import bm25s as library

    number: dict[str, int] = {}
    ids = [[number.setdefault(word, len(number)) for word in words] for words in corpus.words()]
    engine = library.BM25(backend="numba")
    engine.index((ids, number), show_progress=False)
    engine.activate_numba_scorer()
    return [
        lambda words=words: engine.retrieve(
            [[word for word in words if word in number]], k=_TOP, show_progress=False, n_threads=1
        )
        for words in corpus.said
    ]


def semantic_search(corpus: Corpus) -> list[Callable[[], object]]:
    """Vector search: all products, by torch."""
    import torch
    from sentence_transformers import util

    documents = torch.from_numpy(corpus.vectors())
    return [
        lambda query=query: util.semantic_search(
            query, documents, top_k=_TOP, score_function=util.dot_score
        )
        for query in torch.from_numpy(corpus.asked)[:, None, :]
    ]


def txtai(corpus: Corpus) -> list[Callable[[], object]]:
    """Hybrid search: half words, half vectors; ready vectors in place of a model."""
    from txtai import Embeddings

    vectors = corpus.vectors()
    count = len(vectors)

    def transform(texts: list[str]) -> Floats:
        return np.stack([_vector(text, vectors, corpus.asked) for text in texts])

    engine = Embeddings(
        method="external",
        transform=transform,
        backend="faiss",
        scoring={"method": "bm25", "terms": True, "normalize": True},
    )
    engine.index((i, _told(i, words), None) for i, words in enumerate(corpus.words()))
    return [
        lambda i=i, words=words: engine.search(_told(count + i, words), _TOP)
        for i, words in enumerate(corpus.said)
    ]


def _told(place: int, words: list[str]) -> str:
    return f"@{place} {' '.join(words)}"


def _vector(text: str, documents: Floats, queries: Floats) -> Floats:
    place = int(text[1 : text.index(" ")])
    found: Floats = documents[place] if place < len(documents) else queries[place - len(documents)]
    return found


PEERS: dict[str, Callable[[Corpus], list[Callable[[], object]]]] = {
    "bm25s": bm25s,
    "semantic_search": semantic_search,
    "txtai": txtai,
}


def measure(folder: str, peer: str, *, queries: int) -> dict[str, Any]:
    """The figures of one peer; ``missing`` says why there are none."""
    corpus = Corpus(folder, queries)
    began = time.perf_counter()
    try:
        calls = PEERS[peer](corpus)
    except ImportError as error:
        return {"missing": str(error)}
    built = time.perf_counter() - began
    return {"milliseconds": timed(calls), "seconds": built, "mebibytes": memory()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("peer", choices=PEERS)
    parser.add_argument("--queries", type=int, default=100)
    args = parser.parse_args()
    print(json.dumps(measure(args.store, args.peer, queries=args.queries)))


if __name__ == "__main__":
    main()
