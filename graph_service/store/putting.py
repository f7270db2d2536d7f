"""What records may be written, and how: the rules that both engines keep. Pure."""

import re
from collections.abc import Sequence
from typing import Any

import orjson

from graph_service.errors import ConflictError, InputError
from graph_service.model import Put

_GIVEN = re.compile(r"[0-9]{16}")
_FIELD = re.compile(r"[A-Za-z0-9_]+")


def check(puts: Sequence[Put]) -> None:
    """Each record is written once, and has a kind and an id.

    Raises:
        InputError: one does not.
    """
    named = [(one.kind, one.id) for one in puts if one.id is not None]
    if len(set(named)) < len(named) or not all(kind and id_ for kind, id_ in named):
        raise InputError(
            "一次提交里的记录编号为空或重复。", hint="每条记录在一次提交里只能写一次。"
        )


def check_version(one: Put, id_: str, stored: int) -> None:
    """The record is at the version expected.

    Raises:
        ConflictError: it is not.
    """
    if one.expected is not None and one.expected != stored:
        raise ConflictError(
            f"记录 {id_} 已被别人改动。",
            hint="请重新读取后再试。",
            kind=one.kind,
            id=id_,
            expected=one.expected,
            stored=stored,
        )


def as_text(one: Put, id_: str) -> str:
    """The data as JSON.

    Raises:
        InputError: they cannot be written so.
    """
    try:
        return orjson.dumps(dict(one.data or {})).decode()
    except orjson.JSONEncodeError as error:
        raise InputError(
            f"记录 {id_} 的内容不能存为 JSON。",
            hint="内容只能是文字、数字、真假、列表和对象，文字须是有效的 Unicode。",
            kind=one.kind,
            id=id_,
            reason=error,
        ) from error


def given_id(number: int) -> str:
    """The id that an append gives. Sixteen digits: text order is number order."""
    return f"{number:016d}"


def number_given(id_: str) -> int | None:
    """The number of an id that an append gave, here or elsewhere; None where none did."""
    return int(id_) if _GIVEN.fullmatch(id_) else None


def is_field(name: Any) -> bool:
    """Whether records can be asked for by a field of this name."""
    return isinstance(name, str) and _FIELD.fullmatch(name) is not None


def check_field(name: str) -> None:
    """Records can be asked for by a field of this name.

    Raises:
        InputError: they cannot.
    """
    if not is_field(name):
        raise InputError(f"字段名 {name!r} 不能用。", hint="字段名只能是英文字母、数字和下划线。")
