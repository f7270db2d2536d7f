"""What part of the graph is looked at, and the facts read of it.

A date leaves out what began after it: an edge counts from its ``since``, else from its
``observed_at``. The graph keeps what is known now, so that this is no view of what was known then.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from graph_service import deadline
from graph_service.errors import InputError, NotFoundError
from graph_service.model import Direction, Edge, EdgeType, Filter, Label, Node
from graph_service.paging import node_pages
from graph_service.ports import GraphStore

#: What may link two organisations: edges between them, or over a product or a result.
LINKING = (
    EdgeType.SUPPLIES,
    EdgeType.PARTNERED,
    EdgeType.CONTROLS,
    EdgeType.NEEDS,
    EdgeType.UPSTREAM_OF,
    EdgeType.OWNS,
    EdgeType.MAKES,
)
#: Those that stand for a supply chain; making the same product is no link of a chain.
USUAL = frozenset(LINKING) - {EdgeType.MAKES}

#: Edges at an organisation that are read whatever links: they say what it is and what it wants.
_TOLD = frozenset(
    {EdgeType.MAKES, EdgeType.NEEDS, EdgeType.LEADS, EdgeType.IN_CHAIN, EdgeType.POSTED}
)
_PAGE, _MOST = 2000, 10_000_000


@dataclass(frozen=True, slots=True)
class Scope:
    """Which organisations, and what may link them.

    Attributes:
        districts: 区县; empty means any.
        chain: the id of a 产业链: who is in it or leads it, or makes a product of it; None any.
        types: of ``LINKING``.
        inferred: whether inferred facts count.
        until: a date, possibly partial (its first day counts); what began later is left out.
    """

    districts: frozenset[str] = frozenset()
    chain: str | None = None
    types: frozenset[EdgeType] = USUAL
    inferred: bool = False
    until: str | None = None

    def __post_init__(self) -> None:
        wrong = self.types.difference(LINKING)
        if wrong or not self.types:
            raise InputError(
                f"不能按这些关系划分群落：{'、'.join(sorted(wrong)) or '一种也没有给'}",
                hint=f"可用的关系：{'、'.join(LINKING)}",
                types=sorted(wrong),
            )

    def admits(self, edge: Edge) -> bool:
        """Whether a fact counts."""
        if edge.inferred and not self.inferred:
            return False
        if self.until is None:
            return True
        began = str(edge.props.get("since") or edge.observed_at or "")
        return _day(began) <= _day(self.until)

    @property
    def everywhere(self) -> bool:
        """Whether all organisations are in it."""
        return not self.districts and self.chain is None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, the chain by its id."""
        return {
            "district": sorted(self.districts),
            "chain": self.chain,
            "type": [type_.value for type_ in LINKING if type_ in self.types],
            "inferred": self.inferred,
            "until": self.until,
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """What was read of a scope.

    Attributes:
        firms: the organisations in it, by id, in id order.
        edges: facts at them, and at their products and results, by type, each in the order of
            (start, end, key); also those of organisations outside that share a product or a result.
        chain: the chain of the scope.
    """

    firms: Mapping[str, Node]
    edges: Mapping[EdgeType, list[Edge]]
    chain: Node | None = None

    def of(self, type_: EdgeType) -> list[Edge]:
        """The facts of a type."""
        return self.edges.get(type_, [])


def read(store: GraphStore, scope: Scope) -> Facts:
    """The facts of a scope; the same for the same graph on whatever engine.

    Raises:
        NotFoundError: the chain is not there.
        InputError: it is no chain.
    """
    chain = _chain(store, scope.chain) if scope.chain is not None else None
    firms = _firms(store, scope)
    found: dict[tuple[EdgeType, str, str, str], Edge] = {}

    def add(ids: Iterable[str], types: Collection[EdgeType], direction: Direction) -> None:
        for edge in edges_at(store, ids, types, direction):
            if scope.admits(edge):
                found[edge.type, edge.from_id, edge.to_id, edge.key] = edge

    add(firms, (_TOLD | scope.types) - {EdgeType.UPSTREAM_OF}, "both")
    products = {
        edge.to_id
        for edge in found.values()
        if edge.type in (EdgeType.MAKES, EdgeType.NEEDS) and edge.from_id in firms
    }
    if EdgeType.UPSTREAM_OF in scope.types:
        add(sorted(products), [EdgeType.UPSTREAM_OF], "both")
        ups = [edge for edge in found.values() if edge.type is EdgeType.UPSTREAM_OF]
        products |= {end for edge in ups for end in (edge.from_id, edge.to_id)}
    if not scope.everywhere:  # else whoever is linked is in it
        add(sorted(products), [EdgeType.MAKES, EdgeType.NEEDS], "in")
        if EdgeType.OWNS in scope.types:
            results = {edge.to_id for edge in found.values() if edge.type is EdgeType.OWNS}
            add(sorted(results), [EdgeType.OWNS], "in")
    edges: dict[EdgeType, list[Edge]] = {}
    for key in sorted(found):
        edges.setdefault(key[0], []).append(found[key])
    return Facts(firms, edges, chain)


def _firms(store: GraphStore, scope: Scope) -> dict[str, Node]:
    """The organisations of a scope, in id order."""
    ids = frozenset() if scope.chain is None else _in_chain(store, scope.chain)
    if scope.chain is not None and not ids:
        return {}
    labels = frozenset({Label.ORGANIZATION})
    where = Filter(labels=labels, districts=scope.districts, ids=ids)
    return {node.id: node for nodes in node_pages(store, where, _PAGE) for node in nodes}


def edges_at(
    store: GraphStore, ids: Iterable[str], types: Collection[EdgeType], direction: Direction
) -> Iterable[Edge]:
    """All edges at some nodes; one between two of them may come twice."""
    wanted = list(ids)
    for first in range(0, len(wanted), _PAGE):
        deadline.check()
        page = wanted[first : first + _PAGE]
        hops = store.neighbours(page, types=types, direction=direction, limit=_MOST)
        for at_one in hops.values():
            for hop in at_one:
                yield hop.edge


def _chain(store: GraphStore, id_: str) -> Node:
    node = store.nodes([id_]).get(id_)
    if node is None:
        raise NotFoundError.node(id_)
    if node.label is not Label.CHAIN:
        raise InputError(
            f"{id_} 不是产业链",
            hint="请给出产业链的编号，可用查找功能按名称查到（类型 Chain）",
            id=id_,
        )
    return node


def _in_chain(store: GraphStore, chain: str) -> frozenset[str]:
    """Organisations of a chain: in it, leading it, or making a product of it."""
    ends = {
        edge.from_id for edge in edges_at(store, [chain], (EdgeType.IN_CHAIN, EdgeType.LEADS), "in")
    }
    makers = {edge.from_id for edge in edges_at(store, sorted(ends), [EdgeType.MAKES], "in")}
    return frozenset(ends | makers)


def _day(date: str) -> str:
    """A partial date as its first day; what is no date comes first."""
    parts = date[:10].split("-") if date[:4].isdigit() else []
    return "-".join([*parts, *["01"] * (3 - len(parts))]) if parts else ""
