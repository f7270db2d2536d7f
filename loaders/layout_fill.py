"""Cells that merges cover, or seem to cover, filled. Pure, streaming."""

from collections.abc import Sequence
from typing import Any

from loaders.grid import Merge, Problem, Row, is_empty
from loaders.layout_shape import COUNTER, SERIAL, Shape, key


class Filler:
    """Fills cells that merges cover; or, where the format tells no merges (CSV), the leading blanks
    of a row by this rule:

    - an anchor has a value in the row, behind the blanks; and
    - the first cell is blank, too; or it is a running number (序号) and at least two blanks follow.

    So many are filled as every such row among the first ones has; numbers of rows never are.
    """

    def __init__(self, shape: Shape, head: Sequence[Row]) -> None:
        self._shape = shape
        self._down = sorted(
            (one for one in shape.merges if one.bottom > one.top),
            key=lambda one: (-one.top, one.left),
        )
        self._active: list[tuple[Merge, Any]] = []
        self._fixed = {column for column, cell in enumerate(shape.header) if key(cell) in SERIAL}
        self._fixed |= shape.own
        first = key(shape.header[0]) if shape.header else ""
        self._start = 1 if first in COUNTER else 0
        self._above: list[Any] = []
        widths = [
            width
            for _, cells in head
            if not isinstance(cells, Problem) and (width := self._leading(cells))
        ]
        self._width = min(widths, default=0) if shape.guess else 0

    def skip(self, number: int) -> None:
        """Pass a row that is no data; ranges go on over it, guesses do not."""
        self._advance(number, ())
        self._above = []

    def covers(self, number: int) -> bool:
        """Whether a cell merged downwards holds for the next row, of this number."""
        return any(one.top < number <= one.bottom for one, _ in self._active)

    def filled(self, number: int, cells: Sequence[Any]) -> tuple[list[Any], bool, bool]:
        """The row filled; whether it goes on with the record above; whether that was guessed."""
        row = list(cells)
        if self._shape.merges and (self._down or self._active):
            self._advance(number, cells)
            covered = set()
            for merge, value in self._active:
                if merge.top < number and merge.left not in self._fixed:
                    row += [None] * (merge.left + 1 - len(row))
                    if is_empty(row[merge.left]):
                        row[merge.left] = value
                        covered.add(merge.left)
            anchors = self._shape.anchors
            return row, bool(anchors) and anchors <= covered, False
        guessed = False
        if self._above and self._leading(cells):
            for column in range(self._start, min(self._width, len(row), len(self._above))):
                if column not in self._fixed and is_empty(row[column]):
                    row[column] = self._above[column]
                    guessed = guessed or not is_empty(row[column])
        self._above = row
        return row, False, guessed

    def _leading(self, cells: Sequence[Any]) -> int:
        """How many columns at the beginning of a row may be merged with those above; 0 for none."""
        anchors = self._shape.anchors
        blanks = 0
        for column, cell in enumerate(cells):
            if column >= self._start and not is_empty(cell):
                break
            blanks = column + 1
        least = 3 if self._start and blanks and not is_empty(cells[0]) else self._start + 1
        if blanks < least:
            return 0
        behind = any(a >= blanks and a < len(cells) and not is_empty(cells[a]) for a in anchors)
        return blanks if behind else 0

    def _advance(self, number: int, cells: Sequence[Any]) -> None:
        self._active = [(one, value) for one, value in self._active if one.bottom >= number]
        while self._down and self._down[-1].top <= number:
            merge = self._down.pop()
            if merge.top == number and merge.left < len(cells):
                self._active.append((merge, cells[merge.left]))
