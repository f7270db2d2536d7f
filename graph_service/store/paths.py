"""The k shortest simple paths between two nodes, by hops, then by the order of their nodes.

For each length in turn the search looks back from the end (which nodes have a walk of exactly r
hops to it?) and then walks forward in order through those nodes alone; so a hub's thousands of
neighbours cost one array operation, not a visit each. Where many ways stay open it looks back
again without the nodes already walked, so that walks through a hub and back are not tried one by
one. networkx's ``shortest_simple_paths`` is the oracle in the tests.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from graph_service import deadline
from graph_service.store.snapshots import Nums, members

#: Steps forward after which the search ends with what it has.
MOST_STEPS = 200_000

_MANY = 64  # open ways at a node from which looking back again pays

Step = Callable[[Nums], Nums]


class _SpentError(Exception):
    """No steps are left."""


class _Search:
    def __init__(
        self, ahead: Step, back: Step, order: Callable[[Nums], Sequence[int]], end: int
    ) -> None:
        self._ahead = ahead
        self._back = back
        self._order = order
        self._end = end
        self._steps = 0
        self._known: dict[int, Nums] = {}

    def reach(self, hops: int, without: tuple[int, ...]) -> list[Nums]:
        """Element r: the nodes with a walk of exactly r hops to the end, up to ``hops``, that
        passes neither the end before its last hop nor the nodes to do without."""
        levels = [np.array([self._end], dtype=np.int32)]
        for _ in range(hops):
            levels.append(self.further(levels[-1], without))
        return levels

    def further(self, level: Nums, without: tuple[int, ...]) -> Nums:
        """The level after a level of ``reach``."""
        deadline.check()
        barred = _rising((*without, self._end))
        found = self._back(level)
        return found[~members(found, barred)]

    def walk(
        self, path: tuple[int, ...], left: int, levels: list[Nums]
    ) -> Iterator[tuple[int, ...]]:
        """Complete a path in all ways of exactly ``left`` more hops, in order."""
        if left == 0:
            yield path
            return
        deadline.check()
        self._steps += 1
        if self._steps > MOST_STEPS:
            raise _SpentError
        open_ways = self._open(path, levels[left - 1])
        if len(open_ways) > _MANY and left > 2 and len(path) > 1:
            levels = self.reach(left - 1, path)
            open_ways = self._open(path, levels[left - 1])
        for num in self._order(open_ways) if len(open_ways) else ():
            yield from self.walk((*path, num), left - 1, levels)

    def _open(self, path: tuple[int, ...], level: Nums) -> Nums:
        near = self._known.get(path[-1])
        if near is None:
            near = self._known[path[-1]] = self._ahead(np.array([path[-1]], dtype=np.int32))
        shorter, longer = sorted((near, level), key=len)
        ways = shorter[members(shorter, longer)]
        return ways[~members(ways, _rising(path))]


def _rising(nums: Sequence[int]) -> Nums:
    return np.array(sorted(nums), dtype=np.int32)


def shortest_simple_paths(
    ahead: Step,
    back: Step,
    order: Callable[[Nums], Sequence[int]],
    start: int,
    end: int,
    *,
    max_hops: int,
    k: int,
) -> list[tuple[int, ...]]:
    """The k shortest simple paths from start to end of at most ``max_hops`` hops.

    Args:
        ahead: the rising numbers of the nodes one hop after any of the given (rising) ones.
        back: ... one hop before.
        order: puts nodes in the order by which equally long paths are told apart.
        start: node number.
        end: another node number; a path from a node to itself does not exist.
        max_hops: longest path wanted.
        k: how many paths at most.

    Raises:
        QueryTimeoutError: the time limit is reached.
    """
    found: list[tuple[int, ...]] = []
    if start == end or k <= 0:
        return found
    search = _Search(ahead, back, order, end)
    levels = search.reach(0, ())
    try:
        for hops in range(1, max_hops + 1):
            if hops > 1:
                levels.append(search.further(levels[-1], (start,)))
            for path in search.walk((start,), hops, levels):
                found.append(path)
                if len(found) == k:
                    return found
    except _SpentError:
        pass
    return found
