"""What changed in the record since a change number, and the rows that projections are made of."""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import orjson

from graph_service.model import Label
from graph_service.names import NAME_PROPS
from graph_service.names import names as node_names
from graph_service.store.adjacency import Link
from graph_service.store.forward_index import Document
from graph_service.store.name_index import Named
from graph_service.store.record import json_array
from graph_service.store.snapshots import Nums
from graph_service.store.vector_index import Stored


def _none() -> Nums:
    return np.empty(0, dtype=np.int32)


@dataclass(frozen=True, eq=False)
class Changed:
    """Rising numbers of what may differ from an older state.

    Attributes:
        documents: nodes that changed, or whose passages did.
        vectors: these, and nodes whose texts got a vector.
        edges: edges.
        everything: there was no older state; then the numbers are of what changed after it was
            first read, and reading must take the whole record.
    """

    documents: Nums = field(default_factory=_none)
    vectors: Nums = field(default_factory=_none)
    edges: Nums = field(default_factory=_none)
    everything: bool = False

    def __or__(self, later: "Changed") -> "Changed":
        return Changed(
            np.union1d(self.documents, later.documents),
            np.union1d(self.vectors, later.vectors),
            np.union1d(self.edges, later.edges),
            self.everything or later.everything,
        )


def since(connection: sqlite3.Connection, change: int) -> Changed:
    """What changed after a change; everything after change 0."""
    if change == 0:
        return Changed(everything=True)
    documents = _nums(connection, "SELECT num FROM changes WHERE seq > ? AND kind = 'node'", change)
    embedded = _nums(
        connection,
        "SELECT p.node_num FROM changes c CROSS JOIN passages p ON p.hash = c.hash "
        "WHERE c.seq > ? AND c.kind = 'vector'",
        change,
    )
    edges = _nums(connection, "SELECT num FROM changes WHERE seq > ? AND kind = 'edge'", change)
    return Changed(documents, np.union1d(documents, embedded), edges)


def documents(connection: sqlite3.Connection, changed: Changed) -> Iterator[Document]:
    """The changed documents, in the order of node numbers."""
    condition, values = _among("p.node_num", changed.documents, changed)
    yield from connection.execute(
        "SELECT p.node_num, n.label, p.tokens FROM passages p "
        "CROSS JOIN nodes n ON n.num = p.node_num "
        f"WHERE p.ordinal = 0 AND {condition} ORDER BY p.node_num",
        values,
    )


def words(
    connection: sqlite3.Connection, label: Label, changed: Changed
) -> Iterator[tuple[int, str]]:
    """Numbers and words of the changed documents of one label, in the order of node numbers."""
    nodes, values = _nodes(changed, changed.documents)
    # Not joined, so that the numbers are sorted first: the documents then lie in a row on disk.
    yield from connection.execute(
        "SELECT node_num, tokens FROM passages WHERE ordinal = 0 "
        f"AND node_num IN (SELECT n.num FROM {nodes} WHERE n.label = ?) ORDER BY node_num",
        (*values, label),
    )


def ids(connection: sqlite3.Connection, changed: Changed) -> Iterator[tuple[int, str]]:
    """Numbers and ids of the changed nodes, in the order of numbers."""
    condition, values = _among("n.num", changed.documents, changed)
    yield from connection.execute(
        f"SELECT n.num, n.id FROM nodes n WHERE {condition} ORDER BY n.num", values
    )


def names(connection: sqlite3.Connection, changed: Changed) -> Iterator[Named]:
    """All names of the changed nodes."""
    condition, values = _among("n.num", changed.documents, changed)
    told = ", ".join(f"'$.{prop}'" for prop in NAME_PROPS)
    for num, label, props in connection.execute(
        f"SELECT n.num, n.label, json_extract(n.props, {told}) FROM nodes n WHERE {condition}",
        values,
    ):
        for name in node_names(dict(zip(NAME_PROPS, orjson.loads(props), strict=True))):
            yield num, label, name


def stored_vectors(
    connection: sqlite3.Connection, fingerprint: int, label: Label, changed: Changed
) -> Iterator[Stored]:
    """The vectors of one fingerprint of the changed nodes of one label."""
    nodes, values = _nodes(changed, changed.vectors)
    yield from connection.execute(
        f"SELECT n.num, p.ordinal, v.vector FROM {nodes} "
        "CROSS JOIN passages p ON p.node_num = n.num AND p.text IS NOT NULL "
        "CROSS JOIN vectors v ON v.fingerprint_num = ? AND v.hash = p.hash WHERE n.label = ?",
        (*values, fingerprint, label),
    )


def links(connection: sqlite3.Connection, changed: Changed) -> Iterator[Link]:
    """The changed edges."""
    condition, values = _among("e.num", changed.edges, changed)
    yield from connection.execute(
        f"SELECT e.num, e.type, e.from_num, e.to_num FROM edges e WHERE {condition}", values
    )


def _nodes(changed: Changed, nums: Nums) -> tuple[str, tuple[str, ...]]:
    """The changed nodes as a table ``n``, with its parameters, to be narrowed to a label."""
    if changed.everything:
        return "nodes n", ()
    # From the numbers on, where they are given: a label has many more nodes than have changed.
    return "json_each(?) w CROSS JOIN nodes n ON n.num = w.value", (json_array(nums.tolist()),)


def _among(column: str, nums: Nums, changed: Changed) -> tuple[str, tuple[str, ...]]:
    """A condition that some number is among these, with its parameters."""
    if changed.everything:
        return "1", ()
    return f"{column} IN (SELECT value FROM json_each(?))", (json_array(nums.tolist()),)


def _nums(connection: sqlite3.Connection, query: str, change: int) -> Nums:
    rows = connection.execute(query, (change,))
    return np.unique(np.fromiter((num for (num,) in rows), dtype=np.int32))
