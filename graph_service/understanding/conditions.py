"""Conditions under which an indicator holds: 在…下, 当…时, and brackets behind a value."""

import re

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
    """The clauses of a folded text that state a condition with a number in it."""
    found = [*_CLAUSE.finditer(text), *_RANGE.finditer(text)]
    return sorted(one.span() for one in found if re.search(r"\d", one[0]))


def before(text: str, stated: list[Span], start: int) -> Span | None:
    """The nearest clause before a mention, within its sentence and not far from it."""
    near = [
        span
        for span in stated
        if span[1] <= start and start - span[1] <= 30 and not _WITHIN.search(text[span[1] : start])
    ]
    return near[-1] if near else None


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
