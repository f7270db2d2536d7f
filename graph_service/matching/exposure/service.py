"""The report of exposure: reads what ``bulk match`` kept, and who could have been found.

The lists are those that people see: as deep as asked, and of results one an organisation. A result
counts for who owns it: the first owner that is observed.
"""

import time
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from graph_service import deadline
from graph_service.lockstep import run
from graph_service.matching.exposure.figures import Concentration, Share, concentration, shares
from graph_service.matching.facts.tiers import TIERS
from graph_service.matching.facts.tiers import tier as tier_of
from graph_service.matching.grouping import first_owners, groups_of
from graph_service.matching.kept import of_recipe
from graph_service.matching.types import Target
from graph_service.model import ANY, Edge, EdgeType, Filter, Label, Node, Viewer
from graph_service.ports import GraphStore
from graph_service.reads import Neighbours, Nodes, Scan
from graph_service.visibility import seen

#: Nodes and demands read at once; edges of one demand that are looked at, of all recipes.
_PAGE, _DEMANDS, _EDGES = 1000, 100, 10_000

#: Organisations that are named.
_NAMED = 10


@dataclass(frozen=True, slots=True)
class Shown:
    """An organisation that is shown often.

    Attributes:
        node: the organisation.
        places: how many places in the lists it has.
        demands: for how many demands.
        candidates: how many candidates in the pool are it or its.
        tier: the highest that it holds today; None unknown.
        district: None unknown.
    """

    node: Node
    places: int
    demands: int
    candidates: int
    tier: str | None
    district: str | None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "id": self.node.id,
            "title": self.node.title,
            "shown": self.places,
            "demands": self.demands,
            "candidates": self.candidates,
            "tier": self.tier,
            "district": self.district,
        }


@dataclass(frozen=True, slots=True)
class Exposure:
    """A report.

    Attributes:
        recipe, to, top, grouped: whose lists, of what, how deep, whether one an organisation.
        demands: how many were looked at.
        matched: how many of them have a list.
        shown: places in all lists.
        owner_unknown: of them, those of results whose owner is not known.
        since, until: first and last day on which the lists were found so; None of none.
        tiers, districts: against the pool of all candidates of the kind.
        spread: over organisations.
        most: the most shown.
        took_ms: wall time.
    """

    recipe: str
    to: Target
    top: int
    grouped: bool
    demands: int
    matched: int
    shown: int
    owner_unknown: int
    since: str | None
    until: str | None
    tiers: Sequence[Share]
    districts: Sequence[Share]
    spread: Concentration
    most: Sequence[Shown]
    took_ms: float

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "recipe": self.recipe,
            "to": self.to.value,
            "top": self.top,
            "group": self.grouped,
            "demands": self.demands,
            "matched": self.matched,
            "shown": self.shown,
            "owner_unknown": self.owner_unknown,
            "since": self.since,
            "until": self.until,
            "took_ms": round(self.took_ms, 2),
            "tiers": [one.as_dict() for one in self.tiers],
            "districts": [one.as_dict() for one in self.districts],
            "organizations": self.spread.as_dict(),
            "most_shown": [one.as_dict() for one in self.most],
        }


def exposure(
    store: GraphStore,
    *,
    to: Target,
    recipe: str,
    top: int = 10,
    group: bool = True,
    where: Filter = ANY,
    today: date,
    viewer: Viewer,
) -> Exposure:
    """Who stands in the lists that ``bulk match`` kept, and who could have.

    Args:
        store: the graph.
        to: results or organisations.
        recipe: whose lists.
        top: how deep a list is shown.
        group: of results, one an organisation, as ``match`` shows them.
        where: the demands, whatever its labels.
        today: on which a tier must hold.
        viewer: who looks.
    """
    began = time.perf_counter()
    report = run(seen(store, viewer), _exposure(to, recipe, top, group, where, today))
    return replace(report, took_ms=(time.perf_counter() - began) * 1000)


@dataclass(slots=True)
class _Lists:
    """What demands are shown: candidate ids by rank."""

    demands: int = 0
    of: dict[str, list[str]] = field(default_factory=dict)
    days: set[str] = field(default_factory=set)


@dataclass(slots=True)
class _Pool:
    """Who could be shown: for each candidate its organisation, and of what class it is.

    ``by`` holds, by candidate, the ids of (itself or) its owner, its tier and its district.
    """

    by: dict[str, tuple[str | None, str | None, str | None]] = field(default_factory=dict)
    firms: dict[str, Node] = field(default_factory=dict)


async def _exposure(
    to: Target, recipe: str, top: int, group: bool, where: Filter, today: date
) -> Exposure:
    pool = await _pool(to, today)
    lists = await _kept(where, recipe, pool)
    owner = {candidate: firm for candidate, (firm, _, _) in pool.by.items() if firm is not None}
    one_each = group and to is Target.RESULTS
    shown = {
        demand: [one.best for one in groups_of(ranked, owner if one_each else {}, top)]
        for demand, ranked in lists.of.items()
    }
    places = [(demand, it) for demand, head in shown.items() for it in head]
    by_firm = Counter(owner[it] for _, it in places if it in owner)
    return Exposure(
        recipe=recipe,
        to=to,
        top=top,
        grouped=one_each,
        demands=lists.demands,
        matched=sum(bool(head) for head in shown.values()),
        shown=len(places),
        owner_unknown=sum(it not in owner for _, it in places),
        since=min(lists.days, default=None),
        until=max(lists.days, default=None),
        tiers=_shares(places, pool, 1, _BY_HEIGHT, comparable=not one_each),
        districts=_shares(places, pool, 2, comparable=not one_each),
        spread=concentration(by_firm, len(set(owner.values()))),
        most=_most(by_firm, places, owner, pool, today),
        took_ms=0.0,
    )


#: The tiers, the highest first.
_BY_HEIGHT = sorted(TIERS, key=TIERS.__getitem__, reverse=True)


def _shares(
    places: Sequence[tuple[str, str]],
    pool: _Pool,
    part: int,
    order: Sequence[str] = (),
    *,
    comparable: bool,
) -> list[Share]:
    return shares(
        Counter(pool.by[it][part] for _, it in places),
        Counter(classes[part] for classes in pool.by.values()),
        order,
        comparable=comparable,
    )


def _most(
    by_firm: Counter[str],
    places: Sequence[tuple[str, str]],
    owner: Mapping[str, str],
    pool: _Pool,
    today: date,
) -> list[Shown]:
    first = sorted(by_firm, key=lambda firm: (-by_firm[firm], firm))[:_NAMED]
    demands: defaultdict[str, set[str]] = defaultdict(set)
    for demand, it in places:
        if it in owner:
            demands[owner[it]].add(demand)
    own = Counter(owner.values())
    return [
        Shown(
            pool.firms[firm],
            by_firm[firm],
            len(demands[firm]),
            own[firm],
            _tier([pool.firms[firm]], today),
            _district([pool.firms[firm]]),
        )
        for firm in first
    ]


async def _kept(where: Filter, recipe: str, pool: _Pool) -> _Lists:
    """The lists of the demands that pass, as ``bulk match`` kept them, without whoever is not in
    the pool."""
    lists = _Lists()
    where = replace(where, labels=frozenset({Label.DEMAND}))
    cursor: str | None = None
    while True:
        deadline.check()
        page = await Scan(where, cursor, _DEMANDS)
        ids = [node.id for node in page.nodes]
        kept = await Neighbours(ids, (EdgeType.MATCHED,), "out", _EDGES)
        for demand in ids:
            of_it = of_recipe((hop.edge for hop in kept.get(demand, ())), recipe)
            edges = sorted((edge for edge in of_it if edge.to_id in pool.by), key=_rank)
            lists.of[demand] = list(dict.fromkeys(edge.to_id for edge in edges))
            lists.days |= {edge.observed_at for edge in edges if edge.observed_at}
        lists.demands += len(ids)
        cursor = page.cursor
        if cursor is None:
            return lists


def _rank(edge: Edge) -> tuple[int, str]:
    return int(edge.props.get("rank") or 0), edge.to_id


async def _pool(to: Target, today: date) -> _Pool:
    """All candidates of a kind."""
    pool = _Pool()
    cursor: str | None = None
    while True:
        deadline.check()
        page = await Scan(Filter(labels=frozenset({to.label})), cursor, _PAGE)
        nodes = {node.id: node for node in page.nodes}
        if to is Target.RESULTS:
            owner = await first_owners(list(nodes))
            pool.firms |= await Nodes(sorted(set(owner.values()) - pool.firms.keys()))
        else:
            owner = {node_id: node_id for node_id in nodes}
            pool.firms |= nodes
        for node_id, node in nodes.items():
            firm = pool.firms.get(owner.get(node_id, ""))
            told = [firm, node] if firm else [node]
            firm_id = firm.id if firm else None
            pool.by[node_id] = firm_id, _tier(told, today), _district(told)
        cursor = page.cursor
        if cursor is None:
            return pool


def _tier(nodes: Sequence[Node], today: date) -> str | None:
    told = tier_of(nodes, today).evidence.get("offered")
    return None if told is None else str(told)


def _district(nodes: Sequence[Node]) -> str | None:
    """The first that is told; of several the first."""
    for node in nodes:
        told = node.props.get("district")
        one = told[0] if isinstance(told, list) and told else told
        if one:
            return str(one)
    return None
