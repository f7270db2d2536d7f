"""What sets a community apart, and a name for it: machine-made, for people to change. Pure.

The statistic is the log-odds ratio with an informative Dirichlet prior, divided by its standard
deviation (z), of Monroe, Colaresi, Quinn 2008, "Fightin' Words" (Political Analysis 16, 372-403):
how much more often firms of the community make a product than those of the others. The prior is
the counts of the whole: with a weaker one, what nobody else makes has so wide a deviation that it
stands behind what one firm in here and one out there make.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import log, sqrt

#: Products in a name; the least z of the second and later ones beside the first's.
_NAMED, _NEAR = 2, 0.5


@dataclass(frozen=True, slots=True)
class Distinctive:
    """A thing that sets a community apart: how many of its firms have it, and z."""

    id: str
    firms: int
    z: float


def distinctive(
    inside: Mapping[str, int], whole: Mapping[str, int], most: int = 10
) -> list[Distinctive]:
    """What firms of a community have more often than the others, the most telling first.

    Args:
        inside: firms of the community by thing.
        whole: firms of the scope by thing, the community's among them.
        most: how many.
    """
    n_in, n_all = sum(inside.values()), sum(whole.values())
    found = []
    for thing, here in inside.items():
        prior = whole[thing]
        there = prior - here
        odds_in = _odds(here + prior, n_in + n_all)
        odds_out = _odds(there + prior, n_all - n_in + n_all)
        spread = sqrt(1 / (here + prior) + 1 / (there + prior))
        found.append(Distinctive(thing, here, (log(odds_in) - log(odds_out)) / spread))
    found.sort(key=lambda one: (-one.z, -one.firms, one.id))
    return found[:most]


def _odds(count: float, total: float) -> float:
    return count / max(total - count, 0.5)  # where there is but one thing, nothing is left


def proposed(
    products: list[Distinctive], titles: Mapping[str, str], leader: str | None, anchor: str
) -> str:
    """A name: of the products that set it apart; else of who leads it, or is at its centre."""
    telling = [one for one in products if one.z > 0]
    if telling:
        near = [one for one in telling[:_NAMED] if one.z >= _NEAR * telling[0].z]
        return "、".join(titles.get(one.id, one.id) for one in near) + "群落"
    return f"{leader or anchor}群落"
