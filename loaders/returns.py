"""The tables of a load, and the rows of them that are given back (see ``loaders.mending``)."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from loaders import mending
from loaders.build import RowBuilder
from loaders.errors import RowError
from loaders.grid import Problem, Row
from loaders.layout_judge import OTHER_TABLE
from loaders.layout_rows import Tell
from loaders.mending import Origin, Part
from loaders.recognise import Recognised

#: More wrong rows of one table than a person mends are not kept.
MOST = 100_000


@dataclass(slots=True)
class Table:
    """A recognised sheet with what turns its rows into nodes and edges.

    Attributes:
        file: what errors cite.
        source: for whom its rows speak; another than the file where they were given back.
        wrong: row number → what is wrong with it, gathered while the table is loaded.
    """

    found: Recognised
    file: str
    source: str
    builder: RowBuilder
    wrong: dict[int, list[RowError]] = field(default_factory=dict)

    def rows(self, tell: Tell | None = None) -> Iterator[Row]:
        """The data rows; blanks of rows that were given back are blanks."""
        found = self.found
        return found.reading.rows(
            found.anchors, tell, found.own, found.naming, guess=found.origin is None
        )

    def note(self, number: int, errors: Sequence[RowError]) -> None:
        """Remember what is wrong with a row."""
        if number in self.wrong or len(self.wrong) < MOST:
            self.wrong.setdefault(number, []).extend(errors)


@dataclass(frozen=True, slots=True)
class Given:
    """What was given back: the file, how many rows to mend, and how many that come along."""

    file: Path
    rows: int
    along: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {"file": str(self.file), "rows": self.rows, "along": self.along}


def give_back(tables: Sequence[Table], path: Path) -> Given:
    """Write the wrong rows of tables to a file, which is left as it is where there are none.

    Raises:
        InputError: see ``mending.write``.
    """
    parts = list(_parts(tables))
    if parts:
        mending.write(path, parts)
    rows = [row for part in parts for row in part.rows]
    wrong = sum(bool(row.errors) for row in rows)
    return Given(path, wrong, len(rows) - wrong)


def _parts(tables: Sequence[Table]) -> Iterator[Part]:
    """A part for each table that has wrong rows, or rows that tell of the same nodes."""
    concerned: Mapping[str, set[str]] = defaultdict(set)
    for table in tables:
        if table.wrong:
            ids = concerned[table.source]
            for number, cells in table.rows():
                if number in table.wrong:
                    ids |= table.builder.subjects(number, cells)
    for table in tables:
        if table.source not in concerned:
            continue
        ids, reading = concerned[table.source], table.found.reading
        origin = table.found.origin or Origin(table.source, reading.sheet.name)
        part = Part(origin, reading.above, reading.header)
        for number, cells in table.rows():
            elsewhere = isinstance(cells, Problem) and cells.code == OTHER_TABLE
            errors = () if elsewhere else table.wrong.get(number, ())
            if errors or not ids.isdisjoint(table.builder.subjects(number, cells)):
                whole = [cells.value] if isinstance(cells, Problem) else cells
                part.rows.append(mending.Returned(number, whole, errors))
        if part.rows:
            yield part
