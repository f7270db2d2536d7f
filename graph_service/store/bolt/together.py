"""The reads of ``graph_service.reads`` on a server: many in one round trip."""

from collections.abc import Sequence
from typing import Any

from graph_service.reads import (
    DocumentWords,
    Lexical,
    Neighbours,
    Nodes,
    Onward,
    Paths,
    Read,
    Scan,
    TextSearch,
    Vectors,
    VectorSearch,
    WithNodes,
)
from graph_service.store.bolt import reading, searching, walking
from graph_service.store.bolt.asking import Asking, answers
from graph_service.store.bolt.connection import Connection
from graph_service.store.bolt.kept import Kept
from graph_service.store.bolt.within import search_within


def together(
    connection: Connection, reads: Sequence[Read[Any]], kept: Kept, *, trial: bool = False
) -> list[Any]:
    """The answer of each read, in the order asked. Paths of one kind are one question; so are the
    counts and the words of the same documents. ``kept`` is what was read before."""
    groups: dict[Any, list[int]] = {}
    for i, read in enumerate(reads):
        groups.setdefault(_kind(read) or i, []).append(i)
    askings = [_asked([reads[i] for i in places], kept, trial=trial) for places in groups.values()]
    found: dict[int, Any] = {}
    for places, some in zip(groups.values(), answers(connection, askings), strict=True):
        found.update(zip(places, some, strict=True))
    return [found[i] for i in range(len(reads))]


def _kind(read: Read[Any]) -> Any:
    """What reads have in common that make one question; None for those that are one each."""
    of = read.of if isinstance(read, WithNodes) else read
    match of:
        case Paths():
            return of is read, _way(of)
        case Lexical(ids=ids) | DocumentWords(ids) if ids:
            return tuple(ids)
        case _:
            return None


def _way(read: Paths) -> walking.Way:
    return walking.Way(frozenset(read.types), read.direction, read.max_hops, read.k)


def _asked(reads: Sequence[Read[Any]], kept: Kept, *, trial: bool) -> Asking[list[Any]]:
    """The answers of reads of one kind."""
    nodes = isinstance(reads[0], WithNodes)
    some = [read.of if isinstance(read, WithNodes) else read for read in reads]
    paths = [read for read in some if isinstance(read, Paths)]
    if paths:
        pairs = [(read.start, read.end) for read in paths]
        found = yield from walking.paths(pairs, _way(paths[0]), nodes=nodes)
        return [both if nodes else both[0] for both in found]
    if isinstance(some[0], (Lexical, DocumentWords)):
        return (yield from _of_documents(some, kept))
    (read,) = some
    if isinstance(read, (Neighbours, Onward, TextSearch, VectorSearch)):
        both = yield from _finding(read, kept, nodes=nodes, trial=trial)
        return [both if nodes else both[0]]
    return [(yield from _reading(read, kept))]


def _of_documents(reads: Sequence[Read[Any]], kept: Kept) -> Asking[list[Any]]:
    """Counts for BM25 and words of the same documents: who counts them has read them."""
    told: dict[int, Any] = {}
    words: Sequence[str] | None = None
    for i, read in enumerate(reads):
        if isinstance(read, Lexical):
            counting = searching.lexical_features(read.terms, read.label, read.ids, kept)
            told[i], words = yield from counting
    for i, read in enumerate(reads):
        if isinstance(read, DocumentWords):
            words = (yield from searching.document_words(read.ids)) if words is None else words
            told[i] = words
    return [told[i] for i in range(len(reads))]


def _finding(
    read: Neighbours | Onward | TextSearch | VectorSearch, kept: Kept, *, nodes: bool, trial: bool
) -> Asking[Any]:
    match read:
        case Neighbours(ids, types, direction, limit):
            return reading.neighbours(ids, types, direction, limit, ends=nodes)
        case Onward(ids, over, arrive, limit, direct):
            return reading.onward(ids, over, arrive, limit, direct=direct, ends=nodes)
        case TextSearch(terms, where, limit, "within"):
            return search_within(terms, where, limit, kept.names, nodes=nodes)
        case TextSearch(terms, where, limit, names):
            search = searching.search_names if names else searching.search_text
            return search(terms, where, limit, nodes=nodes)
        case VectorSearch(make, fingerprint, where, limit, passages):
            return searching.search_vectors(
                make(), fingerprint, where, limit, passages, nodes=nodes, trial=trial
            )


def _reading(read: Read[Any], kept: Kept) -> Asking[Any]:
    match read:
        case Nodes(ids):
            return reading.nodes(ids)
        case Scan(where, after, limit):
            return reading.scan(where, after, limit)
        case Vectors(ids, fingerprint, whole):
            return searching.passage_vectors(ids, fingerprint, kept, whole=whole)
        case _:
            raise TypeError(read)
