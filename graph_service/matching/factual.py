"""The signals of ``full`` that come from facts: what the candidates' nodes and edges say.

Only a window of the best is read. The weights are declared, not learned (未学习), and a value is in
[-1, 1]: a weight is at once the bound of what a fact may add or take.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from graph_service.lockstep import at_once
from graph_service.matching.explain import owners_of
from graph_service.matching.facts.amounts import delivery, price
from graph_service.matching.facts.comparing import compared
from graph_service.matching.facts.fact import Fact
from graph_service.matching.facts.load import busy
from graph_service.matching.facts.maturity import ready
from graph_service.matching.facts.modes import offered_as_asked
from graph_service.matching.facts.place import near
from graph_service.matching.facts.sides import Side, asked_and_offered
from graph_service.matching.facts.tiers import tier
from graph_service.matching.facts.ties import Tie, cooperated, ties_of
from graph_service.matching.scores import Doubles, order
from graph_service.matching.signals import Signal
from graph_service.matching.types import Target
from graph_service.matching.understand import Question
from graph_service.model import EdgeType, Label, Node
from graph_service.reads import Hops, Neighbours, Nodes, Onward, WithNodes

#: Nodes read of the best; and those among them whose texts are compared and whose awards are read.
#: What is told of all can lift one by .6: of the shared demands, 65 stand so near to the thirtieth
#: in the median, 121 at most.
_WINDOW, _READ = 120, 30

#: Weights of the facts, in log-odds: declared, not learned, since no judged data tells of them.
FACT_WEIGHTS: Mapping[str, float] = {
    "indicators": 0.6,
    "trl": 0.15,
    "budget": 0.15,
    "term": 0.1,
    "licence": 0.15,
    "district": 0.2,
    "tier": 0.2,
    "cooperation": 0.2,
    "load": 0.15,
}

#: Facts of a demand against what is to fit it; whether they read texts, so of the very best alone.
_OF_FIT: Mapping[str, Callable[[Side, Side], Fact]] = {
    "indicators": compared,
    "trl": ready,
    "budget": price,
    "term": delivery,
    "licence": offered_as_asked,
}
#: Those that are told of results alone: a firm has no maturity.
_OF_RESULTS = frozenset({"trl", "budget", "term", "licence"})

Facts = dict[str, dict[str, Fact]]


@dataclass(frozen=True, slots=True)
class _Window:
    """What was read of the best.

    Attributes:
        sides: each with the organisations behind it, by id.
        best: those whose texts are compared.
        owners: the organisations behind each that is read, by id; those without any are left out.
        awards: WON hops of who is behind the best, by organisation.
        won: the demands that they lead to, by id.
    """

    sides: Mapping[str, Side]
    best: Collection[str]
    owners: Mapping[str, Sequence[Node]]
    awards: Hops
    won: Mapping[str, Node]


async def ties(question: Question, *, wanted: bool) -> list[Tie]:
    """Who has co-operated with who asks, where it is wanted; one batch."""
    if not wanted or not question.askers:
        return []
    partners, posted, won = await at_once(
        Neighbours(question.askers, (EdgeType.PARTNERED,), limit=1000),
        Onward(question.askers, [(EdgeType.POSTED, "out")], (EdgeType.WON, "in"), direct=False),
        Onward(question.askers, [(EdgeType.WON, "out")], (EdgeType.POSTED, "in"), direct=False),
    )
    return ties_of(partners, posted, won)


async def fact_signals(
    question: Question,
    target: Target,
    ids: Sequence[str],
    scores: Doubles,
    tied: Sequence[Tie],
    *,
    include: Collection[str] = (),
    today: date,
) -> tuple[list[Signal], dict[str, str | None]]:
    """A signal for each fact that applies, over the pool; and who owns the results that were read,
    by id, None where nobody does. One batch.

    Args:
        question: as understood.
        target: what is looked for.
        ids: of the pool, in its order.
        scores: so far, by which the best are told.
        tied: who has co-operated with who asks.
        include: ids that are read whatever their scores.
        today: by the office's calendar.
    """
    window = await _read(question, target, ids, scores, include)
    facts = {**_facts_of_fit(question, target, window), **_facts_of_each(question, window, today)}
    facts["cooperation"] = {it: cooperated(tied, one.behind) for it, one in window.sides.items()}
    if _solvers(question, target):
        facts["load"] = {
            it: busy(window.sides[it].behind, window.awards, window.won) for it in window.best
        }
    place = {node_id: i for i, node_id in enumerate(ids)}
    found = [_signal(name, place, facts[name]) for name in FACT_WEIGHTS if name in facts]
    return found, _owner(target, window)


def _owner(target: Target, window: _Window) -> dict[str, str | None]:
    """As ``grouping.first_owners``; of what is no result none is."""
    if target is not Target.RESULTS:
        return dict.fromkeys(window.sides)
    return {it: next((one.id for one in window.owners.get(it, ())), None) for it in window.sides}


async def _read(
    question: Question,
    target: Target,
    ids: Sequence[str],
    scores: Doubles,
    include: Collection[str],
) -> _Window:
    ranked = [ids[i] for i in order(scores)[:_WINDOW]]
    asked_for = sorted(set(include).difference(ranked).intersection(ids))
    window = [*ranked, *asked_for]
    best = [*ranked[:_READ], *sorted(set(include).intersection(ids).difference(ranked[:_READ]))]
    nodes, owners, (awards, won) = await at_once(
        Nodes(window), owners_of(window), _awards(question, target, best)
    )
    sides = {it: Side.of_node(nodes[it], owners.get(it, ())) for it in window if it in nodes}
    return _Window(sides, [it for it in best if it in sides], owners, awards, won)


async def _awards(
    question: Question, target: Target, best: Sequence[str]
) -> tuple[Hops, dict[str, Node]]:
    """What those behind the best have won, by organisation, and the demands won, by id."""
    if not _solvers(question, target):
        return {}, {}
    if target.label is Label.ORGANIZATION:
        return await WithNodes(Neighbours(best, (EdgeType.WON,), "out"))
    (_, awards), won = await WithNodes(
        Onward(best, [(EdgeType.OWNS, "in")], (EdgeType.WON, "out"), direct=False)
    )
    return awards, won


def _solvers(question: Question, target: Target) -> bool:
    """Whether those who would solve a demand are looked for."""
    return _label(question) is Label.DEMAND and target in {Target.RESULTS, Target.ORGANIZATIONS}


def _label(question: Question) -> Label:
    """A free text counts as a demand."""
    return question.node.label if question.node else Label.DEMAND


def _facts_of_fit(question: Question, target: Target, window: _Window) -> Facts:
    node = question.node
    asking = Side.of_node(node) if node else Side.of_text(question.text)
    if Label.DEMAND not in {asking.label, target.label} or asking.label is target.label:
        return {}
    results = Label.RESULT in {asking.label, target.label}
    facts: Facts = {name: {} for name in _OF_FIT if (results or name not in _OF_RESULTS)}
    for node_id in window.best:
        pair = asked_and_offered(asking, window.sides[node_id])
        if pair is not None:
            for name, found in facts.items():
                found[node_id] = _OF_FIT[name](*pair)
    return facts


def _facts_of_each(question: Question, window: _Window, today: date) -> Facts:
    return {
        "district": {it: near(question.district, one.told) for it, one in window.sides.items()},
        "tier": {it: tier(one.told, today) for it, one in window.sides.items()},
    }


def _signal(name: str, place: Mapping[str, int], facts: Mapping[str, Fact]) -> Signal:
    """A fact as a signal; ``place`` is where candidates stand in the pool, by id."""
    values = np.full(len(place), np.nan)
    for node_id, fact in facts.items():
        if fact.value is not None:
            values[place[node_id]] = fact.value
    evidence = {node_id: fact.evidence for node_id, fact in facts.items() if fact.evidence}
    return Signal(name, values, FACT_WEIGHTS[name], evidence=evidence)
