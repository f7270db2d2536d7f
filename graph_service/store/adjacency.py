"""The adjacency arrays: who is linked to whom by an edge of which type, in both directions.

Edges are kept twice, rising by their start and rising by their end, so that the edges at a node are
one range found by bisection.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from graph_service.model import Direction, EdgeType
from graph_service.store.snapshots import Nums, Rows, load_arrays, members, save_arrays, spans

#: An edge type's code is its place here.
TYPES = tuple(EdgeType)
_CODE = {str(type_): code for code, type_ in enumerate(TYPES)}

_ARRAYS = ("near", "far", "types", "edges")

#: An edge as the record gives it: number, type, start, end.
Link = tuple[int, str, int, int]


@dataclass(frozen=True, eq=False)
class Links:
    """Edges as seen from one of their ends (immutable; arrays may be memory maps).

    Attributes:
        near: number of the node that they are seen from, rising, shape (n,).
        far: number of the other node.
        types: type codes.
        edges: edge numbers.
    """

    near: Nums
    far: Nums
    types: npt.NDArray[np.int8]
    edges: Nums

    def at(self, nums: Nums) -> slice | Rows:
        """Where the edges at some nodes stand."""
        first, end = (
            np.searchsorted(self.near, nums),
            np.searchsorted(self.near, nums, side="right"),
        )
        return slice(int(first[0]), int(end[0])) if len(nums) == 1 else spans(first, end)

    def joined(self, other: "Links") -> "Links":
        """These edges and the others, in the order of ``near``."""
        columns = [np.concatenate([getattr(self, name), getattr(other, name)]) for name in _ARRAYS]
        return Links(*columns).sorted()

    def sorted(self) -> "Links":
        return self[np.lexsort((self.edges, self.near))]

    def __getitem__(self, rows: npt.NDArray[np.int64] | npt.NDArray[np.bool_]) -> "Links":
        return Links(self.near[rows], self.far[rows], self.types[rows], self.edges[rows])


@dataclass(frozen=True, eq=False)
class Graph:
    """Some edges, from both ends: ``out`` as seen from their start, ``into`` from their end."""

    out: Links
    into: Links

    @classmethod
    def build(cls, links: Iterable[Link]) -> Self:
        """Arrange edges, given in any order."""
        flat = np.fromiter(
            (
                value
                for num, type_, start, end in links
                for value in (num, _CODE[type_], start, end)
            ),
            dtype=np.int32,
        ).reshape(-1, 4)
        edges, codes, starts, ends = flat.T
        types = codes.astype(np.int8)
        return cls(
            Links(starts, ends, types, edges).sorted(), Links(ends, starts, types, edges).sorted()
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote. Raises OSError or ValueError where it is torn."""
        return cls(*(Links(**load_arrays(folder / side, _ARRAYS)) for side in ("out", "into")))

    def save(self, folder: Path) -> None:
        for side, links in (("out", self.out), ("into", self.into)):
            (folder / side).mkdir()
            save_arrays(folder / side, {name: getattr(links, name) for name in _ARRAYS})

    def replaced(self, stale: Nums, fresh: "Graph") -> Self:
        """This graph without the stale edges, and with the fresh ones."""
        return type(self)(
            *(
                old[~members(old.edges, stale)].joined(new)
                for old, new in ((self.out, fresh.out), (self.into, fresh.into))
            )
        )


_SIDES: Mapping[Direction, Callable[[Graph], Sequence[Links]]] = {
    "out": lambda graph: (graph.out,),
    "in": lambda graph: (graph.into,),
    "both": lambda graph: (graph.out, graph.into),
}


class Adjacency:
    """All edges of the record: a base, less those changed since, and the changed ones."""

    def __init__(self, base: Graph, stale: Nums, tail: Graph) -> None:
        """``stale`` are the edge numbers, rising, that no longer hold in the base."""
        self.tail = tail
        parts = ((base, stale), (tail, stale[:0]))
        self._sides: Mapping[Direction, Sequence[tuple[Links, Nums]]] = {
            direction: [
                (links, gone) for graph, gone in parts for links in sides(graph) if len(links.near)
            ]
            for direction, sides in _SIDES.items()
        }

    def neighbours(self, nums: Nums, types: Collection[EdgeType], direction: Direction) -> Nums:
        """Rising numbers of the nodes one hop away from any of these; no types means any type."""
        wanted = np.zeros(len(TYPES), dtype=bool)
        wanted[[_CODE[type_] for type_ in types] if types else ...] = True
        found = [np.empty(0, np.int32)]
        for links, stale in self._sides[direction]:
            here = links.at(nums)
            good = wanted[links.types[here]]
            if len(stale):
                good &= ~members(links.edges[here], stale)
            found.append(links.far[here][good])
        return np.unique(np.concatenate(found))
