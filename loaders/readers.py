"""Files as sheets of rows: .xlsx/.xls, .csv/.tsv/.txt (UTF-8, UTF-16, GB18030), .jsonl. Streaming.

Text files are read row by row. A workbook's sheet is held in memory while it is read (calamine:
ten times as fast as openpyxl, and it reads .xls), which Excel's million rows bound.
"""

import codecs
import csv
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
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

#: Stands for bytes that are no text in the file's encoding; no file can contain it.
BROKEN = "\udcff"


def _broken(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BROKEN, error.end


codecs.register_error("jiebang.broken", _broken)


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
    decoder = codecs.getincrementaldecoder("utf-8")("jiebang.broken")
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
                broken += text.count(BROKEN)
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
    with path.open(encoding=encoding(path), errors="jiebang.broken", newline="") as file:
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

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._returned.pop() if self._returned else next(self._lines)
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        self._returned.extend(reversed(lines))


def _table_rows(path: Path, delimiter: str) -> Iterator[Row]:
    """Records of a CSV. Quotes are strict over several lines and lenient within one, so that where
    a quote is never closed only the line that opened it is lost."""
    feed = _Feed(_lines(path))
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    for number in count(1):
        feed.taken.clear()
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except csv.Error:
            first, *rest = feed.taken
            yield number, Problem("bad_quote", first) if rest else _lenient(first, delimiter)
            feed.give_back(rest)
            reader = csv.reader(feed, delimiter=delimiter, strict=True)


def _lenient(line: str, delimiter: str) -> list[str] | Problem:
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:  # a cell of more than 128 KiB
        return Problem("bad_quote", line)


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
