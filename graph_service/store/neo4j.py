"""The Neo4j engine. Not there yet: it says so from every method."""

from collections.abc import Collection, Iterable, Mapping, Sequence
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
from graph_service.ports import Floats, LexicalFeatures, PassageVectors, PendingText, Scalar

if TYPE_CHECKING:
    import networkx as nx

_LATER = "Neo4j 图谱库尚未实现，请用文件夹作为图谱库（--store 文件夹）。"


class Neo4jStore:
    """``GraphStore`` and ``Records`` on a Neo4j server.

    Args:
        uri: the server's address, such as ``neo4j://host:7687``.
        read_only: never write.
        trial: all in one transaction, rolled back at the end.
    """

    def __init__(self, uri: str, *, read_only: bool = False, trial: bool = False) -> None:
        self.uri = uri
        self.read_only = read_only
        self.trial = trial

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

    def __enter__(self) -> Self:
        raise NotImplementedError(_LATER)

    def __exit__(self, *exc: object) -> None:
        raise NotImplementedError(_LATER)
