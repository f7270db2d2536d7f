"""The upright form (需求征集表): labels left, values right, one need a sheet. Pure.

Labels are cells that a mapping knows as a header. Several pairs may stand side by side; a label may
cover several rows or stand above its value; a cell may hold both ("企业名称：甲公司"). Where labels
come again with other values (需求一, 需求二 …), each time is a record of its own, and what stood
before is said of all. A column of labels with several columns of values is a table on its side.
Words that no mapping knows, beside a value, in a column of labels or behind a label and its value,
are labels to be proposed.
"""

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from loaders.grid import Merge, Row, is_empty
from loaders.layout_header import IsLabel
from loaders.vocabulary import words

_LONGEST = 60
_WORD = 20
#: Fewer labels with a value, or labels in fewer rows, make no form.
_LEAST = 3
_INLINE = re.compile(r"([^:：]{2,30})[:：]\s*(\S.*)", re.DOTALL)
_APART = re.compile(r"\s*\n\s*|[ \t]{2,}|\u3000+")
_BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
_BOX = "□☐○◯☑☒✓✔√■●[［"  # begins a choice, not a label
_NAMES = re.compile(r"名称|题目|标题")
#: Labels of forms that no mapping asks for: no values either.
_OTHERS = frozenset(words("layout")["other_labels"])


@dataclass(frozen=True, slots=True)
class Form:
    """A form as a table: a column a label, a row a record.

    ``known`` is the number of labels that mappings know; those that none knows stand behind them.
    ``places`` says in which row of the sheet a cell stands: (row number, column) → row.
    ``share``: how much of the sheet's cells are labels and their values, 0–1: little of a list.
    """

    header: Sequence[str]
    known: int
    rows: Sequence[Row]
    places: Mapping[tuple[int, int], int]
    share: float


@dataclass(frozen=True, slots=True)
class _Pair:
    row: int
    column: int
    label: str
    value: Any


#: The row where a record begins, and its pairs.
_Record = tuple[int, Sequence[_Pair]]


def read(
    lines: Sequence[tuple[int, Sequence[Any]]], merges: Sequence[Merge], is_label: IsLabel
) -> Form | None:
    """The sheet as a form; None where it is none.

    Args:
        lines: the rows of the whole sheet that are not blank.
        merges: merged ranges, as far as they are known.
        is_label: whether a mapping knows a header.
    """
    sheet = _Sheet(lines, merges, is_label)
    found = sheet.on_its_side() or sheet.records()
    pairs = [pair for _, record in found for pair in record]
    known = len({_key(pair.label) for pair in pairs})
    if known < _LEAST or len({pair.row for pair in pairs}) < _LEAST or known <= sheet.in_a_row():
        return None
    blank = [_Pair(row, column, label, None) for row, column, label in sheet.labels]
    labels: dict[str, str] = {}
    for pair in sorted([*pairs, *blank], key=lambda pair: (pair.row, pair.column)):
        labels.setdefault(_key(pair.label), pair.label.strip().rstrip(":："))
    asked = len(labels)
    others = sheet.others(found)
    for pair in (pair for dealt in others for pair in dealt):
        labels.setdefault(_key(pair.label), pair.label.strip().rstrip(":："))
    rows: list[Row] = []
    places: dict[tuple[int, int], int] = {}
    for (number, told), more in zip(found, others, strict=True):
        record = [*told, *more]
        cells = {_key(pair.label): pair for pair in reversed([*record, *blank])}
        rows.append((number, [cells[label].value if label in cells else None for label in labels]))
        places |= {
            (number, column): cells[label].row
            for column, label in enumerate(labels)
            if label in cells
        }
    filled = sum(not is_empty(cell) for _, cells in lines for cell in cells)
    used = len(blank) + len({(pair.row, pair.column) for pair in pairs})
    return Form(list(labels.values()), asked, rows, places, min(used / filled, 1.0))


class _Sheet:
    def __init__(
        self,
        lines: Sequence[tuple[int, Sequence[Any]]],
        merges: Sequence[Merge],
        is_label: IsLabel,
    ) -> None:
        self._lines = dict(lines)
        self._order = [number for number, _ in lines]
        self._merges: Mapping[tuple[int, int], Merge] = {(m.top, m.left): m for m in merges}
        self._is_label = is_label
        #: Row, column and text of each.
        self.labels = [
            (number, column, str(cell))
            for number, cells in lines
            for column, cell in enumerate(cells)
            if self._known(cell)
        ]
        self._columns = {column for _, column, _ in self.labels}

    def _known(self, cell: Any) -> bool:
        return isinstance(cell, str) and len(cell) <= _LONGEST and self._is_label(cell)

    def _stops(self, cell: Any) -> bool:
        return self._known(cell) or (isinstance(cell, str) and _key(cell) in _OTHERS)

    def in_a_row(self) -> int:
        """How many labels have another right behind them, as the headers of a list have."""
        return sum(
            end < len(cells) and self._known(cells[end])
            for row, column, _ in self.labels
            for cells in (self._lines[row],)
            for end in (self._merge(row, column).right + 1,)
        )

    def _merge(self, row: int, column: int) -> Merge:
        return self._merges.get((row, column), Merge(row, row, column, column))

    def on_its_side(self) -> list[_Record]:
        """The records of a table on its side, one a column; none where it is not one."""
        if len(self._columns) != 1:
            return []
        (column,) = self._columns
        rows = [(number, self._lines[number]) for number, _, _ in self.labels]
        values = {
            other: [
                _Pair(number, other, cells[column], cells[other])
                for number, cells in rows
                if other < len(cells) and not is_empty(cells[other])
            ]
            for other in range(column + 1, max((len(cells) for _, cells in rows), default=0))
        }
        full: list[_Record] = [
            (pairs[0].row, pairs) for pairs in values.values() if len(pairs) * 2 >= len(rows)
        ]
        return full if len(full) > 1 else []

    def records(self) -> list[_Record]:
        """The pairs of each record, those said of all records in each."""
        return _split(sorted(self._pairs(), key=lambda pair: (pair.row, pair.column)))

    def _pairs(self) -> Iterator[_Pair]:
        for number, column, label in self.labels:
            value = self._value(number, column)
            if value is not None:
                yield _Pair(number, column, label, value)
        for number, cells in self._lines.items():
            for column, cell in enumerate(cells):
                if isinstance(cell, str) and (":" in cell or "：" in cell):
                    for part in _APART.split(cell.strip()):
                        match = _INLINE.fullmatch(part)
                        if match and self._known(match[1]):
                            yield _Pair(number, column, match[1], match[2])

    def others(self, records: Sequence[_Record]) -> list[list[_Pair]]:
        """For each record what stands in a column of labels, like a label with a value, though no
        mapping knows it; what stands before the first record is said of all."""
        if records and all(pair.column not in self._columns for pair in records[0][1]):
            return [  # on its side
                [
                    _Pair(number, pairs[0].column, cells[column], cells[pairs[0].column])
                    for number, cells in self._lines.items()
                    for column in self._columns
                    if number > self.labels[0][0]
                    and pairs[0].column < len(cells)
                    and self._is_word(cells, column)
                ]
                for _, pairs in records
            ]
        found = []
        for number, cells in self._lines.items():
            found += [
                _Pair(number, column, cells[column], self._value(number, column))
                for column in sorted(self._columns)
                if self._is_word(cells, column)
            ]
            found += self._beside(number, cells)
        ends = [*(number for number, _ in records[1:]), math.inf]
        starts = [0, *(number for number, _ in records[1:])]
        first = min((number for number, _ in records), default=0)
        return [
            [pair for pair in found if pair.row < first or start <= pair.row < end]
            for start, end in zip(starts, ends, strict=True)
        ]

    def _is_word(self, cells: Sequence[Any], column: int) -> bool:
        """Whether a cell may be a label that no mapping knows: a word, and a value beside it."""
        if column >= len(cells) or not self._may_ask(cells[column]):
            return False
        value = self._right_of(cells, column + 1)
        return value is not None and not self._stops(value)

    def _may_ask(self, cell: Any) -> bool:
        if not isinstance(cell, str) or self._stops(cell) or _INLINE.fullmatch(cell.strip()):
            return False
        return (
            2 <= len(_key(cell)) <= _WORD
            and any(map(str.isalpha, cell))
            and cell.strip()[0] not in _BOX
        )

    def _beside(self, number: int, cells: Sequence[Any]) -> Iterator[_Pair]:
        """Words with values behind a label and its value, in columns where no label is known."""
        filled = [column for column, cell in enumerate(cells) if not is_empty(cell)]
        place, led = 0, False
        while place + 1 < len(filled):
            column, after = filled[place], filled[place + 1]
            valued = not self._stops(cells[after])
            if column in self._columns or self._stops(cells[column]):
                led = True
            elif led and valued and self._may_ask(cells[column]):
                yield _Pair(number, column, cells[column], cells[after])
            place += 2 if valued else 1

    def _value(self, number: int, column: int) -> Any:
        merge = self._merge(number, column)
        found = []
        for row in range(number, merge.bottom + 1):
            cells = self._lines.get(row, ())
            value = self._right_of(cells, merge.right + 1)
            if value is None:
                continue
            if merge.bottom > number and self._known(value):
                return None  # it heads a group of labels
            if not self._stops(value):
                found.append(value)
        if not found:
            return self._below(number, merge.bottom)
        return found[0] if len(found) == 1 else "\n".join(map(str, found))

    def _right_of(self, cells: Sequence[Any], start: int) -> Any:
        """The next cell that has a value; none if labels of other rows stand in its column."""
        others = [c for c in range(start, len(cells)) if not is_empty(cells[c])]
        if not others:
            return None
        place = others[0]
        if place in self._columns and len(others) > 1 and not self._known(cells[place]):
            return None
        return cells[place]

    def _below(self, number: int, bottom: int) -> Any:
        """The value under a label that stands alone in its row."""
        if sum(not is_empty(cell) for cell in self._lines[number]) > 1:
            return None
        after = next((row for row in self._order if row > bottom), None)
        cells = [cell for cell in self._lines.get(after or 0, ()) if not is_empty(cell)]
        return cells[0] if len(cells) == 1 and not self._stops(cells[0]) else None


def _split(pairs: Sequence[_Pair]) -> list[_Record]:
    """Records by labels that come again with other values: two of them, or a name or title."""
    values: dict[str, list[_Pair]] = {}
    for pair in pairs:
        held = values.setdefault(_key(pair.label), [])
        if all(pair.value != other.value for other in held):
            held.append(pair)
    again = [held for held in values.values() if len(held) > 1]
    if len(again) < 2 and not any(_NAMES.search(held[0].label) for held in again):
        kept = [held[0] for held in values.values()]
        return [(kept[0].row, kept)] if kept else []
    kept = [pair for pair in pairs if pair in values[_key(pair.label)]]
    starts = [kept.index(pair) for pair in min(again, key=lambda held: kept.index(held[0]))]
    common = kept[: starts[0]]
    return [
        (kept[start].row, [*common, *kept[start:end]])
        for start, end in pairwise([*starts, len(kept)])
    ]


def _key(label: str) -> str:
    """What makes labels the same: no white space, brackets, colon."""
    return _BRACKETS.sub("", "".join(label.split())).rstrip(":：")
