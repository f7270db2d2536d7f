"""What became of communities: two divisions, each community matched with at most one. Pure.

Communities are matched so that the sum of the Jaccard similarities (members in both / in either) of
the pairs is the greatest there is (assignment, ``scipy.optimize.linear_sum_assignment``; ties go to
the earlier ids); a pair without a common member is none. A community has split where at least two
communities each have ``SHARE`` of its members that are still in any; merging is the same backwards.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.optimize import linear_sum_assignment

from graph_service.insight.leiden import agreement

#: The least share of a community's members by which a part of it counts.
SHARE = 0.2


@dataclass(frozen=True, slots=True)
class Group:
    """A community as it is compared: its id, its name, its members' ids."""

    id: str
    name: str
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Matched:
    """Two communities that are one then and now; None where it came anew, or is gone."""

    before: Group | None
    after: Group | None

    @property
    def stayed(self) -> frozenset[str]:
        """Members of both."""
        return _members(self.before) & _members(self.after)

    @property
    def came(self) -> frozenset[str]:
        """Members now that were none then."""
        return _members(self.after) - _members(self.before)

    @property
    def left(self) -> frozenset[str]:
        """Members then that are none now."""
        return _members(self.before) - _members(self.after)

    @property
    def jaccard(self) -> float:
        """Members of both of those of either."""
        either = _members(self.before) | _members(self.after)
        return len(self.stayed) / len(either) if either else 0.0


@dataclass(frozen=True, slots=True)
class Parted:
    """A community with those among which its members are: how many are in each, most first."""

    whole: Group
    parts: Sequence[tuple[Group, int]]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two divisions beside each other.

    Attributes:
        pairs: matched communities, the largest then first, then those that came anew.
        splits: of communities before into communities after.
        merges: of communities before into one after: ``whole`` is the one after.
        came, left: organisations that are in communities of one division alone.
        agreement: the adjusted Rand index over organisations that are in both.
    """

    pairs: Sequence[Matched]
    splits: Sequence[Parted]
    merges: Sequence[Parted]
    came: frozenset[str]
    left: frozenset[str]
    agreement: float


def compare(before: Sequence[Group], after: Sequence[Group]) -> Comparison:
    """Match the communities of two divisions."""
    before, after = sorted(before, key=_order), sorted(after, key=_order)
    then, now = _places(before), _places(after)
    both = sorted(then.keys() & now.keys())
    shared = Counter((then[one], now[one]) for one in both)
    pairs = [Matched(before[a], after[b]) for a, b in _assigned(before, after, shared)]
    matched = {one.before.id for one in pairs if one.before}
    found = {one.after.id for one in pairs if one.after}
    pairs += [Matched(one, None) for one in before if one.id not in matched]
    pairs.sort(key=lambda one: _order(one.before) if one.before else (0, ""))
    pairs += [Matched(None, one) for one in after if one.id not in found]
    return Comparison(
        pairs,
        _parted(before, after, shared),
        _parted(after, before, {(b, a): count for (a, b), count in shared.items()}),
        frozenset(now.keys() - then.keys()),
        frozenset(then.keys() - now.keys()),
        agreement(
            np.array([then[one] for one in both], np.int64),
            np.array([now[one] for one in both], np.int64),
        )
        if both
        else 0.0,
    )


def _assigned(
    before: Sequence[Group], after: Sequence[Group], shared: Mapping[tuple[int, int], int]
) -> list[tuple[int, int]]:
    if not shared:
        return []
    likeness = np.zeros((len(before), len(after)))
    for (a, b), count in shared.items():
        likeness[a, b] = count / (len(before[a].members) + len(after[b].members) - count)
    rows, columns = linear_sum_assignment(likeness, maximize=True)
    return [(int(a), int(b)) for a, b in zip(rows, columns, strict=True) if likeness[a, b] > 0]


def _parted(
    wholes: Sequence[Group], parts: Sequence[Group], shared: Mapping[tuple[int, int], int]
) -> list[Parted]:
    of: dict[int, list[tuple[int, int]]] = {}
    for (whole, part), count in shared.items():
        of.setdefault(whole, []).append((count, part))
    found = []
    for whole in sorted(of):
        still = sum(count for count, _ in of[whole])
        large = sorted(
            ((count, part) for count, part in of[whole] if count >= SHARE * still),
            key=lambda one: (-one[0], one[1]),
        )
        if len(large) > 1:
            found.append(Parted(wholes[whole], [(parts[part], count) for count, part in large]))
    return found


def _places(groups: Iterable[Group]) -> dict[str, int]:
    return {member: i for i, group in enumerate(groups) for member in group.members}


def _members(group: Group | None) -> frozenset[str]:
    return group.members if group else frozenset()


def _order(group: Group) -> tuple[int, str]:
    return -len(group.members), group.id
