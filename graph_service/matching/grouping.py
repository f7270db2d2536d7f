"""Results of one organisation as one entry (按机构归并): its best is shown, the others are counted.

Presentation alone: scores, places and what is measured stay as they are. Only results are grouped:
a firm stands for itself, and each demand of a firm is an opportunity of its own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from graph_service.model import EdgeType
from graph_service.reads import Neighbours

#: Owners are read of so many times as many candidates as are wanted, then of twice as many, ...
_AHEAD = 5

#: Owners of one result that are looked at: the first is its owner here.
_OWNERS = 20


@dataclass(frozen=True, slots=True)
class Group:
    """One entry.

    Attributes:
        best: the candidate that is shown.
        also: candidates of the same owner that stand below it and above the last entry's best.
    """

    best: str
    also: Sequence[str] = ()


async def grouped(ranked: Sequence[str], most: int, known: Mapping[str, str | None]) -> list[Group]:
    """The first entries of a ranking, as many as ``most``: one an owner, in order of their best.

    Reads owners only as deep as it must: not at all as far as they are known.

    Args:
        ranked: candidate ids, best first.
        most: how many entries.
        known: owners by id, None of those without one; of others they are read.
    """
    owner = {one: first for one, first in known.items() if first is not None}
    read = next((i for i, one in enumerate(ranked) if one not in known), len(ranked))
    deep = max(2 * read, _AHEAD * most)
    groups = groups_of(ranked[:read], owner, most)
    while read < len(ranked) and len(groups) < most:
        owner |= await first_owners([one for one in ranked[read:deep] if one not in known])
        read, deep = deep, deep * 2
        groups = groups_of(ranked[:read], owner, most)
    return groups


def groups_of(ranked: Sequence[str], owner: Mapping[str, str], most: int) -> list[Group]:
    """The first ``most`` groups of candidates, by owner. One without an owner is its own group."""
    best: dict[str, str] = {}
    also: dict[str, list[str]] = {}
    for candidate in ranked:
        if len(also) == most:
            break
        first = best.setdefault(owner[candidate], candidate) if candidate in owner else candidate
        if first == candidate:
            also[candidate] = []
        else:
            also[first].append(candidate)
    return [Group(candidate, tuple(others)) for candidate, others in also.items()]


async def first_owners(ids: Sequence[str]) -> dict[str, str]:
    """The id of the organisation that owns a result, as observed; of several the first: the surest,
    then by id. Results without an owner that is observed are left out."""
    if not ids:
        return {}
    owning = await Neighbours(ids, (EdgeType.OWNS,), "in", _OWNERS)
    told = {
        result: next((hop.end for hop in hops if not hop.edge.inferred), None)
        for result, hops in owning.items()
    }
    return {result: owner for result, owner in told.items() if owner is not None}
