"""Vectors in the embedded record: kept by text hash and fingerprint, found missing, counted."""

import sqlite3
from collections.abc import Sequence
from typing import Any

import numpy as np

from graph_service.ports import Floats, KeptVectors, PendingText
from graph_service.store.dimensions import dimension_of, require_kept

#: The numbers of fingerprints that are there, and of one that is gone: projections that lie on disk
#: go by numbers, so that none is given twice.
_LAST_NUM = (
    "(SELECT coalesce(max(num), 0) FROM fingerprints), "
    "coalesce((SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'last_fingerprint'), 0)"
)


def put_vectors(
    connection: sqlite3.Connection, fingerprint: str, hashes: Sequence[bytes], vectors: Floats
) -> None:
    """Keep vectors by text hash; what is there already stays as it is.

    Raises:
        FingerprintError: another dimension than that of the fingerprint.
        InputError: not one vector a hash.
    """
    dimension = dimension_of(hashes, vectors)
    connection.execute(
        "INSERT OR IGNORE INTO fingerprints (num, name, dimension) "
        f"VALUES (1 + max({_LAST_NUM}), ?, ?)",
        (fingerprint, dimension),
    )
    num, expected = connection.execute(
        "SELECT num, dimension FROM fingerprints WHERE name = ?", (fingerprint,)
    ).fetchone()
    require_kept(fingerprint, expected, dimension)
    fresh: list[tuple[str, bytes]] = []
    for hash_, vector in zip(hashes, np.ascontiguousarray(vectors, np.float32), strict=True):
        added = connection.execute(
            "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?)", (num, hash_, vector.tobytes())
        ).rowcount
        if added:
            fresh.append(("vector", hash_))
    connection.executemany("INSERT INTO changes (kind, hash) VALUES (?, ?)", fresh)


def drop_vectors(connection: sqlite3.Connection, fingerprint: str) -> int:
    """Forget a fingerprint and its vectors; how many there were."""
    row = connection.execute(
        "SELECT num FROM fingerprints WHERE name = ?", (fingerprint,)
    ).fetchone()
    if row is None:
        return 0
    connection.execute(
        f"INSERT OR REPLACE INTO meta VALUES ('last_fingerprint', (SELECT max({_LAST_NUM})))"
    )
    gone = connection.execute("DELETE FROM vectors WHERE fingerprint_num = ?", row).rowcount
    connection.execute("DELETE FROM fingerprints WHERE num = ?", row)
    connection.execute("DELETE FROM counts WHERE what = 'vector' AND name = CAST(? AS TEXT)", row)
    connection.execute("INSERT INTO changes (kind) VALUES ('fingerprint')")
    return gone


def kept(connection: sqlite3.Connection, fingerprint: str, after: bytes, limit: int) -> KeptVectors:
    """Vectors in order of their hashes, after one."""
    row = connection.execute(
        "SELECT num, dimension FROM fingerprints WHERE name = ?", (fingerprint,)
    ).fetchone()
    num, dimension = row or (0, 0)
    rows = connection.execute(
        "SELECT hash, vector FROM vectors WHERE fingerprint_num = ? AND hash > ? "
        "ORDER BY hash LIMIT ?",
        (num, after, limit),
    ).fetchall()
    matrix = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
    return KeptVectors([hash_ for hash_, _ in rows], matrix.reshape(len(rows), dimension))


def pending_texts(
    connection: sqlite3.Connection, fingerprint: str, first: bytes, limit: int
) -> list[PendingText]:
    """Texts without a vector under the fingerprint, in order of their hashes from one on."""
    return [
        PendingText(hash_, text)
        for hash_, text in connection.execute(
            "SELECT p.hash, p.text FROM passages p WHERE p.hash >= ? AND p.text IS NOT NULL "
            "AND NOT EXISTS (SELECT 1 FROM vectors v WHERE v.hash = p.hash AND v.fingerprint_num = "
            "(SELECT num FROM fingerprints WHERE name = ?)) "
            "GROUP BY p.hash ORDER BY p.hash LIMIT ?",
            (first, fingerprint, limit),
        )
    ]


def counts(connection: sqlite3.Connection) -> dict[str, dict[str, Any]]:
    """For each fingerprint its dimension, and how many texts have a vector and how many wait."""
    rows = connection.execute(
        "SELECT f.name, f.dimension, done.number, wanted.number - done.number FROM fingerprints f "
        "JOIN counts done ON done.what = 'vector' AND done.name = CAST(f.num AS TEXT) "
        "JOIN counts wanted ON wanted.what = 'text' ORDER BY f.num"
    )
    return {
        name: {"dimension": dimension, "texts": texts, "pending": pending}
        for name, dimension, texts, pending in rows
    }
