"""Ids and numbers of nodes: those of a base mapped from disk, others read from the record once."""

import sqlite3
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from graph_service.store import aliases
from graph_service.store.record import json_array
from graph_service.store.snapshots import (
    Nums,
    Rows,
    load_arrays,
    members,
    positions,
    save_arrays,
    spans,
)

_ARRAYS = ("nums", "starts", "letters")

_MOST = 200_000  # ids remembered


@dataclass(frozen=True, eq=False)
class Ids:
    """Ids of some nodes by number (immutable, may be mapped). A number's id never changes.

    Attributes:
        nums: node numbers, rising, shape (n,).
        starts: id i is letters[starts[i]:starts[i+1]], shape (n+1,).
        letters: UTF-8.
    """

    nums: Nums
    starts: Rows
    letters: npt.NDArray[np.uint8]

    @classmethod
    def build(cls, rows: Iterable[tuple[int, str]]) -> Self:
        """From (number, id) in the order of numbers."""
        nums: list[int] = []
        sizes: list[int] = []
        letters = bytearray()
        for num, id_ in rows:
            told = id_.encode("utf-8", "surrogatepass")
            nums.append(num)
            sizes.append(len(told))
            letters += told
        return cls(
            np.array(nums, np.int32),
            np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes, dtype=np.int64)]),
            np.frombuffer(bytes(letters), np.uint8),
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote. Raises OSError or ValueError where it is torn."""
        return cls(**load_arrays(folder, _ARRAYS))

    def save(self, folder: Path) -> None:
        save_arrays(folder, {name: getattr(self, name) for name in _ARRAYS})

    def replaced(self, stale: Nums, fresh: "Ids") -> Self:
        """These ids without the stale ones, and with the fresh ones."""
        keep = np.flatnonzero(~members(self.nums, stale))
        nums = np.concatenate([self.nums[keep], fresh.nums])
        first = np.concatenate([self.starts[keep], fresh.starts[:-1] + len(self.letters)])
        end = np.concatenate([self.starts[keep + 1], fresh.starts[1:] + len(self.letters)])
        order = np.argsort(nums, kind="stable")
        letters = np.concatenate([self.letters, fresh.letters])[spans(first[order], end[order])]
        sizes = np.cumsum((end - first)[order], dtype=np.int64)
        return type(self)(nums[order], np.concatenate([np.zeros(1, np.int64), sizes]), letters)

    def find(self, nums: Nums) -> dict[int, str]:
        """Ids of those that are here."""
        at, there = positions(self.nums, nums)
        rows = at[there]
        letters = memoryview(self.letters)  # type: ignore[arg-type]
        bounds = zip(self.starts[rows].tolist(), self.starts[rows + 1].tolist(), strict=True)
        ids = [str(letters[a:b], "utf-8", "surrogatepass") for a, b in bounds]
        return dict(zip(nums[there].tolist(), ids, strict=True))


class NodeNumbers:
    """Ids and numbers of nodes as of the newest change that was followed.

    A reader of an older state may be told of a newer one's node, whose number no index of the older
    state has. Safe to use from several threads.
    """

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._change = 0
        self._num: dict[str, int] = {}
        self._id: dict[int, str] = {}

    def forget(self, change: int) -> None:
        """Move on to a newer change, between which and the last any node may have changed."""
        with self._guard:
            self._change, self._num, self._id = change, {}, {}

    def follow(self, change: int, changed: Nums) -> None:
        """Move on to a newer change, between which and the last these nodes changed."""
        with self._guard:
            self._change = change
            for num in changed.tolist():
                id_ = self._id.pop(num, None)
                if id_ is not None:
                    del self._num[id_]

    def told(self, change: int, found: dict[int, str]) -> None:
        """Remember ids that were given out, for they are asked about next."""
        with self._guard:
            if change == self._change:
                if len(self._id) > _MOST:
                    self._num, self._id = {}, {}
                self._id.update(found)
                self._num.update({id_: num for num, id_ in found.items()})

    def nums(self, connection: sqlite3.Connection, change: int, ids: Sequence[str]) -> Nums:
        """Numbers of nodes, in the order asked for; -1 where there is no such node."""
        known = self._num
        found = {id_: num for id_ in ids if (num := known.get(id_)) is not None}
        if missing := [id_ for id_ in ids if id_ not in found]:
            fresh = dict(
                connection.execute(
                    "SELECT n.id, n.num FROM json_each(?) w CROSS JOIN nodes n ON n.id = w.value",
                    (json_array(missing),),
                ).fetchall()
            )
            self.told(change, {num: id_ for id_, num in fresh.items()})
            found |= fresh
            if merged := aliases.kept(connection, [id_ for id_ in missing if id_ not in fresh]):
                homes = list(merged.values())
                nums = dict(zip(homes, self.nums(connection, change, homes).tolist(), strict=True))
                found |= {id_: nums[home] for id_, home in merged.items()}
        return np.array([found.get(id_, -1) for id_ in ids], dtype=np.int32)

    def ids(self, connection: sqlite3.Connection, change: int, nums: Nums) -> dict[int, str]:
        """Ids of the nodes that are there."""
        asked, known = nums.tolist(), self._id
        found = {num: id_ for num in asked if (id_ := known.get(num)) is not None}
        if missing := [num for num in asked if num not in found]:
            fresh = dict(
                connection.execute(
                    "SELECT n.num, n.id FROM json_each(?) w CROSS JOIN nodes n ON n.num = w.value",
                    (json_array(missing),),
                ).fetchall()
            )
            self.told(change, fresh)
            found |= fresh
        return found
