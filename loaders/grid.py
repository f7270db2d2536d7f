"""A sheet as it stands in its file: rows of cells, and what the file tells beside their values."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

#: Rows of a sheet that are kept to recognise it by.
HEAD_ROWS = 200


@dataclass(frozen=True, slots=True)
class Problem:
    """A row that cannot be read: an error code and what stood there."""

    code: str
    value: str


@dataclass(frozen=True, slots=True)
class BadCell:
    """A cell that cannot be used: an error code and what stood there (``#REF!``, a formula)."""

    code: str
    value: str

    def __str__(self) -> str:
        return self.value


@dataclass(frozen=True, slots=True)
class Merge:
    """A merged range: first and last row (from 1), first and last column (from 0)."""

    top: int
    bottom: int
    left: int
    right: int


#: Row number as a spreadsheet counts it (from 1; 0 for a header that stands in no row), and cells.
Row = tuple[int, Sequence[Any] | Problem]


@dataclass(frozen=True, slots=True)
class Sheet:
    """One table of a file.

    Attributes:
        rows: reads the sheet anew at each call.
        total: about the number of its rows.
        head: its first rows.
        hidden: whether the whole sheet is.
        merges: merged ranges from top to bottom; None where the format cannot tell.
        hidden_rows: numbers of rows hidden by hand or by a filter.
    """

    path: Path
    name: str
    rows: Callable[[], Iterator[Row]]
    total: int
    head: Sequence[Row] = ()
    hidden: bool = False
    merges: Sequence[Merge] | None = None
    hidden_rows: frozenset[int] = frozenset()


def is_blank(cells: Sequence[Any]) -> bool:
    """Whether a row says nothing at all."""
    return all(map(is_empty, cells))


def is_empty(cell: Any) -> bool:
    """Whether a cell says nothing: none, white space, not a number."""
    if isinstance(cell, str):
        return not cell or cell.isspace()
    return cell is None or (isinstance(cell, float) and math.isnan(cell))
