"""District (区县): whether a candidate, or who owns or posted it, is where the asker is."""

from collections.abc import Sequence

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.model import Node


def near(asked: str | None, nodes: Sequence[Node]) -> Fact:
    """1 in the same district, 0 elsewhere.

    Args:
        asked: where the asker is; None where it is not told.
        nodes: the candidate and its owners.
    """
    places = [str(node.props["district"]) for node in nodes if node.props.get("district")]
    if not asked or not places:
        return UNKNOWN
    told = asked if asked in places else places[0]
    return Fact(float(told == asked), {"asked": asked, "offered": told})
