"""Rows on the server, for writing: everything in bulk, a statement for each label or type.

Counts and the number of changes go with the transaction (``connection.Tx``).
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from graph_service.model import Label, Node, Props
from graph_service.store.bolt import cypher_writing as cypher
from graph_service.store.bolt.connection import Tx
from graph_service.store.bolt.naming import name_ways
from graph_service.store.bolt.texts import Texts
from graph_service.store.facts import filled
from graph_service.store.filters import NAME, facets
from graph_service.store.rows import (
    EdgeKey,
    EdgeRow,
    EdgeWrite,
    NodeRow,
    NodeWrite,
    PassageRow,
)

#: The property in which the values of a facet stand.
_FACETS = {"kind": "kinds", "district": "districts", "industry": "industries", NAME: "names"}

#: Between a tier, its first and its last day.
_PART = "\x1f"


class BoltRows:
    """``Rows`` inside a write transaction; used for one batch. ``ref`` of an edge is its element's
    id."""

    def __init__(self, tx: Tx) -> None:
        self._tx = tx
        self._texts = Texts(tx)
        self._gone: set[str] = set()

    # -- aliases ---------------------------------------------------------------------------------

    def kept(self, ids: Collection[str]) -> Mapping[str, str]:
        if not (ids and self._tx.counts["alias", ""]):
            return {}
        return {row[0]: row[1] for row in self._tx.run(cypher.KEPT, ids=list(ids))}

    def merge(self, gone: str, into: str) -> None:
        self._tx.later(cypher.MERGE, gone=gone, into=into)
        self._tx.counts["alias", ""] += 1

    def split(self, gone: str) -> str | None:
        rows = self._tx.write(cypher.SPLIT, gone=gone)
        if not rows:
            return None
        self._tx.counts["alias", ""] -= 1
        below = [gone]
        while below:
            below = [id_ for (id_,) in self._tx.run(cypher.UNDER, ids=below)]
            self._tx.later(cypher.RENAME, ids=below, into=gone)
        return str(rows[0][0])

    # -- reading ---------------------------------------------------------------------------------

    def there(self, ids: Collection[str]) -> Collection[str]:
        # A batch asks for no id that it wrote; what it deleted may not be gone yet.
        asked = [id_ for id_ in ids if id_ not in self._gone]
        return [id_ for (id_,) in self._tx.look(cypher.THERE, ids=asked)]

    def nodes(self, ids: Collection[str]) -> dict[str, NodeRow]:
        if not ids:
            return {}
        return {
            id_: NodeRow(label, version, orjson.loads(facts), props, label)
            for id_, label, version, facts, props in self._tx.run(cypher.NODES, ids=list(ids))
        }

    def told(self, ids: Collection[str]) -> dict[str, Node]:
        if not ids:
            return {}
        return {
            id_: Node(id_, Label(label), orjson.loads(props))
            for id_, label, props in self._tx.run(cypher.TOLD, ids=list(ids))
        }

    def edges(self, keys: Collection[EdgeKey]) -> dict[EdgeKey, EdgeRow]:
        found: dict[EdgeKey, EdgeRow] = {}
        for type_, rows in _grouped((key[0], key[1:]) for key in keys):
            for a, b, key, version, facts, inferred, ref in self._tx.run(
                cypher.edges(type_), rows=rows
            ):
                found[type_, a, b, key] = EdgeRow(version, orjson.loads(facts), inferred, ref)
        return found

    def edges_at(self, ids: Collection[str]) -> dict[EdgeKey, EdgeRow]:
        if not ids:
            return {}
        return {
            (type_, a, b, key): EdgeRow(version, orjson.loads(facts), inferred, ref)
            for type_, a, b, key, version, facts, inferred, ref in self._tx.run(
                cypher.EDGES_AT, ids=list(ids)
            )
        }

    def makers(self, ids: Collection[str]) -> set[str]:
        return {id_ for (id_,) in self._tx.run(cypher.MAKERS, ids=list(ids))}

    def made(self, ids: Collection[str]) -> Iterator[tuple[str, object, Node]]:
        if not ids:
            return
        for id_, props, product, product_props in self._tx.run(cypher.MADE, ids=list(ids)):
            share = orjson.loads(props).get("revenue_share")
            yield id_, share, Node(product, Label.PRODUCT, orjson.loads(product_props))

    def passages(self, ids: Collection[str]) -> dict[str, list[PassageRow]]:
        return self._texts.stored(ids)

    # -- writing ---------------------------------------------------------------------------------

    def write_nodes(self, writes: Sequence[NodeWrite]) -> None:
        counts = self._tx.counts
        fresh: list[tuple[str, Props]] = []
        updates: list[Props] = []
        relabelled: list[tuple[str, str, str]] = []
        for write in writes:
            row = write.row
            if row.version == 0:
                fresh.append((row.label, node_properties(write)))
            else:
                updates.append(node_properties(write))
                if row.was != row.label:
                    relabelled.append((write.id, row.was, row.label))
                    counts["node", row.was] -= 1
            if row.was != row.label:
                counts["node", row.label] += 1
        for label in {one for write in writes for one in (write.row.label, write.row.was) if one}:
            counts["written", label] += 1
        for label, rows in _grouped(fresh):
            self._tx.later(cypher.create_nodes(label), rows=rows)
        if relabelled:
            self._tx.later(cypher.RELABEL, rows=relabelled)
        if updates:
            self._tx.later(cypher.UPDATE_NODES, rows=updates)
        self._tx.changes += len(writes)

    def write_edges(self, writes: Sequence[EdgeWrite]) -> None:
        fresh: list[tuple[str, list[Any]]] = []
        updates: list[list[Any]] = []
        for write in writes:
            type_, from_id, to_id, _ = write.key
            row = write.row
            if row.version == 0:
                fresh.append((type_, [from_id, to_id, edge_properties(write)]))
            else:
                updates.append([row.ref, edge_properties(write)])
                self._tx.counts[_side(row.inferred), type_] -= 1
            self._tx.counts[_side(write.merged.inferred), type_] += 1
        for type_, rows in _grouped(fresh):
            self._tx.later(cypher.create_edges(type_), rows=rows)
        if updates:
            self._tx.later(cypher.UPDATE_EDGES, rows=updates)
        self._tx.changes += len(writes)

    def delete_edges(self, edges: Mapping[EdgeKey, EdgeRow]) -> None:
        if edges:
            self._tx.later(cypher.DELETE_EDGES, refs=[row.ref for row in edges.values()])
            for (type_, *_), row in edges.items():
                self._tx.counts[_side(row.inferred), type_] -= 1
            self._tx.changes += len(edges)

    def delete_nodes(self, nodes: Mapping[str, NodeRow]) -> None:
        if nodes:
            gone = {id_: Node(id_, Label(row.label)) for id_, row in nodes.items()}
            before = self._texts.stored(gone)
            self._texts.write(gone, dict.fromkeys(before, ()), before)
            self._tx.later(cypher.DELETE_NODES, ids=list(nodes))
            self._gone.update(nodes)
            for row in nodes.values():
                self._tx.counts["node", row.was] -= 1
                self._tx.counts["written", row.was] += 1
            self._tx.changes += len(nodes)

    def write_passages(
        self,
        nodes: Mapping[str, Node],
        passages: Mapping[str, Sequence[PassageRow]],
        before: Mapping[str, Sequence[PassageRow]],
    ) -> None:
        self._texts.write(nodes, passages, before)
        self._tx.changes += len(passages)

    def finish(self) -> None:
        """Nothing: the transaction keeps how much changed."""


def node_properties(write: NodeWrite) -> dict[str, Any]:
    """The properties of a node on the server; None where there is none (any more)."""
    merged, label = write.merged, write.row.label
    found: dict[str, list[str]] = defaultdict(list)
    for facet, value in sorted(facets(label, merged.props)):
        if facet in _FACETS:
            found[_FACETS[facet]].append(value)
    day = None if merged.observed_at is None else filled(merged.observed_at)[:10]
    return {
        "id": write.id,
        "title": Node(write.id, Label(label), merged.props).title,
        "props": orjson.dumps(merged.props).decode(),
        "source": merged.source,
        "observed_at": merged.observed_at,
        "day": day,
        "version": write.version,
        "facts": orjson.dumps(write.row.facts).decode(),
        **{name: found.get(name) for name in _FACETS.values()},
        "tiers": _tiers(merged.props) or None,
        "name_ways": name_ways(merged.props) or None,
    }


def _tiers(props: Props) -> list[str]:
    """Each tier with its first and last day, as far as they are told."""
    given = props.get("tiers")
    found: list[str] = []
    for tier in given if isinstance(given, list) else [given]:
        told = tier if isinstance(tier, Mapping) else {"tier": tier}
        if told.get("tier") is not None:
            found.append(
                _PART.join(str(told.get(part) or "") for part in ("tier", "from", "until"))
            )
    return found


def edge_properties(write: EdgeWrite) -> dict[str, Any]:
    """The properties of an edge on the server."""
    merged = write.merged
    return {
        "key": write.key[3],
        "props": orjson.dumps(merged.props).decode(),
        "source": merged.source,
        "observed_at": merged.observed_at,
        "confidence": merged.confidence,
        "inferred": merged.inferred,
        "version": write.version,
        "facts": orjson.dumps(write.row.facts).decode(),
    }


def _side(inferred: bool) -> str:
    return "inferred" if inferred else "observed"


def _grouped(pairs: Iterable[tuple[str, Any]]) -> list[tuple[str, list[Any]]]:
    groups: dict[str, list[Any]] = defaultdict(list)
    for name, value in pairs:
        groups[name].append(value)
    return list(groups.items())
