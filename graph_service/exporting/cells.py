"""The columns of exported tables, and values as the text of a cell and back. Pure.

A cell holds a value as JSON, or a text as it is. A text that would be read as something else stands
behind an apostrophe: one that looks like JSON, is empty, or begins like a formula (``= + - @``, tab
or line end: OWASP, "CSV Injection"). One with characters that no workbook keeps is JSON in ASCII.
"""

import json
import re
from typing import Any

import orjson

#: Columns of a table of nodes, and of edges; properties stand behind them as ``名称（name）``.
NODE = ("节点编号", "节点种类", "来源", "数据日期")
EDGE = ("关系种类", "起点编号", "终点编号", "区分", "来源", "数据日期", "置信度", "观测或推断")

OBSERVED, INFERRED = "观测", "推断"

_PROP = re.compile(r"[^（]*（(.*)）", re.DOTALL)
_JSON_START = frozenset('-0123456789tfn[{" \t\r\n')
_GUARDED = frozenset("'=+-@\t\r\n＝＋－＠")
# Control characters, carriage returns, non-characters, and what a workbook takes for an escape.
_UNKEPT = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufffe\uffff]|_x[0-9A-Fa-f]{4}_")
#: A CSV field with line ends that is longer is not read back by every reader.
_LONG = 100_000


def header(name: str, chinese: str | None) -> str:
    """The header of a property."""
    before = (chinese or "属性").replace("（", "·").replace("）", "")
    return f"{before}（{encode(name)}）"


def prop(cell: str) -> str | None:
    """The property that a header names; None where it names none."""
    found = _PROP.fullmatch(cell)
    return str(decode(found[1])) if found else None


def joined(pieces: list[str]) -> str:
    """The text of a cell that went on in the next ones."""
    return pieces[0] + "".join(piece[1:] for piece in pieces[1:])


def encode(value: Any) -> str:
    """A value as the text of a cell; never empty, and never a formula unless it is a number."""
    text = value if isinstance(value, str) else orjson.dumps(value).decode()
    if _UNKEPT.search(text) or (len(text) > _LONG and "\n" in text):
        return json.dumps(value).replace("_x", "\\u005fx")
    if not isinstance(value, str):
        return text
    if not value or value[0] in _GUARDED or value != value.strip() or _is_json(value):
        return f"'{value}"
    return value


def decode(cell: str) -> Any:
    """The value whose text this is."""
    if cell.startswith("'"):
        return cell[1:]
    if cell[:1] in _JSON_START:
        try:
            return orjson.loads(cell)
        except orjson.JSONDecodeError:
            return cell
    return cell


def _is_json(text: str) -> bool:
    return decode(text) is not text
