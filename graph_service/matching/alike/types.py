"""What is told of like demands. What a machine read or guessed says so: ``inferred`` (推断)."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, TypeGuard

from graph_service.model import Node

#: Two demands of one group are at least so like each other, where nothing else is asked for: chosen
#: on pairs labelled by reading (docs/match-quality.md).
THRESHOLD = 0.35

#: Where the money is told, in 万元: an amount, or the two ends of a range.
_BUDGET = ("budget_wan", "budget_max_wan")


@dataclass(frozen=True, slots=True)
class Product:
    """A product that members are about.

    Attributes:
        node: the product.
        members: ids of those.
        inferred: no member states it, their texts name it.
    """

    node: Node
    members: Sequence[str]
    inferred: bool


@dataclass(frozen=True, slots=True)
class Word:
    """A word of several members, and their ids."""

    word: str
    members: Sequence[str]


@dataclass(frozen=True, slots=True)
class Requirement:
    """What one member asks of a property.

    Attributes:
        demand: its id.
        said: as the text has it.
        value: in the unit of the property, the first of a range.
        confidence: how often such mentions were read right, 0-1.
    """

    demand: str
    said: str
    value: float
    confidence: float


@dataclass(frozen=True, slots=True)
class Property:
    """A property that several members ask for, machine-read.

    Attributes:
        name: as people call it.
        unit: in which values are compared.
        asked: by the members, the tightest first where ``ordered``.
        ordered: whether it is known which of them is tighter.
        same: whether all ask the same.
    """

    name: str
    unit: str
    asked: Sequence[Requirement]
    ordered: bool
    same: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        differing = self.ordered and not self.same
        return {
            "name": self.name,
            "unit": self.unit,
            "tightest": self.asked[0].said if differing else None,
            "loosest": self.asked[-1].said if differing else None,
            "asked": [
                {"demand": one.demand, "said": one.said, "confidence": one.confidence}
                for one in self.asked
            ],
            "inferred": True,
        }


@dataclass(frozen=True, slots=True)
class Member:
    """A demand of a group.

    Attributes:
        node: the demand.
        likeness: to the others of the group, their mean, 0-1.
        posters: who posted it, as observed; empty where that is unknown.
        district: its own, else a poster's.
        repeats: the id of a member of the same text, which stands before it.
        own: words of it alone, the most telling first.
    """

    node: Node
    likeness: float
    posters: Sequence[Node] = ()
    district: str | None = None
    repeats: str | None = None
    own: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        props = self.node.props
        return {
            "id": self.node.id,
            "title": self.node.title,
            "likeness": round(self.likeness, 4),
            "posters": [{"id": one.id, "title": one.title} for one in self.posters],
            "district": self.district,
            "budget_wan": props.get("budget_wan"),
            "deadline": props.get("deadline"),
            "repeats": self.repeats,
            "own_words": list(self.own),
        }


@dataclass(frozen=True, slots=True)
class Group:
    """Demands that could be posted as one.

    Attributes:
        members: the most central first: its title stands for all.
        least: likeness of the two least like.
        products: of more than half of the members, the most shared first.
        words: the same.
        properties: that two and more ask for.
    """

    members: Sequence[Member]
    least: float
    products: Sequence[Product] = ()
    words: Sequence[Word] = ()
    properties: Sequence[Property] = ()

    @property
    def firms(self) -> int:
        """How many organisations posted them, as far as is known."""
        return len({one.id for member in self.members for one in member.posters})

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        central = self.members[0].node
        return {
            "title": {"text": central.title, "of": central.id, "inferred": True},
            "firms": self.firms,
            "poster_unknown": sum(not member.posters for member in self.members),
            "repeated": sum(member.repeats is not None for member in self.members),
            "least_likeness": round(self.least, 4),
            "members": [member.as_dict() for member in self.members],
            "core": {
                "products": [
                    {
                        "id": one.node.id,
                        "title": one.node.title,
                        "members": list(one.members),
                        "inferred": one.inferred,
                    }
                    for one in self.products
                ],
                "words": [{"word": one.word, "members": len(one.members)} for one in self.words],
                "indicators": [one.as_dict() for one in self.properties if one.same],
            },
            "differences": {
                "indicators": [one.as_dict() for one in self.properties if not one.same],
                "districts": _told(member.district for member in self.members),
                "budget_wan": _budgets(self.members),
                "deadline": _deadlines(self.members),
            },
        }


def _told(values: Iterable[str | None]) -> dict[str, Any]:
    """How many members have each value, and of how many it is unknown."""
    counts: dict[str, int] = {}
    unknown = 0
    for value in values:
        if value is None:
            unknown += 1
        else:
            counts[value] = counts.get(value, 0) + 1
    return {"counts": dict(sorted(counts.items())), "unknown": unknown}


def _budgets(members: Sequence[Member]) -> dict[str, Any]:
    """The least and the most in 万元, and of how many members it is unknown."""
    told = [
        [float(value) for key in _BUDGET if _number(value := member.node.props.get(key))]
        for member in members
    ]
    known = [value for some in told for value in some]
    return {
        "least": min(known, default=None),
        "most": max(known, default=None),
        "unknown": sum(not some for some in told),
    }


def _number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _deadlines(members: Sequence[Member]) -> dict[str, Any]:
    """The first and the last, and of how many members it is unknown."""
    known = [str(it) for it in (member.node.props.get("deadline") for member in members) if it]
    return {
        "first": min(known, default=None),
        "last": max(known, default=None),
        "unknown": len(members) - len(known),
    }


@dataclass(frozen=True, slots=True)
class Alike:
    """Groups of like demands.

    Attributes:
        demands: how many were looked at.
        groups: those that are shown: of most firms first, then of most texts.
        found: how many there are.
        grouped: how many demands stand in any of them.
        threshold: of likeness.
        by_vectors: whether passages' vectors counted, beside words.
        took_ms: wall time.
    """

    demands: int
    groups: Sequence[Group]
    found: int
    grouped: int
    threshold: float
    by_vectors: bool
    took_ms: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "demands": self.demands,
            "found": self.found,
            "grouped": self.grouped,
            "threshold": self.threshold,
            "by": ["words", "passages"] if self.by_vectors else ["words"],
            "took_ms": round(self.took_ms, 2),
            "groups": [group.as_dict() for group in self.groups],
        }
