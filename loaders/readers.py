"""Files as sheets of rows: .xlsx/.xls, .csv/.tsv/.txt (UTF-8, UTF-16, GB18030), .jsonl. Streaming.

Text files are read row by row. A workbook's sheet is held in memory while it is read (calamine:
ten times as fast as openpyxl, and it reads .xls), which Excel's million rows bound.
"""

import codecs
import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from loaders.errors import CellError

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls"})
TABLES = frozenset({".csv", ".tsv", ".txt"})
JSON_LINES = frozenset({".jsonl", ".ndjson"})
#: What can be read; other files are skipped.
SUFFIXES = WORKBOOKS | TABLES | JSON_LINES

#: The header that a list of names, one a line, is given.
NAME_LINE = "单位名单"

_HEADER_SAMPLE = 200
_CHUNK = 1 << 20
_ASCII = bytes(range(128))
_DELIMITERS = ",\t;|"


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be read: an error code and what stood there."""

    code: str
    value: str


#: Row number as a spreadsheet counts it (from 1; 0 for a header that stands in no row), and cells.
Row = tuple[int, Sequence[Any] | Problem]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file. ``rows`` reads it anew at each call; ``total`` is about their number."""

    path: Path
    name: str
    rows: Callable[[], Iterator[Row]]
    total: int
    hidden: bool = False


def sheets(path: Path) -> list[Sheet]:
    """The tables of a file; hidden sheets of a workbook are marked.

    Raises:
        CellError: the file cannot be read (``file_unreadable``).
    """
    suffix = path.suffix.lower()
    try:
        if suffix in WORKBOOKS:
            return _workbook(path)
        total = _line_count(path)
        if suffix in JSON_LINES:
            return [Sheet(path, "", lambda: _json_rows(path), total)]
        delimiter = _delimiter(path)
        if delimiter is None:
            return [Sheet(path, "", lambda: _name_rows(path), total)]
        return [Sheet(path, "", lambda: _table_rows(path, delimiter), total)]
    except OSError as error:
        raise CellError("file_unreadable") from error


def encoding(path: Path) -> str:
    """The text encoding: by its mark, else UTF-8, else GB18030.

    A UTF-8 file with a few broken bytes stays UTF-8: less than a tenth of what is not ASCII.
    """
    broken = other = 0
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    with path.open("rb") as file:
        head = file.read(4)
        for mark, name in (
            (codecs.BOM_UTF8, "utf-8-sig"),
            (codecs.BOM_UTF16_LE, "utf-16"),
            (codecs.BOM_UTF16_BE, "utf-16"),
        ):
            if head.startswith(mark):
                return name
        file.seek(0)
        while chunk := file.read(_CHUNK):
            text = decoder.decode(chunk)
            if not text.isascii():
                broken += text.count("\N{REPLACEMENT CHARACTER}")
                other += len(chunk.translate(None, _ASCII))
    return "gb18030" if broken * 10 > other else "utf-8"


def _workbook(path: Path) -> list[Sheet]:
    import python_calamine as calamine

    try:
        book = calamine.load_workbook(path)
    except calamine.CalamineError as error:
        raise CellError("file_unreadable") from error
    found = []
    for meta in book.sheets_metadata:
        if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
            continue
        hidden = meta.visible is not calamine.SheetVisibleEnum.Visible

        def rows(name: str = meta.name) -> Iterator[Row]:
            with calamine.load_workbook(path) as again:
                yield from enumerate(again.get_sheet_by_name(name).iter_rows(), start=1)

        total = 0 if hidden else book.get_sheet_by_name(meta.name).total_height
        found.append(Sheet(path, meta.name, rows, total, hidden))
    book.close()
    return found


def _line_count(path: Path) -> int:
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))


def _lines(path: Path) -> Iterator[str]:
    with path.open(encoding=encoding(path), errors="replace", newline="") as file:
        yield from file


def _delimiter(path: Path) -> str | None:
    """The delimiter that the first lines have most of; None for a .txt that has none."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    head = list(islice(_lines(path), 20))
    counts = {mark: sum(line.count(mark) for line in head) for mark in _DELIMITERS}
    best = max(counts, key=lambda mark: counts[mark])
    if path.suffix.lower() == ".txt" and counts[best] < len(head):
        return None
    return best if counts[best] else ","


class _Feed:
    """Lines for a csv reader; remembers those of the current record, and takes lines back."""

    def __init__(self, lines: Iterator[str]) -> None:
        self._lines = lines
        self._returned: list[str] = []
        self.taken: list[str] = []
        self.at_end = False

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self._returned:
            line = self._returned.pop()
        else:
            try:
                line = next(self._lines)
            except StopIteration:
                self.at_end = True
                raise
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        self._returned.extend(reversed(lines))
        self.at_end = False


def _table_rows(path: Path, delimiter: str) -> Iterator[Row]:
    """Records of a CSV; where a quote is never closed only the line that opened it is lost."""
    feed = _Feed(_lines(path))
    reader = csv.reader(feed, delimiter=delimiter)
    number = 0
    while True:
        number += 1
        feed.taken.clear()
        try:
            cells = next(reader)
            unclosed = feed.at_end and len(feed.taken) > 1 and _odd_quotes(feed.taken)
        except StopIteration:
            return
        except csv.Error:  # a field longer than the module's limit: an open quote, too
            unclosed = True
        if unclosed:
            yield number, Problem("bad_quote", feed.taken[0])
            feed.give_back(feed.taken[1:])
            reader = csv.reader(feed, delimiter=delimiter)
        else:
            yield number, cells


def _odd_quotes(lines: Sequence[str]) -> bool:
    return sum(line.count('"') for line in lines) % 2 == 1


def _name_rows(path: Path) -> Iterator[Row]:
    yield 0, [NAME_LINE]
    for number, line in enumerate(_lines(path), start=1):
        yield number, [] if line.startswith("#") else [line]


def _json_rows(path: Path) -> Iterator[Row]:
    """Objects as rows under one header: the keys of the first objects, in order of appearance."""
    header: dict[str, None] = {}
    for _, record in islice(json_lines(path), _HEADER_SAMPLE):
        if not isinstance(record, Problem):
            header |= dict.fromkeys(record)
    yield 0, list(header)
    for number, record in json_lines(path):
        if isinstance(record, Problem):
            yield number, record
        else:
            yield number, [record.get(key) for key in header]


def json_lines(path: Path) -> Iterator[tuple[int, dict[str, Any] | Problem]]:
    """The objects of a JSONL file with their line numbers; empty lines are left out."""
    for number, line in enumerate(_lines(path), start=1):
        if not line.strip():
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            record = None
        yield number, record if isinstance(record, dict) else Problem("bad_json", line)


def is_blank(cells: Sequence[Any]) -> bool:
    """Whether a row says nothing at all."""
    return not any(
        cell.strip() if isinstance(cell, str) else cell is not None and not _is_nan(cell)
        for cell in cells
    )


def _is_nan(cell: Any) -> bool:
    return isinstance(cell, float) and math.isnan(cell)
