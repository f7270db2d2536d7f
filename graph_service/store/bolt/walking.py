"""Paths between two nodes of a server: what lies near both ends is read, and searched here.

Paths of one hop or two come from one question. For longer ones the neighbourhoods of both ends are
read ring by ring, those of the end with the smaller ring first, until they meet; what is on no way
of the length sought is left out, and the rest is searched as on the embedded engine
(``store.paths``).
"""

from collections import defaultdict
from collections.abc import Collection, Generator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

import numpy as np

from graph_service.model import Direction, EdgeType, Hop, Path
from graph_service.store.bolt import cypher_reading
from graph_service.store.bolt.asking import Ask, Asking, Rows
from graph_service.store.bolt.reading import Nodes, edge, node
from graph_service.store.paths import Step, shortest_simple_paths

_OPPOSITE: Mapping[Direction, Direction] = {"out": "in", "in": "out", "both": "both"}

#: Start and end, as asked for.
Pair = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Way:
    """Which edges a path may take, how many of them, and how many paths are wanted."""

    types: frozenset[EdgeType]
    direction: Direction
    max_hops: int
    k: int


def paths(
    pairs: Sequence[Pair], way: Way, *, nodes: bool = False
) -> Asking[list[tuple[list[Path], Nodes]]]:
    """For each pair the k shortest simple paths, and with ``nodes`` the nodes on them."""
    found: dict[Pair, tuple[list[Path], Nodes]] = {}
    if way.k > 0 and way.max_hops > 0:
        rows = yield Ask(
            cypher_reading.near(way.types, way.direction, nodes=nodes),
            {"pairs": list(map(list, dict.fromkeys(pairs))), "hops": way.max_hops, "k": way.k},
        )
        for start, end, told, near in rows:
            short = sorted((_path(hops) for hops in told), key=_rank)[: way.k]
            found[start, end] = short, {row[0]: node(row) for row in near}
    for pair, (short, _) in found.items():
        if len(short) < way.k and way.max_hops > 2:
            longer = yield from _longer(*pair, way)
            met = {id_ for path in longer for id_ in path.node_ids}
            rows = (yield Ask(cypher_reading.NODES, {"ids": sorted(met)})) if nodes and met else []
            found[pair] = longer, {asked: node(row) for asked, *row in rows}
    return [_on_paths(*found.get(pair, ([], {}))) for pair in pairs]


def _on_paths(some: list[Path], near: Nodes) -> tuple[list[Path], Nodes]:
    met = {id_ for path in some for id_ in path.node_ids}
    return some, {id_: one for id_, one in near.items() if id_ in met}


def _rank(path: Path) -> tuple[int, tuple[str, ...]]:
    return len(path.hops), path.node_ids


def _path(hops: Iterable[Sequence[Any]]) -> Path:
    return Path(tuple(_hop(hop) for hop in hops))


def _hop(row: Sequence[Any]) -> Hop:
    start, end, forward, *told = row
    ends = (start, end) if forward else (end, start)
    return Hop(edge(*ends, told), forward)


@dataclass(slots=True)
class _Known:
    """The neighbourhoods of both ends, as far as they were read, by the server's numbers."""

    start: int
    end: int
    ahead: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))
    back: defaultdict[int, set[int]] = field(default_factory=lambda: defaultdict(set))

    def add(self, rows: Rows, *, forward: bool) -> set[int]:
        """Take in a ring; the nodes in it."""
        one, other = (self.ahead, self.back) if forward else (self.back, self.ahead)
        ring: set[int] = set()
        for num, far in rows:
            one[num].update(far)
            ring.update(far)
            for there in far:
                other[there].add(num)
        return ring

    def on_the_way(self, hops: int) -> list[int]:
        """The nodes on any walk of at most so many hops from the start to the end."""
        left = _distances(self.end, self.back, hops)
        gone = _distances(self.start, self.ahead, hops)
        return [num for num, far in gone.items() if far + left.get(num, hops + 1) <= hops]

    def search(self, ids: Mapping[int, str], hops: int, k: int) -> list[tuple[str, ...]]:
        """The k shortest simple paths of at most so many hops through nodes whose ids are given."""
        order = sorted(ids, key=ids.__getitem__)  # so that numbers rise as ids do
        place = {num: i for i, num in enumerate(order)}

        def step(links: Mapping[int, set[int]]) -> Step:
            none = np.empty(0, np.int32)
            far = [
                np.array(sorted(place[one] for one in links.get(num, ()) if one in place), np.int32)
                for num in order
            ]
            return lambda nums: np.unique(np.concatenate([none, *(far[num] for num in nums)]))

        found = shortest_simple_paths(
            step(self.ahead),
            step(self.back),
            lambda nums: nums.tolist(),
            place[self.start],
            place[self.end],
            max_hops=hops,
            k=k,
        )
        return [tuple(ids[order[num]] for num in nums) for nums in found]


def _distances(start: int, links: Mapping[int, set[int]], hops: int) -> dict[int, int]:
    found = {start: 0}
    level = {start}
    for far in range(1, hops + 1):
        level = {other for num in level for other in links.get(num, ())} - found.keys()
        found |= dict.fromkeys(level, far)
    return found


def _longer(start: str, end: str, way: Way) -> Asking[list[Path]]:
    """The k shortest simple paths, of whatever length up to ``max_hops``."""
    rows = yield Ask(cypher_reading.NUMBERS, {"ids": [start, end]})
    nums: dict[str, int] = {row[0]: row[1] for row in rows}
    if len(nums) < 2:  # gone since
        return []
    known = _Known(nums[start], nums[end])
    ids: dict[int, str] = {}
    found: list[tuple[str, ...]] = []
    rings = {True: {known.start}, False: {known.end}}
    read: dict[bool, set[int]] = {True: set(), False: set()}
    for hops in range(1, way.max_hops + 1):
        forward = len(rings[True] - read[True]) <= len(rings[False] - read[False])
        direction = way.direction if forward else _OPPOSITE[way.direction]
        fresh = rings[forward] - read[forward]
        rows = yield Ask(cypher_reading.ring(way.types, direction), {"nums": sorted(fresh)})
        read[forward] |= fresh
        rings[forward] = known.add(rows, forward=forward)
        # Where nothing new is met from one end, all paths of whatever length are known.
        length = hops if rings[forward] - read[forward] else way.max_hops
        on_the_way = known.on_the_way(length)
        if length > 2 and on_the_way:
            yield from _name(ids, on_the_way)
            found = known.search({num: ids[num] for num in on_the_way if num in ids}, length, way.k)
        if len(found) == way.k or length == way.max_hops:
            break
    return (yield from _with_edges(found, way))


def _name(ids: dict[int, str], nums: Iterable[int]) -> Generator[Ask, Rows, None]:
    unknown = [num for num in nums if num not in ids]
    if unknown:
        rows = yield Ask(cypher_reading.IDS, {"nums": unknown})
        ids.update((num, id_) for num, id_ in rows)


def _with_edges(found: Collection[tuple[str, ...]], way: Way) -> Asking[list[Path]]:
    pairs = sorted({pair for node_ids in found for pair in pairwise(node_ids)})
    if not pairs:
        return []
    asked = cypher_reading.hops(way.types, way.direction)
    rows = yield Ask(asked, {"pairs": list(map(list, pairs))})
    hops = {(row[0], row[1]): _hop(row) for row in rows}
    # An edge that went meanwhile takes its path along.
    return [
        Path(tuple(hops[pair] for pair in pairwise(node_ids)))
        for node_ids in found
        if all(pair in hops for pair in pairwise(node_ids))
    ]
