"""The signals of ``full`` that come from facts: what the candidates' nodes and edges say.

Only a window of the best is read. The weights are declared, not learned (未学习), and a value is in
[-1, 1]: a weight is at once the bound of what a fact may add or take.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import numpy as np

from graph_service.matching.facts.fact import Fact
from graph_service.matching.facts.place import near
from graph_service.matching.facts.tiers import tier
from graph_service.matching.signals import Signal
from graph_service.model import Node

#: Weights of the facts, in log-odds: declared, not learned, since no judged data tells of them.
FACT_WEIGHTS: Mapping[str, float] = {
    "district": 0.2,
    "tier": 0.2,
}


def fact_signals(
    ids: Sequence[str],
    nodes: Mapping[str, Node],
    owners: Mapping[str, Sequence[Node]],
    district: str | None,
    *,
    today: date,
) -> list[Signal]:
    """A signal for each fact, over the pool.

    Args:
        ids: of the pool, in its order.
        nodes: those that were read, by id.
        owners: who owns or posted them, by id.
        district: where the asker is, None where it is not told.
        today: by the office's calendar.
    """
    known = {
        node_id: [nodes[node_id], *owners.get(node_id, ())] for node_id in ids if node_id in nodes
    }
    facts = {
        "district": {node_id: near(district, all_of) for node_id, all_of in known.items()},
        "tier": {node_id: tier(all_of, today) for node_id, all_of in known.items()},
    }
    return [_signal(name, ids, found) for name, found in facts.items()]


def _signal(name: str, ids: Sequence[str], facts: Mapping[str, Fact]) -> Signal:
    values = np.full(len(ids), np.nan)
    for i, node_id in enumerate(ids):
        fact = facts.get(node_id)
        if fact is not None and fact.value is not None:
            values[i] = fact.value
    evidence = {node_id: fact.evidence for node_id, fact in facts.items() if fact.evidence}
    return Signal(name, values, FACT_WEIGHTS[name], evidence=evidence)
