"""Firms and results nearest to closing a gap: those of the product, then those a step away.

A step is a kind of the product, what it is a kind of, or a neighbour in the chain. Ways are ordered
by hops, observed before inferred, kinds before neighbours, confidence, inside before outside, id.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.insight.scope import edges_at
from graph_service.insight.wanting import nodes_of
from graph_service.model import Edge, EdgeType, Hop, Label, Node, PathStep
from graph_service.ports import GraphStore

#: Firms, and results, that are named for a gap; edges looked at, at one related product.
EACH, _EDGES = 3, 200

_BESIDE = (EdgeType.SUBTYPE_OF, EdgeType.UPSTREAM_OF)
_TO = (EdgeType.MAKES, EdgeType.ABOUT)


@dataclass(frozen=True, slots=True)
class Near:
    """A firm or a result with the way from it to the product."""

    node: Node
    owners: Sequence[Node]
    inside: bool
    hops: Sequence[Hop]

    @property
    def inferred(self) -> bool:
        """Whether a hop of the way is inferred."""
        return any(hop.edge.inferred for hop in self.hops)


def nearest(
    store: GraphStore, products: Mapping[str, Collection[str]], firms: Collection[str]
) -> dict[str, list[Near]]:
    """By product, at most ``EACH`` firms and as many results.

    Args:
        store: the graph.
        products: that are lacking, each with the organisations that are no help: who makes it
            already, who needs it.
        firms: organisations of the scope.
    """
    wanted = sorted(products)
    direct = _into(store, wanted)
    beside: dict[str, list[Hop]] = {}
    if wanted:
        found = store.neighbours(wanted, types=_BESIDE, direction="both", limit=_EDGES)
        beside = {id_: list(hops) for id_, hops in found.items()}
    related = sorted({hop.end for hops in beside.values() for hop in hops})
    onward = _into(store, related)
    ways = {product: list(_ways(product, direct, beside, onward)) for product in wanted}
    nodes = nodes_of(store, sorted({way[0].start for some in ways.values() for way in some}))
    chosen = {
        product: _chosen(some, nodes, firms, products[product]) for product, some in ways.items()
    }
    results = sorted(
        {way[0].start for some in chosen.values() for way in some
         if nodes[way[0].start].label is Label.RESULT}
    )  # fmt: skip
    owned: dict[str, list[str]] = {}
    for edge in edges_at(store, results, [EdgeType.OWNS], "in"):
        owned.setdefault(edge.to_id, []).append(edge.from_id)
    owners = nodes_of(store, sorted({one for some in owned.values() for one in some}))
    return {
        product: [
            Near(
                nodes[way[0].start],
                [owners[one] for one in sorted(owned.get(way[0].start, ())) if one in owners],
                way[0].start in firms or any(one in firms for one in owned.get(way[0].start, ())),
                way,
            )
            for way in some
        ]
        for product, some in chosen.items()
    }


def steps(near: Near, nodes: Mapping[str, Node]) -> list[dict[str, Any]]:
    """The way as JSON-ready steps, named by nodes."""

    def title(id_: str) -> str:
        return nodes[id_].title if id_ in nodes else id_

    return [PathStep(hop, title(hop.start), title(hop.end)).as_dict() for hop in near.hops]


def _into(store: GraphStore, products: Sequence[str]) -> dict[str, list[Edge]]:
    """Who makes a product and what is about it, by product."""
    found: dict[str, list[Edge]] = {}
    if products:
        hops = store.neighbours(products, types=_TO, direction="in", limit=_EDGES)
        found = {id_: [hop.edge for hop in some] for id_, some in hops.items()}
    return found


def _ways(
    product: str,
    direct: Mapping[str, Sequence[Edge]],
    beside: Mapping[str, Sequence[Hop]],
    onward: Mapping[str, Sequence[Edge]],
) -> Iterator[tuple[Hop, ...]]:
    for edge in direct.get(product, ()):
        yield (Hop(edge, True),)
    for hop in beside.get(product, ()):
        if hop.end != product:
            for edge in onward.get(hop.end, ()):
                yield Hop(edge, True), Hop(hop.edge, not hop.forward)


def _chosen(
    ways: Sequence[tuple[Hop, ...]],
    nodes: Mapping[str, Node],
    firms: Collection[str],
    useless: Collection[str],
) -> list[tuple[Hop, ...]]:
    """The best way of each firm and result, the nearest of each kind."""

    def rank(way: tuple[Hop, ...]) -> tuple[Any, ...]:
        return (
            len(way),
            any(hop.edge.inferred for hop in way),
            way[-1].edge.type is EdgeType.UPSTREAM_OF,
            -min(hop.edge.confidence for hop in way),
            way[0].start not in firms,
            [(hop.start, hop.edge.type.value) for hop in way],
        )

    best: dict[str, tuple[Hop, ...]] = {}
    counts: dict[Label, int] = {}
    for way in sorted(ways, key=rank):
        start = way[0].start
        node = nodes.get(start)
        if node is None or start in best or start in useless:
            continue
        if node.label not in (Label.ORGANIZATION, Label.RESULT):
            continue  # a demand about the product brings nobody nearer
        if counts.get(node.label, 0) < EACH:
            counts[node.label] = counts.get(node.label, 0) + 1
            best[start] = way
    return list(best.values())
