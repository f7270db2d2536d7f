"""``feedback.jsonl``: what was decided on candidates, one decision a line.

``{"demand": id, "candidate": id, "decision": "accepted" | "rejected", "reason": code, "date"}``,
and optionally ``note`` and ``by``; other fields are passed over. ``reason`` is needed to reject and
only then given. A line that is wrong is a row error; the others are read.
"""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import orjson

from graph_service.errors import InputError
from graph_service.feedback.model import ID_CHARS, STANDING, Decided, Decision, Row, stated, written
from loaders import clean
from loaders.errors import CellError, ErrorLog, RowError, shown
from loaders.grid import Problem
from loaders.readers import json_lines

#: Why a load leaves such a file out.
ELSEWHERE = "揭榜反馈（feedback.jsonl），不是图谱数据；它由反馈的导入读取，不随数据载入"

_EARLIEST = 1800  # year, as in tables
#: What a line must have to be one of this format.
_TELLING: Final = frozenset({"demand", "candidate", "decision"})


def is_feedback(path: Path) -> bool:
    """Whether the first readable line of a JSONL file is a decision of this format."""
    for _, record in json_lines(path):
        if not isinstance(record, Problem):
            return record.keys() >= _TELLING
    return False


def read(path: Path, *, by: str, log: ErrorLog) -> Iterator[tuple[int, Row]]:
    """The decisions of a file with the numbers of their lines; wrong lines go to the log.

    Args:
        path: the file.
        by: who decided where a line does not say.
        log: of what is wrong.

    Raises:
        CellError: the file cannot be read.
    """
    try:
        for number, record in json_lines(path):
            try:
                if isinstance(record, Problem):
                    raise LineError(record.code, "", record.value)  # noqa: TRY301
                yield number, row(record, by=by)
            except LineError as error:
                refuse(log, path.name, number, error)
    except OSError as error:
        raise CellError("file_unreadable", error.strerror or "") from error


class LineError(Exception):
    """A line cannot be used: an error code, in which field which value, and what is wrong."""

    def __init__(self, code: str, column: str, value: object, detail: str = "") -> None:
        super().__init__(code)
        self.code, self.column, self.value, self.detail = code, column, value, detail


def refuse(log: ErrorLog, file: str, number: int, error: LineError | InputError) -> None:
    """Log a line that is not taken, and count it."""
    if isinstance(error, InputError):
        error = LineError("refused", str(error.values.get("field", "")), "", error.message)
    value = shown(error.value)
    log.add(RowError(file, error.code, "", number, error.column, value, error.detail))
    log.rejected += 1


def row(record: Mapping[str, Any], *, by: str) -> Row:
    """A line as a decision.

    Raises:
        LineError: it is none.
    """
    demand, candidate = _id(record, "demand"), _id(record, "candidate")
    decision = _text(record, "decision").lower()
    if decision not in STANDING:
        raise LineError("refused", "decision", decision, "decision 应为 accepted 或 rejected")
    try:
        said = stated(
            Decision(decision),
            reason=_text(record, "reason") or None,
            note=_text(record, "note"),
            at=_date(record),
            by=_text(record, "by") or by,
        )
    except InputError as error:
        column = str(error.values["field"])
        detail = f"{error.message}（{error.hint}）" if error.hint else error.message
        raise LineError("refused", column, record.get(column), detail) from error
    return Row(demand, candidate, said)


def lines(decided: Iterable[Decided]) -> Iterator[str]:
    """Decisions as the lines of a file, without line ends; ``read`` gives them back."""
    for one in decided:
        said = one.said
        record = {
            "demand": one.demand.id,
            "candidate": one.candidate.id,
            "decision": said.decision.value,
            **({"reason": said.reason} if said.reason else {}),
            **({"note": said.note} if said.note else {}),
            "date": said.at,
            "by": said.by,
        }
        yield orjson.dumps(record).decode()


def _id(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, (str, int)) or isinstance(value, bool) or not str(value).strip():
        raise LineError("missing_key", key, value)
    if "\0" in str(value) or len(str(value)) > ID_CHARS:
        raise LineError("bad_key", key, value)
    return str(value)


def _text(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise LineError("bad_type", key, value)
    return value.strip()


def _date(record: Mapping[str, Any]) -> str:
    """A moment in UTC where one is given (of no time zone: UTC), else a date as given."""
    value = record.get("date")
    if value is None or value == "":
        raise LineError("missing_key", "date", value)
    if isinstance(value, str) and len(value) > len("2026-11-23"):
        with suppress(ValueError, OverflowError):
            moment = datetime.fromisoformat(value.strip())
            if moment.year > _EARLIEST:
                return written(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    try:
        found = clean.date(value)
    except CellError as error:
        raise LineError(error.code, "date", value) from error
    if found is None:
        raise LineError("bad_date", "date", value)
    return found
