"""What the demands of a group share, and where they differ: words, products, indicators. Pure."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence

from graph_service.matching.alike.types import Product, Property, Requirement, Word
from graph_service.matching.facts import naming
from graph_service.matching.facts.bounds import Direction, comparable
from graph_service.matching.facts.statements import Stated
from graph_service.model import Hop, Node
from graph_service.understanding.units import Unit

#: Words shown of a group, and of one member; and how much less than the first the last may say.
_SHARED, _OWN, _TELLING = 10, 5, 0.25

#: Values that differ by less, of their size, are the same.
_SAME = 1e-6

#: Words by weight, of each member by id.
Bags = Mapping[str, Mapping[str, float]]


def most(members: int) -> int:
    """More than half of so many, and at least two."""
    return max(2, members // 2 + 1)


def shared_words(bags: Bags) -> list[Word]:
    """Words of more than half of the members, by their mean weight, without those that stand inside
    a longer one."""
    holders: defaultdict[str, list[str]] = defaultdict(list)
    weight: defaultdict[str, float] = defaultdict(float)
    for member, bag in bags.items():
        for word, value in bag.items():
            holders[word].append(member)
            weight[word] += value
    told = {
        word: weight[word]
        for word, some in holders.items()
        if len(some) >= most(len(bags)) and _says(word)
    }
    return [Word(word, holders[word]) for word in _telling(told, _SHARED)]


def own_words(bags: Bags) -> dict[str, list[str]]:
    """For each member the words that no other has, the most telling first."""
    holders: defaultdict[str, int] = defaultdict(int)
    for bag in bags.values():
        for word in bag:
            holders[word] += 1
    return {
        member: _telling(
            {word: value for word, value in bag.items() if holders[word] == 1 and _says(word)},
            _OWN,
        )
        for member, bag in bags.items()
    }


def _says(word: str) -> bool:
    """Whether a word alone tells people anything: no single character, no bare number."""
    return len(word) > 1 and not word.replace(".", "").isdigit()


def _telling(weight: Mapping[str, float], limit: int) -> list[str]:
    """The words of most weight that do not stand in each other; of two that do, the longer."""
    least = _TELLING * max(weight.values(), default=0.0)
    kept: list[str] = []
    for word in sorted(weight, key=lambda word: (-weight[word], word)):
        if weight[word] < least:
            break
        if any(word in other for other in kept):
            continue
        kept = [other for other in kept if other not in word] + [word]
        if len(kept) == limit:
            break
    return kept


def shared_products(
    about: Mapping[str, Sequence[Hop]], products: Mapping[str, Node], members: int
) -> list[Product]:
    """Products that more than half of the members are about, the most shared first.

    Args:
        about: of each member the hops to products that it states, or that its text names.
        products: by id.
        members: how many there are.
    """
    holders: defaultdict[str, list[str]] = defaultdict(list)
    observed: set[str] = set()
    for member, hops in about.items():
        for hop in sorted(hops, key=lambda hop: hop.end):
            if hop.end in products and member not in holders[hop.end]:
                holders[hop.end].append(member)
            if not hop.edge.inferred:
                observed.add(hop.end)
    found = [
        Product(products[product], some, product not in observed)
        for product, some in holders.items()
        if len(some) >= most(members)
    ]
    return sorted(found, key=lambda one: (-len(one.members), one.inferred, one.node.id))


def properties(asked: Mapping[str, Sequence[Stated]]) -> list[Property]:
    """The properties that two and more members ask for, by how many of them, then by name.

    Two requirements are of one property if they have the same name and units that compare. What a
    member asks of a property twice (under two conditions) stands twice.
    """
    found = [made for some in _by_property(asked) if (made := _property(some)) is not None]
    return sorted(found, key=lambda one: (-len({it.demand for it in one.asked}), one.name))


_Asked = tuple[str, Stated]


def _by_property(asked: Mapping[str, Sequence[Stated]]) -> Iterator[list[_Asked]]:
    by_name: defaultdict[str, list[list[_Asked]]] = defaultdict(list)
    for member, some in asked.items():
        for one in some:
            unit = one.indicator.normal_unit
            for known in by_name[one.name]:
                if comparable(known[0][1].indicator.normal_unit, unit):
                    known.append((member, one))
                    break
            else:
                by_name[one.name].append([(member, one)])
    for groups in by_name.values():
        yield from groups


def _property(some: Sequence[_Asked]) -> Property | None:
    if len({member for member, _ in some}) < 2:
        return None
    first = some[0][1]
    unit = first.indicator.normal_unit
    direction = _direction(some)
    rows = [
        Requirement(member, _said(one), _value(one, unit), round(one.indicator.confidence, 2))
        for member, one in some
    ]
    rows.sort(key=lambda row: (-direction * row.value, row.demand))
    values = [row.value for row in rows]
    spread = max(values) - min(values)
    alike = spread <= _SAME * max(map(abs, values))
    relations = {one.indicator.relation for _, one in some}
    ends = {one.indicator.value2 for _, one in some}
    same = alike and len(relations) == 1 and len(ends) == 1
    return Property(first.name, unit.symbol, rows, bool(direction), same)


def _direction(some: Sequence[_Asked]) -> Direction:
    """Which way a property is tighter: by the bounds asked for, else by its name; 0 unknown."""
    bounds = {_BOUND.get(one.indicator.relation, 0) for _, one in some} - {0}
    if bounds == {1}:
        return 1
    if bounds == {-1}:
        return -1
    return 0 if bounds else naming.direction(some[0][1].name)


#: At least v asks for more with a higher v, at most v and ± v with a lower.
_BOUND: Mapping[str, int] = {"≥": 1, ">": 1, "≤": -1, "<": -1, "±": -1}


def _value(one: Stated, unit: Unit) -> float:
    """The value in a unit that its own compares with; of a value with a tolerance the latter."""
    told = one.indicator
    value = told.value2 if told.relation == "±" and told.value2 is not None else told.value
    if told.normal_unit.symbol == unit.symbol:
        return value
    zero = unit.to_base(0.0)
    return (told.normal_unit.to_base(value) - zero) / (unit.to_base(1.0) - zero)


def _said(one: Stated) -> str:
    """As the text has it."""
    start, end = one.indicator.span
    return one.passage[start - one.start : end - one.start]
