"""How a sheet can be read as a table: where its header is, or that it is a form (需求征集表). Pure.

Offices merge titles above the header, write headers of two lines, or fill in one form a sheet with
labels left and values right. ``readings`` lists what a sheet may be; which of them it is depends on
the mappings, so the caller chooses. ``Reading.rows`` then gives clean data rows.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from loaders import layout_form, layout_rows
from loaders.grid import HEAD_ROWS, Merge, Problem, Row, Sheet, is_blank, is_empty
from loaders.layout_form import Form
from loaders.layout_header import Header, joined
from loaders.layout_rows import Tell
from loaders.layout_shape import Shape

#: Titles and notes may stand above the header, which is among the first rows that have cells.
_PLACES = 12
_LINES = 3
_UNIT = re.compile(r"单位[:：]?\s*(?:人民币)?\s*([百千万亿]*元)")


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a sheet as a table.

    Attributes:
        header: one cell a column; of headers in several lines the words that mappings know.
        header_row: the last row of the header; 0 where it stands in no row (JSON lines).
        above: the text of the rows above the header.
        unit: that of all amounts where a title row says so ("单位：万元"), else "".
        form: the sheet as a form; None for a list.
        sample: some data rows as they stand.
    """

    sheet: Sheet
    header: Sequence[Any]
    header_row: int
    above: str = ""
    unit: str = ""
    form: Form | None = None
    sample: Sequence[Sequence[Any]] = ()
    lines: Sequence[Sequence[Any]] = field(default=(), repr=False)
    groups: Sequence[Sequence[tuple[int, str]]] = field(default=(), repr=False)

    @property
    def share(self) -> float:
        """How much of the sheet it explains where its header were fully known, 0–1."""
        return self.form.share if self.form else 1.0

    @property
    def known(self) -> int:
        """How many columns of its header count when mappings are weighed."""
        return self.form.known if self.form else len(self.header)

    @property
    def upright(self) -> bool:
        """Whether it is a form (label left, value right), which makes one row a need."""
        return self.form is not None

    def rows(
        self,
        anchors: frozenset[int] = frozenset(),
        tell: Tell | None = None,
        own: frozenset[int] = frozenset(),
        naming: frozenset[int] = frozenset(),
        *,
        guess: bool = True,
    ) -> Iterator[Row]:
        """The data rows: merged cells filled down; notes, totals and repeated headers left out.

        Args:
            anchors: columns without which a row is none of its kind; see ``layout_rows``.
            tell: is told row, code (``errors.NOTICES``) and text of what is done to a row.
            own: columns that tell records apart; see ``layout_rows``.
            naming: columns that name organisations: what stands there alone and is no such name is
                the title of a section.
            guess: whether blanks may be merged cells where the format cannot tell.
        """
        if self.form is not None:
            return iter(self.form.rows)
        data = ((number, cells) for number, cells in self.sheet.rows() if number > self.header_row)
        if self.header_row == 0:  # records that a program wrote, without layout
            return (
                (n, cells) for n, cells in data if isinstance(cells, Problem) or not is_blank(cells)
            )
        shape = Shape(
            self.header,
            self.lines,
            self.groups,
            self._merges(),
            self.sheet.hidden_rows,
            anchors,
            own,
            naming if self._is_filled() else frozenset(),
            guess and self.sheet.merges is None,
        )
        return layout_rows.data_rows(data, shape, self.sheet.head, tell)

    def row_of(self, number: int, column: int) -> int:
        """The row of the sheet in which a cell of a data row stands: in a form, its label's."""
        return self.form.places.get((number, column), number) if self.form else number

    def _is_filled(self) -> bool:
        """Whether rows have more than one cell, at least half of them."""
        filled = [sum(not is_empty(cell) for cell in cells) for cells in self.sample]
        return sum(count == 1 for count in filled) * 2 <= len(filled)

    def _merges(self) -> Sequence[Merge]:
        return [one for one in self.sheet.merges or () if one.bottom > self.header_row]


def readings(sheet: Sheet, is_label: Callable[[str], bool]) -> Iterator[Reading]:
    """All plausible ways to read a sheet, the plainest first.

    Args:
        sheet: the sheet.
        is_label: whether a mapping knows a header.
    """
    if not sheet.head:
        sheet = replace(sheet, head=list(islice(sheet.rows(), HEAD_ROWS)))
    lines = [
        (number, cells)
        for number, cells in sheet.head
        if not isinstance(cells, Problem) and not is_blank(cells)
    ]
    merges = sheet.merges or ()
    place = 0
    while place < min(len(lines), _PLACES):
        above = [cells for _, cells in lines[:place]]
        headers = [
            (depth, header)
            for depth in range(1, _LINES + 1)
            if (header := joined(lines[place : place + depth], merges, is_label, depth))
        ]
        if lines[place][0] == 0:  # records that a program wrote
            yield _listed(sheet, headers[0][1], lines, 1, above)
            return
        certain = [(depth, header) for depth, header in headers if header.certain]
        for depth, header in certain[-1:] or headers:
            yield _listed(sheet, header, lines, place + depth, above)
        place += certain[-1][0] if certain else 1
    if sheet.total <= HEAD_ROWS and (form := layout_form.read(lines, merges, is_label)):
        text = _text([cells for _, cells in lines])
        title = _text([lines[0][1]]) if sum(not is_empty(cell) for cell in lines[0][1]) == 1 else ""
        sample = [cells for _, cells in form.rows if not isinstance(cells, Problem)]
        yield Reading(sheet, form.header, 0, title, _unit(text), form, sample)


def _listed(
    sheet: Sheet,
    header: Header,
    lines: Sequence[tuple[int, Sequence[Any]]],
    start: int,
    above: Sequence[Sequence[Any]],
) -> Reading:
    text = _text(above)
    sample = [cells for _, cells in lines[start:]]
    return Reading(
        sheet,
        header.cells,
        header.row,
        text,
        _unit(text),
        None,
        sample,
        lines=header.lines,
        groups=header.groups,
    )


def _text(rows: Sequence[Sequence[Any]]) -> str:
    return " ".join(
        " ".join(str(cell).split()) for cells in rows for cell in cells if not is_empty(cell)
    )


def _unit(text: str) -> str:
    match = _UNIT.search(unicodedata.normalize("NFKC", text))
    return match[1] if match else ""
