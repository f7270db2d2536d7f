"""``neo4j-graphrag``'s HybridRetriever beside our recipes: one Neo4j, the same texts and vectors.

    JIEBANG_STORE=neo4j://… python -m bench.peer_graphrag TASK [--qrels NAME] [--rounds N]
        [--recipe NAME …] [--json FILE]

TASK is a folder in BEIR layout (docs/data-formats.md). Its corpus and graph are written to the
server of ``JIEBANG_STORE``, which must be empty. The peer gets nodes of its own there, with the
vector of each whole document under a vector index without quantization, and its words under a full-
text index, twice over: as Lucene's ``cjk`` analyser tells them, and as ours does. It is run with
each of its rankers at its defaults, and with the linear one at several weights (``alpha``, the
vector's share): the best of them is the figure to be beaten. Queries are escaped, as its
documentation asks.

Printed are nDCG@10 and Recall@100 over all queries, as ``jiebang evaluate`` has them, and
milliseconds for the first ten answers to a text, its embedding included (ours come with reasons).
"""

import argparse
import json
import re
import sys
import time
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import neo4j
import numpy as np
from neo4j_graphrag.embeddings.base import Embedder as PeerEmbedder
from neo4j_graphrag.retrievers import HybridRetriever
from rich.console import Console
from rich.table import Table

from api.bootstrap import Services, server_options, services
from api.evaluate import TARGETS, compose, measure
from embeddings.fill import fill
from graph_service import text as texts
from graph_service.evaluation.beir import Task, read_task
from graph_service.evaluation.run import Report, evaluate
from graph_service.matching.types import Query
from graph_service.model import EVERYONE
from graph_service.ports import Embedder

#: Characters that mean something to Lucene's query parser.
_SPECIAL = re.compile(r'([+\-!(){}\[\]^"~*?:\\/]|&&|\|\|)')

#: Weights of the vector's score for the linear ranker.
_ALPHAS = (0.3, 0.5, 0.7)

_BATCH = 500
_VECTORS = "peer_vectors"
#: Name of the full-text index → property, analyser.
_WORDS = {"peer_cjk": ("text", "cjk"), "peer_tokens": ("tokens", "whitespace")}

_ADD = """
UNWIND $rows AS row
CREATE (d:PeerDocument {id: row.id, text: row.text, tokens: row.tokens})
WITH d, row CALL db.create.setNodeVectorProperty(d, 'vector', row.vector)"""


@dataclass(frozen=True, slots=True)
class Way:
    """One setting of the peer: a full-text index, a ranker, the linear ranker's weight."""

    index: str
    ranker: str
    alpha: float | None = None

    @property
    def name(self) -> str:
        alpha = "" if self.alpha is None else f" {self.alpha}"
        return f"HybridRetriever {self.index.removeprefix('peer_')} {self.ranker}{alpha}"


WAYS = {
    way.name: way
    for index in _WORDS
    for way in (
        Way(index, "naive"),
        *(Way(index, "linear", alpha) for alpha in _ALPHAS),
    )
}


class _Encoder(PeerEmbedder):
    """Our encoder as the peer asks for it: of a query, the characters that our recipes see."""

    def __init__(self, embedder: Embedder) -> None:
        super().__init__()
        self._embedder = embedder

    def embed_query(self, text: str) -> list[float]:
        """The vector of a query."""
        vector: list[float] = self._embedder.embed_queries([text[: texts.QUERY_CHARS]])[0].tolist()
        return vector


class Peer:
    """The peer's retrievers over its own nodes on the server."""

    def __init__(self, driver: neo4j.Driver, embedder: Embedder) -> None:
        self._encoder = _Encoder(embedder)
        self._retrievers = {
            index: HybridRetriever(driver, _VECTORS, index, return_properties=["id"])
            for index in _WORDS
        }

    def rank(
        self, text: str, name: str, depth: int, excluded: frozenset[str]
    ) -> Sequence[tuple[str, float]]:
        """As ``graph_service.evaluation.run.Rank``."""
        way = WAYS[name]
        words = " ".join(texts.tokens(text)) if way.index == "peer_tokens" else text
        more = {} if way.alpha is None else {"alpha": way.alpha}
        found = self._retrievers[way.index].get_search_results(
            query_text=_SPECIAL.sub(r"\\\1", words).lower(),  # AND, OR and NOT are words
            query_vector=self._encoder.embed_query(text),
            top_k=depth + len(excluded),
            ranker=way.ranker,
            **more,
        )
        ranked = [(row["node"]["id"], float(row["score"])) for row in found.records]
        return [(id_, score) for id_, score in ranked if id_ not in excluded][:depth]


def write(driver: neo4j.Driver, task: Task, opened: Services) -> None:
    """The peer's nodes and indexes: the texts, words and vectors that the store has."""
    dimension = opened.embedder.dimension
    driver.execute_query(
        f"CREATE VECTOR INDEX {_VECTORS} FOR (d:PeerDocument) ON (d.vector) OPTIONS "
        "{indexConfig: {`vector.dimensions`: $dimension, `vector.similarity_function`: 'cosine', "
        "`vector.quantization.enabled`: false}}",
        dimension=dimension,
    )
    for index, (name, analyser) in _WORDS.items():
        driver.execute_query(
            f"CREATE FULLTEXT INDEX {index} FOR (d:PeerDocument) ON EACH [d.{name}] "
            "OPTIONS {indexConfig: {`fulltext.analyzer`: $analyser}}",
            analyser=analyser,
        )
    ids = list(task.documents)
    for start in range(0, len(ids), _BATCH):
        some = ids[start : start + _BATCH]
        stored = opened.store.passage_vectors(
            some, opened.embedder.fingerprint, whole_documents=True
        )
        vectors = dict(zip(stored.node_ids, stored.matrix, strict=True))
        driver.execute_query(_ADD, rows=[_row(task, id_, vectors) for id_ in some])
    driver.execute_query("CALL db.awaitIndexes(600)")


def _row(task: Task, id_: str, vectors: Mapping[str, Any]) -> dict[str, Any]:
    text = texts.document(task.documents[id_])
    tokens = " ".join(texts.tokens(text)).lower()
    return {"id": id_, "text": text, "tokens": tokens, "vector": vectors[id_].tolist()}


def _timed(calls: Sequence[Callable[[], object]]) -> dict[str, float]:
    took = []
    for call in calls:
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return {name: float(np.percentile(took, q)) for name, q in (("p50", 50), ("p95", 95))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("task", type=Path)
    parser.add_argument("--qrels")
    parser.add_argument("--rounds", type=int, default=50, help="queries that are timed")
    parser.add_argument("--recipe", action="append", help="ours; all where none is given")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    warnings.simplefilter("ignore", DeprecationWarning)  # the peer's own, at every query
    task = read_task(args.task, qrels=args.qrels)
    recipes = args.recipe or ["bm25", "dense", "rrf", "hybrid", "full"]
    with services() as opened:
        options = server_options(opened.settings)
        if options is None or opened.store.stats()["nodes"]:
            sys.exit("JIEBANG_STORE must be an empty Neo4j server.")
        compose(task, opened.store)
        fill(opened.store, opened.embedder)
        auth = options.user, options.password
        with neo4j.GraphDatabase.driver(
            opened.settings.store, auth=auth, notifications_min_severity="OFF"
        ) as driver:
            write(driver, task, opened)
            peer = Peer(driver, opened.embedder)
            reports: list[Report] = [
                measure(task, opened.store, opened.embedder, recipes),
                evaluate(task, peer.rank, list(WAYS)),
            ]
            matcher, target = opened.matcher(), TARGETS[task.label]
            queries = list(task.queries.values())[: args.rounds]
            calls: dict[str, list[Callable[[], object]]] = {
                name: [
                    partial(
                        matcher.match,
                        Query.of_text(text),
                        to=target,
                        recipe=name,
                        viewer=EVERYONE,
                    )
                    for text in queries
                ]
                for name in recipes
            } | {
                name: [partial(peer.rank, text, name, 10, frozenset()) for text in queries]
                for name in WAYS
            }
            speed = {}
            for name, some in calls.items():
                _timed(some[:5])
                speed[name] = _timed(some)

    table = Table("", "nDCG@10", "Recall@100", "p50 ms", "p95 ms")
    rows = {}
    for report in reports:
        for name, figures in report.as_dict()["recipes"].items():
            row = rows[name] = {**figures, **speed[name]}
            table.add_row(
                name,
                f"{row['ndcg@10']:.4f}",
                f"{row['recall@100']:.4f}",
                f"{row['p50']:.1f}",
                f"{row['p95']:.1f}",
            )
    Console().print(table)
    said = json.dumps({"task": task.name, "queries": len(task.queries), "rows": rows})
    if args.json:
        args.json.write_text(said, encoding="utf-8")
    else:
        print(said)


if __name__ == "__main__":
    main()
