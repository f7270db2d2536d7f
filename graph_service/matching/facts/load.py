"""Present load (在手任务): demands won by whoever is behind a candidate, and not ended yet."""

from collections.abc import Mapping, Sequence

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.matching.facts.wording import words
from graph_service.model import EdgeType, Hop, Node

#: So many open awards are as much against a candidate as can be.
_FULL = 3


def busy(
    behind: Sequence[Node], hops: Mapping[str, Sequence[Hop]], demands: Mapping[str, Node]
) -> Fact:
    """0 where all that was won has ended, −1 at three open awards and more; unknown where no award
    is recorded, or no stage of any.

    Args:
        behind: the candidate's organisations.
        hops: their edges WON, by organisation.
        demands: what they won, by id.
    """
    won = {
        hop.end: demands[hop.end]
        for node in behind
        for hop in hops.get(node.id, ())
        if hop.edge.type is EdgeType.WON and not hop.edge.inferred and hop.end in demands
    }
    told = {node_id: node for node_id, node in won.items() if node.props.get("stage")}
    if not told:
        return UNKNOWN
    active = sorted(node_id for node_id, node in told.items() if not _ended(node))
    evidence = {
        "open": [{"id": node_id, "title": told[node_id].title} for node_id in active],
        "ended": len(told) - len(active),
        "unclear": len(won) - len(told),
        "inferred": False,
    }
    return Fact(-min(len(active), _FULL) / _FULL if active else 0.0, evidence)


def _ended(demand: Node) -> bool:
    stage = str(demand.props["stage"])
    return any(word in stage for word in words("ended", "stages"))
