"""What a scope looks like, divided: communities with what people ask of them, and the links between
them. Pure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from graph_service.insight.layout import Circle
from graph_service.insight.leiden import Division
from graph_service.insight.naming import Distinctive
from graph_service.insight.network import Network, Pair
from graph_service.insight.scope import Facts, Scope
from graph_service.insight.standing import Standing
from graph_service.model import Edge, Node


@dataclass(frozen=True, slots=True)
class Bundle:
    """All links between two communities, pairs of organisations counted once."""

    a: str
    b: str
    links: int
    observed: int
    weight: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "a": self.a,
            "b": self.b,
            "links": self.links,
            "observed": self.observed,
            "weight": round(self.weight, 4),
        }


@dataclass(frozen=True, slots=True)
class Community:
    """A community.

    Attributes:
        id: told by its level and the member with the strongest links within: it stays where others
            come and go.
        level, parent, children: its place in the hierarchy.
        name: proposed, from ``products``.
        products: what its firms make more often than others.
        members: ids, in order.
        links: pairs linked within, of them ``observed`` by an observed fact.
        stability: 0-1, see ``leiden.Division``.
        leaders: LEADS edges of members (链主).
        tiers, districts: members by the highest tier held today, by district; None unknown.
        chains: members by chain.
        outward: links to other communities, to None outside the scope.
        demands: open demands that members posted.
        circle: where it stands.
    """

    id: str
    level: int
    parent: str | None
    children: Sequence[str]
    name: str
    products: Sequence[Distinctive]
    members: Sequence[str]
    links: int
    observed: int
    stability: float
    leaders: Sequence[Edge]
    tiers: Mapping[str | None, int]
    districts: Mapping[str | None, int]
    chains: Mapping[str, int]
    outward: Mapping[str | None, tuple[int, int]]
    demands: Sequence[str]
    circle: Circle

    @property
    def density(self) -> float:
        """Linked pairs of all pairs of members."""
        size = len(self.members)
        return self.links / (size * (size - 1) / 2) if size > 1 else 0.0


@dataclass(frozen=True)
class Picture:
    """A scope divided.

    Attributes:
        change: of the graph.
        scope, resolution: as asked for.
        facts, network, division: what it rests on.
        communities: by id, parents before their parts.
        nodes: products, chains, demands that are named, by id.
        open_demands: by the organisation that posted them.
        standing: where the uppermost communities stand.
        today: on which tiers and demands were told.
    """

    change: int
    scope: Scope
    resolution: float
    facts: Facts
    network: Network
    division: Division
    communities: Mapping[str, Community]
    nodes: Mapping[str, Node]
    open_demands: Mapping[str, Sequence[str]]
    standing: Standing
    today: date

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Positions of organisations."""
        return {id_: i for i, id_ in enumerate(self.network.ids)}

    @cached_property
    def homes(self) -> Mapping[str, Sequence[str]]:
        """By organisation, the communities that it is in, the uppermost first."""
        found: dict[str, list[str]] = {}
        for one in self.communities.values():  # parents come first
            for firm in one.members:
                found.setdefault(firm, []).append(one.id)
        return found

    def children(self, parent: str | None) -> list[Community]:
        """The communities of a level: of the whole, or those that divide one."""
        return [one for one in self.communities.values() if one.parent == parent]

    def bundles(self, parent: str | None) -> list[Bundle]:
        """Links between the communities of a level, the strongest first."""
        return bundles(self.network.pairs, _places(self.children(parent), self.position))

    def title(self, id_: str) -> str:
        """The name of a node, of an organisation too; its id where it is not known."""
        node = self.facts.firms.get(id_) or self.nodes.get(id_)
        return node.title if node else id_


def bundles(pairs: Iterable[Pair], at: Mapping[int, str]) -> list[Bundle]:
    """Pairs between places, gathered; the strongest first."""
    found: dict[tuple[str, str], tuple[int, int, float]] = {}
    for pair in pairs:
        a, b = at.get(pair.a), at.get(pair.b)
        if a is not None and b is not None and a != b:
            ends = (a, b) if a < b else (b, a)
            links, observed, weight = found.get(ends, (0, 0, 0.0))
            found[ends] = links + 1, observed + (not pair.inferred), weight + pair.weight
    return sorted(
        (Bundle(a, b, *told) for (a, b), told in found.items()),
        key=lambda one: (-one.weight, one.a, one.b),
    )


def _places(some: Iterable[Community], position: Mapping[str, int]) -> dict[int, str]:
    return {position[firm]: one.id for one in some for firm in one.members}


def district(node: Node) -> str | None:
    """The first district that is told; None unknown."""
    told = node.props.get("district")
    one = told[0] if isinstance(told, list) and told else told
    return str(one) if one else None
