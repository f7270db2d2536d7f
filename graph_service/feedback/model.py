"""What a broker decided on a candidate for a demand, and the declared reasons for a rejection.

A decision is about a pair: a demand 需求, and a result 成果 or an organisation 机构. What is said
of it is a ``Statement``; the last one stands, the earlier ones are its history.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from graph_service.errors import InputError
from graph_service.model import Label

#: The most characters of a note, of who decided, and of an id.
NOTE_CHARS, BY_CHARS, ID_CHARS = 500, 200, 2000

#: What may be decided on.
CANDIDATES = frozenset({Label.RESULT, Label.ORGANIZATION})

_AT = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d:\d\d\.\d{3}\+00:00)?)?)?")


class Decision(StrEnum):
    """What was decided; a withdrawn one is as if nothing were decided, but for its history."""

    ACCEPTED = "accepted"  # 接受
    REJECTED = "rejected"  # 拒绝
    WITHDRAWN = "withdrawn"  # 撤回


#: Decisions that stand.
STANDING = (Decision.ACCEPTED, Decision.REJECTED)


class ReasonCode(StrEnum):
    """Codes of the reasons for a rejection."""

    FIELD = "field"
    INDICATORS = "indicators"
    MATURITY = "maturity"
    PARTNERED = "partnered"
    TERMS = "terms"
    IP = "ip"
    OWN = "own"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a candidate was rejected. ``about_fit`` false says nothing of whether it solves the
    demand: nothing about matching is to be learned from it."""

    code: ReasonCode
    title: str
    about_fit: bool

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {"code": self.code.value, "title": self.title, "about_fit": self.about_fit}


_REASONS = (
    Reason(ReasonCode.FIELD, "领域不符", about_fit=True),
    Reason(ReasonCode.INDICATORS, "指标不达", about_fit=True),
    Reason(ReasonCode.MATURITY, "成熟度不够", about_fit=True),
    Reason(ReasonCode.PARTNERED, "已有合作", about_fit=False),
    Reason(ReasonCode.TERMS, "价格期限不合", about_fit=False),
    Reason(ReasonCode.IP, "知识产权", about_fit=False),
    Reason(ReasonCode.OWN, "重复或自有", about_fit=False),
    Reason(ReasonCode.OTHER, "其他", about_fit=False),
)

#: Every reason by its code, in the order in which people are shown them.
REASONS: Mapping[str, Reason] = {reason.code.value: reason for reason in _REASONS}


@dataclass(frozen=True, slots=True)
class Statement:
    """A decision as it was said.

    Attributes:
        decision: what was decided.
        reason: a code of ``REASONS`` where it was rejected, else None.
        note: in the person's own words; may be empty.
        at: when: ISO, UTC; a date, possibly partial, where no more was told.
        by: who decided.
    """

    decision: Decision
    reason: str | None
    note: str
    at: str
    by: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "decision": self.decision.value,
            "reason": self.reason,
            "note": self.note,
            "at": self.at,
            "by": self.by,
        }


@dataclass(frozen=True, slots=True)
class Row:
    """A decision on a pair, as a line of ``feedback.jsonl`` says it."""

    demand: str
    candidate: str
    said: Statement


@dataclass(frozen=True, slots=True)
class Named:
    """A node by id and name. One that is no longer there (``gone``) has its id for a name."""

    id: str
    title: str
    gone: bool = False

    def as_dict(self) -> dict[str, str]:
        """JSON-ready data."""
        return {"id": self.id, "title": self.title}


@dataclass(frozen=True, slots=True)
class Decided:
    """What stands of a pair, with its history (oldest first).

    ``id`` is the record's. Demand and candidate are the nodes that stand for them now, whatever
    they were merged into since.
    """

    id: str
    version: int
    demand: Named
    candidate: Named
    said: Statement
    history: Sequence[Statement]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the command line and the API give it."""
        return {
            "id": self.id,
            "version": self.version,
            "demand": self.demand.as_dict(),
            "candidate": self.candidate.as_dict(),
            **self.said.as_dict(),
            "history": [one.as_dict() for one in self.history],
        }


def written(moment: datetime) -> str:
    """A moment, whatever its time zone, as a statement's ``at``; such texts sort by time."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds")


def reason_named(given: str) -> str:
    """The code of a reason that a person named by its code or its Chinese name.

    Raises:
        InputError: there is no such reason; lists those there are.
    """
    wanted = given.strip()
    for reason in _REASONS:
        if wanted.lower() == reason.code or wanted == reason.title:
            return reason.code.value
    known = "、".join(f"{reason.code}（{reason.title}）" for reason in _REASONS)
    raise InputError(
        f"没有这种拒绝的理由：{wanted[:40]}", hint=f"可用的理由：{known}", field="reason"
    )


def stated(
    decision: Decision, *, reason: str | None = None, note: str = "", at: str | None = None, by: str
) -> Statement:
    """A statement that can be kept.

    Args:
        decision: what was decided.
        reason: code or Chinese name of a reason; needed to reject, and only then given.
        note: in the person's own words.
        at: when; None for now.
        by: who decided.

    Raises:
        InputError: names in ``values["field"]`` what cannot be used.
    """
    if decision is Decision.REJECTED and not reason:
        known = "、".join(REASONS)
        raise InputError("拒绝要写明理由", hint=f"可用的理由：{known}", field="reason")
    if decision is not Decision.REJECTED and reason:
        raise InputError("只有拒绝才写理由", hint="接受的，说明请写在 note 里", field="reason")
    for field, text, most in (("note", note, NOTE_CHARS), ("by", by, BY_CHARS)):
        if len(text) > most or "\0" in text:
            raise InputError(
                f"{field} 不能用：至多 {most} 字，不能含有 NUL 字符",
                hint="请缩短后再试",
                field=field,
            )
    latest = (datetime.now(UTC) + timedelta(hours=14)).date().isoformat()  # today, anywhere
    if at is not None and (not _AT.fullmatch(at) or at[:10] > latest):
        raise InputError(f"日期 {at[:40]} 不能用", hint="应为今天或以前的日期", field="date")
    code = reason_named(reason) if reason else None
    return Statement(decision, code, note.strip(), at or written(datetime.now(UTC)), by)
