"""Exported tables (``jiebang export``) read back: a node or an edge a row, as it was said.

They are told by their header: 节点编号 and 节点种类, or 关系种类, 起点编号 and 终点编号. How values
are written, and that a formula's first character stands behind an apostrophe, is in
``graph_service.exporting.cells``.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Literal

from graph_service.exporting import cells
from graph_service.model import Edge, Node
from loaders.errors import ErrorLog, RowError, shown
from loaders.graph_jsonl import LineError, Merge, item
from loaders.grid import Problem, Sheet

#: Column → field of a line of graph.jsonl.
_NODE = dict(zip(cells.NODE, ("node", "label", "source", "observed_at"), strict=True))
_EDGE = dict(
    zip(
        cells.EDGE,
        ("edge", "from", "to", "key", "source", "observed_at", "confidence", "inferred"),
        strict=True,
    )
)
_COLUMN = {field: column for column, field in (_NODE | _EDGE).items()}
_EXACT = 2**53  # below it a float is the whole number that was written
_CERTAINTY = {cells.OBSERVED: False, cells.INFERRED: True}


def holds(sheet: Sheet) -> Literal["nodes", "edges"] | None:
    """What an exported table holds, by its first row; None where it is none."""
    for _, row in islice(sheet.head or sheet.rows(), 1):
        if not isinstance(row, Problem) and (fields := _fields(row)) is not None:
            return "nodes" if fields is _NODE else "edges"
    return None


def read(
    sheet: Sheet, source: str, log: ErrorLog | None = None
) -> Iterator[tuple[int, Node | Edge | Merge]]:
    """The rows as nodes and edges, with their numbers; wrong rows go to the log.

    ``source`` stands for those that name none.
    """
    log = log if log is not None else ErrorLog()
    fields: Mapping[str, str] = {}
    header: Sequence[str] = ()
    for number, row in sheet.rows():
        if not header:
            header = [_text(cell) for cell in row] if not isinstance(row, Problem) else []
            fields = _fields(header) or {}
            continue
        try:
            if isinstance(row, Problem):
                raise LineError(row.code, "", row.value)  # noqa: TRY301
            if any(cell not in (None, "") for cell in row):
                yield number, item(_record(header, fields, row), source)
        except LineError as error:
            column = _COLUMN.get(error.column, error.column)
            log.add(RowError(source, error.code, sheet.name, number, column, shown(error.value)))
            log.rejected += 1


def _fields(header: Sequence[Any]) -> Mapping[str, str] | None:
    named = {_text(cell) for cell in header}
    if set(cells.NODE[:2]) <= named:
        return _NODE
    return _EDGE if set(cells.EDGE[:3]) <= named else None


def _record(header: Sequence[str], fields: Mapping[str, str], row: Sequence[Any]) -> dict[str, Any]:
    """A row as a line of graph.jsonl."""
    record: dict[str, Any] = {}
    props: dict[str, Any] = {}
    long: dict[str, list[str]] = {}
    for column, cell in zip(header, row, strict=False):
        if cell is None or cell == "":
            continue
        name = None if column in fields else cells.prop(column)
        if name is None:
            if field := fields.get(column):
                record[field] = _field(field, cell)
        elif isinstance(cell, str):
            long.setdefault(name, []).append(cell)
        else:
            props[name] = _number(cell)
    for name, pieces in long.items():
        props[name] = cells.decode(cells.joined(pieces))
    return record | {"props": props}


def _field(field: str, cell: Any) -> Any:
    if field == "inferred":
        if (certainty := _CERTAINTY.get(_text(cell))) is None:
            raise LineError("bad_type", field, cell)
        return certainty
    if field == "confidence":
        return cells.decode(cell) if isinstance(cell, str) else cell
    text = _text(cell)
    told = cells.decode(text)
    return told if isinstance(told, str) else text


def _number(cell: Any) -> Any:
    """A number as it was: a workbook knows no whole numbers."""
    whole = isinstance(cell, float) and cell.is_integer() and abs(cell) < _EXACT
    return int(cell) if whole else cell


def _text(cell: Any) -> str:
    return str(_number(cell)) if cell is not None else ""
