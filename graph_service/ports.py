"""The ports: what the services need from an engine and from an encoder, and nothing else.

The docstrings are the contract; ``tests/contract`` has a test for each promise and runs it on every
engine. Each method says how Cypher does it, so that the port cannot grow in one engine's shape.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal, Protocol, Self, runtime_checkable

import numpy as np
import numpy.typing as npt

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

if TYPE_CHECKING:
    import networkx as nx

Floats = npt.NDArray[np.float32]
Ints = npt.NDArray[np.int32]
Scalar = str | int | float | bool

#: Whether a text search looks at names: not at all, for those near to what is typed, or for those
#: that stand within a text.
Names = Literal[False, True, "within"]

#: Which passages a search compares: all, whole documents (ordinal 0), or the pieces of long ones.
Passages = Literal["all", "whole", "pieces"]


@runtime_checkable
class Embedder(Protocol):
    """Text to vectors: float32 of shape (n, dimension), rows L2-normalised.

    ``fingerprint`` names model, revision, prefix and dimension: vectors of two fingerprints are
    never compared. Same text, same vector, whatever it is batched with (to 1e-3 in cosine).
    """

    @property
    def fingerprint(self) -> str: ...

    @property
    def dimension(self) -> int: ...

    def embed_queries(self, texts: Sequence[str]) -> Floats: ...

    def embed_documents(self, texts: Sequence[str]) -> Floats: ...


@dataclass(frozen=True, slots=True)
class LexicalFeatures:
    """What BM25 needs, exactly, for some documents and some terms (ordinal-0 passages only).

    Attributes:
        documents: number of documents of the label in the store.
        average_length: their mean length in tokens.
        frequency: document frequency of each term, shape (terms,), in the order asked for.
        counts: term counts, shape (ids, terms), in the orders asked for; zeros for unknown ids.
        lengths: length in tokens, shape (ids,).
    """

    documents: int
    average_length: float
    frequency: Ints
    counts: Ints
    lengths: Ints


@dataclass(frozen=True, slots=True)
class PassageVectors:
    """Stored vectors of some nodes: row i of ``matrix`` is passage (node_ids[i], ordinals[i])."""

    node_ids: Sequence[str]
    ordinals: Sequence[int]
    matrix: Floats


@dataclass(frozen=True, slots=True)
class KeptVectors:
    """Vectors as they are kept: row i of ``matrix`` (n, d) is that of the text of hashes[i]."""

    hashes: Sequence[bytes]
    matrix: Floats


@dataclass(frozen=True, slots=True)
class Mark:
    """A state of a store: ``identity`` tells it from all others for as long as it lives,
    ``writes`` rises with whatever is written to it."""

    identity: str
    writes: int


@dataclass(frozen=True, slots=True)
class PendingText:
    """A text that has no vector under a fingerprint yet."""

    hash: bytes
    text: str


class GraphStore(Protocol):
    """The graph and its search. Safe to use from several threads.

    A batch is one transaction: all of it or nothing. A read sees every batch committed before it,
    by whatever process; searches too, whether or not ``refresh`` has run since. Unknown ids are
    left out of answers, never an error. Errors are those of ``graph_service.errors``. A read within
    ``graph_service.deadline.time_limit`` raises QueryTimeoutError once the limit is reached.
    Cypher: the transaction's timeout is ``deadline.remaining()``.

    Two nodes found to be one (``Batch.merges``) are read as one, and written as one: every method
    takes either id for the kept node. What each source said of either is kept apart underneath, so
    that a split gives back both as they would be had they never been merged (versions go on).
    The kept node goes by its own name; the other's names stand in ``aliases``, and what tells it
    apart (names, code, what it is known by) under its id in ``merged``. Parallel edges of the two
    become one that merges their statements; an edge between them becomes a loop.
    """

    def apply(self, batch: Batch) -> Changes:
        """Write a batch: deletes first, then splits, merges, nodes, edges.

        Upserts are idempotent: each source's statement about a node or an edge is kept, and what
        is read is their merge, property by property: the newest ``observed_at`` wins, then the
        source's name; an observed statement of an edge outweighs an inferred one. Statements equal
        to what their source said before change neither version nor date; a node or edge that came
        without ``observed_at`` is dated by the day of its first load. Writing again from the same
        source replaces what that source said. An edge to an unknown id makes a bare node, labelled
        by ``ENDPOINTS``, and so does a node without props, source and date; a bare node takes the
        label of the first statement about it. A node's passages follow its text, and for
        organisations the names of what they MAKE.

        Raises:
            InputError: a node changes its label, ids are empty or too long, confidence outside
                [0, 1]; a merge of ids that are not two standing nodes of one label, a split of what
                is not merged.
            StoreUnavailableError, StoreLockedError

        Cypher: UNWIND $rows MERGE (n:Label {id}) SET ...; the merge of statements is computed by
        ``store.facts`` from the stored statements, read in the same transaction. Merges: an
        (:Alias {id, kept}) node, unique by id; statements are moved by the same code.
        """
        ...

    def nodes(self, ids: Sequence[str]) -> dict[str, Node]:
        """Nodes by the id asked for, which is another than the node's own where it was merged.

        Cypher: MATCH (n) WHERE n.id IN $ids RETURN n; what is missing again by its :Alias.
        """
        ...

    def scan(
        self, where: Filter, *, after: str | None = None, limit: int = 100, stated: bool = False
    ) -> Page:
        """Nodes that pass the filter, in id order, after a cursor.

        ``stated`` gives in place of each what was said of it: a node a statement, under the id and
        by the source that said it, and a bare node for an id of which nothing was said.

        Cypher: MATCH (n) WHERE ... AND n.id > $after RETURN n ORDER BY n.id LIMIT $limit.
        """
        ...

    def neighbours(
        self,
        ids: Sequence[str],
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        limit: int = 100,
        stated: bool = False,
    ) -> dict[str, list[Hop]]:
        """Edges at each node: at most ``limit`` a node, observed before inferred, then by falling
        confidence, then by (type, other end, key). No types means any type.

        ``stated`` gives in place of each what was said of it: an edge a statement, between the ids
        and by the source that said it, in the order of sources.

        Cypher: UNWIND $ids MATCH (a {id})-[r:A|B]->(b) with CALL {... LIMIT $limit}.
        """
        ...

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
        """The k shortest simple paths by hops; equal lengths in order of node ids, then types.

        ``direction`` "out" follows every edge forwards, "in" backwards. Between two nodes one edge
        stands for parallel ones: observed first, then the most confident, then by type and key.

        Cypher: MATCH p = SHORTEST $k (a)-[:A|B]-{1,4}(b), simple paths kept, sorted in Python.
        """
        ...

    def subgraph(
        self,
        where: Filter,
        *,
        types: Iterable[EdgeType] = (),
        limit: int = 100_000,
        edges: int = 1_000_000,
    ) -> "nx.MultiDiGraph[str]":
        """Nodes that pass the filter (the first ``limit`` by id) and the edges between them (the
        first ``edges`` by the ids of start and end, type and key).

        Node data: ``node`` (Node). Edge key: (type, key); edge data: ``edge`` (Edge). Graph data:
        ``more_nodes``, ``more_edges``, whether there are more than these.
        Cypher: MATCH (a)-[r]->(b) WHERE a.id IN ... AND b.id IN ... RETURN r ORDER BY a.id, b.id,
        type(r), r.key LIMIT $edges + 1.
        """
        ...

    def search_text(
        self,
        terms: Mapping[str, float],
        where: Filter,
        *,
        limit: int = 1000,
        names: Names = False,
    ) -> list[Hit]:
        """Documents (ordinal 0) that have any of the terms, best first by the engine's own BM25.

        ``terms`` are tokens of ``graph_service.text.tokens`` with their weight in the query. The
        engine's score is for choosing candidates only; matching scores them again, exactly.

        With ``names``, nodes one of whose names (``graph_service.names``) is near to a term; terms
        are then texts as typed, their weights do not count, and the score is that of ``closeness``.
        With ``names="within"``, terms are whole texts: nodes the first of whose names (its first
        ``LONGEST_NAME`` characters, folded) stands in one, the longest first; the score is its
        length.

        Cypher: CALL db.index.fulltext.queryNodes over the stored tokens, terms escaped. Names: a
        TEXT index over each name's three ways, joined; n.ways CONTAINS $term, then ``closeness``.
        Within: n.title of a label's nodes, kept until one of them is written (``Meta.counts``).
        """
        ...

    def search_vectors(
        self,
        vector: Floats,
        fingerprint: str,
        where: Filter,
        *,
        limit: int = 1000,
        passages: Passages = "all",
    ) -> list[Hit]:
        """Nodes whose nearest passage of those compared is nearest to the vector (shape (d,)), by
        cosine. Nodes without a vector are not found.

        Raises:
            FingerprintError: the vector's dimension is not that of the fingerprint's vectors.

        Cypher: CALL db.index.vector.queryNodes, over-fetched where a filter is given.
        """
        ...

    def lexical_features(
        self, terms: Sequence[str], label: Label, ids: Sequence[str]
    ) -> LexicalFeatures:
        """Exact counts for BM25 over all documents of one label.

        Cypher: stored (:Term {label, term, df}) counts, and size(...) over the stored tokens.
        """
        ...

    def document_words(self, ids: Sequence[str]) -> Sequence[str]:
        """The words of documents joined by spaces (``text.tokens``), in the order asked for; ""
        where there is none. Cypher: n.tokens."""
        ...

    def passage_vectors(
        self, ids: Sequence[str], fingerprint: str, *, whole_documents: bool = False
    ) -> PassageVectors:
        """Stored vectors of the nodes' passages, grouped by node in the order asked for, then by
        ordinal. Cypher: a byte property beside the indexed list, read as float32."""
        ...

    def pending_texts(self, fingerprint: str, *, limit: int = 1000) -> list[PendingText]:
        """Distinct texts of passages without a vector under the fingerprint, in a stable order.

        Cypher: MATCH (p:Passage) WHERE p.vector_x IS NULL RETURN DISTINCT p.hash, p.text LIMIT.
        """
        ...

    def put_vectors(self, fingerprint: str, hashes: Sequence[bytes], vectors: Floats) -> None:
        """Keep vectors (n, d) by text hash, in one transaction; writing one again is harmless.

        Raises:
            FingerprintError: the dimension is not that of the fingerprint's vectors.

        Cypher: UNWIND $rows MATCH (p:Passage {hash}) SET p.vector_x = ...
        """
        ...

    def refresh(self, *, rebuild: bool = False) -> None:
        """Bring what is derived from the record (text index, vectors, adjacency) up to date.

        Speed alone depends on it, never an answer. ``rebuild`` makes it anew from the record.
        Cypher: nothing, or DROP and CREATE INDEX for ``rebuild``.
        """
        ...

    def stats(self) -> dict[str, Any]:
        """Counts: {"nodes": {label: n}, "edges": {type: {"observed": n, "inferred": n}},
        "passages": n, "vectors": {fingerprint: {"dimension", "texts", "pending"}},
        "records": {kind: n}, "change": n}.

        ``change`` rises with every change of the graph and of vectors, and with nothing else: not
        by records, nor by what is written again as it was.

        Cypher: count queries by label and type.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None:
        """Release files, locks and connections."""
        ...


class Records(Protocol):
    """What is kept beside the graph, by kind and id, in the same engine. Safe to use from several
    threads; a read sees every unit of work committed before it, by whatever process.
    """

    def get(self, kind: str, ids: Sequence[str]) -> dict[str, Record]:
        """Records of a kind by id; unknown ids are left out.

        Cypher: MATCH (r:Record {kind: $kind}) WHERE r.id IN $ids RETURN r.
        """
        ...

    def query(
        self,
        kind: str,
        where: Mapping[str, Collection[Scalar]] | None = None,
        *,
        after: str | None = None,
        limit: int = 100,
        newest_first: bool = False,
    ) -> RecordPage:
        """Records of a kind in id order (falling with ``newest_first``), after a cursor.

        ``where`` names top-level fields of the data, each with the values of which it must have
        one; a record without the field does not pass.

        Raises:
            InputError: a field's name has other than ASCII letters, digits and underscores.

        Cypher: MATCH (r:Record {kind: $kind}) WHERE r.data_FIELD IN $values AND r.id > $after;
        scalar fields are properties beside the JSON text.
        """
        ...

    def count(self, kind: str, where: Mapping[str, Collection[Scalar]] | None = None) -> int:
        """How many records of a kind pass. Cypher: as ``query``, RETURN count(r)."""
        ...

    def commit(self, unit: UnitOfWork) -> Committed:
        """Write records, and a batch to the graph, in one transaction: all of it or nothing.

        Every put raises the record's version by one, a new record begins at 1; but one that names
        a version has that. An id of sixteen digits counts as given by an append.

        Raises:
            ConflictError: a record is not at the version expected; read it again and retry.
            InputError: two puts name one record, an id is empty, data that is no JSON; and what
                ``GraphStore.apply`` raises.
            StoreUnavailableError, StoreLockedError

        Cypher: MERGE (r:Record {kind, id}) under a uniqueness constraint, versions read and
        compared inside the one write transaction that also writes the batch.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None:
        """Release files, locks and connections."""
        ...


class Store(GraphStore, Records, Protocol):
    """One engine behind both ports."""


class Whole(Store, Protocol):
    """What a copy of everything needs beyond the ports; every engine has it."""

    def mark(self) -> Mark:
        """The state that the store is in. Cypher: MATCH (m:Meta) RETURN m.identity, m.writes."""
        ...

    def merges(self) -> list[tuple[str, str]]:
        """Each merged id with the id that it was merged into, in an order in which they can be
        merged again: first what was merged into an id, then that id's own merge.

        Cypher: MATCH (a:Alias) RETURN a.id, a.into_id, sorted in Python.
        """
        ...

    def kept_vectors(
        self, fingerprint: str, *, after: bytes = b"", limit: int = 1000
    ) -> KeptVectors:
        """The vectors of a fingerprint by text hash, in order after one; also those whose text no
        passage has now. An unknown fingerprint has none.

        Cypher: MATCH (v:Vector) WHERE v.key > $after RETURN v.key, v.bytes ORDER BY v.key LIMIT.
        """
        ...

    def drop_vectors(self, fingerprint: str) -> int:
        """Forget a fingerprint with all its vectors; how many there were, 0 for an unknown one.
        Where it is broken off, what is left is whole, and doing it again ends it.

        Raises:
            StoreUnavailableError, StoreLockedError

        Cypher: MATCH (v:Vector) WHERE v.key > $after DELETE v, some thousand a transaction; then
        the fingerprint; then DROP INDEX.
        """
        ...
