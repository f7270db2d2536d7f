"""Tables made by a service, as a workbook: for people, and not read back as a graph."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from graph_service.exporting import cells

#: Excel's bounds: characters of a cell, rows of a sheet, digits of a number.
_CELL, _ROWS, _DIGITS = 32_000, 1_048_576, 15


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table: its title, its header, its rows of texts, numbers and None."""

    title: str
    header: Sequence[str]
    rows: Iterable[Sequence[Any]]


def workbook(sheets: Sequence[Sheet]) -> bytes:
    """An .xlsx of some tables, each at least with its header. No text becomes a formula; a text or
    a table that is too long for Excel ends with 「……（未完）」."""
    import openpyxl

    book = openpyxl.Workbook(write_only=True)
    for sheet in sheets:
        made = book.create_sheet(sheet.title)
        made.freeze_panes = "A2"
        made.append(list(sheet.header))
        for number, row in enumerate(sheet.rows, start=2):
            if number == _ROWS:
                made.append([_MORE])
                break
            made.append([_cell(value) for value in row])
    held = BytesIO()
    book.save(held)
    return held.getvalue()


_MORE = "……（未完）"


def _cell(value: Any) -> Any:
    if value is None or value == "":
        return None
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return value if abs(value) < 10**_DIGITS else str(value)
    text = cells.encode(value if isinstance(value, str) else str(value))
    return text if len(text) <= _CELL else text[:_CELL] + _MORE
