"""Workbooks as sheets of rows: .xlsx (calamine), .xls (xlrd), .ods (our own reader).

calamine is ten times as fast as openpyxl, but keeps a sheet as a full rectangle and tells neither
hidden rows nor errors: ``xlsx_facts`` looks at the sheet first. Formulas are never evaluated.
"""

import datetime as dt
import os
import posixpath
import zipfile
from collections.abc import Iterator, Mapping
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from graph_service.deadline import check
from loaders import archive, ods, xlsx_facts, xml_events
from loaders.errors import CellError
from loaders.grid import HEAD_ROWS, BadCell, Merge, Row, Sheet
from loaders.xlsx_facts import Facts

_CHUNK = 1 << 20
_RELATIONS, _BOOK = "xl/_rels/workbook.xml.rels", "xl/workbook.xml"


def zipped(path: Path) -> list[Sheet]:
    """The sheets of a workbook in a zip container: .xlsx or .ods, whatever it is called.

    Raises:
        CellError: it cannot be read, is too large, or is made to do harm.
    """
    with archive.opened(path) as book:
        names = {name.lower(): name for name in book.namelist()}
        if len(names) < len(book.namelist()):
            raise CellError("file_unreadable", "同一部分出现了两次")
        if _BOOK in names:
            return _xlsx(path, book, names)
        if ods.CONTENT in names:
            return ods.sheets(path)
    raise CellError("file_unreadable", "不是 .xlsx 或 .ods 表格")


def _xlsx(path: Path, book: zipfile.ZipFile, names: Mapping[str, str]) -> list[Sheet]:
    import python_calamine as calamine

    parts = _parts(book, names)
    facts = {name: xlsx_facts.read(book, part) for name, part in parts.items()}
    for name in names.values():  # what calamine unpacks, it unpacks without bounds
        if name.lower().endswith((".xml", ".rels")) and name not in parts.values():
            with book.open(name) as stream:
                while stream.read(_CHUNK):
                    check()
    found = []
    with _calamine(path) as workbook:
        for meta in workbook.sheets_metadata:
            check()
            if meta.typ is not calamine.SheetTypeEnum.WorkSheet:
                continue
            fact = facts.get(meta.name)
            if fact is None:
                raise CellError("file_unreadable", f"找不到工作表“{meta.name}”的内容")
            rows = partial(_xlsx_rows, path, meta.name, fact)
            hidden = meta.visible is not calamine.SheetVisibleEnum.Visible
            offset = 0
            head: list[Row] = []
            if not hidden:
                sheet = _guard(partial(workbook.get_sheet_by_name, meta.name))
                offset = _offset(sheet, fact)
                head = list(islice(_with_facts(sheet, fact), HEAD_ROWS))
            merges = [
                Merge(one.top, one.bottom, one.left - offset, one.right - offset)
                for one in sorted(fact.merges, key=lambda one: (one.top, one.left))
                if one.left >= offset
            ]
            hidden_rows = frozenset(fact.hidden_rows)
            found.append(
                Sheet(path, meta.name, rows, fact.height, head, hidden, merges, hidden_rows)
            )
    return found


def _parts(book: zipfile.ZipFile, names: Mapping[str, str]) -> dict[str, str]:
    """The sheets' names with the parts of the container that hold them."""
    targets: dict[str, str] = {}
    sheets: dict[str, str] = {}

    def relation(tag: str, attributes: Mapping[str, str]) -> None:
        if xml_events.local(tag) == "Relationship":
            targets[attributes.get("Id", "")] = attributes.get("Target", "")

    def sheet(tag: str, attributes: Mapping[str, str]) -> None:
        if xml_events.local(tag) == "sheet":
            by_name = {xml_events.local(key): value for key, value in attributes.items()}
            sheets[by_name.get("name", "")] = by_name.get("id", "")

    for needed, start in ((_RELATIONS, relation), (_BOOK, sheet)):
        if needed in names:
            with book.open(names[needed]) as stream:
                for _ in xml_events.feed(xml_events.parser(start), stream):
                    pass
    found = {}
    for name, identity in sheets.items():
        target = targets.get(identity, "").replace("\\", "/")
        whole = target.lstrip("/") if target.startswith(("/", "xl/")) else f"xl/{target}"
        part = names.get(posixpath.normpath(whole).lower())
        if part is not None:
            found[name] = part
    return found


def _calamine(path: Path) -> Any:
    """The workbook; by its content where the file is not called what it is."""
    import python_calamine as calamine

    if path.suffix.lower() in {".xlsx", ".xlsm"}:
        return _guard(partial(calamine.load_workbook, path))
    with path.open("rb") as file:
        return _guard(partial(calamine.load_workbook, file))


def _guard(call: partial[Any]) -> Any:
    """Call calamine; its errors, and panics on what it did not expect, are unreadable files."""
    import python_calamine as calamine

    try:
        return call()
    except calamine.PasswordError as error:
        raise CellError("encrypted") from error
    except calamine.CalamineError as error:
        raise CellError("file_unreadable", "表格结构有误") from error
    except BaseException as error:
        if type(error).__name__ == "PanicException":  # pyo3 offers no class to catch
            raise CellError("file_unreadable", "表格结构有误") from error
        raise


def _xlsx_rows(path: Path, name: str, facts: Facts) -> Iterator[Row]:
    with _calamine(path) as workbook:
        yield from _with_facts(_guard(partial(workbook.get_sheet_by_name, name)), facts)


def _offset(sheet: Any, facts: Facts) -> int:
    """The first column that has a cell: calamine leaves out those before."""
    first = min((min(cells) for cells in facts.bad.values()), default=None)
    start = sheet.start[1] if sheet.start else None
    return min((column for column in (first, start) if column is not None), default=0)


def _with_facts(sheet: Any, facts: Facts) -> Iterator[Row]:
    offset = _offset(sheet, facts)
    padding = [""] * ((sheet.start[1] if sheet.start else offset) - offset)
    number = 0
    for number, cells in enumerate(sheet.iter_rows(), start=1):
        bad = facts.bad.get(number)
        if bad is None and not padding:
            yield number, cells
        else:
            yield number, _marked([*padding, *cells], bad or {}, offset)
    for later in sorted(row for row in facts.bad if row > number):
        yield later, _marked([], facts.bad[later], offset)


def _marked(cells: list[Any], bad: Mapping[int, BadCell], offset: int) -> list[Any]:
    for column, cell in bad.items():
        cells += [""] * (column - offset + 1 - len(cells))
        cells[column - offset] = cell
    return cells


def xls(path: Path) -> list[Sheet]:
    """The sheets of an .xls workbook (BIFF; Excel 97–2003, WPS).

    Raises:
        CellError: it cannot be read.
    """
    found = []
    with _xlrd(path) as book:
        for sheet in book.sheets():
            merges = [
                Merge(top + 1, bottom, left, right - 1)
                for top, bottom, left, right in sorted(sheet.merged_cells)
            ]
            hidden = frozenset(row + 1 for row, info in sheet.rowinfo_map.items() if info.hidden)
            found.append(
                Sheet(
                    path,
                    sheet.name,
                    partial(_xls_rows, path, sheet.number),
                    sheet.nrows,
                    list(islice(_xls_cells(book, sheet), HEAD_ROWS)),
                    sheet.visibility != 0,
                    merges,
                    hidden,
                )
            )
    return found


def _xlrd(path: Path) -> Any:
    import xlrd  # type: ignore[import-untyped]

    with Path(os.devnull).open("w", encoding="utf-8") as silence:
        try:
            return xlrd.open_workbook(path, logfile=silence, formatting_info=True, ragged_rows=True)
        except xlrd.XLRDError as error:
            code = "encrypted" if "encrypt" in str(error).lower() else "file_unreadable"
            raise CellError(code) from error
        except Exception as error:  # xlrd leaves what a damaged file breaks to its caller
            raise CellError("file_unreadable", "表格结构有误") from error


def _xls_rows(path: Path, number: int) -> Iterator[Row]:
    with _xlrd(path) as book:
        yield from _xls_cells(book, book.sheet_by_index(number))


def _xls_cells(book: Any, sheet: Any) -> Iterator[Row]:
    for row in range(sheet.nrows):
        kinds, values = sheet.row_types(row), sheet.row_values(row)
        yield (
            row + 1,
            [
                value if kind in _XLS_PLAIN else _xls_value(kind, value, book.datemode)
                for kind, value in zip(kinds, values, strict=True)
            ],
        )


#: xlrd's kinds of cells: empty, text, number; others are dates (3), logical (4), errors (5).
_XLS_PLAIN = frozenset({0, 1, 2, 6})


def _xls_value(kind: int, value: Any, mode: int) -> Any:
    import xlrd

    if kind == 4:
        return bool(value)
    if kind == 5:
        return BadCell("bad_cell", xlrd.error_text_from_code.get(value, "#N/A"))
    try:
        moment = xlrd.xldate_as_datetime(value, mode)
    except (xlrd.XLDateError, ValueError, OverflowError):
        return value
    if value < 1:
        return moment.time()
    return moment.date() if moment.time() == dt.time() else moment
