"""Communities with what people ask of them: who leads, what they make, what they want, whom they
are linked to. Pure: facts and a division in, ``Picture`` out.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any

import numpy as np

from graph_service.insight.layout import Circle, Point, place, radius
from graph_service.insight.leiden import Division, Part, hierarchy
from graph_service.insight.naming import Distinctive, distinctive, proposed
from graph_service.insight.network import Network, Pair
from graph_service.insight.scope import Facts, Scope
from graph_service.matching.facts.tiers import tier
from graph_service.model import Edge, EdgeType, Node

#: What is told of each: chains, products, communities that it is linked to.
_CHAINS, _PRODUCTS, _OUTWARD = 5, 10, 10


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
    today: date

    @cached_property
    def position(self) -> Mapping[str, int]:
        """Positions of organisations."""
        return {id_: i for i, id_ in enumerate(self.network.ids)}

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


def picture(
    facts: Facts,
    network: Network,
    scope: Scope,
    resolution: float,
    *,
    read: Callable[[Iterable[str]], Mapping[str, Node]],
    demands: Mapping[str, Sequence[str]],
    stood: Mapping[str, Point],
    change: int,
    today: date,
) -> Picture:
    """Divide a network and tell of each community.

    Args:
        facts, network, scope: what is divided.
        resolution: of the division.
        read: nodes by id, for names.
        demands: open demands by the organisation that posted them.
        stood: where the communities of organisations stood before.
        change: of the graph.
        today: on which a tier must hold.
    """
    matrix = network.matrix()
    division, parts = hierarchy(matrix, resolution)
    ids = [_id(network, matrix, part) for part in parts]
    told = _Telling(facts, network, today)
    members = [[network.ids[i] for i in part.members] for part in parts]
    products = [told.products(firms) for firms in members]
    leaders = [told.leaders(firms) for firms in members]
    chains = [told.chains(firms) for firms in members]
    nodes = dict(
        read(
            sorted(
                {one.id for some in products for one in some}
                | {edge.to_id for some in leaders for edge in some}
                | {chain for some in chains for chain in some}
                | {one for some in demands.values() for one in some}
                | {one.id for one in network.common}
            )
        )
    )
    titles = {id_: node.title for id_, node in nodes.items()}
    inside = _inside(network.pairs, parts)
    circles = _circles(parts, ids, network, members, stood)
    found: dict[str, Community] = {}
    for number, part in enumerate(parts):
        leader = facts.firms[leaders[number][0].from_id].title if leaders[number] else None
        anchor = facts.firms[_anchor(network, matrix, part)].title
        found[ids[number]] = Community(
            ids[number],
            part.level,
            None if part.parent is None else ids[part.parent],
            [ids[i] for i, other in enumerate(parts) if other.parent == number],
            proposed(list(products[number]), titles, leader, anchor),
            products[number],
            members[number],
            *inside[number],
            part.stability,
            leaders[number],
            told.tiers(members[number]),
            told.districts(members[number]),
            chains[number],
            {},
            [one for firm in members[number] for one in demands.get(firm, ())],
            circles[number],
        )
    made = Picture(
        change, scope, resolution, facts, network, division, found, nodes, demands, today
    )
    return _with_outward(made)


def _anchor(network: Network, matrix: Any, part: Part) -> str:
    """The member whose links within are the strongest."""
    inner = matrix[part.members][:, part.members]
    strength = np.round(np.asarray(inner.sum(axis=1)).ravel(), 9)
    return network.ids[int(part.members[int(np.argmax(strength))])]


def _id(network: Network, matrix: Any, part: Part) -> str:
    anchor = _anchor(network, matrix, part)
    return f"{part.level}-{hashlib.blake2b(anchor.encode(), digest_size=6).hexdigest()}"


def _inside(pairs: Sequence[Pair], parts: Sequence[Part]) -> list[tuple[int, int]]:
    """Linked pairs within each part, and those of them that are observed."""
    of: dict[int, list[int]] = {}
    for number, part in enumerate(parts):
        for i in part.members.tolist():
            of.setdefault(i, []).append(number)
    counts = [[0, 0] for _ in parts]
    for pair in pairs:
        for one, other in zip(of.get(pair.a, ()), of.get(pair.b, ()), strict=False):
            if one != other:
                break  # apart at this level, and so at all below
            counts[one][0] += 1
            counts[one][1] += not pair.inferred
    return [(links, observed) for links, observed in counts]


def _places(some: Iterable[Community], position: Mapping[str, int]) -> dict[int, str]:
    return {position[firm]: one.id for one in some for firm in one.members}


def _with_outward(made: Picture) -> Picture:
    """The same with the links that leave each community."""
    paths: defaultdict[int, list[str]] = defaultdict(list)
    for one in made.communities.values():  # parents come first
        for firm in one.members:
            paths[made.position[firm]].append(one.id)
    leaving = _leaving(made.network, paths)
    found = {
        id_: _outward(one, leaving.get(id_, Counter())) for id_, one in made.communities.items()
    }
    return replace(made, communities=found)


_Leaving = Counter[tuple[str | None, bool]]


def _leaving(network: Network, paths: Mapping[int, Sequence[str]]) -> dict[str, _Leaving]:
    """By community, links by the community at their other end and whether they are inferred: one of
    the same parent, else an uppermost one.

    Args:
        network: the links.
        paths: by position, the communities that it is in, the uppermost first.
    """
    found: defaultdict[str, _Leaving] = defaultdict(Counter)
    for pair in network.pairs:
        a, b = paths.get(pair.a), paths.get(pair.b)
        if a and b and a[-1] != b[-1]:
            for one, other in ((a, b), (b, a)):
                for level, here in enumerate(one):
                    beside = level == 0 or one[level - 1] in other
                    there = other[level] if beside else other[0]
                    if there != here:
                        found[here][there, pair.inferred] += 1
    for i, links in network.outward.items():
        far: dict[str, bool] = {}
        for link in links:
            other_end = link.end if link.start == network.ids[i] else link.start
            far[other_end] = far.get(other_end, True) and link.inferred
        for here in paths.get(i, ()):
            for inferred in far.values():
                found[here][None, inferred] += 1
    return found


def _outward(one: Community, leaving: _Leaving) -> Community:
    ends = {end for end, _ in leaving}
    told = {end: (leaving[end, False] + leaving[end, True], leaving[end, False]) for end in ends}
    first = sorted(told, key=lambda end: (end is not None, -told[end][0], end or ""))
    return replace(one, outward={end: told[end] for end in first[: _OUTWARD + 1]})


def _circles(
    parts: Sequence[Part],
    ids: Sequence[str],
    network: Network,
    members: Sequence[Sequence[str]],
    stood: Mapping[str, Point],
) -> list[Circle]:
    """Circles of the whole's communities; those that divide one lie at its middle until it is
    opened."""
    top = [number for number, part in enumerate(parts) if part.level == 0]
    place_of = {i: k for k, number in enumerate(top) for i in parts[number].members.tolist()}
    radii = [radius(len(members[number])) for number in top]
    at = {i: str(k) for i, k in place_of.items()}
    links = [(int(one.a), int(one.b), one.weight) for one in bundles(network.pairs, at)]
    before = {}
    for number in top:
        points = [stood[firm] for firm in members[number] if firm in stood]
        if 2 * len(points) > len(members[number]):
            middle = np.median(np.array(points), axis=0)
            before[ids[number]] = (float(middle[0]), float(middle[1]))
    centres = place([ids[number] for number in top], radii, links, before)
    circles = {
        number: Circle(float(x), float(y), r)
        for number, (x, y), r in zip(top, centres, radii, strict=True)
    }
    for number, part in enumerate(parts):
        if part.parent is not None:
            around = circles[part.parent]
            circles[number] = Circle(around.x, around.y, min(radius(len(part.members)), around.r))
    return [circles[number] for number in range(len(parts))]


class _Telling:
    """What facts tell of some organisations."""

    def __init__(self, facts: Facts, network: Network, today: date) -> None:
        self._facts = facts
        self._today = today
        self._makes: dict[str, set[str]] = {}
        for edge in facts.of(EdgeType.MAKES):
            if edge.from_id in facts.firms:
                self._makes.setdefault(edge.from_id, set()).add(edge.to_id)
        self._whole = Counter(
            product for firm in network.ids for product in self._makes.get(firm, ())
        )
        self._leads: dict[str, list[Edge]] = {}
        for edge in facts.of(EdgeType.LEADS):
            self._leads.setdefault(edge.from_id, []).append(edge)
        self._in: dict[str, set[str]] = {}
        for edge in facts.of(EdgeType.IN_CHAIN):
            if edge.from_id in facts.firms:
                self._in.setdefault(edge.from_id, set()).add(edge.to_id)

    def products(self, firms: Sequence[str]) -> list[Distinctive]:
        made = Counter(product for firm in firms for product in self._makes.get(firm, ()))
        return distinctive(made, self._whole, _PRODUCTS)

    def leaders(self, firms: Sequence[str]) -> list[Edge]:
        return [edge for firm in firms for edge in self._leads.get(firm, ())]

    def chains(self, firms: Sequence[str]) -> dict[str, int]:
        return dict(
            _most(Counter(one for firm in firms for one in self._in.get(firm, ())))[:_CHAINS]
        )

    def tiers(self, firms: Sequence[str]) -> dict[str | None, int]:
        told = (
            tier([self._facts.firms[firm]], self._today).evidence.get("offered") for firm in firms
        )
        return dict(_most(Counter(None if one is None else str(one) for one in told)))

    def districts(self, firms: Sequence[str]) -> dict[str | None, int]:
        return dict(_most(Counter(district(self._facts.firms[firm]) for firm in firms)))


def _most(counts: "Counter[Any]") -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0] or ""))


def district(node: Node) -> str | None:
    """The first district that is told; None unknown."""
    told = node.props.get("district")
    one = told[0] if isinstance(told, list) and told else told
    return str(one) if one else None
