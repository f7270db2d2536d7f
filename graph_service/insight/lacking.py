"""The gaps of a scope as an answer: read, told, and beside each what is nearest to closing it."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.insight import answers
from graph_service.insight.communities import Picture
from graph_service.insight.gaps import Gap, Lacking, lacking, leaderless, wanted
from graph_service.insight.judging import Progress, Verdict
from graph_service.insight.nearest import Near, nearest, steps
from graph_service.insight.scope import edges_at
from graph_service.insight.wanting import nodes_of
from graph_service.model import EdgeType, Node
from graph_service.ports import GraphStore

_NEEDERS = 5


@dataclass(frozen=True, slots=True)
class Gaps:
    """What is lacking among some organisations of a picture.

    Attributes:
        made: the picture.
        firms: the organisations: all of it, or those of a community.
        found: products that are lacking, all of them.
        chains: chains without 链主, with how many of the organisations are in each.
        demands: their open demands.
        near: by product, of the first of them.
        nodes: whatever is named, by id.
    """

    made: Picture
    firms: Collection[str]
    found: Lacking
    chains: Sequence[tuple[str, int]]
    demands: Sequence[str]
    near: Mapping[str, Sequence[Near]]
    nodes: Mapping[str, Node]


def gaps_of(store: GraphStore, made: Picture, community: str | None, limit: int) -> Gaps:
    """The gaps of a picture, or of one of its communities; of the first ``limit`` products of each
    kind what is nearest is read."""
    firms = list(made.network.ids) if community is None else made.communities[community].members
    facts = made.facts
    kinds: dict[str, list[str]] = {}
    for edge in edges_at(store, wanted(facts, firms), [EdgeType.SUBTYPE_OF], "in"):
        if made.scope.admits(edge):
            kinds.setdefault(edge.to_id, []).append(edge.from_id)
    found = lacking(facts, firms, kinds)
    chains = {edge.to_id for edge in facts.of(EdgeType.IN_CHAIN)}
    led = {
        edge.to_id
        for edge in edges_at(store, sorted(chains), [EdgeType.LEADS], "in")
        if made.scope.admits(edge)
    }
    inside = frozenset(firms)
    demands = sorted(
        {id_ for firm, some in made.open_demands.items() if firm in inside for id_ in some}
    )
    shown = [*found.missing[:limit], *found.single[:limit]]
    useless = {gap.product: frozenset((*gap.makers, *gap.needers)) for gap in shown}
    near = nearest(store, useless, inside)
    named = {gap.product for gap in shown} | chains | set(demands)
    named |= {firm for gap in shown for firm in (*gap.needers[:_NEEDERS], *gap.makers)}
    named |= {
        end
        for some in near.values()
        for one in some
        for hop in one.hops
        for end in (hop.start, hop.end)
    }
    nodes = nodes_of(store, sorted(named))
    without = leaderless(facts, firms, led)
    return Gaps(made, inside, found, without, demands, near, nodes)


def gaps_dict(
    gaps: Gaps,
    verdicts: Mapping[str, Verdict],
    progress: Progress,
    posters: Mapping[str, Sequence[str]],
    limit: int,
) -> dict[str, Any]:
    """Gaps, JSON-ready."""
    made, found = gaps.made, gaps.found
    chain = made.facts.chain.title if made.facts.chain else None
    unmet = [id_ for id_ in gaps.demands if answers.verdict(verdicts.get(id_)) == "unmet"]
    return {
        "change": made.change,
        "scope": answers.scope_dict(made.scope, chain),
        "organizations": len(gaps.firms),
        "products": found.wanted,
        "missing": {
            "total": len(found.missing),
            "gaps": [gap_dict(gaps, gap) for gap in found.missing[:limit]],
        },
        "single_source": {
            "total": len(found.single),
            "gaps": [gap_dict(gaps, gap) for gap in found.single[:limit]],
        },
        "leaderless": {
            "total": len(gaps.chains),
            "chains": [{**_ref(gaps, id_), "firms": firms} for id_, firms in gaps.chains[:limit]],
        },
        "demands": answers.tally(gaps.demands, verdicts),
        "unmet": {
            "total": len(unmet),
            "demands": [
                {
                    "demand": answers.demand_dict(made, id_, verdicts, posters),
                    "nearest": [
                        answers.nearest_dict(
                            one,
                            one.node.id in gaps.firms
                            or any(owner["id"] in gaps.firms for owner in one.owners),
                        )
                        for one in verdicts[id_].nearest
                    ],
                }
                for id_ in unmet[:limit]
            ],
        },
        "judging": progress.as_dict(),
    }


def gap_dict(gaps: Gaps, gap: Gap) -> dict[str, Any]:
    """A gap, JSON-ready."""
    return {
        "product": _ref(gaps, gap.product),
        "basis": gap.basis,
        "inferred": gap.inferred,
        "needed_by": len(gap.needers),
        "needers": [_ref(gaps, id_) for id_ in gap.needers[:_NEEDERS]],
        "makers": [_ref(gaps, id_) for id_ in gap.makers],
        "source": gap.fact.source,
        "observed_at": gap.fact.observed_at,
        "nearest": [near_dict(gaps, one) for one in gaps.near.get(gap.product, ())],
    }


def near_dict(gaps: Gaps, one: Near) -> dict[str, Any]:
    """A firm or result near to closing a gap, JSON-ready."""
    return {
        "id": one.node.id,
        "title": one.node.title,
        "label": one.node.label.value,
        "owners": [{"id": owner.id, "title": owner.title} for owner in one.owners],
        "inside": one.inside,
        "inferred": one.inferred,
        "hops": len(one.hops),
        "path": steps(one, gaps.nodes),
        "probability": None,
    }


def _ref(gaps: Gaps, id_: str) -> dict[str, str]:
    node = gaps.nodes.get(id_)
    return {"id": id_, "title": node.title if node else gaps.made.title(id_)}
