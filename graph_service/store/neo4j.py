"""The Neo4j engine: both ports on a server; its parts are in ``store.bolt``."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Self, TypeVar

from graph_service.model import (
    Batch,
    Changes,
    Committed,
    Direction,
    EdgeType,
    Filter,
    Hit,
    Hop,
    Label,
    Node,
    Page,
    Path,
    Record,
    RecordPage,
    UnitOfWork,
)
from graph_service.ports import (
    Floats,
    KeptVectors,
    LexicalFeatures,
    Mark,
    Names,
    Passages,
    PassageVectors,
    PendingText,
    Scalar,
)
from graph_service.reads import Read
from graph_service.store.bolt import (
    compacting,
    reading,
    rebuilding,
    records,
    schema,
    searching,
    walking,
    whole,
)
from graph_service.store.bolt.asking import Asking, answer
from graph_service.store.bolt.connection import Connection, Tx
from graph_service.store.bolt.kept import Kept
from graph_service.store.bolt.options import ServerOptions
from graph_service.store.bolt.rows import BoltRows
from graph_service.store.bolt.together import together
from graph_service.store.bolt.trial import TrialConnection
from graph_service.store.bolt.vectors import drop_vectors, pending_texts, put_vectors
from graph_service.store.bolt.within import search_within
from graph_service.store.writing import BatchWriter

if TYPE_CHECKING:
    import networkx as nx

T = TypeVar("T")

#: Greater than the hash of any text.
_LAST = b"\xff" * 17


class Neo4jStore:
    """``GraphStore`` and ``Records`` on a Neo4j server.

    Args:
        location: the server's address, such as ``neo4j://host:7687``.
        server: who asks it, and how patiently.
        read_only: writes raise ``StoreUnavailableError``.
        today: ISO date of statements that come without one; the day of the write where not given.
        trial: what is written is undone at the end; for one thread (see ``store.bolt.trial``).

    Raises:
        InputError: the address or the options cannot be used.
        StoreError: the server is away, does not let us in, holds something else, or a store of a
            newer program.
    """

    def __init__(
        self,
        location: str,
        server: ServerOptions | None = None,
        *,
        read_only: bool = False,
        today: str | None = None,
        trial: bool = False,
    ) -> None:
        self._today = today
        self._trial = trial
        # For each fingerprint a change and a hash: then, no text of a smaller hash was pending.
        self._embedded: dict[str, tuple[int, bytes]] = {}
        self._kept = Kept()
        self._connection = (
            TrialConnection(location, server)
            if trial
            else Connection(location, server, read_only=read_only)
        )
        try:
            schema.settle(self._connection)
        except BaseException:
            self._connection.close()
            raise

    def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
        """As ``reads.Batching``."""
        return together(self._connection, reads, self._known(), trial=self._trial)

    def apply(self, batch: Batch) -> Changes:
        return self._connection.write(self._writing(batch))

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        return self._ask(reading.nodes(ids))

    def scan(
        self, where: Filter, *, after: str | None = None, limit: int = 100, stated: bool = False
    ) -> Page:
        read = reading.scan_stated if stated else reading.scan
        return self._ask(read(where, after, limit))

    def neighbours(
        self,
        ids: Sequence[str],
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        limit: int = 100,
        stated: bool = False,
    ) -> dict[str, list[Hop]]:
        asking = reading.neighbours(ids, frozenset(types), direction, limit, stated=stated)
        return self._ask(asking)[0]

    def paths(
        self,
        start: str,
        end: str,
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        max_hops: int = 4,
        k: int = 3,
    ) -> list[Path]:
        way = walking.Way(frozenset(types), direction, max_hops, k)
        return self._ask(walking.paths([(start, end)], way))[0][0]

    def subgraph(
        self,
        where: Filter,
        *,
        types: Iterable[EdgeType] = (),
        limit: int = 100_000,
        edges: int = 1_000_000,
    ) -> "nx.MultiDiGraph[str]":
        return self._ask(reading.subgraph(where, frozenset(types), limit, edges))

    def search_text(
        self,
        terms: Mapping[str, float],
        where: Filter,
        *,
        limit: int = 1000,
        names: Names = False,
    ) -> list[Hit]:
        if names == "within":
            return self._ask(search_within(terms, where, limit, self._known().names))[0]
        search = searching.search_names if names else searching.search_text
        return self._ask(search(terms, where, limit))[0]

    def search_vectors(
        self,
        vector: Floats,
        fingerprint: str,
        where: Filter,
        *,
        limit: int = 1000,
        passages: Passages = "all",
    ) -> list[Hit]:
        asking = searching.search_vectors(
            vector, fingerprint, where, limit, passages, trial=self._trial
        )
        return self._ask(asking)[0]

    def lexical_features(
        self, terms: Sequence[str], label: Label, ids: Sequence[str]
    ) -> LexicalFeatures:
        features, _ = self._ask(searching.lexical_features(terms, label, ids, self._known()))
        return features

    def document_words(self, ids: Sequence[str]) -> list[str]:
        return self._ask(searching.document_words(ids))

    def passage_vectors(
        self, ids: Sequence[str], fingerprint: str, *, whole_documents: bool = False
    ) -> PassageVectors:
        return self._ask(
            searching.passage_vectors(ids, fingerprint, self._known(), whole=whole_documents)
        )

    def pending_texts(self, fingerprint: str, *, limit: int = 1000) -> list[PendingText]:
        change, first = self._embedded.get(fingerprint, (-1, b""))
        now, found = self._ask(pending_texts(fingerprint, change, first, limit))
        if limit > 0:
            self._embedded[fingerprint] = now, found[0].hash if found else _LAST
        return found

    def put_vectors(self, fingerprint: str, hashes: Sequence[bytes], vectors: Floats) -> None:
        before, now = put_vectors(self._connection, fingerprint, hashes, vectors)
        change, first = self._embedded.get(fingerprint, (-1, b""))
        if change == before:  # nothing but these came since
            self._embedded[fingerprint] = now, first

    def refresh(self, *, rebuild: bool = False) -> None:
        if self._trial:  # beside what its transaction wrote no index can be made
            return
        if rebuild:
            rebuilding.rebuild(self._connection)
            self._kept = Kept()
        elif not self._connection.read_only:
            compacting.compact(self._connection)

    def stats(self) -> dict[str, Any]:
        return self._ask(reading.stats())

    def mark(self) -> Mark:
        return answer(self._connection, whole.mark())

    def merges(self) -> list[tuple[str, str]]:
        return answer(self._connection, whole.merges())

    def kept_vectors(
        self, fingerprint: str, *, after: bytes = b"", limit: int = 1000
    ) -> KeptVectors:
        return answer(self._connection, whole.kept_vectors(fingerprint, after, limit))

    def drop_vectors(self, fingerprint: str) -> int:
        return drop_vectors(self._connection, fingerprint)

    def get(self, kind: str, ids: Sequence[str]) -> dict[str, Record]:
        return records.get(self._connection, kind, ids)

    def query(
        self,
        kind: str,
        where: Mapping[str, Collection[Scalar]] | None = None,
        *,
        after: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> RecordPage:
        return records.query(
            self._connection, kind, where or {}, after=after, limit=limit, newest_first=newest_first
        )

    def count(self, kind: str, where: Mapping[str, Collection[Scalar]] | None = None) -> int:
        return records.count(self._connection, kind, where or {})

    def commit(self, unit: UnitOfWork) -> Committed:
        write = self._writing(unit.batch)
        return self._connection.write(lambda tx: Committed(records.put(tx, unit.puts), write(tx)))

    def _writing(self, batch: Batch) -> Callable[[Tx], Changes]:
        day = self._today or datetime.now().astimezone().date().isoformat()
        return lambda tx: BatchWriter(BoltRows(tx), day).write(batch)

    def _known(self) -> Kept:
        """What was read before; on trial what was written is not counted yet."""
        return Kept() if self._trial else self._kept

    def _ask(self, asking: Asking[T]) -> T:
        return answer(self._connection, asking)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()
