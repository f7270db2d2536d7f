"""Files as sheets of rows: workbooks, .csv/.tsv/.txt (UTF-8, UTF-16, GB18030), .jsonl. Streaming.

Text files are read row by row, and no line is taken in whole that is longer than the limit. What a
file is is told by its first bytes: systems name their .csv or .html exports .xls.
"""

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from itertools import count, islice
from pathlib import Path
from typing import Any

import orjson

from graph_service.deadline import check
from loaders import limits, workbooks
from loaders.errors import CellError
from loaders.grid import Problem, Row, Sheet

WORKBOOKS = frozenset({".xlsx", ".xlsm", ".xls", ".ods"})
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
_DELIMITER_SAMPLE = 40
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_MARKUP = re.compile(rb"\s*<(?:!doctype|html|table|meta|\?xml|head|body)", re.IGNORECASE)

#: Stands for bytes that are no text in the file's encoding; no file can contain it.
BROKEN = "\udcff"


def _broken(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return BROKEN, error.end


codecs.register_error("jiebang.broken", _broken)


def sheets(path: Path) -> list[Sheet]:
    """The tables of a file; hidden sheets of a workbook are marked.

    Raises:
        CellError: the file cannot be read, is too large, or is made to do harm.
    """
    suffix = path.suffix.lower()
    try:
        if path.stat().st_size > limits.FILE_BYTES:
            raise CellError("file_too_large")
        with path.open("rb") as file:
            start = file.read(_CHUNK)
        if suffix in JSON_LINES:
            return [Sheet(path, "", partial(_json_rows, path), _line_count(path))]
        if start.startswith(_ZIP):
            return workbooks.zipped(path)
        if start.startswith(_OLE) and _ENCRYPTED in start:
            raise CellError("encrypted")
        if start.startswith(_OLE):
            return workbooks.xls(path)
    except OSError as error:
        raise CellError("file_unreadable", error.strerror or "") from error
    text = start.removeprefix(codecs.BOM_UTF8)
    if suffix in WORKBOOKS and (suffix != ".xls" or not text.strip() or b"\0" in text):
        raise CellError("file_unreadable", "不是表格文件")
    if suffix in WORKBOOKS and _MARKUP.match(text):
        raise CellError("web_page")
    code = encoding(path)
    delimiter = _delimiter(path, code)
    if delimiter is None:
        return [Sheet(path, "", partial(_name_rows, path, code), _line_count(path))]
    return [Sheet(path, "", partial(_table_rows, path, code, delimiter), _line_count(path))]


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
            check()
            text = decoder.decode(chunk)
            if not text.isascii():
                broken += text.count(BROKEN)
                other += len(chunk.translate(None, _ASCII))
    return "gb18030" if broken * 10 > other else "utf-8"


def _line_count(path: Path) -> int:
    lines = 0
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            check()
            lines += chunk.count(b"\n")
    return lines


def _lines(path: Path, code: str) -> Iterator[str]:
    """The lines of a text; of one longer than ``limits.LINE_CHARS`` the beginning, one char more
    than that."""
    most = limits.LINE_CHARS + 1
    with path.open(encoding=code, errors="jiebang.broken", newline="") as file:
        read = partial(file.readline, most)
        for line in iter(read, ""):
            check()
            yield line
            if len(line) == most:
                while line and line[-1] not in "\r\n":
                    check()
                    line = read()  # noqa: PLW2901 - the rest of the same line


def _delimiter(path: Path, code: str) -> str | None:
    """The delimiter by which the first lines have most cells, most of them equally many; None for
    a .txt that has none."""
    if path.suffix.lower() == ".tsv":
        return "\t"
    head = [line for line in islice(_lines(path, code), _DELIMITER_SAMPLE) if line.strip()]
    scores = {mark: _regularity(head, mark) for mark in _DELIMITERS}
    best = max(scores, key=lambda mark: scores[mark])
    if path.suffix.lower() == ".txt" and scores[best] < len(head):
        return None
    return best if scores[best] else ","


def _regularity(lines: Sequence[str], delimiter: str) -> int:
    """Delimiters in the rows of the commonest width."""
    try:
        widths = Counter(len(row) - 1 for row in csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return sum(line.count(delimiter) for line in lines)
    return max((width * times for width, times in widths.items()), default=0)


class _LongLineError(Exception):
    """A line is longer than the limit."""


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
        if len(line) > limits.LINE_CHARS:
            raise _LongLineError(line)
        self.taken.append(line)
        return line

    def give_back(self, lines: Sequence[str]) -> None:
        self._returned.extend(reversed(lines))


def _table_rows(path: Path, code: str, delimiter: str) -> Iterator[Row]:
    """Records of a CSV. Quotes are strict over several lines and lenient within one, so that where
    a quote is never closed only the line that opened it is lost."""
    feed = _Feed(_lines(path, code))
    reader = csv.reader(feed, delimiter=delimiter, strict=True)
    for number in count(1):
        feed.taken.clear()
        try:
            yield number, next(reader)
        except StopIteration:
            return
        except _LongLineError as error:
            yield number, Problem("line_too_long", str(error))
            reader = csv.reader(feed, delimiter=delimiter, strict=True)
        except csv.Error:
            first, *rest = feed.taken
            yield number, Problem("bad_quote", first) if rest else _lenient(first, delimiter)
            feed.give_back(rest)
            reader = csv.reader(feed, delimiter=delimiter, strict=True)


def _lenient(line: str, delimiter: str) -> list[str] | Problem:
    usual = csv.field_size_limit(len(line))
    try:
        return next(csv.reader([line], delimiter=delimiter))
    except csv.Error:
        return Problem("bad_quote", line)
    finally:
        csv.field_size_limit(usual)


def _name_rows(path: Path, code: str) -> Iterator[Row]:
    yield 0, [NAME_LINE]
    for number, line in enumerate(_lines(path, code), start=1):
        if len(line) > limits.LINE_CHARS:
            yield number, Problem("line_too_long", line)
        else:
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
    for number, line in enumerate(_lines(path, encoding(path)), start=1):
        if not line.strip():
            continue
        if len(line) > limits.LINE_CHARS:
            yield number, Problem("line_too_long", line)
            continue
        try:
            record = orjson.loads(line)
        except orjson.JSONDecodeError:
            record = None
        yield number, record if isinstance(record, dict) else Problem("bad_json", line)
