"""How likely two organisations are one: log-odds = prior + one part for each piece of evidence.

The parts are the explanation: what is shown beside a pair adds up to its score (after Splink's
waterfall chart; the idea is Fellegi and Sunter's, 1969). Weights are set by hand on half of the
labelled pairs of ``tests/quality``; they are few, and each says what it weighs.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product
from typing import Any

from rapidfuzz.distance import OSA, Levenshtein

from graph_service.resolution.names import COUNTRY, Name, places, provinces, words
from graph_service.resolution.profiles import Profile

#: Log-odds that two organisations, of which nothing is known but that they share a rare bit of
#: their names, are one.
PRIOR = -3.0

#: Probabilities from which a pair is shown: as probable, as doubtful. Neither is merged unasked.
PROBABLE, DOUBTFUL = 0.9, 0.25

_SAME_NAME = 6.5  # what equal, rare names are worth
_RARE = 8.0  # the rarity (nats) of which a name's worth reaches 63%
_WORD, _CHARACTER = 3.2, 2.5  # costs of a word like 科技 more or less, of any other character
_SWAPPED = 2.5  # ... of two neighbouring characters in the other order
_PLACE = 6.0  # ... of a place more or less, or another place
_OFFICIAL = 2.0  # what differs in the name of a school or a hospital counts so much
_ABBREVIATED = 0.3  # what is missing from a short name counts so much
_ONLY_SHORT = 0.8  # ... and that it is one, so much
_PUBLIC = frozenset({"university", "hospital"})  # their names differ by their places
_BACKGROUND = 5000  # organisations that are assumed beside those of a small store
_GENERIC_SHARE = 0.02  # of them, those that bear a generic word


@dataclass(frozen=True, slots=True)
class Part:
    """One piece of evidence: its name, its log-odds, what was compared (Chinese)."""

    name: str
    value: float
    evidence: str

    def as_dict(self) -> dict[str, Any]:
        return {"part": self.name, "value": round(self.value, 3), "evidence": self.evidence}


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two organisations compared. ``score`` is ``PRIOR`` and the parts' sum."""

    a: str
    b: str
    parts: tuple[Part, ...]

    @property
    def score(self) -> float:
        return PRIOR + sum(part.value for part in self.parts)

    @property
    def probability(self) -> float:
        return 1 / (1 + math.exp(-self.score))

    @property
    def level(self) -> str | None:
        """ "probable", "doubtful", or None: not worth a look."""
        probability = self.probability
        if probability >= PROBABLE:
            return "probable"
        return "doubtful" if probability >= DOUBTFUL else None


class Rarity:
    """How rare pairs of characters, products and websites are among some organisations."""

    def __init__(self, profiles: Iterable[Profile]) -> None:
        self._grams: Counter[str] = Counter()
        self._products: Counter[str] = Counter()
        self._hosts: Counter[str] = Counter()
        self._count = 0
        for one in profiles:
            self._count += 1
            self._grams.update({gram for name in one.names for gram in grams(name.core)})
            self._products.update(one.products)
            self._hosts[one.host] += 1
        share = int(_BACKGROUND * _GENERIC_SHARE)
        for gram in {gram for word in words()["generic"] for gram in grams(word)}:
            self._grams[gram] += share

    def of(self, gram: str) -> float:
        """Rarity of a pair of characters in nats."""
        return math.log((self._count + _BACKGROUND) / (self._grams[gram] + 1))

    def of_product(self, id_: str) -> float:
        """Rarity of a product in nats; products of an unknown world are taken for common."""
        return math.log((self._count + 1) / (self._products[id_] + 1))

    def is_own(self, host: str) -> bool:
        """Whether a website is a firm's own rather than a platform's."""
        return self._hosts[host] <= 3


def compare(a: Profile, b: Profile, rarity: Rarity) -> Comparison | None:
    """Two organisations compared; None where their codes say that they are two."""
    if a.code and b.code and a.code != b.code:
        return None
    parts = [part for part in _parts(a, b, rarity) if part.value]
    return Comparison(a.id, b.id, tuple(parts))


def _parts(a: Profile, b: Profile, rarity: Rarity) -> Iterator[Part]:
    first, second, name = max(
        ((x, y, _name(x, y, rarity)) for x, y in product(a.names, b.names)),
        key=lambda found: found[2].value,
    )
    yield name
    yield _regions(first, second)
    yield _form(first, second)
    if a.code and a.code == b.code:
        yield Part("code", 12.0, f"信用代码同为 {a.code}")
    yield _short(a, b)
    yield _host(a, b, rarity)
    yield _address(a, b)
    yield _founded(a, b)
    yield _products(a, b, rarity)
    if people := a.people & b.people:
        yield Part("people", min(1.5 * len(people), 3.0), f"共有人员 {len(people)} 位")
    if b.id in a.partners or a.id in b.partners:
        yield Part("relation", -3.0, "二者之间有供应、控股、合作或冲突关系")


def _name(a: Name, b: Name, rarity: Rarity) -> Part:
    cost, swapped = _difference(*sorted((a.core, b.core)))
    shared = grams(a.core) if swapped else grams(a.core) & grams(b.core)
    worth = _SAME_NAME * (1 - math.exp(-sum(rarity.of(gram) for gram in sorted(shared)) / _RARE))
    if (a.sort is None) != (b.sort is None):
        cost *= _ABBREVIATED
    said = f"字号相同：{a.core}" if a.core == b.core else f"字号相近：{a.core} / {b.core}"
    if {a.sort, b.sort} & _PUBLIC and not swapped:
        cost *= _OFFICIAL
    if not (a.sort and b.sort):
        cost += _ONLY_SHORT
        said += "，其一只是简称"
    return Part("name", worth - min(cost, worth + 6), said)


@lru_cache(maxsize=500_000)
def grams(core: str) -> frozenset[str]:
    """Pairs of neighbouring characters."""
    return frozenset(map("".join, pairwise(core))) or frozenset({core})


def _difference(a: str, b: str) -> tuple[float, bool]:
    """What tells two cores, given in order, apart: its cost, and whether they merely have the same
    characters."""
    if a == b:
        return 0.0, False
    if sorted(a) == sorted(b):
        return (_SWAPPED if OSA.distance(a, b) == 1 else _WORD), True
    cost = 0.0
    for step in Levenshtein.opcodes(a, b):
        if step.tag != "equal":
            sides = a[step.src_start : step.src_end], b[step.dest_start : step.dest_end]
            low, high = sorted(map(_cost, sides))
            cost += high + low / 2
    return cost, False


@lru_cache(maxsize=200_000)
def _cost(fragment: str) -> float:
    """What a piece more or less costs: generic words little, any other character more."""
    if fragment in places():
        return _PLACE
    cost = 0.0
    for word in sorted(words()["generic"], key=len, reverse=True):
        if word in fragment:
            cost += _WORD
            fragment = fragment.replace(word, "")
    return cost + _CHARACTER * len(fragment)


def _regions(a: Name, b: Name) -> Part:
    here, there = ({*name.regions} - {COUNTRY} for name in (a, b))
    if not (here or there):
        here, there = set(a.regions), set(b.regions)
    public = {a.sort, b.sort} & _PUBLIC
    if here and there and not _apart(here, there):
        if met := here & there:
            return Part("region", 1.0, f"名称中地区相同：{'、'.join(sorted(met))}")
        if not public:
            return Part("region", -0.5, "名称中地区一为省、一为市")
    if here and there:
        said = f"名称中地区不同：{'、'.join(a.regions)} / {'、'.join(b.regions)}"
        return Part("region", -6.0, said)
    if (here or there) and a.sort and b.sort:
        named = a if here else b
        worth = -4.0 if public else -2.5 if named.seated else -1.5
        return Part("region", worth, f"只有一方名称带地区：{'、'.join(named.regions)}")
    return Part("region", 0.0, "")


def _apart(here: set[str], there: set[str]) -> bool:
    """Whether two sets of places contradict each other: two provinces, or two cities."""
    known = {**provinces(), COUNTRY: COUNTRY}
    if not {known.get(place) for place in here} & {known.get(place) for place in there}:
        return True
    cities, others = (places - set(known.values()) for places in (here, there))
    return bool(cities and others and not cities & others)


def _form(a: Name, b: Name) -> Part:
    if a.branch != b.branch:
        return Part("form", -8.0, "一方是分支机构，或是不同的分支机构")
    if a.sort and b.sort and a.sort != b.sort:
        return Part("form", -4.0 if "firm" in (a.sort, b.sort) else -2.0, "单位性质不同")
    if a.group != b.group:
        return Part("form", -3.0, "一方是集团或控股公司，另一方不是")
    return Part("form", 0.0, "")


def _short(a: Profile, b: Profile) -> Part:
    for one, other in ((a, b), (b, a)):
        own, full = (
            {text for name in x.names for text in (name.core, name.plain)} for x in (one, other)
        )
        if met := (one.short & full) - own:
            # Several firms of a brand have its name for short: alone it decides nothing.
            worth = 2.0 if any(name.sort for name in other.names) else 1.0
            return Part("short", worth, f"一方的简称即另一方的字号：{min(met)}")
    if met := (a.short & b.short) - a.full - b.full:
        return Part("short", 1.5, f"简称相同：{min(met)}")
    return Part("short", 0.0, "")


def _host(a: Profile, b: Profile, rarity: Rarity) -> Part:
    if not a.host or not b.host:
        return Part("website", 0.0, "")
    if a.host != b.host:
        return Part("website", -0.7, f"网站不同：{a.host} / {b.host}")
    own = rarity.is_own(a.host)
    return Part("website", 2.0 if own else 0.0, f"网站相同：{a.host}")


def _address(a: Profile, b: Profile) -> Part:
    if a.address and a.address == b.address:
        return Part("address", 1.5, f"地址相同：{a.address}")
    here, there = set(a.districts), set(b.districts)
    if here and there and _apart(here, there):
        return Part("address", -1.5, f"地址不在一地：{min(here)} / {min(there)}")
    return Part("address", 0.0, "")


def _founded(a: Profile, b: Profile) -> Part:
    if not a.founded[:4].isdigit() or not b.founded[:4].isdigit():
        return Part("founded", 0.0, "")
    if a.founded == b.founded:
        worth = 2.5 if len(a.founded) == 10 else 0.7
        return Part("founded", worth, f"成立日期相同：{a.founded}")
    apart = abs(int(a.founded[:4]) - int(b.founded[:4]))
    said = f"成立日期不同：{a.founded} / {b.founded}"
    return Part("founded", -1.5 if apart > 1 else -0.3, said)


def _products(a: Profile, b: Profile, rarity: Rarity) -> Part:
    shared = a.products & b.products
    if shared:
        worth = min(sum(rarity.of_product(id_) for id_ in sorted(shared)) / 4, 3.0)
        return Part("products", worth, f"共有产品 {len(shared)} 种")
    if min(len(a.products), len(b.products)) >= 3:
        return Part("products", -0.7, "产品没有一种相同")
    return Part("products", 0.0, "")


def rank(found: Iterable[Comparison]) -> Sequence[Comparison]:
    """The most likely first, ties by ids."""
    return sorted(found, key=lambda one: (-one.score, one.a, one.b))
