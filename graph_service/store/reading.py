"""Reading nodes, edges and counts from the embedded record."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

import networkx as nx
import orjson

from graph_service.model import Direction, Edge, EdgeType, Filter, Hop, Label, Node, Page
from graph_service.store import vectors
from graph_service.store.filters import conditions
from graph_service.store.record import json_array

_NODE = "n.id, n.label, n.props, n.source, n.observed_at, n.version"
_EDGE = "e.type, e.key, e.props, e.source, e.observed_at, e.confidence, e.inferred, e.version"


def nodes(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Node]:
    """Nodes by id, in the order asked for."""
    rows = connection.execute(
        f"SELECT {_NODE} FROM json_each(?) w CROSS JOIN nodes n ON n.id = w.value ORDER BY w.key",
        (json_array(dict.fromkeys(ids)),),
    )
    return {row[0]: _node(row) for row in rows}


def scan(connection: sqlite3.Connection, where: Filter, after: str | None, limit: int) -> Page:
    """A page of the nodes that pass, in id order, after an id."""
    condition, values = conditions(where)
    rows = connection.execute(
        f"SELECT {_NODE} FROM nodes n WHERE {condition} AND n.id > ? ORDER BY n.id LIMIT ?",
        (*values, after or "", limit + 1),
    ).fetchall()
    found = [_node(row) for row in rows[:limit]]
    return Page(found, found[-1].id if found and len(rows) > limit else None)


def neighbours(
    connection: sqlite3.Connection,
    ids: Sequence[str],
    types: Iterable[EdgeType],
    direction: Direction,
    limit: int,
) -> dict[str, list[Hop]]:
    """Edges at each known node, the best ``limit`` of each; see the port for their order."""
    wanted = sorted(set(types))
    of_type = "AND e.type IN (SELECT value FROM json_each(:types))" if wanted else ""
    sides = {
        "out": f"""
            SELECT w.place, w.id AS here, o.id AS there, 1 AS forward, e.*
            FROM w CROSS JOIN edges e ON e.from_num = w.num {of_type}
            CROSS JOIN nodes o ON o.num = e.to_num""",
        "in": f"""
            SELECT w.place, w.id AS here, o.id AS there, 0 AS forward, e.*
            FROM w CROSS JOIN edges e ON e.to_num = w.num {of_type}
            CROSS JOIN nodes o ON o.num = e.from_num""",
    }
    if direction == "both":  # a loop is walked once
        sides["in"] += " WHERE e.from_num <> e.to_num"
    chosen = list(sides.values()) if direction == "both" else [sides[direction]]
    known = connection.execute(
        "SELECT n.id FROM json_each(?) w CROSS JOIN nodes n ON n.id = w.value ORDER BY w.key",
        (json_array(dict.fromkeys(ids)),),
    )
    found: dict[str, list[Hop]] = {id_: [] for (id_,) in known}
    rows = connection.execute(
        f"""
        WITH w AS MATERIALIZED (
            SELECT a.key AS place, n.num, n.id
            FROM json_each(:ids) a CROSS JOIN nodes n ON n.id = a.value),
        e AS ({" UNION ALL ".join(chosen)}),
        ranked AS (
            SELECT *, row_number() OVER (
                PARTITION BY place ORDER BY inferred, confidence DESC, type, there, key, forward
            ) AS rank FROM e)
        SELECT {_EDGE}, e.here, e.there, e.forward FROM ranked e
        WHERE rank <= :limit ORDER BY place, rank""",
        {"ids": json_array(found), "types": json_array(wanted), "limit": limit},
    )
    for *row, here, there, forward in rows:
        ends = (here, there) if forward else (there, here)
        found[here].append(Hop(_edge(row, *ends), bool(forward)))
    return found


def subgraph(
    connection: sqlite3.Connection, where: Filter, types: Iterable[EdgeType], limit: int
) -> "nx.MultiDiGraph[str]":
    """The first ``limit`` nodes that pass, by id, and all edges between them."""
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph()
    condition, values = conditions(where)
    ids: dict[int, str] = {}
    for num, *row in connection.execute(
        f"SELECT n.num, {_NODE} FROM nodes n WHERE {condition} ORDER BY n.id LIMIT ?",
        (*values, limit),
    ):
        ids[num] = row[0]
        graph.add_node(row[0], node=_node(row))
    wanted = sorted(set(types))
    of_type = "AND e.type IN (SELECT value FROM json_each(:types))" if wanted else ""
    for from_num, to_num, *row in connection.execute(
        f"""
        SELECT e.from_num, e.to_num, {_EDGE} FROM json_each(:nums) w
        CROSS JOIN edges e ON e.from_num = w.value {of_type}
        WHERE e.to_num IN (SELECT value FROM json_each(:nums)) ORDER BY e.num""",
        {"nums": json_array(ids), "types": json_array(wanted)},
    ):
        edge = _edge(row, ids[from_num], ids[to_num])
        graph.add_edge(edge.from_id, edge.to_id, key=(edge.type, edge.key), edge=edge)
    return graph


def stats(connection: sqlite3.Connection) -> dict[str, Any]:
    """Counts, in the shape that the port gives."""
    edges: dict[str, dict[str, int]] = {}
    for type_, inferred, count in connection.execute(
        "SELECT type, inferred, count(*) FROM edges GROUP BY type, inferred"
    ):
        edges.setdefault(type_, {"observed": 0, "inferred": 0})[
            "inferred" if inferred else "observed"
        ] = count
    return {
        "nodes": dict(
            connection.execute("SELECT label, count(*) FROM nodes GROUP BY label ORDER BY label")
        ),
        "edges": edges,
        "passages": connection.execute("SELECT count(*) FROM passages").fetchone()[0],
        "vectors": vectors.counts(connection),
        "change": connection.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0],
    }


def _node(row: Sequence[Any]) -> Node:
    id_, label, props, source, observed_at, version = row
    return Node(id_, Label(label), orjson.loads(props), source, observed_at, version)


def _edge(row: Sequence[Any], from_id: str, to_id: str) -> Edge:
    type_, key, props, source, observed_at, confidence, inferred, version = row
    return Edge(
        EdgeType(type_),
        from_id,
        to_id,
        key,
        orjson.loads(props),
        source,
        observed_at,
        confidence,
        bool(inferred),
        version,
    )
