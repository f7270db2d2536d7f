"""Reading what each source said, as it said it, from the embedded record.

A statement about what was merged since stands under the id that it was said under.
"""

import sqlite3
from collections.abc import Iterable, Sequence

import orjson

from graph_service.model import Direction, EdgeType, Filter, Hop, Label, Node, Page
from graph_service.store import reading
from graph_service.store.facts import said_edges, said_nodes
from graph_service.store.filters import conditions
from graph_service.store.record import json_array


def scan(connection: sqlite3.Connection, where: Filter, after: str | None, limit: int) -> Page:
    """As ``reading.scan``: the statements about a page of nodes; ``limit`` counts nodes."""
    condition, values = conditions(where)
    rows = connection.execute(
        f"SELECT n.id, n.label, n.facts FROM nodes n WHERE {condition} AND n.id > ? "
        "ORDER BY n.id LIMIT ?",
        (*values, after or "", limit + 1),
    ).fetchall()
    merged: dict[str, set[str]] = {id_: {id_} for id_, _, _ in rows}
    for gone, kept in connection.execute(
        "SELECT id, kept_id FROM aliases WHERE kept_id IN (SELECT value FROM json_each(?))",
        (json_array(merged),),
    ):
        merged[kept].add(gone)
    found: list[Node] = []
    for id_, label, facts in rows[:limit]:
        said = list(said_nodes(id_, Label(label), orjson.loads(facts)))
        silent = merged[id_] - {node.id for node in said}
        found += [*said, *(Node(one, Label(label)) for one in sorted(silent))]
    return Page(found, rows[limit - 1][0] if len(rows) > limit else None)


def neighbours(
    connection: sqlite3.Connection,
    ids: Sequence[str],
    types: Iterable[EdgeType],
    direction: Direction,
    limit: int,
) -> dict[str, list[Hop]]:
    """As ``reading.neighbours``: the statements about each edge."""
    merged = reading.neighbours(connection, ids, types, direction, limit)
    wanted = {
        (hop.edge.type, hop.edge.from_id, hop.edge.to_id, hop.edge.key)
        for hops in merged.values()
        for hop in hops
    }
    rows = connection.execute(
        "SELECT e.type, a.id, b.id, e.key, e.facts FROM json_each(?) w "
        "CROSS JOIN nodes a ON a.id = w.value ->> 1 CROSS JOIN nodes b ON b.id = w.value ->> 2 "
        "CROSS JOIN edges e ON e.type = w.value ->> 0 AND e.from_num = a.num "
        "AND e.to_num = b.num AND e.key = w.value ->> 3",
        (json_array(list(one) for one in wanted),),
    )
    facts = {tuple(row[:4]): orjson.loads(row[4]) for row in rows}
    return {
        id_: [
            Hop(edge, hop.forward)
            for hop in hops
            for edge in said_edges(
                hop.edge,
                facts[hop.edge.type.value, hop.edge.from_id, hop.edge.to_id, hop.edge.key],
            )
        ]
        for id_, hops in merged.items()
    }
