"""What files hold, as far as their names and first rows tell; nothing is written.

Text is read once through, to count its lines and to know its encoding; of workbooks the first rows
of each sheet are kept. All of it is within the time limit of whoever asks (``deadline``).

As ``loaders.service`` will recognise them when they are loaded.
"""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from graph_service.deadline import check
from loaders import feedback_jsonl, graph_jsonl, graph_table
from loaders.discover import Skipped, discover
from loaders.errors import CellError, RowError, shown
from loaders.grid import Sheet, is_empty
from loaders.mapping import Declared
from loaders.readers import JSON_LINES, sheets
from loaders.recognise import Recognised, Unknown, recognise
from loaders.report import distinct
from loaders.suggest import Proposal
from loaders.suggest_toml import as_toml

#: What stands for a mapping where a file is a graph.
GRAPH = "graph"


@dataclass(frozen=True, slots=True)
class Seen:
    """A sheet that can be loaded.

    Attributes:
        file: its file; of an archive both names.
        sheet: its name, "" where it has none.
        mapping: the name of the mapping by which it is read, or ``GRAPH``.
        kind: the mapping's title.
        rows: about how many; None where reading alone would tell.
        columns: header → field, for the columns that are understood.
        proposal: what the other columns may be; None where there are none.
    """

    file: str
    sheet: str
    mapping: str
    kind: str
    rows: int | None = None
    columns: Sequence[tuple[str, str]] = ()
    proposal: Proposal | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        unused = self.proposal.guesses if self.proposal else ()
        return {
            "file": self.file,
            "sheet": self.sheet,
            "mapping": self.mapping,
            "kind": self.kind,
            "rows": self.rows,
            "columns": [{"header": header, "field": name} for header, name in self.columns],
            "unused": [guess.as_dict() for guess in unused],
        }


@dataclass(slots=True)
class Look:
    """What files hold: sheets that can be loaded, what cannot, files that are unreadable."""

    sheets: list[Seen] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data; ``mappings`` are proposals as files to edit, equal ones once."""
        return {
            "sheets": [sheet.as_dict() for sheet in self.sheets],
            "skipped": [skipped.as_dict() for skipped in self.skipped],
            "errors": [error.as_dict() for error in self.errors],
            "mappings": [
                {"place": place, "toml": as_toml(proposal, place)}
                for place, proposal in distinct([*self.skipped, *self.sheets])
            ],
        }


def look(paths: Sequence[Path], given: Sequence[Declared] = ()) -> Look:
    """Recognise files and folders.

    Args:
        paths: files and folders.
        given: mappings beside the built-in ones.

    Raises:
        InputError: a path does not exist.
        QueryTimeoutError
    """
    with tempfile.TemporaryDirectory(prefix="jiebang-") as scratch:
        found = discover(paths, Path(scratch))
        seen = Look(skipped=_plain(found.skipped), errors=list(found.errors))
        for path, source in found.files:
            check()
            try:
                _look(path, source, given, seen)
            except CellError as error:
                seen.errors.append(RowError(source, error.code, detail=error.detail))
            except OSError as error:
                reason = error.strerror or ""
                seen.errors.append(RowError(source, "file_unreadable", detail=reason))
    return seen


def _look(path: Path, source: str, given: Sequence[Declared], seen: Look) -> None:
    lines = path.suffix.lower() in JSON_LINES
    if lines and graph_jsonl.is_graph(path):
        seen.sheets.append(Seen(source, "", GRAPH, "图谱"))
        return
    if lines and feedback_jsonl.is_feedback(path):
        seen.skipped.append(Skipped(source, feedback_jsonl.ELSEWHERE))
        return
    for sheet in sheets(path):
        check()
        if sheet.hidden:
            seen.skipped.append(Skipped(source, "隐藏的工作表", sheet.name))
        elif graph_table.holds(sheet):
            seen.sheets.append(Seen(source, sheet.name, GRAPH, "图谱", sheet.total))
        else:
            found = recognise(sheet, given, source=source)
            if isinstance(found, Unknown):
                seen.skipped.append(Skipped(source, found.reason, sheet.name, found.proposal))
            else:
                seen.sheets.append(_seen(found, source, sheet))


def _seen(found: Recognised, source: str, sheet: Sheet) -> Seen:
    mapping = found.mapping
    columns = list(_columns(found))
    return Seen(
        source, sheet.name, mapping.name, mapping.title, sheet.total, columns, found.proposal
    )


def _columns(found: Recognised) -> Iterator[tuple[str, str]]:
    """Header → field, in the order of columns; fields read from another's column are left out."""
    for name, place in sorted(found.columns.items(), key=lambda item: item[1]):
        header = found.header[place] if place < len(found.header) else None
        if found.mapping.fields[name].of is None and not is_empty(header):
            yield shown(header), name


def _plain(skipped: Sequence[Skipped]) -> list[Skipped]:
    """Files by their names: where they lie on this machine is nobody's business."""
    return [replace(one, file=Path(one.file).name) for one in skipped]
