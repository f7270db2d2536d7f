"""The Neo4j engine: both ports on a server; its parts are in ``store.bolt``."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
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
    PassageVectors,
    PendingText,
    Scalar,
)
from graph_service.store.bolt import schema, whole
from graph_service.store.bolt.asking import answer
from graph_service.store.bolt.connection import Connection
from graph_service.store.bolt.options import ServerOptions
from graph_service.store.bolt.trial import TrialConnection

if TYPE_CHECKING:
    import networkx as nx

_LATER = "Neo4j 图谱库的这一部分尚未实现。"


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

    def apply(self, batch: Batch) -> Changes:
        raise NotImplementedError(_LATER)

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        raise NotImplementedError(_LATER)

    def scan(
        self, where: Filter, *, after: str | None = None, limit: int = 100, stated: bool = False
    ) -> Page:
        raise NotImplementedError(_LATER)

    def neighbours(
        self,
        ids: Sequence[str],
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        limit: int = 100,
        stated: bool = False,
    ) -> dict[str, list[Hop]]:
        raise NotImplementedError(_LATER)

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
        raise NotImplementedError(_LATER)

    def subgraph(
        self,
        where: Filter,
        *,
        types: Iterable[EdgeType] = (),
        limit: int = 100_000,
        edges: int = 1_000_000,
    ) -> "nx.MultiDiGraph[str]":
        raise NotImplementedError(_LATER)

    def search_text(
        self, terms: Mapping[str, float], where: Filter, *, limit: int = 1000, names: bool = False
    ) -> list[Hit]:
        raise NotImplementedError(_LATER)

    def search_vectors(
        self,
        vector: Floats,
        fingerprint: str,
        where: Filter,
        *,
        limit: int = 1000,
        whole_documents: bool = False,
    ) -> list[Hit]:
        raise NotImplementedError(_LATER)

    def lexical_features(
        self, terms: Sequence[str], label: Label, ids: Sequence[str]
    ) -> LexicalFeatures:
        raise NotImplementedError(_LATER)

    def passage_vectors(
        self, ids: Sequence[str], fingerprint: str, *, whole_documents: bool = False
    ) -> PassageVectors:
        raise NotImplementedError(_LATER)

    def pending_texts(self, fingerprint: str, *, limit: int = 1000) -> list[PendingText]:
        raise NotImplementedError(_LATER)

    def put_vectors(self, fingerprint: str, hashes: Sequence[bytes], vectors: Floats) -> None:
        raise NotImplementedError(_LATER)

    def refresh(self, *, rebuild: bool = False) -> None:
        raise NotImplementedError(_LATER)

    def stats(self) -> dict[str, Any]:
        raise NotImplementedError(_LATER)

    def mark(self) -> Mark:
        return answer(self._connection, whole.mark())

    def merges(self) -> list[tuple[str, str]]:
        return answer(self._connection, whole.merges())

    def kept_vectors(
        self, fingerprint: str, *, after: bytes = b"", limit: int = 1000
    ) -> KeptVectors:
        return answer(self._connection, whole.kept_vectors(fingerprint, after, limit))

    def get(self, kind: str, ids: Sequence[str]) -> dict[str, Record]:
        raise NotImplementedError(_LATER)

    def query(
        self,
        kind: str,
        where: Mapping[str, Collection[Scalar]] | None = None,
        *,
        after: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> RecordPage:
        raise NotImplementedError(_LATER)

    def count(self, kind: str, where: Mapping[str, Collection[Scalar]] | None = None) -> int:
        raise NotImplementedError(_LATER)

    def commit(self, unit: UnitOfWork) -> Committed:
        raise NotImplementedError(_LATER)

    def _day(self) -> str:
        return self._today or datetime.now().astimezone().date().isoformat()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._connection.close()
