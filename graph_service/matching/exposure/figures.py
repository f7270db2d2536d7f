"""Figures of exposure: shares against the pool, and how concentrated they are. Pure."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Share:
    """One class of candidates (a tier, a district).

    Attributes:
        name: None for those of whom it is unknown.
        shown: places in the lists that they have.
        pool: how many candidates there are of it.
        shown_of, pool_of: the same as shares of all, 0 of none.
        ratio: of the two shares: above 1 they are shown more often than they are there; None where
            nobody is shown, or none of them is there.
    """

    name: str | None
    shown: int
    pool: int
    shown_of: float
    pool_of: float
    ratio: float | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "name": self.name,
            "shown": self.shown,
            "shown_share": round(self.shown_of, 4),
            "pool": self.pool,
            "pool_share": round(self.pool_of, 4),
            "ratio": _rounded(self.ratio),
        }


def shares(
    shown: Mapping[str | None, int],
    pool: Mapping[str | None, int],
    order: Sequence[str] = (),
    *,
    comparable: bool = True,
) -> list[Share]:
    """Each class of the pool: those in ``order`` first, then by size, the unknown last.

    Without ``comparable`` no ratio is told: who is shown once an owner is not to be compared with a
    pool in which owners stand many times.
    """
    place = {name: i for i, name in enumerate(order)}
    all_shown, whole = sum(shown.values()), sum(pool.values())
    names = sorted(
        shown.keys() | pool.keys(),
        key=lambda name: (
            name is None,
            place.get(name or "", len(place)),
            -pool.get(name, 0),
            name or "",
        ),
    )
    found = []
    for name in names:
        some, there = shown.get(name, 0), pool.get(name, 0)
        shown_of = some / all_shown if all_shown else 0.0
        pool_of = there / whole if whole else 0.0
        ratio = shown_of / pool_of if all_shown and there and comparable else None
        found.append(Share(name, some, there, shown_of, pool_of, ratio))
    return found


def gini(counts: Iterable[int]) -> float | None:
    """The Gini coefficient: 0 where all have as much, near 1 where one has all; None where nobody
    has any.

    Half of the mean difference of two, divided by the mean.
    """
    rising = sorted(counts)
    whole, n = sum(rising), len(rising)
    if not whole:
        return None
    return sum((2 * i - n - 1) * count for i, count in enumerate(rising, start=1)) / (n * whole)


@dataclass(frozen=True, slots=True)
class Concentration:
    """How the places in the lists are spread over organisations.

    Attributes:
        shown: organisations that are shown at least once.
        pool: organisations that could be.
        among_shown: Gini coefficient over the former; None of none.
        among_pool: the same over the latter: those never shown count with 0.
        of_ten: share of the ten most shown in the places of known organisations; None of none.
    """

    shown: int
    pool: int
    among_shown: float | None
    among_pool: float | None
    of_ten: float | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "shown": self.shown,
            "pool": self.pool,
            "gini_shown": _rounded(self.among_shown),
            "gini_pool": _rounded(self.among_pool),
            "share_of_ten": _rounded(self.of_ten),
        }


def concentration(places: Counter[str], pool: int) -> Concentration:
    """Of places by organisation, among a pool of so many (at least those that are shown)."""
    pool = max(pool, len(places))
    whole = places.total()
    ten = sum(count for _, count in places.most_common(10))
    return Concentration(
        shown=len(places),
        pool=pool,
        among_shown=gini(places.values()),
        among_pool=gini([*places.values(), *[0] * (pool - len(places))]),
        of_ten=ten / whole if whole else None,
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
