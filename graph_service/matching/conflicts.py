"""Conflicts of interest (利益冲突): who may not be matched with whom. A hard filter, no score."""

from collections.abc import Mapping, Sequence

from graph_service.lockstep import at_once
from graph_service.matching.types import Target
from graph_service.matching.understand import Question
from graph_service.model import EdgeType, Hop, Label
from graph_service.reads import Neighbours

#: Edges between an asker and whom he may not be matched with (利益冲突, 同一控制).
_RELATED = (EdgeType.CONFLICTS_WITH, EdgeType.CONTROLS)


async def excluded(question: Question, to: Target) -> frozenset[str]:
    """Who may not be a candidate: the query itself, the askers, whom they are in conflict with, who
    controls them, is controlled by them or by whom controls them, and what these own or posted.

    Observed edges alone count. Like demands are exempt: they are not dealt with, but posted
    together.
    """
    itself = frozenset({question.node.id} if question.node else ())  # asked for by another's id
    like = question.node and question.node.label is Label.DEMAND and to is Target.DEMANDS
    if not question.askers or like:
        return itself
    hops = _observed(await Neighbours(question.askers, _RELATED, limit=1000))
    parents = [hop.end for hop in hops if hop.edge.type is EdgeType.CONTROLS and not hop.forward]
    related = {*question.askers, *(hop.end for hop in hops)}
    theirs, (sisters, sisters_own) = await at_once(_belongings(related), _sisters(parents, related))
    return itself | related | theirs | sisters | sisters_own


async def _sisters(parents: Sequence[str], known: set[str]) -> tuple[set[str], set[str]]:
    """Whom the parents control, and what those own of whom it was not known."""
    if not parents:
        return set(), set()
    hops = await Neighbours(parents, (EdgeType.CONTROLS,), "out", 1000)
    sisters = {hop.end for hop in _observed(hops)}
    return sisters, await _belongings(sisters - known)


async def _belongings(owners: set[str]) -> set[str]:
    if not owners:
        return set()
    hops = await Neighbours(sorted(owners), (EdgeType.OWNS, EdgeType.POSTED), "out", 10_000)
    return {hop.end for hop in _observed(hops)}


def _observed(hops: Mapping[str, Sequence[Hop]]) -> list[Hop]:
    return [hop for some in hops.values() for hop in some if not hop.edge.inferred]
