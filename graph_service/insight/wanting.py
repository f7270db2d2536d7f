"""Demands that still wait for somebody: posted, not awarded, not ended, not past their day."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date

from graph_service.insight.scope import Facts, edges_at
from graph_service.matching.facts.wording import words
from graph_service.model import EdgeType, Node
from graph_service.ports import GraphStore

_PAGE = 2000


def open_demands(store: GraphStore, facts: Facts, today: date) -> dict[str, list[str]]:
    """Open demands by the organisation of the scope that posted them, in id order."""
    posted = [edge for edge in facts.of(EdgeType.POSTED) if edge.from_id in facts.firms]
    ids = sorted({edge.to_id for edge in posted})
    nodes = nodes_of(store, ids)
    awarded = {
        edge.to_id for edge in edges_at(store, ids, [EdgeType.WON], "in") if not edge.inferred
    }
    found: dict[str, list[str]] = {}
    for edge in posted:
        node = nodes.get(edge.to_id)
        if node is not None and edge.to_id not in awarded and is_open(node, today):
            found.setdefault(edge.from_id, []).append(edge.to_id)
    return found


def is_open(demand: Node, today: date) -> bool:
    """Whether nothing that is told of a demand ends it; what is not told does not."""
    stage = str(demand.props.get("stage") or "")
    if any(word in stage for word in words("ended", "stages")):
        return False
    until = str(demand.props.get("deadline") or "")
    return not until[:4].isdigit() or today.isoformat()[: len(until)] <= until


def nodes_of(store: GraphStore, ids: Iterable[str]) -> dict[str, Node]:
    """Nodes by id, however many."""
    wanted: Sequence[str] = list(ids)
    found: dict[str, Node] = {}
    for first in range(0, len(wanted), _PAGE):
        page: Mapping[str, Node] = store.nodes(wanted[first : first + _PAGE])
        found.update(page)
    return found
