"""What a store holds as counts and digests, which do not depend on the order of reading.

A thing's digest is the SHA-256 of its canonical JSON; a part's is the sum of its things' modulo
2**256 (Bellare and Micciancio, "A New Paradigm for Collision-Free Hashing", 1997).
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from graph_service.copying import portions
from graph_service.model import Edge, Node, Record
from graph_service.ports import KeptVectors, Whole
from graph_service.progress import Progress

_MODULUS = 1 << 256
_CANONICAL = orjson.OPT_SORT_KEYS
#: Things between two words to who waits.
_TOLD = 10_000


@dataclass(frozen=True, slots=True)
class Part:
    """How much there is of one kind of thing, and its digest."""

    count: int
    digest: str


#: Parts by name: nodes, edges (statements about them), merges, records, vectors.
Parts = Mapping[str, Part]


def parts(store: Whole, progress: Progress) -> Parts:
    """Read all that a store holds; ``progress`` counts things."""
    return {
        name: _summed(things, progress)
        for name, things in (
            ("nodes", map(_node, _items(portions.nodes(store, None)))),
            ("edges", map(_edge, _items(portions.edges(store, None)))),
            ("merges", (orjson.dumps(pair) for pair in store.merges())),
            ("records", map(_record, _items(portions.records(store, None)))),
            ("vectors", _vectors(store)),
        )
    }


def whole(of: Parts) -> str:
    """One digest of all parts."""
    told = {name: [part.count, part.digest] for name, part in of.items()}
    return hashlib.sha256(orjson.dumps(told, option=_CANONICAL)).hexdigest()


def _summed(things: Iterable[bytes], progress: Progress) -> Part:
    total = count = 0
    for thing in things:
        total += int.from_bytes(hashlib.sha256(thing).digest())
        count += 1
        if count % _TOLD == 0:
            progress.advance(_TOLD)
    progress.advance(count % _TOLD)
    return Part(count, f"{total % _MODULUS:064x}")


def _items(read: Iterable[portions.Portion[Any]]) -> Iterator[Any]:
    for portion in read:
        yield from portion.items


def _node(node: Node) -> bytes:
    said = (node.id, node.label, node.props, node.source, node.observed_at)
    return orjson.dumps(said, option=_CANONICAL)


def _edge(edge: Edge) -> bytes:
    said = (
        (edge.type, edge.from_id, edge.to_id, edge.key),
        (edge.props, edge.source, edge.observed_at),
        (float(edge.confidence), edge.inferred),
    )
    return orjson.dumps(said, option=_CANONICAL)


def _record(record: Record) -> bytes:
    kept = (record.kind, record.id, record.version, record.data)
    return orjson.dumps(kept, option=_CANONICAL)


def _vectors(store: Whole) -> Iterator[bytes]:
    for portion in portions.vectors(store, None):
        fingerprint: str
        kept: KeptVectors
        fingerprint, kept = portion.items
        name = fingerprint.encode() + b"\0"
        for hash_, vector in zip(kept.hashes, kept.matrix, strict=True):
            yield name + hash_ + vector.astype("<f4", copy=False).tobytes()
