"""What a chain lacks: products that its firms need and nobody in it makes, or one firm alone. Pure.

That a firm needs a product is told (NEEDS), or follows: it is supplied with it (SUPPLIES, the
product in ``key``), or the product goes into what it makes (UPSTREAM_OF; nobody said that it buys
it, so that this is always inferred). A firm that makes a kind of the product (SUBTYPE_OF) makes it.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph_service.insight.scope import Facts
from graph_service.model import Edge, EdgeType

#: How it is known that a product is needed, the surest first.
BASES = ("needs", "supplies", "upstream")


@dataclass(frozen=True, slots=True)
class Gap:
    """A product that is needed and not made, or made by one firm.

    Attributes:
        product: its id.
        basis: of ``BASES``, the surest that there is.
        inferred: whether no observed fact says that it is needed.
        needers: who needs it, in id order.
        makers: who makes it in the scope.
        fact: the surest and newest that says so.
    """

    product: str
    basis: str
    inferred: bool
    needers: Sequence[str]
    makers: Sequence[str]
    fact: Edge


@dataclass(frozen=True, slots=True)
class Lacking:
    """What is lacking in a scope, the most needed first; how many products its firms need."""

    wanted: int
    missing: Sequence[Gap]
    single: Sequence[Gap]


def lacking(facts: Facts, firms: Collection[str], kinds: Mapping[str, Collection[str]]) -> Lacking:
    """What some organisations need and do not make.

    Args:
        facts: of the scope.
        firms: the organisations.
        kinds: by product, the products that are kinds of it.
    """
    inside = frozenset(firms)
    wants: dict[str, list[tuple[str, str, bool, Edge]]] = {}
    for product, firm, basis, inferred, fact in _wants(facts, inside):
        wants.setdefault(product, []).append((firm, basis, inferred, fact))
    made = makers(facts)
    missing: list[Gap] = []
    single: list[Gap] = []
    for product, said in wants.items():
        alike = (product, *kinds.get(product, ()))
        here = sorted({firm for one in alike for firm in made.get(one, ())} & inside)
        needers = sorted({firm for firm, *_ in said} - set(here))
        if len(here) > 1 or not needers:
            continue
        said.sort(key=lambda one: (BASES.index(one[1]), one[2], _later(one[3]), one[0]))
        _, basis, _, fact = said[0]
        inferred = all(one[2] for one in said)
        gap = Gap(product, basis, inferred, needers, here, fact)
        (single if here else missing).append(gap)
    return Lacking(len(wants), sorted(missing, key=_place), sorted(single, key=_place))


def wanted(facts: Facts, firms: Collection[str]) -> list[str]:
    """Products that some organisations need, in id order."""
    return sorted({product for product, *_ in _wants(facts, frozenset(firms))})


def makers(facts: Facts) -> dict[str, set[str]]:
    """Who makes or supplies each product, in the scope or outside."""
    found: dict[str, set[str]] = {}
    for edge in facts.of(EdgeType.MAKES):
        found.setdefault(edge.to_id, set()).add(edge.from_id)
    for edge in facts.of(EdgeType.SUPPLIES):
        if edge.key:
            found.setdefault(edge.key, set()).add(edge.from_id)
    return found


def _wants(facts: Facts, inside: frozenset[str]) -> Iterator[tuple[str, str, str, bool, Edge]]:
    """Product, firm, basis, whether inferred, and the fact."""
    for edge in facts.of(EdgeType.NEEDS):
        if edge.from_id in inside:
            yield edge.to_id, edge.from_id, "needs", edge.inferred, edge
    for edge in facts.of(EdgeType.SUPPLIES):
        if edge.key and edge.to_id in inside:
            yield edge.key, edge.to_id, "supplies", edge.inferred, edge
    made: dict[str, list[str]] = {}
    for edge in facts.of(EdgeType.MAKES):
        if edge.from_id in inside:
            made.setdefault(edge.to_id, []).append(edge.from_id)
    for edge in facts.of(EdgeType.UPSTREAM_OF):
        for firm in made.get(edge.to_id, ()):
            yield edge.from_id, firm, "upstream", True, edge


def _later(edge: Edge) -> tuple[int, ...]:
    """Orders the newest first."""
    return tuple(-ord(letter) for letter in edge.observed_at or "")


def _place(gap: Gap) -> tuple[int, bool, int, str]:
    return BASES.index(gap.basis), gap.inferred, -len(gap.needers), gap.product


def leaderless(facts: Facts, firms: Collection[str], led: Iterable[str]) -> list[tuple[str, int]]:
    """Chains of some organisations that nobody leads, with how many of them are in each."""
    inside, known = frozenset(firms), frozenset(led)
    counts: dict[str, int] = {}
    for edge in facts.of(EdgeType.IN_CHAIN):
        if edge.from_id in inside and edge.to_id not in known:
            counts[edge.to_id] = counts.get(edge.to_id, 0) + 1
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))
