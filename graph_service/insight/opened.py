"""One community opened: what divides it, or its firms, with what links them. Pure."""

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from graph_service.insight.communities import Bundle, Community, Picture, district
from graph_service.insight.layout import Circle
from graph_service.insight.network import Pair
from graph_service.insight.standing import Standing, of_inside
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
        standing: where all stands.
    """

    path: Sequence[Community]
    community: Community
    children: Sequence[tuple[Community, Circle]]
    bundles: Sequence[Bundle]
    members: Sequence[Member]
    pairs: Sequence[Pair]
    standing: Standing


def opened(
    picture: Picture, id_: str, around: Circle, before: Standing | None, now: datetime
) -> Opened:
    """Open a community of a picture.

    Args:
        picture: that has it.
        id_: the community.
        around: where it stands: what is in it is drawn there.
        before: how it stood when it was opened before.
        now: the moment.
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
    standing = _standing(picture, firms, pairs, children, gathered, around, before, now)
    circles = {id_: one.moved(around.x, around.y) for id_, one in standing.circles.items()}
    leaders = {edge.from_id for edge in community.leaders}
    return Opened(
        _above(picture, community),
        community,
        [(one, circles[one.id]) for one in children],
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
        standing,
    )


def _above(picture: Picture, community: Community) -> list[Community]:
    found: list[Community] = []
    parent = community.parent
    while parent is not None:
        found.insert(0, picture.communities[parent])
        parent = found[0].parent
    return found


def _standing(
    picture: Picture,
    firms: Sequence[str],
    pairs: Sequence[Pair],
    children: Sequence[Community],
    gathered: Sequence[Bundle],
    around: Circle,
    before: Standing | None,
    now: datetime,
) -> Standing:
    """Where all stands around the middle: each community that divides this one is filled by its
    own."""
    shown = set(firms)
    groups: list[tuple[str | None, Sequence[str]]] = [
        (one.id, sorted(shown.intersection(one.members))) for one in children
    ]
    ids = picture.network.ids
    return of_inside(
        {one.id: len(one.members) for one in children},
        [(one.a, one.b, one.weight) for one in gathered],
        groups or [(None, sorted(shown))],
        [
            (ids[pair.a], ids[pair.b], pair.weight)
            for pair in pairs
            if ids[pair.a] in shown and ids[pair.b] in shown
        ],
        around.r,
        before,
        now.isoformat(timespec="seconds"),
    )
