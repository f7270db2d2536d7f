"""The vector index: passages by meaning, exactly below 200,000 of them, approximately above.

There is one part for each (fingerprint, label). Scores are cosines, computed from the stored
vectors in double precision and rounded to six digits, so that they do not depend on where a vector
lies and equal texts tie; an approximate index only chooses what is scored. Whole documents and
pieces have an index each, for most searches look at whole documents alone.
"""

import ctypes
import sys
from array import array
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

import numpy as np
import numpy.typing as npt

from graph_service.ports import Floats, Ints, Passages
from graph_service.store.snapshots import (
    Nums,
    Rows,
    Scored,
    load_arrays,
    members,
    positions,
    save_arrays,
    spans,
)

if TYPE_CHECKING:
    from usearch.index import Index

#: From this many vectors on a part has an approximate index.
APPROXIMATE_FROM = 200_000

_ARRAYS = ("nums", "ordinals", "matrix")
_GRAPHS = ("heads.usearch", "pieces.usearch")
_BUILT_WITH = 128  # neighbours looked at when a vector is put into a graph
_LOOKED_AT = 400  # ... when one is looked for, at least
_CHUNK = 50_000  # vectors put into a graph at a time
_ROUNDED = 6  # digits of a cosine that float32 vectors can tell
_ORDINAL_BITS = np.uint64(20)
_SLACK = 1e-5  # how far float32 products may be off

Keys = npt.NDArray[np.uint64]

#: A passage's vector as the record gives it: node number, ordinal, float32 bytes.
Stored = tuple[int, int, bytes]


@dataclass(frozen=True, eq=False)
class Vectors:
    """Vectors of some passages, whole documents (ordinal 0) first (immutable, may be mapped).

    Attributes:
        nums: node numbers, rising among the documents and again among the pieces, shape (n,).
        ordinals: which passage of its node, rising within a node, shape (n,).
        matrix: the vectors, rows of length 1, shape (n, d).
        graphs: the approximate indexes of whole documents and of pieces, keyed by number and
            ordinal; None below the threshold.
    """

    nums: Nums
    ordinals: Ints
    matrix: Floats
    graphs: "tuple[Index | None, ...]" = (None, None)

    @classmethod
    def build(cls, rows: Iterable[Stored], dimension: int) -> Self:
        """Stack vectors of passages, in any order, and give them length 1."""
        nums, ordinals, blobs = array("i"), array("i"), bytearray()
        for num, ordinal, blob in rows:
            nums.append(num)
            ordinals.append(ordinal)
            blobs += blob
        matrix = np.frombuffer(blobs, dtype=np.float32).reshape(-1, dimension)
        matrix /= np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-12)
        return cls._sorted(np.array(nums, np.int32), np.array(ordinals, np.int32), matrix)

    @classmethod
    def _sorted(cls, nums: Nums, ordinals: Ints, matrix: Floats) -> Self:
        order = np.lexsort((ordinals, nums, ordinals > 0))
        if np.array_equal(order, np.arange(len(order))):
            return cls(nums, ordinals, matrix)
        return cls(nums[order], ordinals[order], matrix[order])

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote. Raises OSError or ValueError where it is torn."""
        heads, pieces = (_opened(folder / name) for name in _GRAPHS)
        return cls(**load_arrays(folder, _ARRAYS), graphs=(heads, pieces))

    def save(self, folder: Path, *, older: Path | None, stale: Nums) -> None:
        """Write. ``older`` is the folder of the part that this one replaces, if there is one: its
        graphs are brought up to date (``stale`` nodes changed) rather than made anew."""
        save_arrays(folder, {name: getattr(self, name) for name in _ARRAYS})
        for name, group in zip(_GRAPHS, self.groups, strict=True):
            if group.stop - group.start < APPROXIMATE_FROM:
                continue
            graph = usearch_index()(
                ndim=self.matrix.shape[1], metric="cos", dtype="i8", expansion_add=_BUILT_WITH
            )
            rows = np.arange(group.start, group.stop)
            if older is not None and (older / name).is_file():
                before = Vectors.load(older)
                graph.load(older / name)
                graph.remove(before.keys[members(before.nums, stale)])
                rows = rows[members(self.nums[group], stale)]
            for first in range(0, len(rows), _CHUNK):
                some = rows[first : first + _CHUNK]
                graph.add(self.keys[some], self.matrix[some])
            graph.save(folder / name)

    def has(self, nums: Nums) -> bool:
        """Whether any of these nodes has a vector here."""
        return len(self.passages(nums, whole_documents=False)[1]) > 0

    def replaced(self, stale: Nums, fresh: "Vectors") -> Self:
        """These vectors without those of stale nodes, and with the fresh ones."""
        keep = ~members(self.nums, stale)
        return self._sorted(
            np.concatenate([self.nums[keep], fresh.nums]),
            np.concatenate([self.ordinals[keep], fresh.ordinals]),
            np.concatenate([self.matrix[keep], fresh.matrix]),
        )

    @cached_property
    def heads(self) -> int:
        """How many of the rows are whole documents: they come first."""
        return int(np.count_nonzero(self.ordinals == 0))

    @property
    def groups(self) -> tuple[slice, ...]:
        """The rows of whole documents, and those of pieces."""
        return slice(0, self.heads), slice(self.heads, len(self.nums))

    @cached_property
    def keys(self) -> Keys:
        """What names a row in a graph, and goes on naming it in later generations."""
        return (self.nums.astype(np.uint64) << _ORDINAL_BITS) | self.ordinals.astype(np.uint64)

    def rows_of(self, keys: Keys, group: slice) -> Rows:
        """The rows of a group that have these keys; keys that no row has are left out."""
        at, there = positions(self.keys[group], keys)
        rows: Rows = at[there] + group.start
        return rows

    def passages(self, nums: Nums, *, whole_documents: bool) -> tuple[Rows, Rows]:
        """All rows of some nodes: (which of ``nums``, row), in no promised order."""
        at, there = positions(self.nums[: self.heads], nums)
        owners, rows = [np.flatnonzero(there)], [at[there]]
        if not whole_documents and self.heads < len(self.nums):
            pieces = self.nums[self.heads :]
            first, end = np.searchsorted(pieces, nums), np.searchsorted(pieces, nums, side="right")
            owners.append(np.repeat(np.arange(len(nums)), end - first))
            rows.append(spans(first, end) + self.heads)
        return np.concatenate(owners), np.concatenate(rows)


class VectorIndex:
    """All vectors of one fingerprint and label: a base, less what changed since, and the tail."""

    def __init__(self, base: Vectors, stale: Nums, tail: Vectors) -> None:
        """``stale`` are the node numbers, rising, whose rows in the base no longer hold."""
        self.tail = tail
        self._base = base
        self._dead = np.sort(base.passages(stale, whole_documents=False)[1])

    def nearest(
        self, vector: Floats, allowed: Nums | None, limit: int, compared: Passages
    ) -> Scored:
        """The ``limit`` nearest nodes by the cosine of their nearest passages, and all that tie
        with the last, in no promised order; fewer where there are fewer."""
        query = vector.astype(np.float64) / max(float(np.linalg.norm(vector)), 1e-12)
        nums, scores = [], []
        for part, dead in ((self._base, self._dead), (self.tail, self._dead[:0])):
            rows = _candidates(
                part,
                query,
                dead=dead,
                allowed=allowed,
                limit=limit,
                compared=compared,
            )
            nums.append(part.nums[rows])
            scores.append(np.round(part.matrix[rows].astype(np.float64) @ query, _ROUNDED))
        return np.concatenate(nums), np.concatenate(scores)

    def read(self, nums: Nums, *, whole_documents: bool) -> list[tuple[Rows, Ints, Floats]]:
        """The stored vectors of nodes: blocks of (which of ``nums``, ordinal, vector)."""
        blocks = []
        for part, dead in ((self._base, self._dead), (self.tail, self._dead[:0])):
            owners, rows = part.passages(nums, whole_documents=whole_documents)
            if len(dead):
                alive = ~members(rows, dead)
                owners, rows = owners[alive], rows[alive]
            blocks.append((owners, part.ordinals[rows], part.matrix[rows]))
        return blocks


#: Of ``Vectors.groups``.
_GROUPS: Mapping[Passages, slice] = {
    "all": slice(0, 2),
    "whole": slice(0, 1),
    "pieces": slice(1, 2),
}


def _candidates(
    part: Vectors,
    query: npt.NDArray[np.float64],
    *,
    dead: Rows,
    allowed: Nums | None,
    limit: int,
    compared: Passages,
) -> Rows:
    """For each of the nearest nodes of a part, the row of its nearest passage."""
    near = query.astype(np.float32)
    chosen = _GROUPS[compared]
    groups = part.groups[chosen]
    rows, scores = [np.empty(0, np.int64)], [np.empty(0, np.float32)]
    first, end = groups[0].start, groups[-1].stop
    if allowed is not None and len(allowed) < (end - first) // 8:
        few = part.passages(allowed, whole_documents=compared == "whole")[1]
        few = few[few >= first]
        rows.append(few[~members(few, dead)])
        scores.append(part.matrix[rows[-1]] @ near)
    else:
        for group, graph in zip(groups, part.graphs[chosen], strict=True):
            found = None
            if graph is not None:
                found = _by_graph(part, group, graph, near, dead=dead, allowed=allowed, limit=limit)
            if found is not None:
                rows.append(found)
                scores.append(part.matrix[found] @ near)
                continue
            every = part.matrix[group] @ near
            every[dead[(dead >= group.start) & (dead < group.stop)] - group.start] = -np.inf
            if allowed is not None:
                every[~members(part.nums[group], allowed)] = -np.inf
            rows.append(np.arange(group.start, group.stop))
            scores.append(every)
    every_row = np.concatenate(rows)
    return _best(part.nums[every_row], np.concatenate(scores), every_row, limit)


def _by_graph(
    part: Vectors,
    group: slice,
    graph: "Index",
    near: Floats,
    *,
    dead: Rows,
    allowed: Nums | None,
    limit: int,
) -> Rows | None:
    """Rows of a group among which the nearest are, by its approximate index; None where so many
    would have to be looked at that all can be."""
    # Its coarse vectors tell near ones apart poorly: more are read than wanted.
    wanted = limit + limit // 4 + 50 if 2 * limit <= _LOOKED_AT else 2 * limit
    while wanted < (group.stop - group.start) // 8:
        rows = part.rows_of(graph.search(near, wanted, threads=1).keys, group)
        rows = rows[~members(rows, dead)]
        if allowed is not None:
            rows = rows[members(part.nums[rows], allowed)]
        if len(np.unique(part.nums[rows])) >= limit:
            return np.sort(rows)
        wanted *= 4
    return None


def _best(nums: Nums, scores: Floats, rows: Rows, limit: int) -> Rows:
    """The row of the best passage of each of the ``limit`` best nodes and of those that tie."""
    depth = 2 * limit
    while True:
        if depth >= len(scores):
            chosen = np.flatnonzero(scores > -np.inf)
        else:
            edge = np.partition(scores, len(scores) - depth)[len(scores) - depth]
            chosen = np.flatnonzero(scores >= max(edge - _SLACK, np.finfo(np.float32).min))
        chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
        first = np.sort(np.unique(nums[chosen], return_index=True)[1])
        if len(first) >= limit or depth >= len(scores):
            break
        depth *= 4
    best = chosen[first]
    if len(best) > limit:
        best = best[scores[best] >= scores[best[limit - 1]] - _SLACK]
    return rows[best]


def _opened(path: Path) -> "Index | None":
    """Map an approximate index, where there is one. Raises ValueError where it is torn."""
    if not path.is_file():
        return None
    graph = usearch_index().restore(path, view=True, expansion_search=_LOOKED_AT)
    if graph is None:
        raise ValueError(f"torn index {path.name}")
    return graph


def usearch_index() -> "type[Index]":
    """usearch's ``Index``, loaded so that other C++ libraries can be loaded after it.

    Its wheel carries a C++ runtime whose symbols are unique in the process: a library that loads
    the system's runtime later (onnxruntime) would mix the two and crash. So the system's comes
    first.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            ctypes.CDLL("libstdc++.so.6", mode=ctypes.RTLD_GLOBAL)
    from usearch.index import Index

    return Index
