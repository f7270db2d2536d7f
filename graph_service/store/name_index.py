"""The name index: which nodes are called what people type, in characters, pinyin or initials.

A segment holds names in three ways (``names.WAYS``). In each, all texts lie one after another, and
the places where a match may begin are sorted by the bytes that follow them: so what begins with the
typed text is one range, found by bisection. The beginnings of names are sorted apart from the
places inside, which are looked at only where too few names begin with what was typed.

A base lies on disk; what changed since is in further segments in memory, each of which stands for
all names of the nodes it covers.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from graph_service.model import Label
from graph_service.names import (
    BEGINNING,
    INSIDE,
    LONGEST_NAME,
    SYLLABLE,
    WAYS,
    WHOLE,
    Typed,
    fold,
    score,
)
from graph_service.store.forward_index import CODE, LABELS
from graph_service.store.snapshots import (
    Mask,
    Nums,
    Rows,
    Scored,
    load_arrays,
    members,
    save_arrays,
    spans,
)
from graph_service.store.within import NamesWithin

#: A name as the record gives it: number and label of its node, the name.
Named = tuple[int, str, str]

Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.float64]

_WAY = ("text", "starts", "heads", "inside")
_COLUMNS = ("nums", "labels", "lengths")
_SORTED_BY = 8  # bytes: as many as fit into an integer
_MOST_SEGMENTS = 8
_CODES = {label.value: code for label, code in CODE.items()}
_END = "\0"  # no name has it


@dataclass(frozen=True, eq=False)
class Way:
    """The texts of all names in one way (immutable; arrays may be memory maps).

    Attributes:
        text: UTF-8, a zero after each name.
        starts: where each name begins, and where the last ends, shape (names + 1,).
        heads: names in the order of their first bytes, those without a text left out.
        inside: further places where a match may begin, in the order of the bytes there.
    """

    text: Bytes
    starts: Nums
    heads: Nums
    inside: Nums

    @classmethod
    def build(cls, text: Bytes, places: Nums) -> Self:
        """Sort the places of a text that ends in a zero; ``places`` rise."""
        ends = np.flatnonzero(text == 0) + 1
        starts = np.concatenate([[0], ends]).astype(np.int32)
        filled = np.flatnonzero(np.diff(starts) > 1).astype(np.int32)
        keys = _keys(text, places)
        heads = filled[np.argsort(_keys(text, starts[filled]), kind="stable")]
        inside = ~members(places, starts)
        inner = places[inside][np.argsort(keys[inside], kind="stable")]
        return cls(text, starts, heads, inner)

    def beginning(self, typed: bytes) -> tuple[Rows, Mask]:
        """The names that begin with these bytes, and which of them are no longer."""
        low, high = self._range(typed, self.heads, self.starts)
        rows = self.heads[low:high]
        rows = rows[self._goes_on(self.starts[rows], typed)]
        whole = self.starts[rows + 1] - self.starts[rows] == len(typed) + 1
        return rows.astype(np.int64), whole

    def within(self, typed: bytes) -> Rows:
        """The names that have these bytes inside, one for each time."""
        low, high = self._range(typed, self.inside, None)
        places = self.inside[low:high]
        places = np.sort(places[self._goes_on(places, typed)])
        return np.searchsorted(self.starts, places, side="right") - 1

    def _range(self, typed: bytes, order: Nums, starts: Nums | None) -> tuple[int, int]:
        wanted, text = typed[:_SORTED_BY], self.text

        def there(item: int) -> bytes:
            place = item if starts is None else starts[item]
            return text[place : place + len(wanted)].tobytes()

        low = bisect_left(order, wanted, key=there)
        return low, bisect_right(order, wanted, lo=low, key=there)

    def _goes_on(self, places: Nums, typed: bytes) -> Mask:
        """Where the bytes beyond those that the order knows are the typed ones."""
        good = places <= len(self.text) - len(typed)
        for further in range(_SORTED_BY, len(typed)):
            left = np.flatnonzero(good)
            good[left] = self.text[places[left] + further] == typed[further]
        return good


def _keys(text: Bytes, places: Nums) -> npt.NDArray[np.uint64]:
    """The bytes at each place as one number, the first one highest."""
    padded = np.concatenate([text, np.zeros(_SORTED_BY, np.uint8)])
    keys = np.zeros(len(places), np.uint64)
    for further in range(_SORTED_BY):
        keys = (keys << np.uint64(8)) | padded[places + further]
    return keys


@dataclass(frozen=True, eq=False)
class Segment:
    """Names of some nodes.

    Attributes:
        nums: the number of each name's node, shape (names,).
        labels: its label's code.
        lengths: of the name in characters, folded.
        ways: the names in each of ``names.WAYS``.
    """

    nums: Nums
    labels: npt.NDArray[np.int8]
    lengths: npt.NDArray[np.int16]
    ways: Sequence[Way]
    _shown: dict[Label, tuple[Rows, NamesWithin]] = field(default_factory=dict, init=False)

    @classmethod
    def build(cls, named: Iterable[Named]) -> Self:
        """Arrange names: those of a node one after another, the one it is shown by first."""
        nums, labels, lengths, written, spelled = [], [], [], [], []
        for num, label, name in named:
            typed = Typed.of(name)
            if typed.name:
                nums.append(num)
                labels.append(_CODES[label])
                lengths.append(len(typed.name))
                written.append(typed.name)
                spelled.append(typed.spelled)
        text = _bytes(written)
        characters = np.flatnonzero((text != 0) & (text & 0xC0 != 0x80))
        marked = _bytes(spelled)
        marks = np.flatnonzero(marked == ord(SYLLABLE))
        sounds = np.delete(marked, marks)
        syllables = marks - np.arange(len(marks))
        first = np.zeros(len(sounds), bool)
        first[syllables] = True
        initials = sounds[first | (sounds == 0)]
        return cls(
            np.array(nums, np.int32),
            np.array(labels, np.int8),
            np.array(lengths, np.int16),
            [
                Way.build(text, characters.astype(np.int32)),
                Way.build(sounds, syllables.astype(np.int32)),
                Way.build(initials, np.flatnonzero(initials).astype(np.int32)),
            ],
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote. Raises OSError or ValueError where it is torn."""
        ways = [Way(**load_arrays(folder / way, _WAY)) for way in WAYS]
        return cls(**load_arrays(folder, _COLUMNS), ways=ways)

    def save(self, folder: Path) -> None:
        save_arrays(folder, {name: getattr(self, name) for name in _COLUMNS})
        for name, way in zip(WAYS, self.ways, strict=True):
            (folder / name).mkdir()
            save_arrays(folder / name, {array: getattr(way, array) for array in _WAY})

    def told(self) -> list[tuple[int, str]]:
        """Number of the node and name, folded, sorted: what a check compares."""
        names = self.ways[0].text.tobytes().decode().split(_END)[:-1]
        return sorted(zip(self.nums.tolist(), names, strict=True))

    def within(self, text: str, label: Label, stale: Nums, allowed: Nums | None) -> Scored:
        """The nodes of a label whose first name stands in a folded text, with its length; stale and
        allowed as in ``best``."""
        if label not in self._shown:
            self._shown[label] = self._first_names(label)
        rows, names = self._shown[label]
        rows = rows[names.find(text)]
        nums = self.nums[rows]
        good = ~members(nums, stale)
        if allowed is not None:
            good &= members(nums, allowed)
        return nums[good], self.lengths[rows[good]].astype(float)

    def _first_names(self, label: Label) -> tuple[Rows, NamesWithin]:
        """The rows of the names that nodes of a label are shown by, and those names."""
        first = np.diff(self.nums, prepend=self.nums[:1] - 1) != 0
        rows = np.flatnonzero(first & (self.labels == CODE[label]))
        text, starts = self.ways[0].text, self.ways[0].starts
        letters = text[spans(starts[rows].astype(np.int64), starts[rows + 1].astype(np.int64))]
        return rows, NamesWithin.build(letters.tobytes().decode().split(_END)[: len(rows)])

    def best(
        self, typed: str, labels: Collection[Label], stale: Nums, allowed: Nums | None, limit: int
    ) -> Scored:
        """The ``limit`` nodes nearest to what is typed, and more, by ``names.closeness``.

        ``stale`` are rising numbers of nodes that may not be found, ``allowed`` of those that may
        (None for all), ``labels`` the labels looked at (empty for all).
        """
        wanted = typed.encode()
        ways = [*enumerate(self.ways)][: len(WAYS) if typed.isascii() else 1]
        codes = np.isin(np.arange(len(LABELS)), [CODE[label] for label in labels])
        found: list[Scored] = []

        def take(rows: Rows, places: Places, way: int) -> None:
            nums = self.nums[rows]
            good = ~members(nums, stale)
            if labels:
                good &= codes[self.labels[rows]]
            if allowed is not None:
                good &= members(nums, allowed)
            lengths = self.lengths[rows].astype(float)
            found.append((nums[good], score(places, way, lengths)[good]))

        for way, texts in ways:
            rows, whole = texts.beginning(wanted)
            take(rows, np.where(whole, float(WHOLE), float(BEGINNING)), way)
        best = best_of_each(found, limit)
        if len(best[0]) < limit:
            for way, texts in ways:
                rows = texts.within(wanted)
                take(rows, np.full(len(rows), float(INSIDE)), way)
            best = best_of_each(found, limit)
        return best


#: Nodes, by rising numbers, and all their names.
Covered = tuple[Nums, Segment]


class NameIndex:
    """All names of the record as of one change: a base, and segments of what changed since.

    Immutable; the empty record's, as of change 0, where nothing is given.
    """

    def __init__(
        self, change: int = 0, base: Segment | None = None, tail: Sequence[Covered] = ()
    ) -> None:
        """``tail`` are numbers of nodes, rising, and all their names, the newest last."""
        self.change = change
        self.base = base or Segment.build(())
        self._tail = tail

    @classmethod
    def build(cls, change: int, named: Iterable[Named]) -> Self:
        """The index of these names, as of a change."""
        return cls(change, Segment.build(named))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote. Raises OSError or ValueError where it is torn."""
        (change,) = load_arrays(folder, ("change",))["change"].tolist()
        return cls(change, Segment.load(folder))

    def save(self, folder: Path) -> None:
        """Write the base."""
        save_arrays(folder, {"change": np.array([self.change])})
        self.base.save(folder)

    def followed(self, change: int, covered: Nums, named: Iterable[Named]) -> "NameIndex":
        """The index as of a later change, between which and this one these nodes changed."""
        return NameIndex(change, self.base, [*self._tail, (covered, Segment.build(named))])

    @property
    def ragged(self) -> bool:
        """Whether there are so many segments that making one of them pays."""
        return len(self._tail) > _MOST_SEGMENTS

    def best(
        self, typed: str, labels: Collection[Label], allowed: Nums | None, limit: int
    ) -> Scored:
        """The ``limit`` nodes nearest to what is typed, and more, by ``names.closeness``; labels
        and allowed as in ``Segment.best``."""
        found: list[Scored] = []
        wanted = fold(typed)
        if wanted and len(wanted) <= LONGEST_NAME and limit > 0:
            for segment, stale in self._segments():
                found.append(segment.best(wanted, labels, stale, allowed, limit))
        return best_of_each(found, limit)

    def within(
        self, text: str, labels: Collection[Label], allowed: Nums | None, limit: int
    ) -> Scored:
        """The ``limit`` nodes with the longest first names that stand in a text, and more, with
        these lengths; labels and allowed as in ``Segment.best``."""
        wanted = fold(text) if limit > 0 else ""
        found = [
            segment.within(wanted, label, stale, allowed)
            for segment, stale in self._segments()
            for label in sorted(labels or Label)
            if wanted
        ]
        return best_of_each(found, limit)

    def _segments(self) -> Iterator[tuple[Segment, Nums]]:
        """The newest first, each with the numbers of nodes that newer ones cover."""
        stale = np.empty(0, np.int32)
        for covered, segment in reversed([(stale, self.base), *self._tail]):
            yield segment, stale
            stale = np.union1d(stale, covered).astype(np.int32)


def best_of_each(found: Sequence[Scored], limit: int) -> Scored:
    """Each node once with its best score, best first: at least the ``limit`` best of them."""
    none = np.empty(0, np.int32), np.empty(0)
    nums, scores = (np.concatenate(column) for column in zip(none, *found, strict=True))
    taken = limit
    while True:
        taken = min(4 * taken, len(nums))  # a node is met by several of its names
        rows = np.arange(len(nums))
        if 0 < taken < len(nums):
            rows = np.flatnonzero(scores >= np.partition(scores, -taken)[-taken])
        rows = rows[np.argsort(-scores[rows], kind="stable")]
        _, first = np.unique(nums[rows], return_index=True)
        if len(first) >= limit or taken == len(nums):
            rows = rows[np.sort(first)]
            return nums[rows], scores[rows]


def _bytes(texts: Sequence[str]) -> Bytes:
    return np.frombuffer((_END.join(texts) + _END[: len(texts)]).encode(), np.uint8)
