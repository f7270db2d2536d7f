"""The embedded engine: a SQLite record, and projections of its change log for search and paths."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

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
    RecordPage,
    UnitOfWork,
)
from graph_service.model import (
    Path as GraphPath,
)
from graph_service.model import (
    Record as KeptRecord,
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
from graph_service.store import aliases, reading, records, schema, statements
from graph_service.store import vectors as kept_by_hash
from graph_service.store.beside import Beside
from graph_service.store.projections import Projections
from graph_service.store.record import PATIENCE, Record
from graph_service.store.sqlite_rows import SqliteRows
from graph_service.store.trial import TrialRecord
from graph_service.store.writing import BatchWriter

if TYPE_CHECKING:
    import networkx as nx


class EmbeddedStore:
    """``GraphStore`` and ``Records`` in a folder, without a server.

    Args:
        folder: made where it is missing, unless ``read_only``.
        read_only: writes raise ``StoreUnavailableError``.
        today: ISO date of statements that come without one; the day of the write where not given.
        patience: seconds that a write waits for another process.
        trial: what is written is undone at the end; for one thread (see ``store.trial``).

    Raises:
        StoreError: as ``Record``.
    """

    def __init__(
        self,
        folder: Path,
        *,
        read_only: bool = False,
        today: str | None = None,
        patience: float = PATIENCE,
        trial: bool = False,
    ) -> None:
        self._trial = trial
        self._record = (TrialRecord if trial else Record)(folder, read_only, patience=patience)
        self._projections = Projections(self._record)
        self._beside = Beside(self, alone=trial)
        self._today = today
        # For each fingerprint a change and a hash: then, no text of a smaller hash was pending.
        self._embedded: dict[str, tuple[int, bytes]] = {}

    def apply(self, batch: Batch) -> Changes:
        with self._record.write() as connection:
            return BatchWriter(SqliteRows(connection), self._day()).write(batch)

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        with self._record.reading() as connection:
            return reading.nodes(connection, ids)

    def scan(
        self, where: Filter, *, after: str | None = None, limit: int = 100, stated: bool = False
    ) -> Page:
        with self._record.reading() as connection:
            read = statements.scan if stated else reading.scan
            return read(connection, where, after, limit)

    def neighbours(
        self,
        ids: Sequence[str],
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        limit: int = 100,
        stated: bool = False,
    ) -> dict[str, list[Hop]]:
        with self._record.reading() as connection:
            read = statements.neighbours if stated else reading.neighbours
            return read(connection, ids, types, direction, limit)

    def paths(
        self,
        start: str,
        end: str,
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        max_hops: int = 4,
        k: int = 3,
    ) -> list[GraphPath]:
        return self._projections.paths(
            start, end, types=types, direction=direction, max_hops=max_hops, k=k
        )

    def subgraph(
        self,
        where: Filter,
        *,
        types: Iterable[EdgeType] = (),
        limit: int = 100_000,
        edges: int = 1_000_000,
    ) -> "nx.MultiDiGraph[str]":
        with self._record.reading() as connection:
            return reading.subgraph(connection, where, types, limit, edges)

    def search_text(
        self,
        terms: Mapping[str, float],
        where: Filter,
        *,
        limit: int = 1000,
        names: Names = False,
    ) -> list[Hit]:
        return self._projections.search_text(terms, where, limit=limit, names=names)

    def search_vectors(
        self,
        vector: Floats,
        fingerprint: str,
        where: Filter,
        *,
        limit: int = 1000,
        passages: Passages = "all",
    ) -> list[Hit]:
        return self._projections.search_vectors(
            vector, fingerprint, where, limit=limit, passages=passages
        )

    def lexical_features(
        self, terms: Sequence[str], label: Label, ids: Sequence[str]
    ) -> LexicalFeatures:
        return self._projections.lexical_features(terms, label, ids)

    def document_words(self, ids: Sequence[str]) -> list[str]:
        with self._record.reading() as connection:
            return reading.document_words(connection, ids)

    def passage_vectors(
        self, ids: Sequence[str], fingerprint: str, *, whole_documents: bool = False
    ) -> PassageVectors:
        return self._projections.passage_vectors(ids, fingerprint, whole_documents=whole_documents)

    def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
        return self._beside.together(reads)

    def pending_texts(self, fingerprint: str, *, limit: int = 1000) -> list[PendingText]:
        with self._record.reading() as connection:
            change, first = self._embedded.get(fingerprint, (0, b""))
            if connection.execute(
                "SELECT 1 FROM changes WHERE seq > ? AND kind <> 'vector' LIMIT 1", (change,)
            ).fetchone():
                first = b""
            found = kept_by_hash.pending_texts(connection, fingerprint, first, limit)
            if found:
                self._embedded[fingerprint] = (self._record.change(), found[0].hash)
            return found

    def put_vectors(self, fingerprint: str, hashes: Sequence[bytes], vectors: Floats) -> None:
        with self._record.write() as connection:
            kept_by_hash.put_vectors(connection, fingerprint, hashes, vectors)

    def refresh(self, *, rebuild: bool = False) -> None:
        if self._trial:  # projections lie on disk
            return
        with self._record.errors():
            self._projections.refresh(rebuild=rebuild)

    def stats(self) -> dict[str, Any]:
        with self._record.reading() as connection:
            return reading.stats(connection)

    def mark(self) -> Mark:
        with self._record.reading() as connection:
            # An older record that is only read may have none: then it goes by where it lies.
            identity = schema.identity(connection) or str(self._record.folder.resolve())
            return Mark(identity, self._record.change() + records.writes(connection))

    def merges(self) -> list[tuple[str, str]]:
        with self._record.reading() as connection:
            return aliases.merges(connection)

    def kept_vectors(
        self, fingerprint: str, *, after: bytes = b"", limit: int = 1000
    ) -> KeptVectors:
        with self._record.reading() as connection:
            return kept_by_hash.kept(connection, fingerprint, after, limit)

    def drop_vectors(self, fingerprint: str) -> int:
        with self._record.write() as connection:
            return kept_by_hash.drop_vectors(connection, fingerprint)

    def get(self, kind: str, ids: Sequence[str]) -> dict[str, KeptRecord]:
        with self._record.reading() as connection:
            return records.get(connection, kind, ids)

    def query(
        self,
        kind: str,
        where: Mapping[str, Collection[Scalar]] | None = None,
        *,
        after: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> RecordPage:
        with self._record.reading() as connection:
            return records.query(
                connection, kind, where or {}, after=after, limit=limit, newest_first=newest_first
            )

    def count(self, kind: str, where: Mapping[str, Collection[Scalar]] | None = None) -> int:
        with self._record.reading() as connection:
            return records.count(connection, kind, where or {})

    def commit(self, unit: UnitOfWork) -> Committed:
        with self._record.write() as connection:
            written = records.put(connection, unit.puts)
            return Committed(
                written, BatchWriter(SqliteRows(connection), self._day()).write(unit.batch)
            )

    def _day(self) -> str:
        return self._today or datetime.now().astimezone().date().isoformat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._beside.close()
        self._projections.close()
        self._record.close()
