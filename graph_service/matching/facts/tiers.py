"""Tier (梯度): the highest that a candidate, or who owns it, holds today."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.model import Node

#: 梯度 by height: the value of the signal.
TIERS: Mapping[str, float] = {
    "创新型": 0.2,
    "专精特新": 0.4,
    "小巨人": 0.7,
    "重点小巨人": 0.85,
    "单项冠军": 1.0,
}


def tier(nodes: Sequence[Node], today: date) -> Fact:
    """The height of the highest; unknown where none is told.

    Args:
        nodes: the candidate and its owners.
        today: a status ends on a day of the office's calendar.
    """
    held = {name for node in nodes for name in valid_tiers(node.props, today) if name in TIERS}
    if not held:
        return UNKNOWN
    best = max(held, key=TIERS.__getitem__)
    return Fact(TIERS[best], {"offered": best})


def valid_tiers(props: Mapping[str, Any], today: date) -> list[str]:
    """The tiers a firm holds today. ``props["tiers"]``: names, or {"tier", "from", "until"}, whose
    dates may be partial: a year counts from its first day to its last."""
    held = []
    for entry in props.get("tiers") or ():
        if isinstance(entry, str):
            held.append(entry)
        else:
            start, until = str(entry.get("from") or ""), str(entry.get("until") or "9999")
            if start <= today.isoformat() and today.isoformat()[: len(until)] <= until:
                held.append(str(entry.get("tier")))
    return held
