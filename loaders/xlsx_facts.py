"""What a sheet of an .xlsx tells beside its values, read from its XML in one pass.

calamine gives values fast, but neither hidden rows nor errors (``#REF!``) nor formulas that were
never calculated; and it keeps a sheet as a full rectangle, so that two cells in far corners would
take all memory. This pass tells all of it, and the rectangle's size, before calamine is asked.
"""

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field

from loaders import limits, xml_events
from loaders.errors import CellError
from loaders.grid import BadCell, Merge

_REF = re.compile(r"([A-Za-z]{1,3})([0-9]{1,7})")
_ROWS, _COLUMNS = 1_048_576, 16_384


@dataclass(slots=True)
class Facts:
    """Of one sheet; rows from 1, columns from 0.

    Attributes:
        bad: row → column → the cell that cannot be used.
        height: the last row that has a cell.
        width: the number of columns up to the last that has one.
    """

    merges: list[Merge] = field(default_factory=list)
    hidden_rows: set[int] = field(default_factory=set)
    bad: dict[int, dict[int, BadCell]] = field(default_factory=dict)
    height: int = 0
    width: int = 0


def read(book: zipfile.ZipFile, part: str) -> Facts:
    """The facts of the sheet in a part of the workbook.

    Raises:
        CellError: the part is damaged (``file_unreadable``, ``unsafe_xml``) or ``sheet_too_large``.
        zipfile.BadZipFile: the part does not unpack to what it says.
    """
    scan = _Scan()
    with book.open(part) as stream:
        for _ in xml_events.feed(scan.parser, stream):
            scan.check()
    return scan.finish()


class _Scan:
    """Handlers of start tags only: a sheet has millions. A cell is judged when the next begins."""

    def __init__(self) -> None:
        self.parser = xml_events.parser(self._root)
        self._facts = Facts()
        self._columns: set[str] = set()
        self._tags: dict[str, str] = {}
        self._ref: str | None = None
        self._row = 0
        self._row_text = "0"
        self._column = -1
        self._marks = 0
        self._type: str | None = None
        self._formula: list[str] | None = None
        self._value: list[str] | None = None

    def finish(self) -> Facts:
        self._judge()
        self.check()
        return self._facts

    def _root(self, tag: str, _: Mapping[str, str]) -> None:
        prefix = tag[: -len(xml_events.local(tag))]
        names = ("v", "c", "row", "is", "f", "mergeCell")
        self._tags = {prefix + name: name for name in names}
        self.parser.StartElementHandler = self._start

    def _start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = self._tags.get(tag)
        if name == "c":
            if self._formula is not None or self._type == "e":
                self._judge()
            self._ref = attributes.get("r")
            self._column += 1
            self._type = attributes.get("t")
        elif name == "v" or name == "is":  # noqa: PLR1714 - the hot path
            ref = self._ref
            self._facts.height = max(self._facts.height, self._row)
            if ref is not None and ref.endswith(self._row_text):
                self._columns.add(ref[: -len(self._row_text)])
            else:
                self._reach(*self._place())
            if self._type == "e" or self._formula is not None:
                self._value = []
                self.parser.CharacterDataHandler = self._value.append
        elif name == "row":
            self._begin_row(attributes)
        elif name == "f":
            self._formula = []
            self.parser.CharacterDataHandler = self._formula.append
        elif name == "mergeCell":
            self._merge(attributes.get("ref", ""))

    def _begin_row(self, attributes: Mapping[str, str]) -> None:
        self._judge()
        self._row = _number(attributes["r"]) if "r" in attributes else self._row + 1
        self._row_text = str(self._row)
        self._column = -1
        if attributes.get("hidden") in {"1", "true"}:
            self._facts.hidden_rows.add(self._row)

    def _place(self) -> tuple[int, int]:
        """Row and column of the current cell, which need not say where it stands."""
        if self._ref is None:
            return self._row, self._column
        match = _REF.fullmatch(self._ref)
        if match is None:
            raise CellError("file_unreadable", "单元格的位置有误")
        return _number(match[2]), _column(match[1])

    def _reach(self, row: int, column: int) -> None:
        facts = self._facts
        facts.height, facts.width = max(facts.height, row), max(facts.width, column + 1)

    def _judge(self) -> None:
        """Record the cell that ends here if it is an error or was never calculated."""
        formula, kind = self._formula, self._type
        value = "".join(self._value or ()).strip()
        calculated = bool(value) or (kind == "str" and self._value is not None)
        self._formula = self._value = self._type = None
        self.parser.CharacterDataHandler = None
        if kind == "e":
            bad = BadCell("bad_cell", value or "#N/A")
        elif formula is not None and not calculated:
            bad = BadCell("no_value", f"={''.join(formula).strip()}")
        else:
            return
        row, column = self._place()
        self._reach(row, column)
        self._facts.bad.setdefault(row, {})[column] = bad
        self._marks += 1

    def _merge(self, ref: str) -> None:
        match = re.fullmatch(rf"{_REF.pattern}:{_REF.pattern}", ref.replace("$", ""))
        if match is not None:
            left, right = sorted((_column(match[1]), _column(match[3])))
            top, bottom = sorted((int(match[2]), int(match[4])))
            self._facts.merges.append(Merge(top, bottom, left, right))

    def check(self) -> None:
        facts = self._facts
        for letters in self._columns:
            if not letters.isalpha():  # "A11" in row 1
                raise CellError("file_unreadable", "单元格的位置有误")
            facts.width = max(facts.width, _column(letters) + 1)
        self._columns.clear()
        if (
            facts.height > _ROWS
            or facts.width > _COLUMNS
            or facts.height * facts.width > limits.SHEET_CELLS
            or self._marks + len(facts.merges) + len(facts.hidden_rows) > limits.SHEET_MARKS
        ):
            size = f"{facts.height} 行 × {facts.width} 列"
            raise CellError("sheet_too_large", size)


def _number(text: str) -> int:
    """A row's number; one outside of Excel's rows would wrap around in calamine."""
    if not (text.isascii() and text.isdigit() and len(text) < 8 and 1 <= int(text) <= _ROWS):
        raise CellError("file_unreadable", "行号有误")
    return int(text)


def _column(letters: str) -> int:
    found = 0
    for letter in letters.upper():
        found = found * 26 + ord(letter) - 64
    return found - 1
