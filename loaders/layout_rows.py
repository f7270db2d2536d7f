"""The data rows below a header: merged cells filled, and what is no data left out. Pure, streaming.

**Merged cells.** A cell merged downwards holds for every row it covers. A row in which every anchor
(a column without which it is no record) is so covered goes on with the record above, and its other
cells are added to that. Where no cell is merged downwards (CSV), blanks at the beginning of a row
are taken for a merged cell only if an anchor stands in the row behind them, so that a nameless row
of a directory never becomes a part of the firm above; see ``_Filler``.

**No data.** Rows of notes (注：…), of signatures (填表人：…), sums (合计), examples, numbers of
columns, and the header repeated on each printed page. Rows below another header are refused.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from loaders.grid import Merge, Problem, Row, is_blank, is_empty
from loaders.vocabulary import words

#: Is told row, code (``errors.NOTICES``) and the text of a row of which something is done.
Tell = Callable[[int, str, str], None]

#: The problem of rows below another header.
OTHER_TABLE = "other_table"

_WORDS = words("layout")
_SERIAL = frozenset(_WORDS["serial"])
_COUNTER = _SERIAL - {"编号", "id"}
_DEMANDS = frozenset(_WORDS["demands"])
_TICKS = frozenset(_WORDS["ticks"])
_TOTAL = re.compile(
    r"(?:本页|本表|累计)?[合总小共]计(?:[（(].*[)）])?[:：]?(?:\d+[家户个项条人名台套]\S{0,4})?"
)
_SAMPLE = re.compile(r"(?:填写)?(?:示例|样例|范例|例子?|举例)(?:\d*|[:：].*)")
_SIGNED = "|".join(map(re.escape, _WORDS["signatures"]))
_NOTED = "|".join(map(re.escape, _WORDS["notes"]))
_NOTE = re.compile(
    rf"[（(【\[*※]?(?:{_NOTED}|{_SIGNED})\d?(?:[（(][^）)]*[)）])?[:：].*", re.DOTALL
)
_SIGNATURE = re.compile(rf"(?:{_SIGNED})(?:[（(][^）)]*[)）])?[:：]?.{{0,20}}")
_SECTION = re.compile(
    r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|第.{1,3}[部分类批]).*"
)
_DAY = re.compile(r"(?:二〇|\d{2}).{2}年.{1,3}月(?:.{1,3}日)?")
_NUMBER = re.compile(r"\d{1,5}(?:\.0)?")
_LONG = 60
_HEADERS = 3  # words of a header that no row of data has by chance


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a table whose rows are read.

    Attributes:
        header: one cell a column.
        lines: the rows that the header was made of.
        groups: columns to be gathered into the first of each group, with their words.
        merges: merged ranges that reach below the header.
        hidden_rows: numbers of hidden rows.
        anchors: columns that make a row a record (需求名称); none where that is not known.
        own: columns that tell records apart (榜单编号): never filled.
        guess: whether blanks may be merged cells where none is merged downwards.
    """

    header: Sequence[Any]
    lines: Sequence[Sequence[Any]]
    groups: Sequence[Sequence[tuple[int, str]]]
    merges: Sequence[Merge]
    hidden_rows: frozenset[int]
    anchors: frozenset[int]
    own: frozenset[int] = frozenset()
    guess: bool = True


def data_rows(
    rows: Iterable[Row], shape: Shape, head: Sequence[Row], tell: Tell | None = None
) -> Iterator[Row]:
    """The data rows of a table.

    Args:
        rows: all rows below the header.
        shape: what is known of the table.
        head: the sheet's first rows, by which the width of a block of blanks is judged.
        tell: is told what is done to a row.
    """
    tell = tell or (lambda _row, _code, _text: None)
    filler = _Filler(shape, head)
    held: tuple[int, list[Any]] | None = None
    for number, cells in _kept(rows, _Judge(shape), filler, tell):
        if isinstance(cells, Problem):
            if held is not None:
                yield held
            held = None
            yield number, cells
            continue
        if number in shape.hidden_rows:
            tell(number, "hidden_row", _text(cells))
        row, goes_on, guessed = filler.filled(number, cells)
        if guessed:
            tell(number, "filled_down", _text(cells))
        if goes_on and held is not None:
            _add(held[1], cells)
            continue
        if held is not None:
            yield held
        held = (number, _gathered(row, shape.groups))
    if held is not None:
        yield held


def _kept(rows: Iterable[Row], judge: "_Judge", filler: "_Filler", tell: Tell) -> Iterator[Row]:
    """The rows that are data, or cannot be read."""
    for number, cells in rows:
        if isinstance(cells, Problem):
            yield number, cells
        elif is_blank(cells):
            filler.skip(number)
        elif code := judge.no_data(number, cells):
            filler.skip(number)
            if code == OTHER_TABLE:
                yield number, Problem(code, _text(cells))
            elif code != "blank":
                tell(number, code, _text(cells))
        else:
            yield number, cells


def _text(cells: Sequence[Any]) -> str:
    return " ".join(str(cell) for cell in cells if not is_empty(cell))


def _add(row: list[Any], more: Sequence[Any]) -> None:
    """Add the cells of a row that goes on with a record to its first row."""
    for column, cell in enumerate(more):
        if is_empty(cell):
            continue
        row += [None] * (column + 1 - len(row))
        row[column] = cell if is_empty(row[column]) else f"{row[column]}\n{cell}"


def _gathered(cells: list[Any], groups: Sequence[Sequence[tuple[int, str]]]) -> list[Any]:
    """A row with each group's choices and texts as the text of its first column."""
    if not groups:
        return cells
    row = list(cells)
    for group in groups:
        said = [(word, row[column]) for column, word in group if column < len(row)]
        said = [(word, cell) for word, cell in said if not is_empty(cell)]
        if said and all(isinstance(cell, str) for _, cell in said):
            first = group[0][0]
            parts = [w if c.strip() in _TICKS else f"{w}：{c.strip()}" for w, c in said]
            row[first] = "；".join(parts)
    return row


class _Filler:
    """Fills cells that merges cover; or, where no range below the header is merged downwards, the
    leading blanks of a row by this rule:

    - an anchor has a value in the row, behind the blanks; and
    - the first cell is blank, too; or it is a running number (序号) and at least two blanks follow.

    So many are filled as every such row among the first ones has; numbers of rows never are.
    """

    def __init__(self, shape: Shape, head: Sequence[Row]) -> None:
        self._shape = shape
        self._down = sorted(
            (one for one in shape.merges if one.bottom > one.top),
            key=lambda one: (-one.top, one.left),
        )
        self._active: list[tuple[Merge, Any]] = []
        self._fixed = {column for column, cell in enumerate(shape.header) if _key(cell) in _SERIAL}
        self._fixed |= shape.own
        first = _key(shape.header[0]) if shape.header else ""
        self._start = 1 if first in _COUNTER else 0
        self._above: list[Any] = []
        widths = [
            width
            for _, cells in head
            if not isinstance(cells, Problem) and (width := self._leading(cells))
        ]
        self._width = min(widths, default=0) if shape.guess else 0

    def skip(self, number: int) -> None:
        """Pass a row that is no data; ranges go on over it, guesses do not."""
        self._advance(number, ())
        self._above = []

    def filled(self, number: int, cells: Sequence[Any]) -> tuple[list[Any], bool, bool]:
        """The row filled; whether it goes on with the record above; whether that was guessed."""
        row = list(cells)
        if self._shape.merges and (self._down or self._active):
            self._advance(number, cells)
            covered = set()
            for merge, value in self._active:
                if merge.top < number and merge.left not in self._fixed:
                    row += [None] * (merge.left + 1 - len(row))
                    if is_empty(row[merge.left]):
                        row[merge.left] = value
                        covered.add(merge.left)
            anchors = self._shape.anchors
            return row, bool(anchors) and anchors <= covered, False
        guessed = False
        if self._above and self._leading(cells):
            for column in range(self._start, min(self._width, len(row))):
                if column not in self._fixed and is_empty(row[column]):
                    row[column] = self._above[column]
                    guessed = guessed or not is_empty(row[column])
        self._above = row
        return row, False, guessed

    def _leading(self, cells: Sequence[Any]) -> int:
        """How many columns at the beginning of a row may be merged with those above; 0 for none."""
        anchors = self._shape.anchors
        blanks = 0
        for column, cell in enumerate(cells):
            if column >= self._start and not is_empty(cell):
                break
            blanks = column + 1
        least = 3 if self._start and blanks and not is_empty(cells[0]) else self._start + 1
        if blanks < least:
            return 0
        behind = any(a >= blanks and a < len(cells) and not is_empty(cells[a]) for a in anchors)
        return blanks if behind else 0

    def _advance(self, number: int, cells: Sequence[Any]) -> None:
        self._active = [(one, value) for one, value in self._active if one.bottom >= number]
        while self._down and self._down[-1].top <= number:
            merge = self._down.pop()
            if merge.top == number and merge.left < len(cells):
                self._active.append((merge, cells[merge.left]))


class _Judge:
    """Tells rows that are no data."""

    def __init__(self, shape: Shape) -> None:
        self._lines = [_texts(line) for line in shape.lines]
        self._openings = {next(filter(None, line), "") for line in self._lines} | _DEMANDS
        filled = [column for column, cell in enumerate(shape.header) if not is_empty(cell)]
        self._first = filled[0] if filled else 0
        self._width = len(filled)
        self._counters = {c for c in filled if _key(shape.header[c]) in _COUNTER}
        self._wide = {
            one.top for one in shape.merges if (one.right - one.left + 1) * 2 >= self._width > 2
        }
        self._words = [set(filter(None, column)) for column in zip_longest(*self._lines)]
        for words_, cell in zip(self._words, shape.header, strict=False):
            words_.add(_squeezed(cell))
        self._openings |= set().union(*self._words)
        self._any = False
        self._ended = False
        self._other = False

    def no_data(self, number: int, cells: Sequence[Any]) -> str | None:
        """Why a row is no data of this table: a code of ``errors.NOTICES``, "blank", or
        "other_table"; None for data."""
        places = [column for column, cell in enumerate(cells) if not is_empty(cell)]
        if self._any and len(places) > 1 and not self._other and self._is_plain(cells, places):
            self._ended = False
            return None
        texts = [_squeezed(cells[column]) for column in places]
        if self._counters.issuperset(places) and all(map(_NUMBER.fullmatch, texts)):
            return "blank"  # a line left empty has its number
        code = self._kind(number, cells, places, texts)
        if code is None and (self._other or self._is_other(places, texts)):
            self._other = True
            return OTHER_TABLE
        self._other = self._other and code != "header_again"
        self._any = self._any or code is None
        self._ended = code == "note_line" or (self._ended and code is not None)
        return code

    def _is_plain(self, cells: Sequence[Any], places: Sequence[int]) -> bool:
        """Whether the first text alone says that a row is data, as it does for nearly all."""
        first = _squeezed(cells[places[0]])
        return not (
            first in self._openings
            or _TOTAL.fullmatch(first)
            or _SAMPLE.fullmatch(first)
            or _NOTE.fullmatch(first)
            or _SIGNATURE.fullmatch(first)
            or self._counters.issuperset(places)
        )

    def _kind(
        self, number: int, cells: Sequence[Any], places: Sequence[int], texts: Sequence[str]
    ) -> str | None:
        if _texts(cells) in self._lines:
            return "header_again"
        if self._width < 2:
            return None
        if _TOTAL.fullmatch(texts[0]):
            return "total_line"
        if _SAMPLE.fullmatch(texts[0]) or _DEMANDS.issuperset(texts) or self._is_count(texts):
            return "sample_line"
        if self._is_note(number, places, texts):
            return "note_line"
        return None

    def _is_other(self, places: Sequence[int], texts: Sequence[str]) -> bool:
        """Whether a row is the header of another table: of words of this one's, in other places."""
        said = {text for text in texts if text in self._openings and text.isalpha()}
        if len(said) < _HEADERS or len(said) * 2 < len(texts):
            return False
        words_ = self._words
        return any(
            column >= len(words_) or text not in words_[column]
            for column, text in zip(places, texts, strict=True)
        )

    def _is_count(self, texts: Sequence[str]) -> bool:
        """Whether the row right below the header numbers the columns: 1, 2, 3 …"""
        numbers = [text.strip("()（）").removesuffix(".0") for text in texts]
        return (
            not self._any
            and len(texts) >= 3
            and len(texts) >= self._width - 1
            and numbers[-3:] == [str(len(numbers) + step) for step in (-2, -1, 0)]
        )

    def _is_note(self, number: int, places: Sequence[int], texts: Sequence[str]) -> bool:
        if all(_NOTE.fullmatch(text) for text in texts):
            return True
        if places[0] <= self._first and _NOTE.fullmatch(texts[0]) and len(texts) <= 8:
            return True
        if places[0] <= self._first and _SIGNATURE.fullmatch(texts[0]) and self._any:
            return len(texts) < max(self._width, 3)
        if len(texts) > 1 or self._width < 3:
            return False
        text = texts[0]
        sectioned = bool(_SECTION.fullmatch(text) and places[0] <= self._first)
        alone = number in self._wide or self._ended or sectioned
        return alone or bool(_DAY.fullmatch(text)) or len(text) > _LONG


def _key(cell: Any) -> str:
    return "".join(str(cell).split()).lower() if cell else ""


def _squeezed(cell: Any) -> str:
    return "".join(str(cell).split())


def _texts(cells: Sequence[Any]) -> list[str]:
    found = [_squeezed(cell) if not is_empty(cell) else "" for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found
