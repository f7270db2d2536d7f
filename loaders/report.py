"""What a load did."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from graph_service.model import Changes, Tally
from loaders.discover import Skipped
from loaders.errors import Notice, RowError
from loaders.returns import Given
from loaders.sample import Example
from loaders.suggest import Proposal
from loaders.suggest_toml import as_toml


class Placed(Protocol):
    """A sheet with what its headers may mean."""

    @property
    def file(self) -> str: ...

    @property
    def sheet(self) -> str: ...

    @property
    def proposal(self) -> Proposal | None: ...


@dataclass(frozen=True, slots=True)
class LoadedSheet:
    """A sheet that was loaded, as what kind of file, its rows, and the columns left unused."""

    file: str
    sheet: str
    kind: str
    rows: int
    proposal: Proposal | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        unused = self.proposal.guesses if self.proposal else ()
        return {
            "file": self.file,
            "sheet": self.sheet,
            "kind": self.kind,
            "rows": self.rows,
            "unused": [guess.as_dict() for guess in unused],
        }


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
        examples: of what changed, where they were asked for.
        given_back: the rows to mend, where they were asked for.
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
    examples: Sequence[Example] = ()
    given_back: Given | None = None

    @property
    def proposals(self) -> list[tuple[str, Proposal]]:
        """Mappings for what was not understood, each with its place; equal ones once."""
        return distinct([*self.skipped, *self.loaded])

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
            "examples": [example.as_dict() for example in self.examples],
            "given_back": self.given_back.as_dict() if self.given_back else None,
        }


def distinct(sheets: Iterable[Placed]) -> list[tuple[str, Proposal]]:
    """The proposals that say anything, each with the place of its sheet; equal ones once."""
    found: dict[str, tuple[str, Proposal]] = {}
    for one in sheets:
        if one.proposal and any(guess.field for guess in one.proposal.guesses):
            place = f"{one.file}〔{one.sheet}〕" if one.sheet else one.file
            found.setdefault(as_toml(one.proposal, ""), (place, one.proposal))
    return list(found.values())


def _counts(tally: Tally) -> dict[str, int]:
    return {"new": tally.new, "changed": tally.changed, "unchanged": tally.unchanged}
