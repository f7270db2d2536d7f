"""Past co-operation (以往合作), as observed: a record of it, or a demand won of the other."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.model import Edge, EdgeType, Hop, Node

#: Hops by the node at which they begin; and a walk of two steps, as ``reads.Onward`` gives it.
Hops = Mapping[str, Sequence[Hop]]
Walk = tuple[Sequence[Hops], Hops]


@dataclass(frozen=True, slots=True)
class Tie:
    """What ties an organisation to who asks: the edge that says so."""

    organization: str
    edge: Edge

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        edge = self.edge
        return {
            "organization": self.organization,
            "type": edge.type.value,
            "demand": edge.to_id if edge.type is EdgeType.WON else None,
            "content": edge.props.get("content"),
            "since": edge.props.get("since") or edge.observed_at,
            "source": edge.source,
        }


def ties_of(partners: Hops, posted: Walk, won: Walk) -> list[Tie]:
    """Who is tied to the askers; guesses are no ties.

    Args:
        partners: PARTNERED hops at the askers.
        posted: POSTED hops of the askers, and WON hops against their direction from there on.
        won: WON hops of the askers, and POSTED hops against their direction from there on.
    """
    theirs = {hop.end for hops in posted[0] for hop in _observed(hops)}
    awards = {hop.end: hop.edge for hops in won[0] for hop in _observed(hops)}
    return [
        *(Tie(hop.end, hop.edge) for hop in _observed(partners)),
        *(Tie(hop.end, hop.edge) for hop in _observed(posted[1]) if hop.start in theirs),
        *(Tie(hop.end, awards[hop.start]) for hop in _observed(won[1]) if hop.start in awards),
    ]


def cooperated(ties: Iterable[Tie], behind: Sequence[Node]) -> Fact:
    """1 where an organisation behind the candidate is tied to who asks; unknown where no record
    says so, for not all that was done is recorded.

    Args:
        ties: of who asks.
        behind: the candidate's organisations.
    """
    titles = {node.id: node.title for node in behind}
    found = [tie for tie in ties if tie.organization in titles]
    if not found:
        return UNKNOWN
    records = [{**tie.as_dict(), "title": titles[tie.organization]} for tie in found]
    return Fact(1.0, {"records": records, "inferred": False})


def _observed(hops: Hops) -> list[Hop]:
    return [hop for some in hops.values() for hop in some if not hop.edge.inferred]
