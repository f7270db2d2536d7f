"""Organisations and what links them: facts projected onto pairs of organisations. Pure.

An observed edge between two organisations is an observed link. That one makes what another needs,
or what goes into what it makes, is a conclusion from two or three facts: such a link is always
inferred, however sure the facts. Weights are declared:

- SUPPLIES, PARTNERED, CONTROLS: 1.
- NEEDS: 1 / makers of the product: one need, shared out among those who could meet it.
- UPSTREAM_OF: ½ / makers of the upstream product, likewise; half: nobody said that it is bought.
- OWNS, MAKES: 1 / (those who share the result or the product − 1) (Newman 2001, "Scientific
  collaboration networks II", Phys. Rev. E 64, 016132),

each times the least confidence of its facts.
"""

from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from graph_service import deadline
from graph_service.insight.scope import LINKING, Facts, Scope
from graph_service.model import Edge, EdgeType

Ids = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

#: Products with more pairs of organisations than this link nobody: all trades need a carton.
MOST_PAIRS = 20_000

_UPSTREAM = 0.5

_ByEnd = Mapping[str, Sequence[Edge]]


class Link(NamedTuple):
    """A reason that links two organisations, along the flow of goods where there is one."""

    start: str
    end: str
    kind: EdgeType
    weight: float
    inferred: bool
    facts: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Common:
    """A product too common to link anybody, with how many make and need it."""

    id: str
    makers: int
    needers: int


@dataclass(frozen=True, slots=True)
class Pair:
    """All that links two organisations: positions in ``Network.ids``; ``a < b``."""

    a: int
    b: int
    weight: float
    links: tuple[Link, ...]

    @property
    def inferred(self) -> bool:
        """Whether nothing observed links them."""
        return all(link.inferred for link in self.links)


@dataclass(frozen=True, slots=True)
class Network:
    """Organisations of a scope by position, the pairs linked within it, and links that leave it.

    Attributes:
        ids: in id order.
        pairs: in order of (a, b).
        outward: links between one of ``ids`` and one outside, by the position of the inner end.
        common: products left out.
    """

    ids: Sequence[str]
    pairs: Sequence[Pair]
    outward: Mapping[int, Sequence[Link]]
    common: Sequence[Common]

    def matrix(self) -> sparse.csr_matrix:
        """Weights, symmetric, shape (n, n), without loops."""
        n = len(self.ids)
        a = np.array([pair.a for pair in self.pairs], np.int64)
        b = np.array([pair.b for pair in self.pairs], np.int64)
        weight = np.array([pair.weight for pair in self.pairs], np.float64)
        half = sparse.coo_matrix((weight, (a, b)), shape=(n, n)).tocsr()
        both = (half + half.T).tocsr()
        both.sort_indices()
        return both


def project(facts: Facts, scope: Scope) -> Network:
    """The network of a scope."""
    ids = list(facts.firms)
    position = {id_: i for i, id_ in enumerate(ids)}
    common: list[Common] = []
    between: defaultdict[tuple[int, int], list[Link]] = defaultdict(list)
    outward: defaultdict[int, list[Link]] = defaultdict(list)
    for number, link in enumerate(_links(facts, scope, common)):
        if number % 10_000 == 0:
            deadline.check()
        a, b = position.get(link.start), position.get(link.end)
        if a is not None and b is not None:
            if a != b:
                between[min(a, b), max(a, b)].append(link)
        elif a is not None:
            outward[a].append(link)
        elif b is not None:
            outward[b].append(link)
    pairs = [
        Pair(*ends, sum(link.weight for link in links), tuple(links))
        for ends, links in sorted(between.items())
    ]
    left_out = {one.id: one for one in common}
    return Network(ids, pairs, outward, [left_out[id_] for id_ in sorted(left_out)])


_Told = Callable[[str, Sequence[Edge]], None]


def _links(facts: Facts, scope: Scope, common: list[Common]) -> Iterator[Link]:
    makers, needers = _by_end(facts.of(EdgeType.MAKES)), _by_end(facts.of(EdgeType.NEEDS))
    owners = _by_end(facts.of(EdgeType.OWNS))

    def told(thing: str, some: Sequence[Edge]) -> None:
        common.append(Common(thing, len(some), len(needers.get(thing, ()))))

    for type_ in LINKING:
        if type_ not in scope.types:
            continue
        if type_ is EdgeType.NEEDS:
            yield from _needed(makers, needers, told)
        elif type_ is EdgeType.UPSTREAM_OF:
            yield from _going_into(facts.of(type_), makers, told)
        elif type_ in (EdgeType.OWNS, EdgeType.MAKES):
            yield from _sharing(type_, owners if type_ is EdgeType.OWNS else makers, told)
        else:
            for edge in facts.of(type_):
                ends = edge.from_id, edge.to_id
                yield Link(*ends, type_, edge.confidence, edge.inferred, (edge,))


def _needed(makers: _ByEnd, needers: _ByEnd, told: _Told) -> Iterator[Link]:
    for product, needs in needers.items():
        makes = makers.get(product, [])
        if len(makes) * len(needs) > MOST_PAIRS:
            told(product, makes)
        else:
            yield from _met(makes, needs)


def _going_into(ups: Sequence[Edge], makers: _ByEnd, told: _Told) -> Iterator[Link]:
    for edge in ups:
        makes, uses = makers.get(edge.from_id, []), makers.get(edge.to_id, [])
        if len(makes) * len(uses) > MOST_PAIRS:
            told(edge.from_id, makes)
        else:
            yield from _upstream(edge, makes, uses)


def _sharing(type_: EdgeType, shared: _ByEnd, told: _Told) -> Iterator[Link]:
    for thing, edges in shared.items():
        if len(edges) ** 2 > 2 * MOST_PAIRS:
            told(thing, edges)
            continue
        for one, other in combinations(edges, 2):
            share = 1 / (len(edges) - 1)
            yield _link(one, other, type_, share, (one, other), concluded=False)


def _by_end(edges: Sequence[Edge]) -> dict[str, list[Edge]]:
    found: dict[str, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.to_id, []).append(edge)
    return found


def _link(
    start: Edge,
    end: Edge,
    kind: EdgeType,
    share: float,
    facts: tuple[Edge, ...],
    *,
    concluded: bool,
) -> Link:
    weight = share * min(fact.confidence for fact in facts)
    inferred = concluded or any(fact.inferred for fact in facts)
    return Link(start.from_id, end.from_id, kind, weight, inferred, facts)


def _met(makes: Sequence[Edge], needs: Sequence[Edge]) -> Iterator[Link]:
    for need in needs:
        others = [make for make in makes if make.from_id != need.from_id]
        for make in others:
            share = 1 / len(others)
            yield _link(make, need, EdgeType.NEEDS, share, (make, need), concluded=True)


def _upstream(edge: Edge, makes: Sequence[Edge], uses: Sequence[Edge]) -> Iterator[Link]:
    for use in uses:
        others = [make for make in makes if make.from_id != use.from_id]
        for make in others:
            share, facts = _UPSTREAM / len(others), (make, edge, use)
            yield _link(make, use, EdgeType.UPSTREAM_OF, share, facts, concluded=True)
