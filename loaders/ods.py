"""OpenDocument spreadsheets (.ods): a sheet's rows, merges and hidden rows, streamed from its XML.

Our own, because calamine tells none of the last two, and unfolds repeated cells without bounds.
The format is OASIS OpenDocument 1.3, part 3, chapter 9 (tables) and 19 (attributes).
"""

import datetime as dt
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from loaders import archive, limits, xml_events
from loaders.errors import CellError
from loaders.grid import HEAD_ROWS, BadCell, Merge, Row, Sheet

CONTENT = "content.xml"

_COLUMNS = 16_384


@dataclass(slots=True)
class _Table:
    """A sheet so far: how it looks, and its rows not yet taken."""

    name: str
    style: str
    ready: list[Row] = field(default_factory=list)
    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    row: int = 0
    width: int = 0


def sheets(path: Path) -> list[Sheet]:
    """The sheets of a spreadsheet.

    Raises:
        CellError: it cannot be read, is too large, or declares a DTD.
    """
    found = []
    heads: dict[int, list[Row]] = {}
    content = _Content()
    for number, row in content.read(path):
        head = heads.setdefault(number, [])
        if len(head) < HEAD_ROWS:
            head.append(row)
    for number, table in enumerate(content.tables):
        found.append(
            Sheet(
                path,
                table.name,
                partial(_rows, path, number),
                table.row,
                heads.get(number, []),
                table.style in content.hidden_styles,
                sorted(table.merges, key=lambda one: (one.top, one.left)),
                frozenset(table.hidden_rows),
            )
        )
    return found


def _rows(path: Path, wanted: int) -> Iterator[Row]:
    for number, row in _Content().read(path):
        if number == wanted:
            yield row
        elif number > wanted:
            return


class _Content:
    """Handlers of content.xml."""

    def __init__(self) -> None:
        self.tables: list[_Table] = []
        self.hidden_styles: set[str] = set()
        self._style = ""
        self._table: _Table | None = None
        self._cells: list[Any] = []
        self._empties = 0
        self._row: Mapping[str, str] = {}
        self._cell: Mapping[str, str] | None = None
        self._text: list[str] = []
        self._paragraphs = 0
        self._inside = False
        self._aside = 0
        self._marks = 0

    def read(self, path: Path) -> Iterator[tuple[int, Row]]:
        """All rows that have a cell, each with the number of its sheet."""
        made = xml_events.parser(self._start)
        made.EndElementHandler = self._end
        made.CharacterDataHandler = self._characters
        with archive.opened(path) as book, book.open(CONTENT) as stream:
            for _ in xml_events.feed(made, stream):
                yield from self._ready()

    def _ready(self) -> Iterator[tuple[int, Row]]:
        for number, table in enumerate(self.tables):
            if table.ready:
                yield from ((number, row) for row in table.ready)
                table.ready.clear()

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        match tag:
            case "style:style":
                self._style = attributes.get("style:name", "")
            case "style:table-properties" if attributes.get("table:display") == "false":
                self.hidden_styles.add(self._style)
            case "table:table" if self._table is None:
                name = attributes.get("table:name", "")
                self._table = _Table(name, attributes.get("table:style-name", ""))
                self.tables.append(self._table)
            case "table:table-row" if self._table is not None:
                self._row, self._cells, self._empties = attributes, [], 0
            case "table:table-cell" | "table:covered-table-cell":
                self._cell, self._text, self._paragraphs = attributes, [], 0
            case "office:annotation" | "draw:frame" | "draw:object":
                self._aside += 1
            case "text:p" if not self._aside:
                self._text += ["\n"] if self._paragraphs else []
                self._paragraphs += 1
                self._inside = True
            case "text:line-break" | "text:tab" | "text:s" if not self._aside:
                self._text.append("\n" if tag == "text:line-break" else " ")

    def _end(self, tag: str) -> None:
        match tag:
            case "office:annotation" | "draw:frame" | "draw:object":
                self._aside -= 1
            case "text:p" if not self._aside:
                self._inside = False
            case "table:table-cell" | "table:covered-table-cell" if self._cell is not None:
                self._end_cell(self._cell)
                self._cell = None
            case "table:table-row" if self._table is not None:
                self._end_row(self._table)
            case "table:table":
                self._table = None

    def _characters(self, text: str) -> None:
        if self._inside and not self._aside:
            self._text.append(text)

    def _end_cell(self, cell: Mapping[str, str]) -> None:
        repeated = _count(cell, "table:number-columns-repeated", _COLUMNS)
        value = _value(cell, "".join(self._text))
        if self._table is not None and (span := _span(cell)) != (1, 1):
            top, left = self._table.row + 1, len(self._cells) + self._empties
            self._table.merges.append(Merge(top, top + span[0] - 1, left, left + span[1] - 1))
            self._mark(1)
        if value is None:
            self._empties += repeated
            return
        if len(self._cells) + self._empties + repeated > _COLUMNS:
            raise CellError("sheet_too_large", f"超过 {_COLUMNS} 列")
        self._cells += [None] * self._empties + [value] * repeated
        self._empties = 0

    def _end_row(self, table: _Table) -> None:
        repeated = _count(self._row, "table:number-rows-repeated", limits.SHEET_CELLS)
        first = table.row + 1
        table.row += repeated
        if not self._cells:
            return
        table.width = max(table.width, len(self._cells))
        if table.row * table.width > limits.SHEET_CELLS:
            raise CellError("sheet_too_large", f"{table.row} 行 × {table.width} 列")
        cells = self._cells
        numbers = range(first, first + repeated)
        if self._row.get("table:visibility") in {"collapse", "filter"}:
            table.hidden_rows.update(numbers)
            self._mark(repeated)
        table.ready += [(number, cells) for number in numbers]

    def _mark(self, count: int) -> None:
        self._marks += count
        if self._marks > limits.SHEET_MARKS:
            raise CellError("sheet_too_large")


def _count(attributes: Mapping[str, str], name: str, most: int) -> int:
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdigit() and len(text) < 10):
        raise CellError("file_unreadable", "重复次数有误")
    return min(max(int(text), 1), most)


def _span(cell: Mapping[str, str]) -> tuple[int, int]:
    return (
        _count(cell, "table:number-rows-spanned", limits.SHEET_CELLS),
        _count(cell, "table:number-columns-spanned", _COLUMNS),
    )


def _value(cell: Mapping[str, str], text: str) -> Any:
    """A cell's value: a number, a date, a truth, else its text; None where it is empty."""
    kind = cell.get("office:value-type")
    if cell.get("calcext:value-type") == "error":
        return BadCell("bad_cell", text or "#N/A")
    if kind is None and not text and (formula := cell.get("table:formula")):
        return BadCell("no_value", formula.partition(":")[2] or formula)
    with suppress(KeyError, ValueError):
        if kind == "boolean":
            return cell["office:boolean-value"] == "true"
        if kind in {"float", "percentage", "currency"}:
            return float(cell["office:value"])
        if kind == "date":
            moment = dt.datetime.fromisoformat(cell["office:date-value"])
            return moment.date() if moment.time() == dt.time() else moment
    return text or cell.get("office:string-value")
