"""Conditions under which an indicator holds: 在…下, 当…时, and brackets behind a value."""

import re
from bisect import bisect_right
from collections.abc import Sequence

from graph_service.understanding.words import words

Span = tuple[int, int]

_CLAUSE = re.compile(
    r"(?:在|当|(?<![由对大小低高用属基等位优少多短长至])于)(?=[^,，。;；\n在当]*[\dA-Za-z\u4e00-\u9fff])([^,，。;；\n在当]{1,40}?)"
    r"(?:的?(?:条件|情况|环境|工况|温度|压力|作用|载荷|负载)下|下(?![降限游列料])|(?<!同)时(?![间效速长]))"
)
_RANGE = re.compile(r"(?:^|[,，。;；\n])\s*在([^,，。;；\n]{1,40}?)范围内")
_BRACKET = re.compile(r"\s?\(([^()]{2,40})\)")
_OWN = re.compile(r"[≥≤<>=]|不低于|不高于|不超过|以上|以下")
_WITHIN = re.compile("[。;；\n]")

_DOING = re.compile("|".join(sorted(words("process"))))
_NEXT = re.compile(
    r"\s?(?:条件下|范围内?|下|时|后|内|、)?\s?[\u4e00-\u9fffA-Za-z]{2,14}(?:\([^()]*\))?\s?"
    r"(?:[≥≤<>]|不低于|不高于|不超过|不大于|不小于|大于|小于|高于|低于|超过)"
    r"|达到?\s?\d|[\u4e00-\u9fff]{0,8}(?:强度|保持率|合格率)\s?(?:达到?|为|=|:)?\s?\d"
)


def clauses(text: str) -> list[Span]:
    """The clauses of a folded text that state a condition with a number in it, in order, apart."""
    found = [*_CLAUSE.finditer(text), *_RANGE.finditer(text)]
    spans: list[Span] = []
    for start, end in sorted(one.span() for one in found if re.search(r"\d", one[0])):
        if not spans or spans[-1][1] <= start:
            spans.append((start, end))
    return spans


def within(stated: Sequence[Span], place: int) -> Span | None:
    """The clause in which a place stands."""
    at = bisect_right(stated, place, key=lambda span: span[0]) - 1
    return stated[at] if at >= 0 and place < stated[at][1] else None


def before(text: str, stated: Sequence[Span], start: int) -> Span | None:
    """The nearest clause before a mention, within its sentence and not far from it."""
    at = bisect_right(stated, start, key=lambda span: span[1]) - 1
    if at < 0 or start - stated[at][1] > 30 or _WITHIN.search(text[stated[at][1] : start]):
        return None
    return stated[at]


def behind(text: str, end: int) -> Span | None:
    """What stands in brackets right behind a value, without the brackets."""
    found = _BRACKET.match(text, end)
    if found is None or _OWN.search(found[1]):
        return None
    return found.span(1)


def process(text: str) -> bool:
    """Whether words tell what is done, so that a number before them is one of its parameters."""
    return bool(_DOING.search(text))


def of_the_next(text: str, end: int) -> bool:
    """Whether a bare value is the condition of the bounded quantity that follows it at once
    (85 °C分油率≤3%)."""
    return bool(_NEXT.match(text, end))
