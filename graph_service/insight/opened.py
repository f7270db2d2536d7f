"""One community opened: what divides it, or its firms, with what links them. Pure."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graph_service.insight.communities import Bundle, Community, Picture, district
from graph_service.insight.layout import Circle, Point, inside, place, radius
from graph_service.insight.network import Pair
from graph_service.matching.facts.tiers import valid_tiers
from graph_service.model import Node

#: Members that are placed and told of; more are counted.
MOST_MEMBERS = 5000


@dataclass(frozen=True, slots=True)
class Member:
    """An organisation of a community: how many others of it it is linked to, how strongly, where it
    stands, and in which of the communities that divide this one it is."""

    node: Node
    degree: int
    weight: float
    leader: bool
    child: str | None
    circle: Circle
    tiers: Sequence[str]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "id": self.node.id,
            "title": self.node.title,
            "kind": self.node.props.get("kind"),
            "district": district(self.node),
            "tiers": list(self.tiers),
            "degree": self.degree,
            "weight": round(self.weight, 4),
            **self.circle.as_dict(),
            "leader": self.leader,
            "child": self.child,
            "source": self.node.source,
            "observed_at": self.node.observed_at,
        }


@dataclass(frozen=True, slots=True)
class Opened:
    """A community opened.

    Attributes:
        path: the communities above it, the uppermost first.
        community: it.
        children: those that divide it, where they stand now; none where it is not divided.
        bundles: links between them.
        members: the strongest first.
        pairs: linked pairs of members, the strongest first.
    """

    path: Sequence[Community]
    community: Community
    children: Sequence[tuple[Community, Circle]]
    bundles: Sequence[Bundle]
    members: Sequence[Member]
    pairs: Sequence[Pair]


def opened(picture: Picture, id_: str, around: Circle, stood: Mapping[str, Point]) -> Opened:
    """Open a community of a picture.

    Args:
        picture: that has it.
        id_: the community.
        around: where it stands: what is in it is drawn there.
        stood: where organisations stood when it was opened before.
    """
    community = picture.communities[id_]
    children = picture.children(id_)
    position = picture.position
    at = {position[firm]: firm for firm in community.members}
    pairs = sorted(
        (pair for pair in picture.network.pairs if pair.a in at and pair.b in at),
        key=lambda pair: (-pair.weight, pair.a, pair.b),
    )
    strength: defaultdict[str, float] = defaultdict(float)
    degree: Counter[str] = Counter()
    for pair in pairs:
        for end in (pair.a, pair.b):
            strength[at[end]] += pair.weight
            degree[at[end]] += 1
    firms = sorted(community.members, key=lambda firm: (-strength[firm], firm))[:MOST_MEMBERS]
    child = {firm: one.id for one in children for firm in one.members}
    gathered = picture.bundles(id_) if children else []
    around_each = _bubbles(children, gathered, around, stood)
    circles = _firms(picture, firms, pairs, children, around_each, around, stood)
    leaders = {edge.from_id for edge in community.leaders}
    return Opened(
        _above(picture, community),
        community,
        [(one, around_each[one.id]) for one in children],
        gathered,
        [
            Member(
                picture.facts.firms[firm],
                degree[firm],
                strength[firm],
                firm in leaders,
                child.get(firm),
                circles[firm],
                valid_tiers(picture.facts.firms[firm].props, picture.today),
            )
            for firm in firms
        ],
        pairs,
    )


def _above(picture: Picture, community: Community) -> list[Community]:
    found: list[Community] = []
    parent = community.parent
    while parent is not None:
        found.insert(0, picture.communities[parent])
        parent = found[0].parent
    return found


def _bubbles(
    children: Sequence[Community],
    gathered: Sequence[Bundle],
    around: Circle,
    stood: Mapping[str, Point],
) -> dict[str, Circle]:
    ids = [one.id for one in children]
    number = {id_: i for i, id_ in enumerate(ids)}
    radii = [radius(len(one.members)) for one in children]
    links = [(number[one.a], number[one.b], one.weight) for one in gathered]
    before = {
        id_: (stood[id_][0] - around.x, stood[id_][1] - around.y) for id_ in ids if id_ in stood
    }
    points = place(ids, radii, links, before)
    return dict(zip(ids, inside(points, np.array(radii), around), strict=True))


def _firms(
    picture: Picture,
    firms: Sequence[str],
    pairs: Sequence[Pair],
    children: Sequence[Community],
    bubbles: Mapping[str, Circle],
    around: Circle,
    stood: Mapping[str, Point],
) -> dict[str, Circle]:
    """Where firms stand: each community that divides this one is filled by its own."""
    shown = set(firms)
    if children:
        groups = [(sorted(shown.intersection(one.members)), bubbles[one.id]) for one in children]
    else:
        groups = [(sorted(shown), around)]
    found: dict[str, Circle] = {}
    for group, circle in groups:
        number = {picture.position[firm]: i for i, firm in enumerate(group)}
        links = [
            (number[pair.a], number[pair.b], pair.weight)
            for pair in pairs
            if pair.a in number and pair.b in number
        ]
        before = {
            firm: (stood[firm][0] - circle.x, stood[firm][1] - circle.y)
            for firm in group
            if firm in stood
        }
        points = place(group, [1.0] * len(group), links, before)
        within = inside(points, np.ones(len(group)), circle)
        found |= dict(zip(group, within, strict=True))
    return found
