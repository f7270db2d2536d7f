"""Files as offices send them, written from grids: .xlsx, .xls, .ods, text tables and .zip.

A grid is what a person sees in a sheet; each writer gives the bytes of one file format. A file is
its name and its bytes.
"""

import csv
import datetime as dt
import io
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import openpyxl
import xlwt

File = tuple[str, bytes]
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Formula:
    """A formula as Excel shows it ("=SUM(A1:A3)"); no writer computes its value."""

    text: str


@dataclass(frozen=True, slots=True)
class Failed:
    """An error value in a cell: "#REF!"."""

    code: str


REF = Failed("#REF!")


@dataclass(frozen=True, slots=True)
class Grid:
    """A sheet: its rows, merged ranges as ((row, column), (row, column)) from 1, hidden rows."""

    rows: Rows
    name: str = "Sheet1"
    merged: Sequence[tuple[tuple[int, int], tuple[int, int]]] = ()
    hidden_rows: Sequence[int] = ()
    hidden: bool = False

    @property
    def width(self) -> int:
        return max((len(row) for row in self.rows), default=0)


def across(row: int, columns: int, start: int = 1) -> tuple[tuple[int, int], tuple[int, int]]:
    """The merge of a title over the columns of its row."""
    return (row, start), (row, start + columns - 1)


def down(first: int, last: int, column: int) -> tuple[tuple[int, int], tuple[int, int]]:
    """The merge of a cell over the rows below it."""
    return (first, column), (last, column)


def xlsx(name: str, *grids: Grid) -> File:
    """A workbook of Office Open XML; formulas are left without a cached value."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for grid in grids:
        sheet = book.create_sheet(grid.name)
        for number, row in enumerate(grid.rows, start=1):
            for place, value in enumerate(row, start=1):
                if value is None:
                    continue
                cell = sheet.cell(number, place)
                if isinstance(value, (Formula, Failed)):
                    cell.value = value.text if isinstance(value, Formula) else value.code
                else:
                    cell.value = value
                    if isinstance(value, str):
                        cell.data_type = "s"  # text that begins with "=" is no formula
        for (top, left), (bottom, right) in grid.merged:
            sheet.merge_cells(start_row=top, start_column=left, end_row=bottom, end_column=right)
        for number in grid.hidden_rows:
            sheet.row_dimensions[number].hidden = True
        if grid.hidden:
            sheet.sheet_state = "hidden"
    data = io.BytesIO()
    book.save(data)
    return name, data.getvalue()


def xls(name: str, *grids: Grid) -> File:
    """A workbook of Excel 97–2003 (BIFF8)."""
    book = xlwt.Workbook(encoding="utf-8")
    day = xlwt.easyxf(num_format_str="yyyy-mm-dd")
    for grid in grids:
        sheet = book.add_sheet(grid.name)
        merged = dict(grid.merged)
        for number, row in enumerate(grid.rows, start=1):
            for place, value in enumerate(row, start=1):
                if value is None:
                    continue
                if isinstance(value, Failed):
                    sheet.row(number - 1).set_cell_error(place - 1, value.code)
                    continue
                content = xlwt.Formula(value.text[1:]) if isinstance(value, Formula) else value
                style = day if isinstance(value, dt.date) else xlwt.Style.default_style
                if corner := merged.get((number, place)):
                    sheet.write_merge(
                        number - 1, corner[0] - 1, place - 1, corner[1] - 1, content, style
                    )
                else:
                    sheet.write(number - 1, place - 1, content, style)
        for number in grid.hidden_rows:
            sheet.row(number - 1).hidden = True
        if grid.hidden:
            sheet.visibility = 1
    data = io.BytesIO()
    book.save(data)
    return name, data.getvalue()


_ODS_TYPE = "application/vnd.oasis.opendocument.spreadsheet"
_ODS_HEAD = (
    '<?xml version="1.0" encoding="UTF-8"?>{doctype}<office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    "<office:body><office:spreadsheet>"
)
_ODS_MANIFEST = (
    '<?xml version="1.0" encoding="UTF-8"?><manifest:manifest '
    'xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0" manifest:version="1.2">'
    f'<manifest:file-entry manifest:full-path="/" manifest:media-type="{_ODS_TYPE}"/>'
    '<manifest:file-entry manifest:full-path="content.xml" manifest:media-type="text/xml"/>'
    "</manifest:manifest>"
)


def ods(name: str, *grids: Grid, doctype: str = "") -> File:
    """A spreadsheet of OpenDocument 1.2: the least that LibreOffice opens."""
    body = "".join(_ods_table(grid) for grid in grids)
    content = f"{_ODS_HEAD.format(doctype=doctype)}{body}</office:spreadsheet></office:body>"
    return name, zipped(
        {
            "mimetype": _ODS_TYPE.encode(),
            "META-INF/manifest.xml": _ODS_MANIFEST.encode(),
            "content.xml": f"{content}</office:document-content>".encode(),
        }
    )


def _ods_table(grid: Grid) -> str:
    spans = dict(grid.merged)
    covered = {
        (row, column)
        for (top, left), (bottom, right) in grid.merged
        for row in range(top, bottom + 1)
        for column in range(left, right + 1)
        if (row, column) != (top, left)
    }
    rows = []
    for number, row in enumerate(grid.rows, start=1):
        cells = []
        for place in range(1, grid.width + 1):
            value = row[place - 1] if place <= len(row) else None
            if (number, place) in covered:
                cells.append("<table:covered-table-cell/>")
                continue
            span = ""
            if corner := spans.get((number, place)):
                span = (
                    f' table:number-columns-spanned="{corner[1] - place + 1}"'
                    f' table:number-rows-spanned="{corner[0] - number + 1}"'
                )
            cells.append(_ods_cell(value, span))
        hidden = ' table:visibility="collapse"' if number in grid.hidden_rows else ""
        rows.append(f"<table:table-row{hidden}>{''.join(cells)}</table:table-row>")
    return (
        f'<table:table table:name="{escape(grid.name)}">'
        f'<table:table-column table:number-columns-repeated="{max(grid.width, 1)}"/>'
        f"{''.join(rows)}</table:table>"
    )


def _ods_cell(value: Any, span: str) -> str:
    if value is None:
        return f"<table:table-cell{span}/>"
    if isinstance(value, Formula):
        return f'<table:table-cell{span} table:formula="of:{escape(value.text)}"/>'
    if isinstance(value, Failed):
        kind, shown = 'office:value-type="string" table:formula="of:=[.#REF!]"', value.code
    elif isinstance(value, (int, float)):
        kind, shown = f'office:value-type="float" office:value="{value}"', str(value)
    elif isinstance(value, dt.date):
        kind = f'office:value-type="date" office:date-value="{value.isoformat()}"'
        shown = value.isoformat()
    else:
        kind, shown = 'office:value-type="string"', value
    paragraphs = "".join(f"<text:p>{escape(line)}</text:p>" for line in shown.split("\n"))
    return f"<table:table-cell{span} {kind}>{paragraphs}</table:table-cell>"


def table(name: str, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> File:
    """A text table; what merges cover is empty, as Excel saves it."""
    text = io.StringIO()
    shown = [["" if cell is None else cell for cell in row] for row in rows]
    csv.writer(text, delimiter=delimiter, lineterminator="\r\n").writerows(shown)
    return name, text.getvalue().encode(encoding)


class _GbkInfo(zipfile.ZipInfo):
    """A member named in GBK without a mark, as Windows in Chinese packs it."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gbk"), self.flag_bits & ~0x800


def zipped(members: Mapping[str, bytes], *, gbk: bool = False) -> bytes:
    """A zip archive; ``gbk`` writes the names as Chinese Windows does."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            info = (_GbkInfo if gbk else zipfile.ZipInfo)(name, (2024, 6, 30, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, content)
    return data.getvalue()


def archive(name: str, *files: File, gbk: bool = False) -> File:
    """A .zip of files."""
    return name, zipped(dict(files), gbk=gbk)


def replaced(file: File, member: str, old: str, new: str) -> File:
    """A workbook with a text replaced in one of its parts; the text must be there."""
    name, data = file
    with zipfile.ZipFile(io.BytesIO(data)) as book:
        parts = {info.filename: book.read(info) for info in book.infolist()}
    assert old.encode() in parts[member], (name, member, old)
    parts[member] = parts[member].replace(old.encode(), new.encode())
    return name, zipped(parts)
