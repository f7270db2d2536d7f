"""The record of a pair: what stands of it, what was said before, and how a statement is added.

Pure. A record's data hold the standing statement at their top, so that records can be asked for by
it, and the earlier ones in ``history``; nothing that was said is lost.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from graph_service.errors import InputError
from graph_service.feedback.model import Decision, Statement

#: The kind of the records.
KIND = "feedback"

#: The most that may be said of one pair: what is more is a mistake, and would grow without end.
MOST_SAID = 200


def pair_id(demand: str, candidate: str) -> str:
    """The id of the record of a pair: an f and twenty hexadecimal digits."""
    written = f"{len(demand)}\0{demand}\0{candidate}".encode()
    return "f" + hashlib.blake2b(written, digest_size=10).hexdigest()


def said(data: Mapping[str, Any]) -> list[Statement]:
    """All that was said of a pair, oldest first; the last one stands."""
    return [_statement(one) for one in (*data["history"], data)]


def appended(
    data: Mapping[str, Any] | None, demand: str, candidate: str, one: Statement
) -> dict[str, Any] | None:
    """The data with a statement that is said now; None where it stands already.

    Raises:
        InputError: too much was said of the pair.
    """
    before = said(data) if data else []
    if before and _same(before[-1], one):
        return None
    return _data(demand, candidate, [*before, one])


def inserted(
    data: Mapping[str, Any] | None, demand: str, candidate: str, one: Statement
) -> dict[str, Any] | None:
    """The data with a statement that was said once, at its place in time; None where it is among
    them already.

    Raises:
        InputError: too much was said of the pair.
    """
    before = said(data) if data else []
    if one in before:
        return None
    place = len(before)
    while place and before[place - 1].at > one.at:
        place -= 1
    return _data(demand, candidate, [*before[:place], one, *before[place:]])


def _same(one: Statement, other: Statement) -> bool:
    """Whether two statements say the same, whenever they were said."""
    return (one.decision, one.reason, one.note, one.by) == (
        other.decision,
        other.reason,
        other.note,
        other.by,
    )


def _data(demand: str, candidate: str, statements: Sequence[Statement]) -> dict[str, Any]:
    if len(statements) > MOST_SAID:
        raise InputError(
            f"对 {demand} 与 {candidate} 的决定已经改过 {MOST_SAID} 次",
            hint="请检查是不是程序在反复写入",
            field="demand",
        )
    *history, standing = statements
    return {
        "demand": demand,
        "candidate": candidate,
        **standing.as_dict(),
        "history": [one.as_dict() for one in history],
    }


def _statement(data: Mapping[str, Any]) -> Statement:
    return Statement(
        Decision(data["decision"]), data["reason"], data["note"], data["at"], data["by"]
    )
