"""The data rows below a header: merged cells filled, and what is no data left out. Pure, streaming.

**Merged cells.** A cell merged downwards holds for every row it covers. A row in which every anchor
(a column without which it is no record) is so covered goes on with the record above, and its other
cells are added to that. Where the format tells no merges (CSV), blanks at the beginning of a row
are taken for a merged cell only if an anchor stands in the row behind them, so that a nameless row
of a directory never becomes a part of the firm above; see ``layout_fill``.

**No data.** Rows of notes (注：…), of signatures (填表人：…), sums (合计), examples, numbers of
columns, and the header repeated on each printed page. Rows below another header are refused.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from loaders.grid import Problem, Row, is_blank, is_empty
from loaders.layout_fill import Filler
from loaders.layout_judge import OTHER_TABLE, Judge
from loaders.layout_shape import Shape
from loaders.vocabulary import words

#: Is told row, code (``errors.NOTICES``) and the text of a row of which something is done.
Tell = Callable[[int, str, str], None]

_TICKS = frozenset(words("layout")["ticks"])


def data_rows(
    rows: Iterable[Row], shape: Shape, head: Sequence[Row], tell: Tell | None = None
) -> Iterator[Row]:
    """The data rows of a table.

    Args:
        rows: all rows below the header.
        shape: what is known of the table.
        head: the sheet's first rows, by which the width of a block of blanks is judged.
        tell: is told what is done to a row.
    """
    tell = tell or (lambda _row, _code, _text: None)
    filler = Filler(shape, head)
    held: tuple[int, list[Any]] | None = None
    for number, cells in _kept(rows, Judge(shape), filler, tell):
        if isinstance(cells, Problem):
            if held is not None:
                yield held
            held = None
            yield number, cells
            continue
        if number in shape.hidden_rows:
            tell(number, "hidden_row", _text(cells))
        row, goes_on, guessed = filler.filled(number, cells)
        if guessed:
            tell(number, "filled_down", _text(cells))
        if goes_on and held is not None:
            _add(held[1], cells)
            continue
        if held is not None:
            yield held
        held = (number, _gathered(row, shape.groups))
    if held is not None:
        yield held


def _kept(rows: Iterable[Row], judge: Judge, filler: Filler, tell: Tell) -> Iterator[Row]:
    """The rows that are data, or cannot be read."""
    for number, cells in rows:
        if isinstance(cells, Problem):
            yield number, cells
        elif is_blank(cells):
            filler.skip(number)
        elif code := judge.no_data(number, cells, filler.covers):
            filler.skip(number)
            if code == OTHER_TABLE:
                yield number, Problem(code, _text(cells))
            elif code != "blank":
                tell(number, code, _text(cells))
        else:
            yield number, cells


def _text(cells: Sequence[Any]) -> str:
    return " ".join(str(cell) for cell in cells if not is_empty(cell))


def _add(row: list[Any], more: Sequence[Any]) -> None:
    """Add the cells of a row that goes on with a record to its first row."""
    for column, cell in enumerate(more):
        if is_empty(cell):
            continue
        row += [None] * (column + 1 - len(row))
        row[column] = cell if is_empty(row[column]) else f"{row[column]}\n{cell}"


def _gathered(cells: list[Any], groups: Sequence[Sequence[tuple[int, str]]]) -> list[Any]:
    """A row with each group's choices and texts as the text of its first column."""
    if not groups:
        return cells
    row = list(cells)
    for group in groups:
        said = [(word, row[column]) for column, word in group if column < len(row)]
        said = [(word, cell) for word, cell in said if not is_empty(cell)]
        if said and all(isinstance(cell, str) for _, cell in said):
            first = group[0][0]
            parts = [w if c.strip() in _TICKS else f"{w}：{c.strip()}" for w, c in said]
            row[first] = "；".join(parts)
    return row
