"""Reading nodes, edges and counts from the embedded record."""

import sqlite3
from collections.abc import Iterable, Sequence
from itertools import groupby, islice, pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import orjson

from graph_service.model import Direction, Edge, EdgeType, Filter, Hop, Label, Node, Page
from graph_service.store import aliases, records, vectors
from graph_service.store.filters import conditions
from graph_service.store.record import json_array

if TYPE_CHECKING:
    import networkx as nx

_NODE = "n.id, n.label, n.props, n.source, n.observed_at, n.version"
_EDGE = "e.type, e.key, e.props, e.source, e.observed_at, e.confidence, e.inferred, e.version"

#: The first nodes of a condition by id; those not among them are not read, only looked up.
_FIRST = """SELECT {} FROM (
    SELECT n.num AS first FROM nodes n WHERE {} AND n.id > ? ORDER BY n.id LIMIT ?
) CROSS JOIN nodes n ON n.num = first ORDER BY n.id"""

#: For each direction: (forward, the column of the node asked about, that of the other end).
_SIDES = {
    "out": ((True, "from_num", "to_num"),),
    "in": ((False, "to_num", "from_num"),),
    "both": ((True, "from_num", "to_num"), (False, "to_num", "from_num")),
}
_TYPES = {str(type_): type_ for type_ in EdgeType}


def nodes(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, Node]:
    """Nodes by the id asked for, in the order asked for."""
    if not ids:
        return {}
    homes = _homes(connection, ids)
    rows = connection.execute(
        f"SELECT {_NODE} FROM json_each(?) w CROSS JOIN nodes n ON n.id = w.value ORDER BY w.key",
        (json_array(dict.fromkeys(homes.values())),),
    )
    found = {row[0]: _node(row) for row in rows}
    return {asked: found[home] for asked, home in homes.items() if home in found}


def document_words(connection: sqlite3.Connection, ids: Sequence[str]) -> list[str]:
    """The words of documents, in the order asked for; "" where there is none."""
    if not ids:
        return []
    homes = _homes(connection, ids)
    told = dict(
        connection.execute(
            "SELECT n.id, p.tokens FROM json_each(?) w CROSS JOIN nodes n ON n.id = w.value "
            "CROSS JOIN passages p ON p.node_num = n.num AND p.ordinal = 0",
            (json_array(dict.fromkeys(homes.values())),),
        )
    )
    return [told.get(homes.get(asked, ""), "") or "" for asked in ids]


def scan(connection: sqlite3.Connection, where: Filter, after: str | None, limit: int) -> Page:
    """A page of the nodes that pass, in id order, after an id."""
    condition, values = conditions(where)
    rows = connection.execute(
        _FIRST.format(_NODE, condition), (*values, after or "", limit + 1)
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
    if not ids:
        return {}
    homes = _homes(connection, ids)
    known = connection.execute(
        "SELECT n.num, n.id FROM json_each(?) w CROSS JOIN nodes n ON n.id = w.value",
        (json_array(dict.fromkeys(homes.values())),),
    )
    here: dict[int, str] = dict(known.fetchall())
    at: dict[int, list[tuple[Any, ...]]] = {num: [] for num in here}
    of_type, wanted = _of_type(types)
    # At one node, which may be a hub, the record itself leaves out what is not wanted.
    best = f"ORDER BY 1, 2, 3, 4, 5, 6 LIMIT {max(limit, 0):d}" if len(here) == 1 else ""
    for forward, this, other in _SIDES[direction]:
        loops = "AND e.from_num <> e.to_num" if direction == "both" and not forward else ""
        for row in connection.execute(
            # The first columns, distinct at a node, are the order of the answer.
            f"""
            SELECT e.inferred, -e.confidence, e.type, o.id, e.key, {forward:d}, w.value, {_EDGE}
            FROM json_each(?) w CROSS JOIN edges e ON e.{this} = w.value {loops} {of_type}
            CROSS JOIN nodes o ON o.num = e.{other} {best}""",
            (json_array(here), *wanted),
        ):
            at[row[6]].append(row)
    hops = {id_: [_hop(id_, row) for row in sorted(at[num])[:limit]] for num, id_ in here.items()}
    return {asked: hops[home] for asked, home in homes.items() if home in hops}


def best_hops(
    connection: sqlite3.Connection,
    nums: Sequence[int],
    types: Iterable[EdgeType],
    direction: Direction,
) -> list[Hop]:
    """The hops of a walk through nodes given by their numbers; between two nodes one edge stands
    for all: observed first, then the most confident, then by type, key and forwards first."""
    # Asked type by type, the unique index finds parallel edges even between two hubs.
    condition = "e.type IN (SELECT value FROM json_each(:types)) AND "
    sides = {
        "out": f"SELECT 1 AS forward, e.* FROM edges e WHERE {condition}"
        "e.from_num = :here AND e.to_num = :there",
        "in": f"SELECT 0 AS forward, e.* FROM edges e WHERE {condition}"
        "e.from_num = :there AND e.to_num = :here",
    }
    chosen = list(sides.values()) if direction == "both" else [sides[direction]]
    query = f"""
        SELECT {_EDGE}, a.id, b.id, e.forward FROM ({" UNION ALL ".join(chosen)}) e
        CROSS JOIN nodes a ON a.num = e.from_num CROSS JOIN nodes b ON b.num = e.to_num
        ORDER BY e.inferred, e.confidence DESC, e.type, e.key, e.forward DESC LIMIT 1"""
    wanted = json_array(sorted(types) or list(EdgeType))
    hops: list[Hop] = []
    for here, there in pairwise(nums):
        values = {"types": wanted, "here": here, "there": there}
        *row, from_id, to_id, forward = connection.execute(query, values).fetchone()
        hops.append(Hop(_edge(row, from_id, to_id), bool(forward)))
    return hops


def subgraph(
    connection: sqlite3.Connection,
    where: Filter,
    types: Iterable[EdgeType],
    limit: int,
    edges: int,
) -> "nx.MultiDiGraph[str]":
    """The first nodes that pass, by id, and the first edges between them; see the port."""
    import networkx as nx  # a quarter of a second that no other reader needs to wait

    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(more_nodes=False, more_edges=False)
    condition, values = conditions(where)
    ids: dict[int, str] = {}
    for num, *row in connection.execute(
        _FIRST.format(f"n.num, {_NODE}", condition), (*values, "", limit + 1)
    ):
        if len(ids) == limit:
            graph.graph["more_nodes"] = True
            break
        ids[num] = row[0]
        graph.add_node(row[0], node=_node(row))
    nums = json_array(ids)
    of_type, wanted = _of_type(types)
    rows = connection.execute(
        f"""
        SELECT e.from_num, e.to_num, {_EDGE}
        FROM json_each(?) w CROSS JOIN edges e ON e.from_num = w.value
        WHERE e.to_num IN (SELECT value FROM json_each(?)) {of_type}""",
        (nums, nums, *wanted),
    )
    # The rows come node by node in the order of ids: what is cut off is not read.
    ordered = (
        row
        for _, some in groupby(rows, itemgetter(0))
        for row in sorted(some, key=lambda row: (ids[row[1]], row[2], row[3]))
    )
    for from_num, to_num, *row in islice(ordered, edges):
        edge = _edge(row, ids[from_num], ids[to_num])
        graph.add_edge(edge.from_id, edge.to_id, key=(edge.type, edge.key), edge=edge)
    graph.graph["more_edges"] = next(ordered, None) is not None
    return graph


def stats(connection: sqlite3.Connection) -> dict[str, Any]:
    """Counts, in the shape that the port gives."""
    told: dict[str, dict[str, int]] = {}
    for what, name, number in connection.execute("SELECT what, name, number FROM counts"):
        if number or what == "passage":
            told.setdefault(what, {})[name] = number
    sides = [told.get(side, {}) for side in ("observed", "inferred")]
    return {
        "nodes": told.get("node", {}),
        "edges": {
            type_: {"observed": sides[0].get(type_, 0), "inferred": sides[1].get(type_, 0)}
            for type_ in sorted({*sides[0], *sides[1]})
        },
        "passages": told["passage"][""],
        "vectors": vectors.counts(connection),
        "records": records.kinds(connection),
        "change": connection.execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()[0],
    }


def _homes(connection: sqlite3.Connection, ids: Sequence[str]) -> dict[str, str]:
    """Each id asked for once, with the id of the node that stands for it."""
    kept = aliases.kept(connection, ids)
    return {id_: kept.get(id_, id_) for id_ in ids}


def _of_type(types: Iterable[EdgeType]) -> tuple[str, list[str]]:
    """A further condition on ``edges AS e``, with its parameters."""
    wanted = sorted(set(types))
    if not wanted:
        return "", []
    return "AND e.type IN (SELECT value FROM json_each(?))", [json_array(wanted)]


def _hop(here: str, row: Sequence[Any]) -> Hop:
    there, forward = row[3], bool(row[5])
    ends = (here, there) if forward else (there, here)
    return Hop(_edge(row[7:], *ends), forward)


def _node(row: Sequence[Any]) -> Node:
    id_, label, props, source, observed_at, version = row
    return Node(id_, Label(label), orjson.loads(props), source, observed_at, version)


def _edge(row: Sequence[Any], from_id: str, to_id: str) -> Edge:
    type_, key, props, source, observed_at, confidence, inferred, version = row
    return Edge(
        _TYPES[type_],
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
