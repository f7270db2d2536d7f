"""Vectors on a server: kept by text hash and fingerprint, indexed on passages, found missing.

``(:Vector {key, hash, bytes})`` is the record, whether any passage has the text now or not. Every
passage of a text that is embedded carries the same numbers as a property of the fingerprint's own,
which one index for each label and kind of passage looks into.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from graph_service.model import Label
from graph_service.ports import Floats, Passages, PendingText
from graph_service.store.bolt import cypher_vectors
from graph_service.store.bolt.asking import Ask, Asking
from graph_service.store.bolt.connection import Connection, Tx
from graph_service.store.dimensions import dimension_of, require_kept
from graph_service.text import EMBEDDED_LABELS, text_hash

#: Kinds of passages: whole documents, and pieces of them.
KINDS = ("Document", "Piece")
_COMPARED: Mapping[Passages, tuple[str, ...]] = {
    "all": KINDS,
    "whole": KINDS[:1],
    "pieces": KINDS[1:],
}

_CHUNK = 1_000  # vectors in one statement


def short(fingerprint: str) -> str:
    """What stands for a fingerprint in names and keys."""
    return text_hash(fingerprint).hex()[:12]


def property_name(fingerprint: str) -> str:
    """The property under which passages carry their vectors."""
    return f"v_{short(fingerprint)}"


def index_names(fingerprint: str, labels: Iterable[Label], passages: Passages = "all") -> list[str]:
    """The indexes of some labels' passages."""
    name = property_name(fingerprint)
    return [f"{name}_{label}{kind}" for label in sorted(labels) for kind in _COMPARED[passages]]


def indexes(fingerprint: str, dimension: int) -> dict[str, str]:
    """The statements that make a fingerprint's indexes, by their names."""
    name = property_name(fingerprint)
    return {
        f"{name}_{label}{kind}": cypher_vectors.index(
            f"{name}_{label}{kind}", f"{label}{kind}", name, dimension
        )
        for label in sorted(EMBEDDED_LABELS)
        for kind in KINDS
    }


def put_vectors(
    connection: Connection, fingerprint: str, hashes: Sequence[bytes], vectors: Floats
) -> tuple[int, int]:
    """Keep vectors by text hash; what is there already stays as it is. The numbers of the last
    change before and after.

    Raises:
        FingerprintError: another dimension than that of the fingerprint.
        InputError: not one vector a hash.
    """
    dimension = dimension_of(hashes, vectors)
    known = connection.read(cypher_vectors.DIMENSION, fingerprint=fingerprint)
    if not known and not connection.read_only:
        # Beside data no index can be made: before the fingerprint is, so that it has its indexes.
        connection.schema(*indexes(fingerprint, dimension).values())
    rows = {
        hash_.hex(): vector
        for hash_, vector in zip(hashes, np.ascontiguousarray(vectors, np.float32), strict=True)
    }

    def work(tx: Tx) -> tuple[int, int]:
        _require_dimension(tx, fingerprint, dimension)
        for some in _chunked(list(rows)):
            _write(tx, fingerprint, {hash_: rows[hash_] for hash_ in some})
        return tx.change, tx.change + tx.changes

    return connection.write(work)


def drop_vectors(connection: Connection, fingerprint: str) -> int:
    """Forget a fingerprint and its vectors, some thousand in a transaction, and then its indexes;
    how many vectors there were."""
    if not connection.read(cypher_vectors.DIMENSION, fingerprint=fingerprint):
        return 0
    code = short(fingerprint)

    def some(tx: Tx) -> int:
        ((gone, texts),) = tx.write(
            cypher_vectors.DROP_SOME,
            after=f"{code}:",
            end=f"{code};",
            property=property_name(fingerprint),
            limit=_CHUNK,
        )
        tx.counts["vector", code] -= texts
        tx.changes += 1
        return int(gone)

    def last(tx: Tx) -> None:
        tx.write(cypher_vectors.DROP_FINGERPRINT, fingerprint=fingerprint)
        tx.counts.pop(("vector", code), None)
        tx.changes += 1

    total = 0
    while gone := connection.write(some):
        total += gone
    connection.write(last)
    names = index_names(fingerprint, EMBEDDED_LABELS)
    connection.schema(*map(cypher_vectors.drop_index, names))
    return total


def _require_dimension(tx: Tx, fingerprint: str, dimension: int) -> None:
    ((expected,),) = tx.write(
        cypher_vectors.FINGERPRINT,
        fingerprint=fingerprint,
        short=short(fingerprint),
        dimension=dimension,
    )
    require_kept(fingerprint, expected, dimension)


def _write(tx: Tx, fingerprint: str, vectors: Mapping[str, Floats]) -> None:
    code = short(fingerprint)
    keys = [f"{code}:{hash_}" for hash_ in vectors]
    kept = {hash_ for (hash_,) in tx.run(cypher_vectors.KEPT, keys=keys)}
    fresh = [
        {
            "key": f"{code}:{hash_}",
            "hash": hash_,
            "bytes": vector.tobytes(),
            "vector": vector.tolist(),
        }
        for hash_, vector in vectors.items()
        if hash_ not in kept
    ]
    if fresh:
        name = property_name(fingerprint)
        ((texts,),) = tx.write(cypher_vectors.KEEP, rows=fresh, property=name)
        tx.counts["vector", code] += texts
        tx.changes += len(fresh)


def pending_texts(
    fingerprint: str, change: int, first: bytes, limit: int
) -> Asking[tuple[int, list[PendingText]]]:
    """The number of the last change, and texts without a vector under the fingerprint, in order of
    their hashes: from ``first`` on, where the last change is still that of ``change``."""
    ((change, texts),) = yield Ask(
        cypher_vectors.pending(property_name(fingerprint)),
        {"change": change, "first": first.hex(), "limit": limit},
    )
    return change, [PendingText(bytes.fromhex(hash_), text) for hash_, text in texts]


def _chunked(hashes: Sequence[str]) -> Iterable[Sequence[str]]:
    for first in range(0, len(hashes), _CHUNK):
        yield hashes[first : first + _CHUNK]
