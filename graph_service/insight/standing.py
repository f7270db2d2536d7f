"""Where the circles of a drawing stand, told so that they stand there again. Pure.

What a drawing was drawn from is told by its print: the same print gives the same places, to the
last digit. Where little changed, circles begin where they stood and move little; where more than
half are new, all are laid out anew, and the day is told from which places may be compared.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson

from graph_service.insight.layout import Circle, Point, inside, mostly, place, radius

#: A link: the ids of two circles, and how strong it is.
Link = tuple[str, str, float]

#: Places are kept to a thousandth of the radius of an organisation.
_DIGITS = 3


@dataclass(frozen=True, slots=True)
class Standing:
    """How a drawing stands.

    Attributes:
        print: of what it was drawn from.
        circles: by the id of what stands there; within a community, around its middle.
        homes: the organisations in each circle, where circles are communities.
        since: the moment (UTC) from which places may be compared: the first drawing, or the last
            that was laid out anew.
        anew: whether an earlier drawing was given up then, for much had changed.
    """

    print: str
    circles: Mapping[str, Circle]
    homes: Mapping[str, Sequence[str]]
    since: str
    anew: bool

    def told(self) -> dict[str, Any]:
        """What an answer tells of it, JSON-ready."""
        return {"since": self.since if self.circles else None, "anew": self.anew}

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as it is kept."""
        return {
            "print": self.print,
            "circles": {id_: [one.x, one.y, one.r] for id_, one in self.circles.items()},
            "homes": {id_: list(firms) for id_, firms in self.homes.items()},
            "since": self.since,
            "anew": self.anew,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Standing":
        """What ``as_dict`` told."""
        circles = {id_: Circle(*at) for id_, at in data["circles"].items()}
        return cls(data["print"], circles, data["homes"], data["since"], data["anew"])


def of_communities(
    members: Mapping[str, Sequence[str]],
    links: Sequence[Link],
    before: Standing | None,
    now: str,
) -> Standing:
    """The communities of a whole, around (0, 0).

    Args:
        members: the organisations of each community, by its id.
        links: between communities.
        before: how the same scope stood.
        now: the moment, ISO 8601.
    """
    told = _print(members, links)
    if before is not None and before.print == told:
        return before
    stood = _where_most_stood(members, before) if before else {}
    radii = [radius(len(firms)) for firms in members.values()]
    points = place(list(members), radii, _numbered(members, links), stood)
    circles = {
        id_: _rounded(x, y, r)
        for id_, (x, y), r in zip(members, points.tolist(), radii, strict=True)
    }
    return _since(Standing(told, circles, members, now, anew=False), stood, before)


def of_inside(
    sizes: Mapping[str, int],
    bundles: Sequence[Link],
    groups: Sequence[tuple[str | None, Sequence[str]]],
    pairs: Sequence[Link],
    around: float,
    before: Standing | None,
    now: str,
) -> Standing:
    """What is in an opened community, around its middle.

    Args:
        sizes: how many organisations are in each community that divides it.
        bundles: links between those.
        groups: organisations with the id of the one of those that they are in; None: in the
            opened community itself.
        pairs: links between organisations.
        around: the radius of the opened community.
        before: how it stood.
        now: the moment, ISO 8601.
    """
    told = _print(sizes, bundles, groups, pairs, around)
    if before is not None and before.print == told:
        return before
    stood = before.circles if before else {}
    whole = Circle(0.0, 0.0, around)
    radii = {id_: radius(size) for id_, size in sizes.items()}
    circles = _within(whole, whole, radii, bundles, stood)
    of = {firm: number for number, (_, firms) in enumerate(groups) for firm in firms}
    linked: list[list[Link]] = [[] for _ in groups]
    for pair in pairs:
        if pair[0] in of and of[pair[0]] == of.get(pair[1]):
            linked[of[pair[0]]].append(pair)
    for (home, firms), some in zip(groups, linked, strict=True):
        circle = whole if home is None else circles[home]
        origin = circle if home is None else stood.get(home, circle)
        circles |= _within(circle, origin, dict.fromkeys(firms, 1.0), some, stood)
    rounded = {id_: _rounded(one.x, one.y, one.r) for id_, one in circles.items()}
    return _since(Standing(told, rounded, {}, now, anew=False), stood, before)


def _within(
    circle: Circle,
    origin: Circle,
    radii: Mapping[str, float],
    links: Iterable[Link],
    stood: Mapping[str, Circle],
) -> dict[str, Circle]:
    """Circles in a circle that stood at ``origin``; they were shrunk then, as their radii tell."""
    known = [id_ for id_ in radii if id_ in stood]
    shrunk = float(np.median([stood[id_].r / radii[id_] for id_ in known])) if known else 1.0
    before = {
        id_: ((stood[id_].x - origin.x) / shrunk, (stood[id_].y - origin.y) / shrunk)
        for id_ in known
    }
    each = list(radii.values())
    points = place(list(radii), each, _numbered(radii, links), before)
    return dict(zip(radii, inside(points, np.array(each), circle), strict=True))


def _where_most_stood(members: Mapping[str, Sequence[str]], before: Standing) -> dict[str, Point]:
    """Amid the circles in which most members of each community stood."""
    at = {firm: before.circles[home] for home, firms in before.homes.items() for firm in firms}
    found = {}
    for id_, firms in members.items():
        points = [(at[firm].x, at[firm].y) for firm in firms if firm in at]
        if 2 * len(points) > len(firms):
            x, y = np.median(np.array(points), axis=0).tolist()
            found[id_] = x, y
    return found


def _since(made: Standing, stood: Collection[str], before: Standing | None) -> Standing:
    if before is None or not before.circles:
        return made
    if mostly(list(made.circles), stood):
        return Standing(made.print, made.circles, made.homes, before.since, before.anew)
    return Standing(made.print, made.circles, made.homes, made.since, anew=True)


def _numbered(ids: Iterable[str], links: Iterable[Link]) -> list[tuple[int, int, float]]:
    number = {id_: i for i, id_ in enumerate(ids)}
    return [(number[a], number[b], weight) for a, b, weight in links]


def _rounded(x: float, y: float, r: float) -> Circle:
    return Circle(round(x, _DIGITS), round(y, _DIGITS), round(r, _DIGITS))


def _print(*drawn_from: Any) -> str:
    return hashlib.blake2b(orjson.dumps(drawn_from), digest_size=16).hexdigest()
