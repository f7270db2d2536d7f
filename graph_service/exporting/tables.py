"""Tables for people: a workbook, or a folder of CSV files, which our loaders read back.

A sheet for each kind of node and of edge, a row a statement. The store is read twice: for what
columns there are, and for the rows. See ``cells`` for how values are written.
"""

import csv
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from graph_service.exporting import cells, statements
from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.ports import GraphStore
from graph_service.progress import Progress

#: Excel's bounds: characters of a cell (UTF-16 units), rows of a sheet, digits of a number.
_CELL, _ROWS, _DIGITS = 32_767, 1_048_576, 15


@dataclass(frozen=True, slots=True)
class Words:
    """The Chinese names of what is exported."""

    labels: Mapping[Label, str]
    edges: Mapping[EdgeType, str]
    props: Mapping[str, str]


@dataclass(slots=True)
class _Columns:
    """Properties in the order in which they were met, each with the length of its longest text."""

    longest: dict[str, int] = field(default_factory=dict)

    def see(self, props: Mapping[str, Any]) -> None:
        for name, value in props.items():
            length = _units(cells.encode(value)) if isinstance(value, (str, list, dict)) else 0
            self.longest[name] = max(self.longest.get(name, 0), length)


class _Book(Protocol):
    """Where sheets go. ``cell_limit`` None: cells of any length."""

    cell_limit: int | None

    def add(self, sheet: str, header: list[str]) -> None: ...

    def row(self, sheet: str, row: list[Any]) -> None: ...


def write_csv(store: GraphStore, folder: Path, words: Words, progress: Progress) -> None:
    """Write a CSV for each kind (UTF-8 with its mark, which Excel needs) into a folder."""
    with ExitStack() as files:
        _write(store, _Folder(folder, files), words, progress)


def write_workbook(store: GraphStore, path: Path, words: Words, progress: Progress) -> None:
    """Write an .xlsx."""
    book = _Workbook()
    try:
        _write(store, book, words, progress)
        book.save(path)
    finally:
        book.close()


class _Folder:
    cell_limit: int | None = None

    def __init__(self, folder: Path, files: ExitStack) -> None:
        self._folder, self._files = folder, files
        self._writers: dict[str, Any] = {}

    def add(self, sheet: str, header: list[str]) -> None:
        path = self._folder / f"{sheet}.csv"
        file = self._files.enter_context(path.open("w", encoding="utf-8-sig", newline=""))
        self._writers[sheet] = csv.writer(file)
        self._writers[sheet].writerow(header)

    def row(self, sheet: str, row: list[Any]) -> None:
        self._writers[sheet].writerow(row)


class _Workbook:
    """openpyxl's streaming workbook: rows go to disk as they come."""

    cell_limit: int | None = _CELL - 4  # room for an apostrophe, and for a character cut apart

    def __init__(self) -> None:
        import openpyxl

        self._book = openpyxl.Workbook(write_only=True)
        self._headers: dict[str, list[str]] = {}
        self._made: list[Any] = []
        self._sheets: dict[str, list[Any]] = {}  # the sheet being filled, and its rows so far

    def add(self, sheet: str, header: list[str]) -> None:
        self._headers[sheet] = header
        self._open(sheet, sheet)

    def row(self, sheet: str, row: list[Any]) -> None:
        made, rows, number = self._sheets[sheet]
        if rows == _ROWS:
            made, rows, number = self._open(sheet, f"{sheet} {number + 1}", number + 1)
        made.append([_native(cell) for cell in row])
        self._sheets[sheet] = [made, rows + 1, number]

    def save(self, path: Path) -> None:
        if not self._sheets:
            self._book.create_sheet("空")
        self._book.save(path)

    def close(self) -> None:
        """End what an error left open; harmless after ``save``."""
        for made in self._made:
            if not made.closed:
                made.close()

    def _open(self, sheet: str, title: str, number: int = 1) -> list[Any]:
        made = self._book.create_sheet(title)
        self._made.append(made)
        made.freeze_panes = "A2"
        made.append(self._headers[sheet])
        self._sheets[sheet] = [made, 1, number]
        return self._sheets[sheet]


def _native(cell: Any) -> Any:
    """A number that Excel keeps as it is, else text."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        exact = abs(cell) < 10**_DIGITS and float(f"{cell:.{_DIGITS}g}") == cell
        return cell if exact else cells.encode(cell)
    return cell if cell is None or isinstance(cell, str) else cells.encode(cell)


def _write(store: GraphStore, book: _Book, words: Words, progress: Progress) -> None:
    columns: dict[str, _Columns] = {}
    for sheet, item in _items(store, words, progress):
        columns.setdefault(sheet, _Columns()).see(item.props)
    spans: dict[str, dict[str, int]] = {}
    for sheet, seen in columns.items():
        limit = book.cell_limit
        spans[sheet] = {
            name: 1 if limit is None else max(1, -(-length // limit))
            for name, length in seen.longest.items()
        }
        head = [
            cells.header(name, words.props.get(name))
            for name, span in spans[sheet].items()
            for _ in range(span)  # a text too long for one cell goes on in the next
        ]
        book.add(sheet, [*(cells.EDGE if sheet.startswith(_EDGE_SHEET) else cells.NODE), *head])
    for sheet, item in _items(store, words, progress):
        row = _edge(item) if isinstance(item, Edge) else _node(item)
        for name, span in spans[sheet].items():
            row += _pieces(item.props.get(name), span, book.cell_limit)
        book.row(sheet, row)


_EDGE_SHEET = "关系-"


def _items(
    store: GraphStore, words: Words, progress: Progress
) -> Iterator[tuple[str, Node | Edge]]:
    for node in statements.nodes(store, progress):
        yield words.labels[node.label], node
    for edge in statements.edges(store, progress):
        yield _EDGE_SHEET + words.edges[edge.type], edge


def _node(node: Node) -> list[Any]:
    return [
        cells.encode(node.id),
        node.label.value,
        cells.encode(node.source or ""),
        _date(node.observed_at),
    ]


def _edge(edge: Edge) -> list[Any]:
    return [
        edge.type.value,
        cells.encode(edge.from_id),
        cells.encode(edge.to_id),
        cells.encode(edge.key) if edge.key else None,
        cells.encode(edge.source or ""),
        _date(edge.observed_at),
        edge.confidence,
        cells.INFERRED if edge.inferred else cells.OBSERVED,
    ]


def _date(date: str | None) -> str | None:
    """As it is, for a year is no number here; what no loader gave us like any other text."""
    return date if date is None or date[:1].isdigit() else cells.encode(date)


def _pieces(value: Any, span: int, limit: int | None) -> list[Any]:
    if value is None:
        return [None] * span
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return [value, *[None] * (span - 1)]
    text = cells.encode(value)
    if limit is None or span == 1:
        return [text, *[None] * (span - 1)]
    first, *more = _cut(text, limit + 1)
    return [first, *("'" + piece for piece in more), *[None] * (span - 1 - len(more))]


def _cut(text: str, units: int) -> list[str]:
    """A text in pieces of at most so many UTF-16 units, none cut inside a character."""
    data = text.encode("utf-16-le")
    pieces = []
    first = 0
    while first < len(data):
        end = min(first + 2 * units, len(data))
        if end < len(data) and 0xDC <= data[end + 1] <= 0xDF:
            end -= 2
        pieces.append(data[first:end].decode("utf-16-le"))
        first = end
    return pieces


def _units(text: str) -> int:
    return len(text) + sum(char > "\uffff" for char in text)
