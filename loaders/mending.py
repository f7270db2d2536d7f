"""Rows given back to be mended (``jiebang load --errors FILE``), and loaded again as they were.

Each table comes back in its own columns, bad cells coloured and commented, with the reason and the
row's number at the end. A first line names the source and sheet, so that the mended file speaks in
their name: to the same nodes, replacing what was said of them. Since a source speaks once of a
node, the other rows that tell of the same nodes come along, uncoloured.
"""

import csv
import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

import orjson

from graph_service.errors import InputError
from loaders import limits
from loaders.errors import RowError
from loaders.escape import escape, unescape
from loaders.grid import BadCell
from loaders.readers import BROKEN

if TYPE_CHECKING:
    from openpyxl.cell.cell import Cell

#: Headers of the columns added at the end; never data.
REASON, ROW = "〔问题与改法〕", "〔原行号〕"
#: Errors of cells that come back empty: what stood there, taken as it is, would be no error.
_EMPTIED = frozenset({"no_value", "cell_too_long", "encoding"})
_ALONG = "同一对象的其他行，请一并保留"
_CUT = "Excel 一格容不下，这里只有前 32,767 字；请补全，或改用 .csv（没有这个限制）"
_ORIGIN = re.compile(r"jiebang退回待改\|来源:(\S+?)\|工作表:(\S*?)\|")
_NOT_IN_A_LINE = re.compile(r"[%\s|｜]")
_NOT_IN_A_SHEET_NAME = re.compile(r"[\[\]:*?/\\']")
_ILLEGAL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff\ud800-\udfff]")
_LONGEST = 32_767  # characters in a cell of a workbook


@dataclass(frozen=True, slots=True)
class Origin:
    """Where rows given back came from: the source and the sheet that they speak for."""

    source: str
    sheet: str

    def line(self) -> str:
        """The first line of a table that is given back."""
        source, sheet = (
            _NOT_IN_A_LINE.sub(lambda char: quote(char[0]), part)
            for part in (self.source, self.sheet)
        )
        return f"jiebang退回待改|来源:{source}|工作表:{sheet}|改好标色的单元格后直接载入本文件"


def origin(above: str) -> Origin | None:
    """The origin of a table by the text above it; None for a table that was not given back."""
    match = _ORIGIN.search(above)
    return Origin(unquote(match[1]), unquote(match[2])) if match else None


@dataclass(frozen=True, slots=True)
class Returned:
    """A row to give back; without errors it comes along with one that has."""

    number: int
    cells: Sequence[Any]
    errors: Sequence[RowError] = ()


@dataclass(slots=True)
class Part:
    """A table's rows to give back, under its own header and title."""

    origin: Origin
    title: str
    header: Sequence[Any]
    rows: list[Returned] = field(default_factory=list)

    def lines(self) -> list[str]:
        """What stands above the header."""
        above = _ORIGIN.sub("", self.title).strip()
        return [self.origin.line(), *([above] if above else [])]


def write(path: Path, parts: Sequence[Part]) -> None:
    """Write the rows to a workbook, a sheet a table, or to a .csv where there is one table.

    Raises:
        InputError: the file cannot be written, is neither kind, or several tables are for a .csv.
    """
    suffix = path.suffix.lower()
    if suffix not in {".xlsx", ".csv"}:
        raise InputError(f"退回的行不能写成 {path.name}", hint="请用 .xlsx 或 .csv。", path=path)
    if suffix == ".csv" and len(parts) > 1:
        raise InputError(
            f"退回的行来自 {len(parts)} 张表，写不进一个 .csv", hint="请改用 .xlsx。", path=path
        )
    new = path.with_name(f".{path.name}.new")
    try:
        (_write_csv if suffix == ".csv" else _write_workbook)(new, parts)
        new.replace(path)
    except OSError as error:
        raise InputError(
            f"写不了 {path}", hint="请检查文件夹的权限和磁盘空间。", path=path, reason=error
        ) from error
    finally:
        new.unlink(missing_ok=True)


def _reason(row: Returned) -> str:
    if not row.errors:
        return _ALONG
    return "；".join(
        (f"“{error.column}”" if error.column else "") + _said(error) for error in row.errors
    )


def _said(error: RowError) -> str:
    stood = f"原为：{error.value}" if error.code in _EMPTIED and error.value else ""
    return f"{error.message}。{error.mend}{stood}"


def _plain(cell: Any) -> Any:
    """A cell as a file can hold it; nothing for one of ``_EMPTIED``."""
    if isinstance(cell, BadCell):
        cell = None if cell.code in _EMPTIED else cell.value
    if isinstance(cell, str) and (BROKEN in cell or len(cell) > limits.CELL_CHARS):
        return None
    if isinstance(cell, list):
        cell = "；".join(str(_plain(one)) for one in cell if one is not None)
    elif isinstance(cell, dict):
        cell = orjson.dumps(cell, default=str).decode()
    if isinstance(cell, str):
        return escape(unescape(_ILLEGAL.sub("", cell)))  # loading undoes one escape
    return cell


def _write_csv(path: Path, parts: Sequence[Part]) -> None:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        for part in parts:
            writer.writerows([line] for line in part.lines())
            writer.writerow([*map(_plain, part.header), REASON, ROW])
            for row in part.rows:
                cells = [*map(_plain, row.cells)][: len(part.header)]
                cells += [None] * (len(part.header) - len(cells))
                writer.writerow([*cells, _reason(row), row.number])


def _write_workbook(path: Path, parts: Sequence[Part]) -> None:
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    names: set[str] = set()
    for part in parts:
        sheet = book.create_sheet(_sheet_name(part.origin, names))
        for line in part.lines():
            sheet.append([_cell(sheet, line)])
        sheet.append([_cell(sheet, value, bold=True) for value in (*part.header, REASON, ROW)])
        places = {_text(value): index for index, value in reversed([*enumerate(part.header)])}
        for row in part.rows:
            sheet.append(_cells(sheet, part, row, places))
    book.save(path)


def _cells(sheet: Any, part: Part, row: Returned, places: Mapping[str, int]) -> "list[Cell]":
    wrong: dict[int, list[str]] = {}
    for error in row.errors:
        place = places.get(error.column)
        for index in range(len(part.header)) if place is None else [place]:
            wrong.setdefault(index, []).append(_said(error))
    cells = [*row.cells[: len(part.header)], *[None] * (len(part.header) - len(row.cells))]
    reason = _reason(row)
    for index, value in enumerate(map(_plain, cells)):
        if isinstance(value, str) and len(value) > _LONGEST:
            wrong.setdefault(index, []).append(_CUT)
            reason += f"；“{_text(part.header[index])}”{_CUT}"
    made = [
        _cell(sheet, value, comment="\n".join(wrong.get(index, ())))
        for index, value in enumerate(cells)
    ]
    return [*made, _cell(sheet, reason), _cell(sheet, row.number)]


def _cell(sheet: Any, value: Any, *, comment: str = "", bold: bool = False) -> "Cell":
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.comments import Comment
    from openpyxl.styles import Font, PatternFill

    value = _plain(value)
    if isinstance(value, str):
        value = value[:_LONGEST]
    elif isinstance(value, dt.datetime) and value.tzinfo is not None:
        value = value.isoformat()
    elif isinstance(value, int) and abs(value) >= 10**15:  # a workbook keeps 15 digits
        value = str(value)
    cell = WriteOnlyCell(sheet, value)
    if isinstance(value, str):
        cell.data_type = "s"  # never a formula
    if bold:
        cell.font = Font(bold=True)
    if comment:
        cell.fill = PatternFill("solid", fgColor="FFC7CE")
        cell.comment = Comment(comment, "jiebang")
    return cell


def _text(value: Any) -> str:
    return str(value).strip()


def _sheet_name(origin_: Origin, names: set[str]) -> str:
    """A name that a workbook allows and no other sheet has."""
    stem = _NOT_IN_A_SHEET_NAME.sub("_", origin_.sheet or origin_.source)[:28] or "表"
    stem = _ILLEGAL.sub("", stem)
    name, count = stem, 1
    while name.lower() in names:
        count += 1
        name = f"{stem}{count}"
    names.add(name.lower())
    return name
