"""All that a store holds, in portions; reading goes on after the place of any of them.

Memory holds one portion at a time, and the pairs of ids that were merged.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from graph_service.model import ANY, Edge, Node, Record
from graph_service.ports import KeptVectors, Whole

T = TypeVar("T")

#: What says how far a copy is, in the store that is copied into; never copied itself.
COPY = "copy"

#: Nodes, merges, records and vectors of a portion.
_NODES, _MERGES, _RECORDS, _VECTORS = 1_000, 200, 500, 1_000
#: Nodes whose edges are read at a time, and statements about edges of a portion.
_STARTS, _EDGES = 500, 4_000
_ALL = 1 << 31


@dataclass(frozen=True, slots=True)
class Portion(Generic[T]):
    """Some of what there is.

    Attributes:
        items: the things themselves.
        place: where reading goes on after them; None at the end, and where it cannot go on there.
        count: how many nodes, edges, records ... these are, as ``GraphStore.stats`` counts them.
    """

    items: T
    place: str | None
    count: int


def nodes(store: Whole, after: str | None) -> Iterator[Portion[Sequence[Node]]]:
    """What was said of nodes: a node a statement, bare where nothing was said."""
    while True:
        page = store.scan(ANY, after=after, limit=_NODES, stated=True)
        last = page.cursor
        yield Portion(page.nodes, last, len({node.id for node in page.nodes}))
        if (after := last) is None:
            return


def merges(store: Whole, after: str | None) -> Iterator[Portion[Sequence[tuple[str, str]]]]:
    """Merged ids, each with the id that it was merged into, in an order that can be repeated."""
    merged = store.merges()
    for start in range(int(after or 0), len(merged), _MERGES):
        some = merged[start : start + _MERGES]
        yield Portion(some, str(start + len(some)), len(some))


def edges(store: Whole, after: str | None) -> Iterator[Portion[Sequence[Edge]]]:
    """What was said of edges: an edge a statement, in the order of their starts."""
    while True:
        page = store.scan(ANY, after=after, limit=_STARTS)
        starts = [node.id for node in page.nodes]
        found = store.neighbours(starts, direction="out", limit=_ALL, stated=True)
        some: list[Edge] = []
        for hops in found.values():
            some += [hop.edge for hop in hops]
            if len(some) >= _EDGES:
                yield Portion(some, None, _distinct(some))
                some = []
        yield Portion(some, page.cursor, _distinct(some))
        if (after := page.cursor) is None:
            return


def records(store: Whole, after: str | None) -> Iterator[Portion[Sequence[Record]]]:
    """Records, kind by kind, in the order of ids."""
    begun, _, id_ = (after or "").partition("\0")
    for kind in sorted(store.stats()["records"]):
        if kind == COPY or kind < begun:
            continue
        last: str | None = id_ if kind == begun else None
        while True:
            page = store.query(kind, after=last, limit=_RECORDS)
            if page.records:
                place = f"{kind}\0{page.records[-1].id}"
                yield Portion(page.records, place, len(page.records))
            if (last := page.cursor) is None:
                break


def vectors(store: Whole, after: str | None) -> Iterator[Portion[tuple[str, KeptVectors]]]:
    """Vectors with their fingerprint, in the order of hashes; one portion at least of each."""
    begun, _, hash_ = (after or "").rpartition("\0")
    for fingerprint in sorted(store.stats()["vectors"]):
        if fingerprint < begun:
            continue
        last = bytes.fromhex(hash_) if fingerprint == begun else b""
        while True:
            kept = store.kept_vectors(fingerprint, after=last, limit=_VECTORS)
            last = kept.hashes[-1] if kept.hashes else last
            yield Portion((fingerprint, kept), f"{fingerprint}\0{last.hex()}", len(kept.hashes))
            if len(kept.hashes) < _VECTORS:
                break


def _distinct(said: Sequence[Edge]) -> int:
    return len({(edge.type, edge.from_id, edge.to_id, edge.key) for edge in said})
