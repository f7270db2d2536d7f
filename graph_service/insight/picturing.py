"""A network divided, and what is told of each community. Pure: facts in, ``Picture`` out."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import numpy as np

from graph_service.insight import standing as stands
from graph_service.insight.communities import Community, Picture, bundles
from graph_service.insight.layout import Circle, radius
from graph_service.insight.leiden import Part, hierarchy
from graph_service.insight.naming import proposed
from graph_service.insight.network import Network, Pair
from graph_service.insight.scope import Facts, Scope
from graph_service.insight.standing import Standing
from graph_service.insight.telling import Telling
from graph_service.model import Node

#: How many communities that one is linked to are told.
_OUTWARD = 10


def picture(
    facts: Facts,
    network: Network,
    scope: Scope,
    resolution: float,
    *,
    read: Callable[[Iterable[str]], Mapping[str, Node]],
    demands: Mapping[str, Sequence[str]],
    before: Standing | None,
    change: int,
    now: datetime,
    today: date,
) -> Picture:
    """Divide a network and tell of each community.

    Args:
        facts, network, scope: what is divided.
        resolution: of the division.
        read: nodes by id, for names.
        demands: open demands by the organisation that posted them.
        before: where the communities of the scope stood.
        change: of the graph.
        now: the moment.
        today: on which a tier must hold.
    """
    matrix = network.matrix()
    division, parts = hierarchy(matrix, resolution)
    ids = [_id(network, matrix, part) for part in parts]
    told = Telling(facts, network, today)
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
    standing = _standing(parts, ids, network, before, now)
    circles = _circles(parts, ids, standing)
    children = _children(parts, ids)
    found: dict[str, Community] = {}
    for number, part in enumerate(parts):
        leader = facts.firms[leaders[number][0].from_id].title if leaders[number] else None
        anchor = facts.firms[_anchor(network, matrix, part)].title
        found[ids[number]] = Community(
            ids[number],
            part.level,
            None if part.parent is None else ids[part.parent],
            children[number],
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
        *(change, scope, resolution, facts, network, division, found, nodes, demands),
        *(standing, today),
    )
    return _with_outward(made)


def _children(parts: Sequence[Part], ids: Sequence[str]) -> list[list[str]]:
    found: list[list[str]] = [[] for _ in parts]
    for id_, part in zip(ids, parts, strict=True):
        if part.parent is not None:
            found[part.parent].append(id_)
    return found


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


def _with_outward(made: Picture) -> Picture:
    """The same with the links that leave each community."""
    paths = {made.position[firm]: homes for firm, homes in made.homes.items()}
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


def _standing(
    parts: Sequence[Part],
    ids: Sequence[str],
    network: Network,
    before: Standing | None,
    now: datetime,
) -> Standing:
    """Where the communities of the whole stand."""
    top = {ids[i]: part.members.tolist() for i, part in enumerate(parts) if part.level == 0}
    at = {i: id_ for id_, members in top.items() for i in members}
    links = [(one.a, one.b, one.weight) for one in bundles(network.pairs, at)]
    members = {id_: [network.ids[i] for i in firms] for id_, firms in top.items()}
    return stands.of_communities(members, links, before, now.isoformat(timespec="seconds"))


def _circles(parts: Sequence[Part], ids: Sequence[str], standing: Standing) -> list[Circle]:
    """Circles of all; those that divide another lie at its middle until it is opened."""
    circles: list[Circle] = []
    for id_, part in zip(ids, parts, strict=True):  # parents come first
        if part.parent is None:
            circles.append(standing.circles[id_])
        else:
            around = circles[part.parent]
            circles.append(Circle(around.x, around.y, min(radius(len(part.members)), around.r)))
    return circles
