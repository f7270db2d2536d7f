"""Passages on the server, and what is counted of their words, texts and vectors.

A passage that comes with a text that was embedded before has its vector at once.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import chain
from typing import Any

import numpy as np

from graph_service.model import Node
from graph_service.store.bolt import cypher_writing as cypher
from graph_service.store.bolt.connection import Tx
from graph_service.store.rows import PassageRow
from graph_service.text import text_hash

#: Characters of a word that stands for itself in a key; an index takes keys of 8 KB.
_LONGEST_KEY = 1_000

#: What tells passages of a node apart: (ordinal, hash, text).
_Piece = tuple[int, bytes, str | None]


class Texts:
    """The passages that one batch changes."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx

    def stored(self, ids: Collection[str]) -> dict[str, list[PassageRow]]:
        """The passages of nodes, by their ordinals."""
        found: dict[str, list[PassageRow]] = defaultdict(list)
        if ids:
            for id_, ordinal, hash_, *rest in self._tx.run(cypher.PASSAGES, ids=list(ids)):
                text, tokens, length = rest
                found[id_].append((ordinal, bytes.fromhex(hash_), text, tokens, length))
        return dict(found)

    def write(
        self,
        nodes: Mapping[str, Node],
        after: Mapping[str, Sequence[PassageRow]],
        before: Mapping[str, Sequence[PassageRow]],
    ) -> None:
        """Put passages in the place of those before; what stays the same is not touched."""
        gone: list[tuple[str, _Piece]] = []
        come: list[tuple[str, _Piece]] = []
        for id_, rows in after.items():
            new = {row[:3] for row in rows}
            old = {row[:3] for row in before.get(id_, ())}
            gone += [(id_, piece) for piece in old - new]
            come += [(id_, piece) for piece in sorted(new - old)]
        held, shorts = self._holders(chain(gone, come))
        self._delete(gone)
        self._create(nodes, come)
        self._count(gone, come, held, shorts)
        self._words(nodes, after, before)

    def _delete(self, gone: Sequence[tuple[str, _Piece]]) -> None:
        if gone:
            self._tx.later(cypher.DELETE_PASSAGES, rows=[(id_, piece[0]) for id_, piece in gone])

    def _create(self, nodes: Mapping[str, Node], come: Sequence[tuple[str, _Piece]]) -> None:
        groups: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for id_, (ordinal, hash_, text) in come:
            kind = "Piece" if ordinal else "Document"
            groups[f"{nodes[id_].label}{kind}"].append(
                {"node_id": id_, "ordinal": ordinal, "hash": hash_.hex(), "text": text}
            )
        for label, rows in groups.items():
            self._tx.later(cypher.create_passages(label), rows=rows)

    # -- texts that are to be embedded, and their vectors ----------------------------------------

    def _holders(
        self, pieces: Iterable[tuple[str, _Piece]]
    ) -> tuple[Mapping[bytes, int], Sequence[str]]:
        """How many passages have each text, before; and the fingerprints there are, short."""
        hashes = {hash_.hex() for _, (_, hash_, text) in pieces if text is not None}
        if not hashes:
            return {}, ()
        ((held, shorts),) = self._tx.run(cypher.HOLDERS, hashes=sorted(hashes))
        return {bytes.fromhex(hash_): number for hash_, number in held}, shorts

    def _count(
        self,
        gone: Sequence[tuple[str, _Piece]],
        come: Sequence[tuple[str, _Piece]],
        held: Mapping[bytes, int],
        shorts: Sequence[str],
    ) -> None:
        counts = self._tx.counts
        counts["passage", ""] += len(come) - len(gone)
        change = Counter(hash_ for _, (_, hash_, text) in come if text is not None)
        change.subtract(hash_ for _, (_, hash_, text) in gone if text is not None)
        turned = {hash_: (held[hash_] + by > 0) - (held[hash_] > 0) for hash_, by in change.items()}
        counts["text", ""] += sum(turned.values())
        texts = {hash_ for _, (_, hash_, text) in come if text is not None}
        wanted = texts | {hash_ for hash_, turn in turned.items() if turn}
        for short in shorts if wanted else ():
            keys = [f"{short}:{hash_.hex()}" for hash_ in wanted]
            known = {bytes.fromhex(h): blob for h, blob in self._tx.look(cypher.VECTORS, keys=keys)}
            counts["vector", short] += sum(turned.get(hash_, 0) for hash_ in known)
            rows = [
                (hash_.hex(), np.frombuffer(blob, np.float32).tolist())
                for hash_, blob in known.items()
                if hash_ in texts
            ]
            if rows:
                self._tx.later(cypher.SET_VECTORS, rows=rows, name=f"v_{short}")

    # -- words -----------------------------------------------------------------------------------

    def _words(
        self,
        nodes: Mapping[str, Node],
        after: Mapping[str, Sequence[PassageRow]],
        before: Mapping[str, Sequence[PassageRow]],
    ) -> None:
        counts = self._tx.counts
        rows: list[tuple[str, str | None, int | None]] = []
        terms: Counter[str] = Counter()
        for id_, pieces in after.items():
            tokens, length = _document(pieces)
            tokens_before, length_before = _document(before.get(id_, ()))
            if tokens == tokens_before:
                continue
            rows.append((id_, tokens, length))
            label = nodes[id_].label
            terms.update(term_key(label, term) for term in set((tokens or "").split()))
            terms.subtract(term_key(label, term) for term in set((tokens_before or "").split()))
            counts["document", label] += (tokens is not None) - (tokens_before is not None)
            counts["length", label] += (length or 0) - (length_before or 0)
        if rows:
            self._tx.later(cypher.WORDS, rows=rows)
        risen = [(key, by) for key, by in terms.items() if by]
        if risen:
            self._tx.later(cypher.TERMS, rows=risen)
        fallen = [key for key, by in risen if by < 0]
        if fallen:
            self._tx.later(cypher.UNUSED_TERMS, keys=fallen)


def term_key(label: str, term: str) -> str:
    """The key of a word of a label's documents. No index takes a very long one: its hash stands
    for it."""
    return f"{label}:{term}" if len(term) <= _LONGEST_KEY else f"{label}:#{text_hash(term).hex()}"


def _document(rows: Sequence[PassageRow]) -> tuple[str | None, int | None]:
    """The words of a node and their number; none without a document."""
    return next(((row[3], row[4]) for row in rows if row[0] == 0), (None, None))
