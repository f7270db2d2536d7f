"""The explorer: the graph as people and programs walk it."""

import time
from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from typing import Any

import orjson

from graph_service.errors import InputError, NotFoundError
from graph_service.explore.types import FoundPaths, Neighbours, Subgraph, Suggestion
from graph_service.model import (
    ANY,
    EVIDENCE,
    Direction,
    EdgeType,
    Filter,
    Hop,
    Label,
    Node,
    Page,
    PathStep,
    Viewer,
)
from graph_service.names import closeness, names
from graph_service.ports import GraphStore
from graph_service.visibility import seen

#: The most that one call gives, and the furthest it walks.
MOST_NODES, MOST_EDGES = 100_000, 500_000
MOST_HOPS, MOST_PATHS = 8, 100
MOST_A_PAGE, MOST_SUGGESTIONS = 10_000, 100

#: Where a hop stands among those at its node (see ``GraphStore.neighbours``).
_Place = tuple[bool, float, str, str, str, bool]
_SHAPES: Sequence[Sequence[type]] = ([], [bool, float, str, str, str, bool])


class Explorer:
    """Reads the graph.

    Every method takes the ``viewer`` who looks, for whom there is nothing but what he may see, and
    raises InputError for a number out of its range, QueryTimeoutError where a time limit was set
    (``graph_service.deadline``) and is reached.

    Args:
        store: the graph.
    """

    def __init__(self, store: GraphStore) -> None:
        self._store = store

    def node(self, node_id: str, *, viewer: Viewer) -> Node:
        """A node by its id, or by that of one merged into it.

        Raises:
            NotFoundError: there is none.
        """
        return self._existing(viewer, node_id)[0]

    def nodes(
        self, where: Filter = ANY, *, after: str | None = None, limit: int = 100, viewer: Viewer
    ) -> Page:
        """Nodes that pass a filter, in id order, after a cursor."""
        _within("limit", limit, 1, MOST_A_PAGE)
        return seen(self._store, viewer).scan(where, after=after, limit=limit)

    def neighbours(
        self,
        node_id: str,
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        after: str | None = None,
        limit: int = 20,
        viewer: Viewer,
    ) -> Neighbours:
        """The relations of a node, observed before inferred, then by falling confidence, then by
        type and other end.

        Args:
            node_id: the node.
            types: of the edges; none means any.
            direction: of the edges, as seen from the node.
            after: the ``cursor`` of the page before. It holds a place in the order, not a count:
                what came or went meanwhile shifts nothing.
            limit: how many.
            viewer: who looks.

        Raises:
            NotFoundError: there is no such node.
            InputError: a cursor that is none.
        """
        _within("limit", limit, 0, MOST_A_PAGE)
        store, (node,) = seen(self._store, viewer), self._existing(viewer, node_id)
        passed, place = _opened(after)
        wanted = passed + limit + 1
        while True:
            hops = store.neighbours([node.id], types=types, direction=direction, limit=wanted).get(
                node.id, []
            )
            start = bisect_right(hops, place, key=_place) if place else 0
            if len(hops) < wanted or start + limit < len(hops):
                break
            wanted *= 2  # hops came before the place meanwhile
        page = hops[start : start + limit]
        more = start + limit < len(hops)
        ends = store.nodes([hop.end for hop in page])
        return Neighbours(
            node,
            [_step(hop, {**ends, node.id: node}) for hop in page],
            _closed(start + limit, page) if more else None,
        )

    def paths(
        self,
        start: str,
        end: str,
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        max_hops: int = 4,
        k: int = 3,
        viewer: Viewer,
    ) -> FoundPaths:
        """The ``k`` shortest ways from one node to another of at most ``max_hops`` hops.

        Without ``types`` over all that say why (``EVIDENCE``): what bulk matching found is no way.

        Raises:
            NotFoundError: one of the two does not exist.
        """
        _within("max_hops", max_hops, 1, MOST_HOPS)
        _within("k", k, 1, MOST_PATHS)
        began = time.perf_counter()
        self._existing(viewer, start, end)
        store = seen(self._store, viewer)
        over = frozenset(types) or EVIDENCE
        found = store.paths(start, end, types=over, direction=direction, max_hops=max_hops, k=k)
        names = store.nodes(sorted({id_ for path in found for id_ in path.node_ids}))
        return FoundPaths(
            start,
            end,
            (time.perf_counter() - began) * 1000,
            [[_step(hop, names) for hop in path.hops] for path in found],
        )

    def subgraph(
        self,
        where: Filter = ANY,
        *,
        types: Iterable[EdgeType] = (),
        nodes: int = 1000,
        edges: int = 5000,
        viewer: Viewer,
    ) -> Subgraph:
        """The first ``nodes`` nodes that pass a filter, by id, and the first ``edges`` edges
        between them, by start, end, type and key."""
        _within("nodes", nodes, 1, MOST_NODES)
        _within("edges", edges, 1, MOST_EDGES)
        graph = seen(self._store, viewer).subgraph(where, types=types, limit=nodes, edges=edges)
        return Subgraph(
            [graph.nodes[node_id]["node"] for node_id in graph],
            [data["edge"] for _, _, data in graph.edges(data=True)],
            **graph.graph,
        )

    def suggest(
        self,
        text: str,
        *,
        labels: Collection[Label] = (),
        limit: int = 10,
        viewer: Viewer,
    ) -> list[Suggestion]:
        """Nodes whose names have what is typed, in characters, pinyin or initials: those that
        begin with it first, then the shorter ones (``graph_service.names.closeness``).

        Args:
            text: as typed so far.
            labels: labels of the nodes; none means any.
            limit: how many.
            viewer: who looks.
        """
        _within("limit", limit, 1, MOST_SUGGESTIONS)
        store, where = seen(self._store, viewer), Filter(labels=frozenset(labels))
        hits = store.search_text({text: 1.0}, where, limit=limit, names=True)
        nodes = store.nodes([hit.node_id for hit in hits])
        near = (
            (nodes[hit.node_id], _nearest(nodes[hit.node_id], text))
            for hit in hits
            if hit.node_id in nodes
        )
        return [Suggestion(node, *how) for node, how in near if how]

    def stats(self, *, viewer: Viewer) -> Mapping[str, Any]:
        """Counts, as ``GraphStore.stats``."""
        return seen(self._store, viewer).stats()

    def _existing(self, viewer: Viewer, *ids: str) -> list[Node]:
        found = seen(self._store, viewer).nodes(ids)
        for node_id in ids:
            if node_id not in found:
                raise NotFoundError.node(node_id)
        return [found[node_id] for node_id in ids]


def _within(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise InputError(
            f"{name} 的值 {value} 不能用",
            hint=f"应在 {least} 与 {most} 之间",
            option=name,
            value=value,
        )


def _step(hop: Hop, names: Mapping[str, Node]) -> PathStep:
    start, end = (names[id_].title if id_ in names else id_ for id_ in (hop.start, hop.end))
    return PathStep(hop, start, end)


def _nearest(node: Node, typed: str) -> tuple[str, str] | None:
    """Which name of a node is nearest to what is typed, and the way it is met."""
    near = ((closeness(name, typed), name) for name in names(node.props))
    met = [(close.score, close.way, name) for close, name in near if close]
    if not met:
        return None  # renamed since it was found
    _, way, name = max(met, key=lambda one: one[0])
    return name, way


def _place(hop: Hop) -> _Place:
    edge = hop.edge
    return edge.inferred, -edge.confidence, edge.type.value, hop.end, edge.key, hop.forward


def _closed(passed: int, page: Sequence[Hop]) -> str:
    """A cursor: how many hops were passed, as a hint, and the place of the last one."""
    return orjson.dumps([passed, *(_place(page[-1]) if page else ())]).decode()


def _opened(cursor: str | None) -> tuple[int, _Place | None]:
    if cursor is None:
        return 0, None
    with suppress(ValueError, TypeError):
        passed, *place = orjson.loads(cursor)
        if type(passed) is int and passed >= 0 and [type(part) for part in place] in _SHAPES:
            return passed, tuple(place) or None
    raise InputError("续页的标记不能用", hint="请用上一页给出的标记，或从头读起", cursor=cursor)
