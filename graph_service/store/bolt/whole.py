"""What a copy of everything needs of a server; each function is a read (``asking``)."""

import numpy as np

from graph_service.ports import KeptVectors, Mark
from graph_service.store.aliases import in_order
from graph_service.store.bolt import cypher_whole
from graph_service.store.bolt.asking import Ask, Asking


def mark() -> Asking[Mark]:
    """As ``Whole.mark``."""
    rows = yield Ask(cypher_whole.MARK, {})
    return Mark(*rows[0]) if rows else Mark("", 0)


def merges() -> Asking[list[tuple[str, str]]]:
    """As ``Whole.merges``."""
    rows = yield Ask(cypher_whole.MERGES, {})
    return in_order([(id_, into) for id_, into in rows])


def kept_vectors(fingerprint: str, after: bytes, limit: int) -> Asking[KeptVectors]:
    """As ``Whole.kept_vectors``. A key is the fingerprint's short name and the text's hash."""
    known = yield Ask(cypher_whole.FINGERPRINT, {"name": fingerprint})
    if not known:
        return KeptVectors([], np.empty((0, 0), np.float32))
    ((short, dimension),) = known
    rows = yield Ask(
        cypher_whole.VECTORS,
        {"after": f"{short}:{after.hex()}", "end": f"{short};", "limit": limit},
    )
    matrix = np.frombuffer(b"".join(vector for _, vector in rows), np.float32)
    hashes = [bytes.fromhex(hash_) for hash_, _ in rows]
    return KeptVectors(hashes, matrix.reshape(len(rows), dimension))
