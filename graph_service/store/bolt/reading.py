"""Reading nodes, edges, paths and counts from a server; each function is a read (``asking``)."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import orjson

from graph_service.model import Direction, Edge, EdgeType, Filter, Hop, Label, Node, Page
from graph_service.store.bolt import counts, cypher_reading
from graph_service.store.bolt.asking import Ask, Asking
from graph_service.store.bolt.cypher_reading import Step
from graph_service.store.bolt.filters import passing
from graph_service.store.facts import said_edges, said_nodes

if TYPE_CHECKING:
    import networkx as nx

#: Nodes, and edges as seen from a node, by their ids.
Nodes = dict[str, Node]
Hops = dict[str, list[Hop]]


def nodes(ids: Sequence[str]) -> Asking[Nodes]:
    """Nodes by the id asked for, in the order asked for."""
    if not ids:
        return {}
    rows = yield Ask(cypher_reading.NODES, {"ids": list(dict.fromkeys(ids))})
    found = {asked: node(row) for asked, *row in rows}
    return {id_: found[id_] for id_ in ids if id_ in found}


def scan(where: Filter, after: str | None, limit: int) -> Asking[Page]:
    """A page of the nodes that pass, in id order, after an id."""
    chosen = passing(where)
    values = {**chosen.values, "after": after or "", "limit": max(limit, 0) + 1}
    rows = yield Ask(cypher_reading.scan(chosen), values)
    found = [node(row) for row in rows[:limit]]
    return Page(found, found[-1].id if found and len(rows) > limit else None)


def scan_stated(where: Filter, after: str | None, limit: int) -> Asking[Page]:
    """As ``scan``: the statements about a page of nodes; ``limit`` counts nodes."""
    chosen = passing(where)
    values = {**chosen.values, "after": after or "", "limit": max(limit, 0) + 1}
    rows = yield Ask(cypher_reading.scan(chosen, stated=True), values)
    found: list[Node] = []
    for id_, label, *_, facts, merged in rows[:limit]:
        said = list(said_nodes(id_, Label(label), orjson.loads(facts)))
        silent = {id_, *merged} - {one.id for one in said}
        found += [*said, *(Node(one, Label(label)) for one in sorted(silent))]
    return Page(found, rows[limit - 1][0] if len(rows) > limit > 0 else None)


def neighbours(
    ids: Sequence[str],
    types: Collection[EdgeType],
    direction: Direction,
    limit: int,
    *,
    stated: bool = False,
    ends: bool = False,
) -> Asking[tuple[Hops, Nodes]]:
    """Edges at each known node, the best ``limit`` of each, and with ``ends`` the other ends."""
    if not ids:
        return {}, {}
    rows = yield Ask(
        cypher_reading.neighbours(types, direction, stated=stated, nodes=ends),
        {"ids": list(dict.fromkeys(ids)), "limit": max(limit, 0)},
    )
    found: Hops = {}
    others: Nodes = {}
    for asked, home, hops, near in rows:
        found[asked] = _hops(home, hops, stated=stated)
        others |= {row[0]: node(row) for row in near}
    return {id_: found[id_] for id_ in ids if id_ in found}, others


def onward(
    ids: Sequence[str],
    over: Sequence[Step],
    arrive: Step,
    limit: int,
    *,
    direct: bool,
    ends: bool = False,
) -> Asking[tuple[tuple[list[Hops], Hops], Nodes]]:
    """The neighbours of nodes by each step of ``over``, and by ``arrive`` of wherever those lead,
    with ``direct`` of the nodes themselves too; with ``ends`` the nodes to which ``arrive`` leads.
    """
    if not ids:
        return ([{} for _ in over], {}), {}
    rows = yield Ask(
        cypher_reading.onward(over, arrive, direct=direct, nodes=ends),
        {"ids": list(dict.fromkeys(ids)), "limit": max(limit, 0)},
    )
    ((told, arrived, near),) = rows
    gone: list[Hops] = [
        {asked: _hops(home, by_step[i]) for asked, home, by_step in told} for i in range(len(over))
    ]
    homes = {asked: home for asked, home, _ in told} if direct else {}
    homes |= {hop.end: hop.end for step in gone for hops in step.values() for hop in hops}
    last: Hops = {id_: _hops(id_, hops) for id_, hops in arrived}
    others = {row[0]: node(row) for some in near for row in some}
    return (gone, {id_: last[homes[id_]] for id_ in sorted(homes)}), others


def subgraph(
    where: Filter, types: Collection[EdgeType], limit: int, edges: int
) -> Asking["nx.MultiDiGraph[str]"]:
    """The first nodes that pass, by id, and the first edges between them; see the port."""
    import networkx as nx  # a quarter of a second that no other reader needs to wait

    chosen = passing(where)
    values = {**chosen.values, "after": "", "limit": limit + 1}
    rows = yield Ask(cypher_reading.scan(chosen), values)
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph(more_nodes=len(rows) > limit, more_edges=False)
    for row in rows[:limit]:
        graph.add_node(row[0], node=node(row))
    values = {"ids": list(graph), "limit": edges + 1}
    rows = yield Ask(cypher_reading.edges_between(types), values)
    graph.graph["more_edges"] = len(rows) > edges
    for from_id, to_id, *row in rows[:edges]:
        one = edge(from_id, to_id, row)
        graph.add_edge(from_id, to_id, key=(one.type, one.key), edge=one)
    return graph


def stats() -> Asking[dict[str, Any]]:
    """Counts, in the shape that the port gives."""
    rows = yield Ask(cypher_reading.META, {})
    if not rows:
        return shown({}, (), 0)
    ((change, told, fingerprints),) = rows
    return shown(counts.unpacked(told), fingerprints, change)


def shown(
    told: Mapping[tuple[str, str], int],
    fingerprints: Sequence[tuple[str, str, int]],
    change: int,
) -> dict[str, Any]:
    """Counts as the port gives them; ``fingerprints`` are names, short names and dimensions."""
    observed, inferred = counts.named(told, "observed"), counts.named(told, "inferred")
    texts, vectors = told.get(("text", ""), 0), counts.named(told, "vector")
    return {
        "nodes": counts.named(told, "node"),
        "edges": {
            type_: {"observed": observed.get(type_, 0), "inferred": inferred.get(type_, 0)}
            for type_ in sorted({*observed, *inferred})
        },
        "passages": told.get(("passage", ""), 0),
        "vectors": {
            name: {
                "dimension": dimension,
                "texts": vectors.get(short, 0),
                "pending": texts - vectors.get(short, 0),
            }
            for name, short, dimension in sorted(fingerprints)
        },
        "records": counts.named(told, "record"),
        "change": change,
    }


def node(row: Sequence[Any]) -> Node:
    """A node from a row of ``cypher_reading.NODE``."""
    id_, label, props, source, observed_at, version = row[:6]
    return Node(id_, Label(label), orjson.loads(props), source, observed_at, version)


def edge(from_id: str, to_id: str, row: Sequence[Any]) -> Edge:
    """An edge from a row of ``cypher_reading.EDGE``."""
    type_, key, props, source, observed_at, confidence, inferred, version = row[:8]
    return Edge(
        EdgeType(type_),
        from_id,
        to_id,
        key,
        orjson.loads(props),
        source,
        observed_at,
        confidence,
        inferred,
        version,
    )


def _hops(here: str, rows: Sequence[Sequence[Any]], *, stated: bool = False) -> list[Hop]:
    """Edges as seen from one of their ends, or what was said of them."""
    found: list[Hop] = []
    for there, forward, *row in rows:
        from_id, to_id = (here, there) if forward else (there, here)
        one = edge(from_id, to_id, row)
        said = said_edges(one, orjson.loads(row[8])) if stated else (one,)
        found += [Hop(each, forward) for each in said]
    return found
