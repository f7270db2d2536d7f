"""The projections of the record: search by words and by meaning, features, paths.

Readers look at the record's change number before each request and bring what lies on disk up to it
in memory, so that answers equal those of projections made anew. ``refresh`` writes a new state to
disk. See ``view`` for how a state is put together and ``snapshots`` for how it lies on disk.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np

from graph_service.deadline import unlimited
from graph_service.errors import StoreLockedError
from graph_service.model import Direction, EdgeType, Filter, Hit, Label, Path
from graph_service.ports import Floats, Ints, LexicalFeatures, Names, Passages, PassageVectors
from graph_service.store import reading, schema, text_index
from graph_service.store.dimensions import require_asked
from graph_service.store.name_index import best_of_each
from graph_service.store.numbers import NodeNumbers
from graph_service.store.paths import shortest_simple_paths
from graph_service.store.record import Record
from graph_service.store.refreshing import write_parts
from graph_service.store.snapshots import Nums, Rows, Scored, Snapshots
from graph_service.store.view import Base, View
from graph_service.text import EMBEDDED_LABELS

_OPPOSITE: Mapping[Direction, Direction] = {"out": "in", "in": "out", "both": "both"}


class Projections:
    """Search over a record. Safe to use from several threads.

    The methods that search are those of ``GraphStore``; see there.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._snapshots = Snapshots(record.folder / "projections")
        self._numbers = NodeNumbers()
        self._guard = threading.Lock()
        self._view: View | None = None

    def search_text(
        self,
        terms: Mapping[str, float],
        where: Filter,
        *,
        limit: int = 1000,
        names: Names = False,
    ) -> list[Hit]:
        with self._looking() as (connection, view):
            allowed = view.allowed(connection, where)
            if names:
                index = view.names(connection)
                look = index.within if names == "within" else index.best
                met = [look(text, where.labels, allowed, limit) for text in terms]
                return self._hits(connection, view, best_of_each(met, limit), limit)
            forward = view.forward(connection)
            found = text_index.search(
                view.base.texts,
                forward,
                terms,
                labels=where.labels,
                allowed=allowed,
                limit=limit,
            )
            return self._hits(connection, view, found, limit)

    def search_vectors(
        self,
        vector: Floats,
        fingerprint: str,
        where: Filter,
        *,
        limit: int = 1000,
        passages: Passages = "all",
    ) -> list[Hit]:
        with self._looking() as (connection, view):
            known = _fingerprint(connection, fingerprint)
            if known is None or limit <= 0:
                return []
            num, dimension = known
            require_asked(fingerprint, dimension, vector.shape)
            allowed = view.allowed(connection, where)
            found: list[Scored] = [(np.empty(0, np.int32), np.empty(0))]
            found += [
                view.vectors(connection, (num, label), dimension).nearest(
                    vector, allowed, limit, passages
                )
                for label in sorted(EMBEDDED_LABELS & (where.labels or EMBEDDED_LABELS))
            ]
            nums, scores = (np.concatenate(column) for column in zip(*found, strict=True))
            return self._hits(connection, view, (nums, scores), limit)

    def lexical_features(
        self, terms: Sequence[str], label: Label, ids: Sequence[str]
    ) -> LexicalFeatures:
        with self._looking() as (connection, view):
            nums = self._numbers.nums(connection, view.change, ids)
            return view.forward(connection).features(terms, label, nums)

    def passage_vectors(
        self, ids: Sequence[str], fingerprint: str, *, whole_documents: bool = False
    ) -> PassageVectors:
        with self._looking() as (connection, view):
            known = _fingerprint(connection, fingerprint)
            if known is None:
                return PassageVectors([], [], np.empty((0, 0), dtype=np.float32))
            num, dimension = known
            nums = self._numbers.nums(connection, view.change, ids)
            blocks: list[tuple[Rows, Ints, Floats]] = []
            for label in sorted(EMBEDDED_LABELS, reverse=True):  # results, the most, come first
                index = view.vectors(connection, (num, label), dimension)
                blocks += index.read(nums, whole_documents=whole_documents)
                if sum(np.count_nonzero(ordinals == 0) for _, ordinals, _ in blocks) == len(nums):
                    break  # a node has one label
            owners, ordinals, matrix = (
                np.concatenate(column) for column in zip(*blocks, strict=True)
            )
            order = np.lexsort((ordinals, owners))
            return PassageVectors(
                [ids[owner] for owner in owners[order].tolist()],
                ordinals[order].tolist(),
                matrix[order],
            )

    def paths(
        self,
        start: str,
        end: str,
        *,
        types: Iterable[EdgeType] = (),
        direction: Direction = "both",
        max_hops: int = 4,
        k: int = 3,
    ) -> list[Path]:
        wanted = frozenset(types)
        with self._looking() as (connection, view):
            first, last = self._numbers.nums(connection, view.change, (start, end)).tolist()
            if first < 0 or last < 0:
                return []
            adjacency = view.adjacency(connection)

            def by_id(nums: Nums) -> list[int]:
                ids = self._ids(connection, view, nums)
                return sorted(ids, key=ids.__getitem__)

            found = shortest_simple_paths(
                lambda nums: adjacency.neighbours(nums, wanted, direction),
                lambda nums: adjacency.neighbours(nums, wanted, _OPPOSITE[direction]),
                by_id,
                first,
                last,
                max_hops=max_hops,
                k=k,
            )
            return [
                Path(tuple(reading.best_hops(connection, nums, wanted, direction)))
                for nums in found
            ]

    def refresh(self, *, rebuild: bool = False) -> None:
        """Write the state of the record to disk; ``rebuild`` takes nothing over from before.

        Where another process is at it already, its work is enough, unless ``rebuild``.

        Raises:
            StoreLockedError: ``rebuild``, and another process is at it.
            StoreUnavailableError: opened read only, disk full.
        """
        own = self._identify()
        with self._alone() as alone:
            if not alone:
                if rebuild:
                    raise StoreLockedError(
                        "另一个程序正在更新索引。",
                        hint="请等它结束后再试。",
                        folder=self._record.folder,
                    )
                return
            with self._record.reading() as connection:
                change = self._record.change()
                base = Base() if rebuild else Base.open(self._snapshots, own, change)
                view = View(base, change, connection)
                pointer = write_parts(view, connection, self._snapshots, own)
            self._snapshots.publish(pointer)

    def close(self) -> None:
        """Let go of the files."""
        with self._guard:
            self._view = None

    @contextmanager
    def _looking(self) -> Iterator[tuple[sqlite3.Connection, View]]:
        """One state of the record, and the view of it."""
        with self._record.reading() as connection:
            change = self._record.change()
            with self._guard:
                stamp = self._snapshots.stamp()
                view = self._view
                if view is None or view.change != change or view.stamp != stamp:
                    with unlimited():
                        view = self._next(connection, change, view, stamp)
            yield connection, view

    def _next(
        self,
        connection: sqlite3.Connection,
        change: int,
        last: View | None,
        stamp: tuple[int, int] | None,
    ) -> View:
        if last is not None and last.stamp == stamp and last.change < change:
            view = View(last.base, change, connection, stamp=stamp, earlier=last)
            self._numbers.follow(change, view.news.documents)
        else:
            base = Base.open(self._snapshots, schema.identity(connection), change)
            view = View(base, change, connection, stamp=stamp)
            if last is not None and last.change > change:
                return view  # a reader of an older state came late
            self._numbers.forget(change)
        self._view = view
        return view

    def _hits(
        self, connection: sqlite3.Connection, view: View, found: Scored, limit: int
    ) -> list[Hit]:
        """The best of what was found, ties by id."""
        nums, scores = found
        if len(nums) > limit:
            edge = np.partition(scores, len(scores) - limit)[len(scores) - limit]
            nums, scores = nums[scores >= edge], scores[scores >= edge]
        ids = self._ids(connection, view, nums)
        ranked = sorted(
            (-score, ids[num])
            for num, score in zip(nums.tolist(), scores.tolist(), strict=True)
            if num in ids
        )
        return [Hit(id_, -score) for score, id_ in ranked[:limit]]

    def _ids(self, connection: sqlite3.Connection, view: View, nums: Nums) -> dict[int, str]:
        """Ids of the nodes that are there."""
        found = view.ids(nums)
        self._numbers.told(view.change, found)
        missing = (
            [num for num in nums.tolist() if num not in found] if len(found) < len(nums) else []
        )
        if missing:
            found |= self._numbers.ids(connection, view.change, np.array(missing, np.int32))
        return found

    def _identify(self) -> str:
        """The record's identity, for who may write projections."""
        with self._record.write() as connection:
            return str(schema.identity(connection))

    @contextmanager
    def _alone(self) -> Iterator[bool]:
        """Whether no other process writes projections; none does until the end, if so."""
        self._snapshots.folder.mkdir(parents=True, exist_ok=True)
        # A lock of SQLite's is portable and goes with the process that holds it.
        lock = sqlite3.connect(
            self._snapshots.folder / "lock.sqlite", timeout=0.0, isolation_level=None
        )
        try:
            try:
                lock.execute("BEGIN EXCLUSIVE")
            except sqlite3.OperationalError:
                yield False
            else:
                yield True
        finally:
            lock.close()


def _fingerprint(connection: sqlite3.Connection, name: str) -> tuple[int, int] | None:
    row = connection.execute(
        "SELECT num, dimension FROM fingerprints WHERE name = ?", (name,)
    ).fetchone()
    return None if row is None else (int(row[0]), int(row[1]))
