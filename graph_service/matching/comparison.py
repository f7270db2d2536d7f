"""Some candidates for a query beside each other: who is ahead by which signal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.errors import InputError, NotFoundError
from graph_service.matching.types import Candidate, Target
from graph_service.model import Node

#: How many candidates are compared at least and at most.
FEWEST, MOST = 2, 4


@dataclass(frozen=True, slots=True)
class Comparison:
    """Candidates in the order asked for, each with the score, reasons and rank that ``match`` gives
    it. ``ranked`` is among how many."""

    recipe: str
    to: Target
    took_ms: float
    ranked: int
    candidates: Sequence[Candidate]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data: ``signals`` holds, signal by signal, a column for each candidate, and
        who is ahead by it (None where all are level)."""
        return {
            "recipe": self.recipe,
            "to": self.to.value,
            "took_ms": round(self.took_ms, 2),
            "ranked": self.ranked,
            "signals": [
                {
                    "signal": parts[0].signal,
                    "weight": parts[0].weight,
                    "values": [part.value for part in parts],
                    "contributions": [part.contribution for part in parts],
                    "ahead": self._ahead([part.contribution for part in parts]),
                }
                for parts in zip(*(one.contributions for one in self.candidates), strict=True)
            ],
            "candidates": [candidate.as_dict() for candidate in self.candidates],
        }

    def _ahead(self, contributions: Sequence[float]) -> str | None:
        best = max(contributions)
        if min(contributions) == best:
            return None
        return self.candidates[contributions.index(best)].node.id


def comparable(asked: Sequence[str], nodes: Mapping[str, Node], to: Target) -> list[str]:
    """The ids of the nodes to compare, in the order asked for.

    Args:
        asked: ids, of which some may be of nodes merged into others.
        nodes: the nodes by the id asked for.
        to: what is looked for.

    Raises:
        NotFoundError: one of them does not exist.
        InputError: too few or too many, one twice, or one that is nothing to look for.
    """
    if not FEWEST <= len(asked) <= MOST:
        raise InputError(
            f"可比较 {FEWEST} 至 {MOST} 个候选，给出的是 {len(asked)} 个",
            hint="先用 match 找出候选，再挑几个来比较",
            candidates=len(asked),
        )
    for node_id in asked:
        if node_id not in nodes:
            raise NotFoundError.node(node_id)
    found = [nodes[node_id] for node_id in asked]
    ids = [node.id for node in found]
    if len(set(ids)) < len(ids):
        raise InputError("同一个候选给出了两次", hint="请换一个", candidates=ids)
    for node in found:
        if node.label is not to.label:
            raise InputError(
                f"{node.id} 不能作为候选：要找的是 {to.label.value}，它是 {node.label.value}",
                hint="检查候选的编号，或换一个要找的对象",
                id=node.id,
                label=node.label.value,
            )
    return ids


def barred(ids: Sequence[str], ranked: Mapping[str, int]) -> None:
    """Refuse candidates that may not be matched with who asks.

    Raises:
        InputError: one of them is the asker, theirs, or in a conflict of interest with them.
    """
    for node_id in ids:
        if node_id not in ranked:
            raise InputError(
                f"{node_id} 与提出需求的一方是同一家或有利益关系，不参与匹配",
                hint="请换一个候选",
                id=node_id,
            )
