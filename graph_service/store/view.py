"""One state of the record as the projections tell it: what lies on disk, and what changed since.

A ``Base`` is what a pointer names. A ``View`` is a base as of one change of the record: each of its
indexes is made when it is first asked for, from the base, the numbers of what changed since, and
the changed rows read exactly from the record.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from graph_service.deadline import unlimited
from graph_service.model import Filter, Label
from graph_service.store import changed
from graph_service.store.adjacency import Adjacency, Graph
from graph_service.store.changed import Changed
from graph_service.store.filters import matching_nums
from graph_service.store.forward_index import Documents, ForwardIndex
from graph_service.store.name_index import NameIndex
from graph_service.store.numbers import Ids
from graph_service.store.snapshots import Nums, Pointer, Snapshots, members
from graph_service.store.text_index import TextIndex
from graph_service.store.vector_index import VectorIndex, Vectors

#: What a torn part raises when it is opened.
TORN = (OSError, ValueError, EOFError, RuntimeError)

#: A vector part: number of the fingerprint, label.
VectorKey = tuple[int, Label]

FORWARD, ADJACENCY, IDS, NAMES = "forward", "adjacency", "ids", "names"


def vector_part(key: VectorKey) -> str:
    """The name of a vector part."""
    return f"vectors-{key[0]}-{key[1]}"


def text_part(label: Label) -> str:
    """The name of a label's text index."""
    return f"text-{label}"


@dataclass(frozen=True, eq=False)
class Base:
    """The parts that a pointer names, opened.

    A text index that is torn is left out, and those of an older layout are not there (one held all
    labels): all else answers without them. Ids may be missing: then the record tells them. Names
    are opened when first asked for; they may be of an earlier change than the rest, or of none.
    """

    pointer: Pointer = field(default_factory=Pointer)
    documents: Documents = field(default_factory=lambda: Documents.build(()))
    graph: Graph = field(default_factory=lambda: Graph.build(()))
    vectors: Mapping[str, Vectors] = field(default_factory=dict)
    texts: Mapping[Label, TextIndex] = field(default_factory=dict)
    ids: Ids = field(default_factory=lambda: Ids.build(()))
    open_names: Callable[[], NameIndex] = NameIndex

    @cached_property
    def names(self) -> NameIndex:
        """The name index, as of its own change."""
        with suppress(*TORN):
            return self.open_names()
        return NameIndex()

    @classmethod
    def open(cls, snapshots: Snapshots, identity: str | None, change: int) -> "Base":
        """The base on disk; an empty one where there is none that can be used: it is torn, of
        another record, or of a change after ``change``."""
        while True:
            stamp = snapshots.stamp()
            pointer = snapshots.read()
            if not 0 < pointer.change <= change or pointer.identity != identity:
                return cls()
            try:
                return cls._load(pointer, snapshots)
            except TORN:
                if snapshots.stamp() == stamp:  # else it was swapped meanwhile
                    return cls()

    @classmethod
    def _load(cls, pointer: Pointer, snapshots: Snapshots) -> "Base":
        parts = {name: snapshots.folder / place for name, place in pointer.parts.items()}
        if not {FORWARD, ADJACENCY} <= parts.keys():
            raise ValueError("a part is missing")
        texts = {}
        for label in Label:
            if (name := text_part(label)) in parts:
                with suppress(*TORN):
                    snapshots.check(pointer, pointer.parts[name])
                    texts[label] = TextIndex(parts[name])
        for name, place in pointer.parts.items():
            if name != NAMES and not name.startswith("text"):
                snapshots.check(pointer, place)

        def names() -> NameIndex:
            if NAMES not in parts:
                return NameIndex()
            snapshots.check(pointer, pointer.parts[NAMES])
            return NameIndex.load(parts[NAMES])

        return cls(
            open_names=names,
            pointer=pointer,
            documents=Documents.load(parts[FORWARD]),
            graph=Graph.load(parts[ADJACENCY]),
            vectors={
                name: Vectors.load(path)
                for name, path in parts.items()
                if name.startswith("vectors-")
            },
            texts=texts,
            **({"ids": Ids.load(parts[IDS])} if IDS in parts else {}),
        )


class View:
    """A base brought to one change of the record.

    Its methods are given a connection whose snapshot is of just that change. Safe to use from
    several threads. What they make serves all requests, so that no time limit of one cuts it off.
    """

    def __init__(
        self,
        base: Base,
        change: int,
        connection: sqlite3.Connection,
        *,
        stamp: tuple[int, int] | None = None,
        earlier: "View | None" = None,
    ) -> None:
        """``earlier`` is a view of the same base: its changed rows need not be read again."""
        self.base = base
        self.change = change
        self.stamp = stamp
        self._guard = threading.RLock()
        self._forward: ForwardIndex | None = None
        self._adjacency: Adjacency | None = None
        self._vectors: dict[VectorKey, VectorIndex] = {}
        #: The newest name index that was asked for, of this change or an earlier one.
        self.last_names: NameIndex | None = None if earlier is None else earlier.last_names
        self._allowed: dict[Filter, Nums | None] = {}
        if earlier is None:
            self.changed = self.news = changed.since(connection, base.pointer.change)
            self._old: tuple[Documents | None, Graph | None, Mapping[VectorKey, Vectors]]
            self._old = None, None, {}
        else:
            self.news = changed.since(connection, earlier.change)
            self.changed = earlier.changed | self.news
            self._old = earlier.tails()

    def tails(self) -> tuple[Documents | None, Graph | None, Mapping[VectorKey, Vectors]]:
        """The changed rows as far as they were read."""
        with self._guard:
            return (
                self._forward.tail if self._forward else None,
                self._adjacency.tail if self._adjacency else None,
                {key: index.tail for key, index in self._vectors.items()},
            )

    def forward(self, connection: sqlite3.Connection) -> ForwardIndex:
        """All documents."""
        with self._guard, unlimited():
            if self._forward is None:
                old = self._old[0]
                rows = changed.documents(connection, self._to_read(old))
                tail = Documents.build(rows)
                if old is not None:
                    tail = old.replaced(self.news.documents, tail)
                self._forward = ForwardIndex(self.base.documents, self.changed.documents, tail)
            return self._forward

    def adjacency(self, connection: sqlite3.Connection) -> Adjacency:
        """All edges."""
        with self._guard, unlimited():
            if self._adjacency is None:
                old = self._old[1]
                tail = Graph.build(changed.links(connection, self._to_read(old)))
                if old is not None:
                    tail = old.replaced(self.news.edges, tail)
                self._adjacency = Adjacency(self.base.graph, self.changed.edges, tail)
            return self._adjacency

    def names(self, connection: sqlite3.Connection) -> NameIndex:
        """All names."""
        with self._guard, unlimited():
            last = self.last_names
            if last is None or last.ragged:
                last = self.base.names
            if last.change < self.change:
                news = changed.since(connection, last.change)
                named = changed.names(connection, news)
                last = last.followed(self.change, news.documents, named)
            self.last_names = last
            return last

    def vectors(
        self, connection: sqlite3.Connection, key: VectorKey, dimension: int
    ) -> VectorIndex:
        """All vectors of one fingerprint and label."""
        with self._guard, unlimited():
            if key not in self._vectors:
                old = self._old[2].get(key)
                rows = changed.stored_vectors(connection, *key, self._to_read(old))
                tail = Vectors.build(rows, dimension)
                if old is not None:
                    tail = old.replaced(self.news.vectors, tail)
                base = self.base.vectors.get(vector_part(key)) or Vectors.build((), dimension)
                self._vectors[key] = VectorIndex(base, self.changed.vectors, tail)
            return self._vectors[key]

    def ids(self, nums: Nums) -> dict[int, str]:
        """Ids of those nodes that are as they were in the base."""
        return self.base.ids.find(nums[~members(nums, self.changed.documents)])

    def allowed(self, connection: sqlite3.Connection, where: Filter) -> Nums | None:
        """Rising numbers of the nodes that pass; None where nothing but labels is asked for."""
        with self._guard:
            if where not in self._allowed:
                if len(self._allowed) >= 16:
                    self._allowed.clear()
                found = matching_nums(connection, where)
                self._allowed[where] = (
                    None
                    if found is None
                    else np.sort(np.fromiter(found, dtype=np.int32, count=len(found)))
                )
            return self._allowed[where]

    def _to_read(self, old: object | None) -> Changed:
        return self.changed if old is None else self.news
