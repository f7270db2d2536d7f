"""The graph retriever: from the products of a query, over the chain, to candidates.

What a walk may do is declared in ``ROUTES``: which stated edges it starts from, over which
product–product edges it goes one step, by which edge it arrives. A walk's strength is the product
of its edges' confidences, a decay for the kind of step, and a damping by degree: a product that
three hundred firms make says little about any of them.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from graph_service.lockstep import each
from graph_service.matching.types import Target
from graph_service.model import Direction, EdgeType, Hop, Label
from graph_service.reads import Hops, Onward

#: Edges read at one node; the degree used for damping is counted among these.
_FANOUT = 300

#: What a leg leads to: the hops by each of its steps over, and those by which it arrives.
Reached = tuple[Sequence[Hops], Hops]


@dataclass(frozen=True, slots=True)
class Step:
    """An edge type walked in a direction, with the share of strength that it keeps."""

    type: EdgeType
    direction: Direction
    keep: float


@dataclass(frozen=True, slots=True)
class Leg:
    """From products stated by one of ``start`` over at most one of ``over`` to candidates.

    ``direct`` is False where arriving without a step in between means nothing (a maker of the same
    product is a rival, not a supplier).
    """

    start: tuple[EdgeType, ...]
    arrive: Step
    over: tuple[Step, ...] = ()
    direct: bool = True


_SAME = (
    Step(EdgeType.SUBTYPE_OF, "out", 0.5),  # 上位产品
    Step(EdgeType.SUBTYPE_OF, "in", 0.6),  # 小类
)
_MATERIALS = Step(EdgeType.UPSTREAM_OF, "in", 0.3)  # 上游材料
_USES = Step(EdgeType.UPSTREAM_OF, "out", 0.3)  # 下游产品
_MAKER = Step(EdgeType.MAKES, "in", 1.0)
_NEEDER = Step(EdgeType.NEEDS, "in", 0.8)
_ABOUT = Step(EdgeType.ABOUT, "in", 1.0)

#: Legs by the label of the query (free text counts as a demand) and the target.
ROUTES: Mapping[tuple[Label, Target], tuple[Leg, ...]] = {
    (Label.DEMAND, Target.ORGANIZATIONS): (
        Leg((EdgeType.ABOUT,), _MAKER, (*_SAME, _MATERIALS, _USES)),
    ),
    (Label.DEMAND, Target.RESULTS): (Leg((EdgeType.ABOUT,), _ABOUT, (*_SAME, _MATERIALS)),),
    (Label.DEMAND, Target.DEMANDS): (Leg((EdgeType.ABOUT,), _ABOUT, _SAME),),
    (Label.DEMAND, Target.PARTNERS): (
        Leg(
            (EdgeType.ABOUT,),
            _MAKER,
            (Step(EdgeType.UPSTREAM_OF, "in", 0.8), Step(EdgeType.UPSTREAM_OF, "out", 0.5)),
            direct=False,
        ),
    ),
    (Label.RESULT, Target.ORGANIZATIONS): (
        Leg((EdgeType.ABOUT,), _MAKER, (*_SAME, _USES)),
        Leg((EdgeType.ABOUT,), _NEEDER, _SAME),
    ),
    (Label.RESULT, Target.DEMANDS): (Leg((EdgeType.ABOUT,), _ABOUT, (*_SAME, _USES)),),
    (Label.RESULT, Target.RESULTS): (Leg((EdgeType.ABOUT,), _ABOUT, _SAME),),
    (Label.RESULT, Target.PARTNERS): (Leg((EdgeType.ABOUT,), _NEEDER, _SAME),),
    (Label.ORGANIZATION, Target.DEMANDS): (Leg((EdgeType.MAKES,), _ABOUT, (*_SAME, _USES)),),
    (Label.ORGANIZATION, Target.RESULTS): (
        Leg((EdgeType.MAKES, EdgeType.NEEDS), _ABOUT, (*_SAME, _MATERIALS)),
    ),
    (Label.ORGANIZATION, Target.ORGANIZATIONS): (Leg((EdgeType.MAKES,), _MAKER, _SAME),),
    (Label.ORGANIZATION, Target.PARTNERS): (
        Leg((EdgeType.NEEDS,), _MAKER, _SAME),
        Leg((EdgeType.MAKES,), _NEEDER, _SAME),
        Leg(
            (EdgeType.MAKES,),
            _MAKER,
            (Step(EdgeType.UPSTREAM_OF, "in", 0.6), Step(EdgeType.UPSTREAM_OF, "out", 0.6)),
            direct=False,
        ),
    ),
}


@dataclass(frozen=True, slots=True)
class _Trail:
    hops: tuple[Hop, ...]
    strength: float
    direct: bool


@dataclass(slots=True)
class Walked:
    """What the graph says of a candidate.

    ``direct`` and ``chain`` are in [0, 1]: the chance that at least one walk without / with a step
    over the chain holds (noisy or over end products). ``best`` is the strongest walk,
    ``best_direct`` and ``best_chain`` the strongest of their kind.
    """

    direct: float = 0.0
    chain: float = 0.0
    best: tuple[Hop, ...] = ()
    best_direct: tuple[Hop, ...] = ()
    best_chain: tuple[Hop, ...] = ()
    strength: float = 0.0
    _seen: set[str] = field(default_factory=set)

    def add(self, trail: _Trail) -> None:
        """Count a walk. They must come strongest first: over one end product only one counts."""
        if not self.best:
            self.best, self.strength = trail.hops, trail.strength
        product = trail.hops[-1].start
        if product in self._seen:
            return
        self._seen.add(product)
        if trail.direct:
            self.direct = 1 - (1 - self.direct) * (1 - trail.strength)
            self.best_direct = self.best_direct or trail.hops
        else:
            self.chain = 1 - (1 - self.chain) * (1 - trail.strength)
            self.best_chain = self.best_chain or trail.hops


async def reach(label: Label, seeds: Sequence[Hop], target: Target) -> list[Reached]:
    """What each leg from some products leads to, for ``walk``; one batch.

    Args:
        label: what asks.
        seeds: hops from it to products; their confidence does not matter yet.
        target: what is to be found.
    """
    return await each(_reach(seeds, leg) for leg in ROUTES.get((label, target), ()))


async def _reach(seeds: Sequence[Hop], leg: Leg) -> Reached:
    ids = sorted({hop.end for hop in seeds if hop.edge.type in leg.start})
    if not ids:
        return [{} for _ in leg.over], {}
    over = [(step.type, step.direction) for step in leg.over]
    arrive = (leg.arrive.type, leg.arrive.direction)
    return await Onward(ids, over, arrive, _FANOUT, direct=leg.direct)


def walk(
    label: Label, products: Sequence[Hop], target: Target, reached: Sequence[Reached]
) -> dict[str, Walked]:
    """Candidates that the graph leads to, by id; labels are not checked here.

    Args:
        label: what asks.
        products: hops from it to the products it states or names.
        target: what is to be found.
        reached: what each leg leads to from these products, or from more.
    """
    arrived: list[_Trail] = []
    for leg, (over, last) in zip(ROUTES.get((label, target), ()), reached, strict=True):
        seeds = [
            _Trail((hop,), hop.edge.confidence, direct=True)
            for hop in products
            if hop.edge.type in leg.start
        ]
        further = [
            trail
            for step, hops in zip(leg.over, over, strict=True)
            for trail in _walk_on(seeds, step, hops, direct=False)
        ]
        arrived += _walk_on([*(seeds if leg.direct else ()), *further], leg.arrive, last)
    found: dict[str, Walked] = {}
    for trail in sorted(arrived, key=lambda t: (-t.strength, [hop.end for hop in t.hops])):
        found.setdefault(trail.hops[-1].end, Walked()).add(trail)
    return found


def _walk_on(
    trails: Sequence[_Trail], step: Step, reached: Hops, *, direct: bool | None = None
) -> list[_Trail]:
    """Every trail gone on by a step; trails do not turn back to a node they have been to."""
    longer: list[_Trail] = []
    for trail in trails:
        hops = reached.get(trail.hops[-1].end, [])
        damping = 1.0 / (1.0 + math.log(len(hops))) if hops else 0.0
        been = {trail.hops[0].start, *(hop.end for hop in trail.hops)}
        longer += [
            _Trail(
                (*trail.hops, hop),
                trail.strength * step.keep * damping * hop.edge.confidence,
                trail.direct if direct is None else direct,
            )
            for hop in hops
            if hop.end not in been
        ]
    return longer
