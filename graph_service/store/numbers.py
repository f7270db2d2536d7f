"""Ids and numbers of nodes, read from the record once and remembered."""

import sqlite3
import threading
from collections.abc import Sequence

import numpy as np

from graph_service.store import aliases
from graph_service.store.record import json_array
from graph_service.store.snapshots import Nums


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
            self._remember(change, {num: id_ for id_, num in fresh.items()})
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
            self._remember(change, fresh)
            found |= fresh
        return found

    def _remember(self, change: int, found: dict[int, str]) -> None:
        with self._guard:
            if change == self._change:
                self._id.update(found)
                self._num.update({id_: num for num, id_ in found.items()})
