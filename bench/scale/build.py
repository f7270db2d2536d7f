"""Makes a synthetic store through the store's own writes; one that is there is used again.

For N results there are N / 10 organisations, N / 20 products and N / 100 demands (at least 200),
with the edges that the shared data has: makers, owners, posters, what a text is about, which
product goes into which. A topic has about fifty results.
"""

import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from bench.scale.likeness import Ints, Likeness, Space, Words, Writer
from graph_service import text as texts
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.ports import GraphStore
from graph_service.store import open_store

#: Raised when the same figures make another store.
COMPOSITION = 2

_BATCH = 5_000
_DATE = "2026-01-01"
_SOURCE = "bench.scale"
_DISTRICTS = [f"{name}区" for name in "东西南北中新高开"]
_TIERS = ("创新型", "专精特新", "小巨人", "单项冠军")
_KINDS = ("patent", "paper", "achievement")


def store_of(folder: Path, results: int, likeness: Likeness, fingerprint: str) -> Path:
    """The folder of a store of this many results, made first where it is not there."""
    complete = folder / f"store-{results}-{COMPOSITION}"
    if complete.is_dir():
        return complete
    part = complete.with_suffix(".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    began = time.perf_counter()
    with open_store(str(part)) as store:
        composer = _Composer(results, likeness)
        done = 0
        for piece in composer.pieces():
            store.apply(Batch(nodes=piece.nodes, edges=piece.edges))
            composer.embed(store, fingerprint, piece)
            done += len(piece.nodes)
            print(f"{done:,} 个节点，{time.perf_counter() - began:.0f} 秒", flush=True)
        store.refresh()
    print(f"索引写完，{time.perf_counter() - began:.0f} 秒", flush=True)
    part.rename(complete)
    return complete


@dataclass(frozen=True)
class _Piece:
    """Some nodes of one label with their topics, their edges, and what firms among them make."""

    nodes: Sequence[Node]
    topics: Ints
    edges: Sequence[Edge]


class _Composer:
    def __init__(self, results: int, likeness: Likeness) -> None:
        self._rng = np.random.default_rng(20_260_101 + results)
        self._sizes = {
            Label.PRODUCT: max(results // 20, 500),
            Label.ORGANIZATION: max(results // 10, 500),
            Label.DEMAND: max(results // 100, 200),
            Label.RESULT: results,
        }
        topics = max(results // 50, 200)
        self._topics = topics
        self._likeness = likeness
        self._space = Space(likeness, topics, self._rng)
        self._products: list[Node] = []  # by number; number n is of topic n modulo the topics

    def pieces(self) -> Iterator[_Piece]:
        """All nodes, products first, in batches."""
        for label, size in self._sizes.items():
            writer = Writer(self._words(label), self._topics, self._rng)
            for first in range(0, size, _BATCH):
                numbers = list(range(first, min(first + _BATCH, size)))
                yield self._piece(label, writer, numbers)

    def _words(self, label: Label) -> Words:
        """Demands are said in the words of results, at a demand's length."""
        own = self._likeness.words[label]
        said = Label.RESULT if label is Label.DEMAND else label
        words = self._likeness.words[said]
        grown = words.grown(self._sizes[said] * float(words.lengths.mean()))
        return replace(grown, lengths=own.lengths)

    def embed(self, store: GraphStore, fingerprint: str, piece: _Piece) -> None:
        """Give the passages of a piece their vectors."""
        made: dict[str, list[str]] = {}
        for edge in piece.edges:
            if edge.type is EdgeType.MAKES:
                product = self._products[int(edge.to_id.rpartition(":")[2])]
                made.setdefault(edge.from_id, []).append(product.title)
        told = [texts.passages(node, sorted(made.get(node.id, ()))) for node in piece.nodes]
        vectors = self._space.vectors(piece.topics, np.array([len(some) for some in told]))
        hashes = [texts.text_hash(passage.embed_text) for some in told for passage in some]
        order = sorted(range(len(hashes)), key=hashes.__getitem__)  # the record's own order
        store.put_vectors(fingerprint, [hashes[i] for i in order], vectors[order])

    def _piece(self, label: Label, writer: Writer, numbers: list[int]) -> _Piece:
        if label is Label.PRODUCT:
            topics = np.array(numbers) % self._topics
        else:
            topics = self._rng.integers(0, self._topics, len(numbers))
        bodies = writer.texts(topics)
        if label is Label.PRODUCT:
            nodes = [
                Node(_id(label, n), label, {"name": body.strip()}, _SOURCE, _DATE)
                for n, body in zip(numbers, bodies, strict=True)
            ]
            self._products += nodes
        else:
            titles = writer.texts(topics, self._rng.integers(4, 12, len(numbers)))
            nodes = [
                Node(_id(label, n), label, self._props(label, n, title, body), _SOURCE, _DATE)
                for n, title, body in zip(numbers, titles, bodies, strict=True)
            ]
        return _Piece(nodes, topics, list(self._edges(label, nodes, numbers, topics)))

    def _props(self, label: Label, number: int, title: str, body: str) -> dict[str, object]:
        if label is Label.ORGANIZATION:
            props: dict[str, object] = {
                "name": f"{title.strip()[:12]}{number}有限公司",
                "kind": "enterprise",
                "district": _DISTRICTS[number % len(_DISTRICTS)],
            }
            if number % 5 == 0:
                props["tiers"] = [_TIERS[number // 5 % len(_TIERS)]]
            return {**props, "text": body} if number % 3 else props
        props = {"title": title.strip(), "text": body}
        return {**props, "kind": _KINDS[number % 3]} if label is Label.RESULT else props

    def _edges(
        self, label: Label, nodes: Sequence[Node], numbers: Sequence[int], topics: Ints
    ) -> Iterator[Edge]:
        products, firms = self._sizes[Label.PRODUCT], self._sizes[Label.ORGANIZATION]
        # Popularity falls: low numbers are the hubs.
        popular = (products * self._rng.random((len(nodes), 3)) ** 3).astype(int).tolist()
        firm = (firms * self._rng.random(len(nodes)) ** 2).astype(int).tolist()
        coin = self._rng.random(len(nodes)).tolist()
        for i, (node, number) in enumerate(zip(nodes, numbers, strict=True)):
            own = int(topics[i]) % products
            if label is Label.PRODUCT:
                if number:
                    yield _edge(EdgeType.SUBTYPE_OF, node.id, _id(label, popular[i][0] % number))
                    yield _edge(EdgeType.UPSTREAM_OF, node.id, _id(label, popular[i][1] % number))
                continue
            if label is Label.ORGANIZATION:
                for product in {own, *popular[i][:2]}:
                    yield _edge(EdgeType.MAKES, node.id, _id(Label.PRODUCT, product))
                continue
            bond = EdgeType.POSTED if label is Label.DEMAND else EdgeType.OWNS
            if coin[i] < 0.7:
                yield _edge(bond, _id(Label.ORGANIZATION, firm[i]), node.id)
            if coin[i] > 0.5:
                yield _edge(EdgeType.ABOUT, node.id, _id(Label.PRODUCT, own))


def _id(label: Label, number: int) -> str:
    return f"{'org' if label is Label.ORGANIZATION else label.lower()}:{number:07d}"


def _edge(type_: EdgeType, start: str, end: str) -> Edge:
    return Edge(type_, start, end, source=_SOURCE, observed_at=_DATE)
