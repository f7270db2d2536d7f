"""What a load did."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.model import Changes, Tally
from loaders.discover import Skipped
from loaders.errors import Notice, RowError


@dataclass(frozen=True, slots=True)
class LoadedSheet:
    """A sheet that was loaded, as what kind of file, and its rows."""

    file: str
    sheet: str
    kind: str
    rows: int

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {"file": self.file, "sheet": self.sheet, "kind": self.kind, "rows": self.rows}


@dataclass(frozen=True, slots=True)
class LoadReport:
    """The outcome of a load.

    Attributes:
        rows: data rows read, those rejected or dropped included.
        changes: what the store did; a node is counted once for each file that tells of it.
        rejected: rows left out because of an error.
        dropped: rows left out on purpose: accounting rows among products (平衡项目 …).
        loaded: the sheets that were recognised.
        skipped: the files and sheets that were not.
        errors: the first errors in full.
        error_counts: the number of all errors by code.
        notices: the first remarks on rows that are no errors: hidden, filled, left out as notes.
        notice_counts: the number of all remarks by code.
        seconds: wall time, the store's work included.
    """

    rows: int
    changes: Changes
    rejected: int
    dropped: int
    loaded: Sequence[LoadedSheet]
    skipped: Sequence[Skipped]
    errors: Sequence[RowError]
    error_counts: Mapping[str, int]
    notices: Sequence[Notice]
    notice_counts: Mapping[str, int]
    seconds: float

    @property
    def anything(self) -> bool:
        """Whether anything was loaded, or found there unchanged."""
        return any(
            tally.new + tally.changed + tally.unchanged
            for tally in (self.changes.nodes, self.changes.edges)
        )

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as ``jiebang load --json`` prints it."""
        return {
            "rows": self.rows,
            "nodes": _counts(self.changes.nodes),
            "edges": _counts(self.changes.edges),
            "bare": self.changes.bare,
            "rejected": self.rejected,
            "dropped": self.dropped,
            "loaded": [sheet.as_dict() for sheet in self.loaded],
            "skipped": [skipped.as_dict() for skipped in self.skipped],
            "errors": [error.as_dict() for error in self.errors],
            "error_counts": dict(self.error_counts),
            "notices": [notice.as_dict() for notice in self.notices],
            "notice_counts": dict(self.notice_counts),
            "seconds": round(self.seconds, 3),
        }


def _counts(tally: Tally) -> dict[str, int]:
    return {"new": tally.new, "changed": tally.changed, "unchanged": tally.unchanged}
