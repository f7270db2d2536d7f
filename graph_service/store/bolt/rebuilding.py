"""What is derived from the record on a server, made anew from it: counts, terms, vectors on
passages, where they are not as they must be; then all indexes."""

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from graph_service.store.bolt import (
    compacting,
    cypher_rebuilding,
    cypher_whole,
    cypher_writing,
    schema,
)
from graph_service.store.bolt.connection import Connection, Row, Tx
from graph_service.store.bolt.counts import counted
from graph_service.store.bolt.texts import term_key
from graph_service.store.bolt.vectors import indexes, property_name

_PAGE = 2_000  # rows read or written at a time


def rebuild(connection: Connection) -> None:
    """Mend what is derived, in one transaction; make indexes anew that are there, and those that
    are missing.

    Raises:
        StoreLockedError, StoreUnavailableError: as ``Connection.write``.
    """
    known = connection.read(cypher_rebuilding.FINGERPRINTS)
    wrong = {short: _wrong_vectors(connection, name, short) for name, short, _ in known}

    def mend(tx: Tx) -> None:
        _terms(tx)
        for fingerprint, short, _ in known:
            _vectors(tx, property_name(fingerprint), wrong[short])
        _counts(tx)

    connection.write(mend)
    schema.migrate(connection)
    for fingerprint, _, dimension in known:
        connection.schema(*indexes(fingerprint, dimension).values())
    schema.rebuild(connection)
    compacting.made_now(connection)


def _counts(tx: Tx) -> None:
    right = {(what, name): number for what, name, number in tx.run(cypher_whole.RECOUNT)}
    kept = counted(tx.counts)
    if right != kept:
        for key in kept:
            del tx.counts[key]
        tx.counts.update(right)
        tx.dirty = True


def _terms(tx: Tx) -> None:
    """How many documents of a label have a word."""
    right: Counter[str] = Counter()
    for page in _pages(tx, cypher_rebuilding.WORDS):
        for _, label, tokens in page:
            right.update({term_key(label, word) for word in (tokens or "").split()})
    kept = {key: number for page in _pages(tx, cypher_whole.TERMS) for key, number in page}
    wrong = [(key, number) for key, number in right.items() if kept.get(key) != number]
    for first in range(0, len(wrong), _PAGE):
        tx.write(cypher_rebuilding.KEEP_TERMS, rows=wrong[first : first + _PAGE])
    gone = [key for key in kept if key not in right]
    if gone:
        tx.write(cypher_rebuilding.DROP_TERMS, keys=gone)


def _wrong_vectors(connection: Connection, fingerprint: str, short: str) -> list[str]:
    """Keys of kept vectors that some passage of their text lacks, or has otherwise."""
    found: list[str] = []
    where = {"end": f"{short};", "property": property_name(fingerprint), "limit": _PAGE}
    after = f"{short}:"
    while page := connection.read(cypher_whole.VECTORS_HELD, after=after, **where):
        for row in page:
            kept = np.frombuffer(row["bytes"], np.float32)
            if any(one is None or not np.array_equal(np.float32(one), kept) for one in row["held"]):
                found.append(row["key"])
        after = page[-1]["key"]
    return found


def _vectors(tx: Tx, name: str, keys: Sequence[str]) -> None:
    """Give passages the vectors of their texts that are kept."""
    for first in range(0, len(keys), _PAGE):
        kept = tx.run(cypher_writing.VECTORS, keys=keys[first : first + _PAGE])
        rows = [(hash_, np.frombuffer(one, np.float32).tolist()) for hash_, one in kept]
        tx.write(cypher_writing.SET_VECTORS, rows=rows, name=name)


def _pages(tx: Tx, query: str, **params: str) -> Iterator[list[Row]]:
    """The rows of a query in pages, each after the last one's first value."""
    after = ""
    while page := tx.run(query, after=after, limit=_PAGE, **params):
        yield page
        after = page[-1][0]
