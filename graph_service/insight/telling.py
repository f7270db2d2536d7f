"""What facts tell of some organisations: what they make, who leads, their chains, tiers, districts.
Pure.
"""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from typing import Any

from graph_service.insight.communities import district
from graph_service.insight.naming import Distinctive, distinctive
from graph_service.insight.network import Network
from graph_service.insight.scope import Facts
from graph_service.matching.facts.tiers import tier
from graph_service.model import Edge, EdgeType

#: What is told of each community: chains, products.
_CHAINS, _PRODUCTS = 5, 10


class Telling:
    """What facts tell of some organisations of a network, on a day.

    Args:
        facts, network: what is told from.
        today: on which a tier must hold.
    """

    def __init__(self, facts: Facts, network: Network, today: date) -> None:
        self._facts = facts
        self._today = today
        self._makes: dict[str, set[str]] = {}
        for edge in facts.of(EdgeType.MAKES):
            if edge.from_id in facts.firms:
                self._makes.setdefault(edge.from_id, set()).add(edge.to_id)
        self._whole = Counter(
            product for firm in network.ids for product in self._makes.get(firm, ())
        )
        self._leads: dict[str, list[Edge]] = {}
        for edge in facts.of(EdgeType.LEADS):
            self._leads.setdefault(edge.from_id, []).append(edge)
        self._in: dict[str, set[str]] = {}
        for edge in facts.of(EdgeType.IN_CHAIN):
            if edge.from_id in facts.firms:
                self._in.setdefault(edge.from_id, set()).add(edge.to_id)

    def products(self, firms: Sequence[str]) -> list[Distinctive]:
        """What they make more often than the others of the network do."""
        made = Counter(product for firm in firms for product in self._makes.get(firm, ()))
        return distinctive(made, self._whole, _PRODUCTS)

    def leaders(self, firms: Sequence[str]) -> list[Edge]:
        """Their LEADS edges (链主)."""
        return [edge for firm in firms for edge in self._leads.get(firm, ())]

    def chains(self, firms: Sequence[str]) -> dict[str, int]:
        """The chains that most of them are in, with how many."""
        return dict(
            _most(Counter(one for firm in firms for one in self._in.get(firm, ())))[:_CHAINS]
        )

    def tiers(self, firms: Sequence[str]) -> dict[str | None, int]:
        """How many by the highest tier held; None unknown."""
        told = (
            tier([self._facts.firms[firm]], self._today).evidence.get("offered") for firm in firms
        )
        return dict(_most(Counter(None if one is None else str(one) for one in told)))

    def districts(self, firms: Sequence[str]) -> dict[str | None, int]:
        """How many by district; None unknown."""
        return dict(_most(Counter(district(self._facts.firms[firm]) for firm in firms)))


def _most(counts: "Counter[Any]") -> list[tuple[Any, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0] or ""))
