"""Budget and term (预算、期限): what a demand has for it against what a result states to take."""

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.matching.facts.parts import READ, told_in
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.wording import words
from graph_service.understanding.indicators import Indicator, indicators
from graph_service.understanding.sections import SectionPart

#: Characters read behind each word that tells of an amount.
_NEAR = 40

#: How sure an amount is that was read from a text and not stated in a field.
_CONFIDENCE = 0.7

#: Words of a period that are no indicator in plain speech.
_IN_FIGURES = {"一年": "1年", "半年": "6个月", "一个月": "1个月", "一月": "1个月"}
_ONE = re.compile("|".join(_IN_FIGURES))

#: 已投入 120 万元: gone already.
_PAST = re.compile("(?:已|目前|当前|累计|曾|近.年)[^。；;，,\n]{0,6}$")

#: 万元 or months below which a text tells of something else than a budget or a term.
_LEAST = 1.0

_PARTS = frozenset({SectionPart.BUDGET, SectionPart.TERM})

_MONTHS = {"a": 12.0, "月": 1.0, "周": 12 / 52, "d": 12 / 365}
_WAN = 1e4


@dataclass(frozen=True, slots=True)
class Amount:
    """From ``low`` to ``high``; ``inferred`` where it was read from a text."""

    low: float
    high: float
    inferred: bool

    def as_dict(self) -> dict[str, float | bool]:
        """As JSON."""
        return {"low": self.low, "high": self.high, "inferred": self.inferred}


def price(asked: Side, offered: Side) -> Fact:
    """Whether a budget bears a price, in 万元: 1 where it does, -1 where the price is twice as
    much. Unknown where either is not told."""
    has = _stated(asked, "budget_wan", "budget_max_wan") or _in_parts(
        asked.text[:READ], "budget", "money"
    )
    takes = _stated(offered, "price_wan", "price_max_wan") or _read(
        offered.text[:READ], "price", "money"
    )
    return _within(has, takes, "万元")


def delivery(asked: Side, offered: Side) -> Fact:
    """Whether a term suffices for a delivery time, in months, as ``price``. The date by which bids
    close (截止日期) is no term."""
    duration = _ONE.sub(lambda found: _IN_FIGURES[found[0]], str(asked.props.get("duration") or ""))
    has = _read(duration, None, "term") or _in_parts(asked.text[:READ], "term", "term")
    return _within(has, _read(offered.text[:READ], "delivery", "term"), "个月")


def _within(has: Amount | None, takes: Amount | None, unit: str) -> Fact:
    if has is None and takes is None:
        return UNKNOWN
    inferred = bool((has and has.inferred) or (takes and takes.inferred))
    evidence = {
        "asked": has.as_dict() if has else None,
        "offered": takes.as_dict() if takes else None,
        "unit": unit,
        "inferred": inferred,
        "confidence": _CONFIDENCE if inferred else 1.0,
    }
    if has is None or takes is None or has.high <= 0:
        return Fact(None, evidence)
    over = takes.low / has.high - 1
    if over > 0:
        return Fact(max(-1.0, 1 - 2 * over), evidence)
    return Fact(1.0 if takes.high <= has.high else 0.5, evidence)


def _stated(side: Side, low: str, high: str) -> Amount | None:
    values = [_number(side.props.get(name)) for name in (low, high)]
    told = [value for value in values if value is not None]
    return Amount(min(told), max(told), inferred=False) if told else None


def _number(value: object) -> float | None:
    try:
        number = float(str(value))
    except ValueError:
        return None
    return number if math.isfinite(number) and number >= 0 else None


@lru_cache(maxsize=1_024)
def _in_parts(text: str, purpose: str, kind: str) -> Amount | None:
    """What a demand's parts on money and term name, which are often one sentence (预算50万元，期限
    12个月); other parts tell of other money and times."""
    if not re.search("|".join(words("stating", purpose)), text):
        return None
    pieces = told_in(text, _PARTS)
    found = [amount for piece in pieces if (amount := _read(piece, purpose, kind))]
    return next((one for one in found if one.high >= _LEAST), None)


@lru_cache(maxsize=1_024)
def _read(text: str, purpose: str | None, kind: str) -> Amount | None:
    """The first amount that a text names, right behind words of a purpose where one is given."""
    for near in _places(text, words("stating", purpose) if purpose else ()):
        for one in indicators(near):
            if (amount := _amount(one, kind)) is not None:
                return amount
    return None


def _places(text: str, before: Sequence[str]) -> Iterator[str]:
    """The words behind each of ``before``, to the end of the clause, but for what has been spent;
    all where none are given."""
    if not before:
        yield text
        return
    for found in re.finditer("|".join(before), text):
        if _PAST.search(text, max(0, found.start() - _NEAR), found.start()):
            continue
        clause = re.split("[。；;\n]", text[found.start() : found.end() + _NEAR])[0]
        if re.search(r"\d|[一二三四五六七八九十半两]", clause):
            yield clause


def _amount(one: Indicator, kind: str) -> Amount | None:
    unit = one.normal_unit
    if kind == "money":
        factor = unit.scale / _WAN if unit.heads == "元" and "/" not in unit.symbol else None
    else:
        factor = _MONTHS.get(unit.heads) if "/" not in unit.symbol and unit.scale == 1 else None
    if factor is None or one.relation in {"better", "order", "±"} or one.value < 0:
        return None
    value, second = one.value * factor, (one.value2 or one.value) * factor
    if one.relation in {"≤", "<"}:
        return Amount(0.0, value, inferred=True)
    return Amount(min(value, second), max(value, second), inferred=True)
