"""Cells as numbers, shares, readiness levels, and amounts of money; Chinese numerals too."""

import math
import re
import warnings
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from loaders.clean.texts import OPEN, folded, picked
from loaders.errors import CellError
from loaders.vocabulary import words

_NUMERALS = "〇零一二三四五六七八九十百千万亿两壹贰叁肆伍陆柒捌玖廿点"
#: One way to write numerals and units that have several (financial, traditional).
_PLAIN = str.maketrans("拾佰仟萬億兩貳參陸點圆圓○", "十百千万亿两贰叁陆点元元〇")
_NUMERAL = re.compile(rf"(?<![\d.]){'[' + _NUMERALS + ']'}+")
_GROUPED = re.compile(r"(?<=\d),(?=\d{3,4}(?!\d))")
_BRACKETS = re.compile(r"\([^()]*\)")


def arabic(found: str) -> str:
    """Text with its Chinese numerals as digits; 万 and 亿 at their ends stay ("三百万" → "300万").

    What is no number ("数百万") stays as it is.
    """
    return _NUMERAL.sub(lambda run: _digits(run[0]), found.translate(_PLAIN))


@lru_cache(maxsize=4096)
def _digits(run: str) -> str:
    from cn2an import cn2an

    if not set(run) - set("百千万亿点"):
        return run
    try:
        with warnings.catch_warnings(action="ignore"):
            value = cn2an(run, "normal")
    except (ValueError, KeyError, IndexError):
        return run
    unit = run[-1] if run[-1] in "万亿" else ""
    return f"{value / {'': 1, '万': 1e4, '亿': 1e8}[unit]:.10g}{unit}"


def _ungrouped(found: str) -> str:
    """A number without its thousands separators."""
    return _GROUPED.sub("", found) if "," in found else found


_NUMBER = re.compile(
    r"(?:约|近|超|大约|共)?\s?([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s?(?:余|多)?([万千百亿]?)"
    r"(?:余|多)?\s?(?:人|名|个|项|件|家|台|套|年|位|次|%|‰|平方米|m2)?(?:\+|以上|左右|以内)?"
)
#: A remark behind a number: "(含外聘3人)", not "(万)".
_REMARK = re.compile(r"(?<=.)\((?![百千万亿元人名个项件家台套%‰.\d]+\))[^()]*[^\W\d_][^()]*\)$")
_TENTHS = re.compile(r"(约|近)?(\d|10)成(?:(\d)|(半))?(?:左右|以上|多)?")
_SIZES = {"": 1.0, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8}


def number(cell: Any, unit: str = "") -> float | None:
    """A finite number; a remark in brackets behind it says nothing."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell) if math.isfinite(cell) else None
    found = _ungrouped(folded(cell))
    if not found:
        return None
    if not found.isascii():
        found = arabic(_REMARK.sub("", found))
    match = _NUMBER.fullmatch(found)
    if match is None or not math.isfinite(value := float(match[1]) * _SIZES[match[2]]):
        raise CellError("bad_number")
    return value


def count(cell: Any, unit: str = "") -> int | None:
    """A whole number from 0."""
    value = number(cell)
    if value is None:
        return None
    if value < 0 or not value.is_integer():
        raise CellError("out_of_range")
    return int(value)


def share(cell: Any, unit: str = "") -> float | None:
    """A share in [0, 1]; in percent where the cell or the header says so, or in tenths (三成五)."""
    if isinstance(cell, str):
        cell = _REMARK.sub("", folded(cell))
        if spoken := re.match("百分之(.+)", cell):
            cell = f"{arabic(spoken[1])}%"
        elif "成" in cell and (tenths := _TENTHS.fullmatch(arabic(cell))):
            cell = f"{tenths[2]}{5 if tenths[4] else tenths[3] or 0}%"
    value = number(cell)
    if value is None:
        return None
    mark = cell[-1:] if isinstance(cell, str) else ""
    if mark == "‰":
        value /= 1000
    elif mark == "%" or "%" in unit:
        value /= 100
    if not 0 <= value <= 1:
        raise CellError("out_of_range")
    return round(value, 8)


_LEVEL = re.compile(
    r"(?:技术)?(?:成熟度)?(?:等级)?:?\s?(?:TRL\s?-?)?\s?第?([1-9])(?:\.0)?级?(?:[-~至到](?:TRL)?[1-9])?级?"
)
_STAGES: dict[str, int] = words("values")["readiness_by_stage"]


def readiness(cell: Any, unit: str = "") -> int | None:
    """A technology readiness level (技术成熟度, TRL) 1–9 (GB/T 22900) that is stated; of a range
    the lower one. A stage (中试) states none: see ``readiness_by_stage``."""
    found = arabic(picked(cell)).upper()
    match = _LEVEL.fullmatch(_BRACKETS.sub("", found).strip())
    if match is not None:
        return int(match[1])
    if found and _stage(found) is None:
        raise CellError("out_of_range")
    return None


def readiness_by_stage(cell: Any, unit: str = "") -> int | None:
    """The level that a stage (小试, 中试, 产业化) usually has, by a declared table: a conclusion,
    to be kept apart from what is stated. None where the cell states a level or no such stage."""
    found = picked(cell)
    stage = _stage(found)
    if stage is None or _LEVEL.fullmatch(_BRACKETS.sub("", arabic(found).upper()).strip()):
        return None
    return _STAGES[stage]


def stage_word(cell: Any, unit: str = "") -> str | None:
    """The declared stage (小试, 中试, 产业化) that a cell names."""
    return _stage(picked(cell))


def _stage(found: str) -> str | None:
    return next((stage for stage in _STAGES if stage.upper() in found.upper()), None)


_FOREIGN = re.compile(
    r"[美港欧日英韩澳加新台]\s?[元币镑圆]|英镑|法郎|USD|HKD|EUR|JPY|GBP|[$€£]", re.IGNORECASE
)
_OURS = re.compile(r"人民币|大写|RMB|CNY|[￥¥]|[:\s]", re.IGNORECASE)
_UNIT_IN_BRACKETS = re.compile(r"\(((?:亿|千万|百万|万)?元|万|亿)\)")
_ABOUT = (
    "(?:约|大约|近|超|超过|逾|不超过|不低于|不少于|不高于|最高|最低|至少|至多|上限|预计|拟投入"
    "|[共总合]计|[≥≤><]=?)*"
)
_END = r"(\d+(?:\.\d+)?(?:E[-+]?\d+)?)[余多]?(亿|千万|百万|十万|万|千|百|W)?[余多]?(元)?"
_AMOUNT = re.compile(
    rf"{_ABOUT}{_END}(?:[-~—–至到]+{_END})?(?:整|正|以上|以下|以内|左右|上下|起|\+)*"
)
_TWO_UNITS = re.compile(r"(\d+(?:\.\d+)?)亿(\d+(?:\.\d+)?)万")
_UNIT = re.compile(r"(亿|千万|百万|十万|万|千|百)?元|^(亿|万)$")
#: Units in 万元 (10,000 yuan).
_SCALES = {
    "亿": 1e4,
    "千万": 1e3,
    "百万": 1e2,
    "十万": 10.0,
    "万": 1.0,
    "W": 1.0,
    "千": 0.1,
    "百": 0.01,
    "": 1e-4,
}


#: Amounts in 万元 beyond which a bare number is more likely yuan.
_LIKELY = 100_000
#: The unit of a column of bare numbers of which some must be yuan: none of them can be told.
UNTOLD = "?"


def unit_of(cells: Iterable[Any]) -> str:
    """The unit of a column that names none: UNTOLD where a bare number is beyond likely 万元."""
    for cell in cells:
        try:
            value = float(_ungrouped(folded(cell)))
        except (CellError, ValueError):
            continue
        if value > _LIKELY:
            return UNTOLD
    return ""


def money(cell: Any, unit: str = "") -> float | None:
    """An amount in 万元 (10,000 yuan); of a range the lower end.

    Without any unit, in the cell or in the header, 万元 is meant up to 100,000; more is an error.
    After ¥ alone, yuan are meant.
    Nothing is said by an amount that is left open (面议).
    """
    span = _span(cell, unit)
    return span[0] if span else None


def money_to(cell: Any, unit: str = "") -> float | None:
    """The upper end of a range of amounts, in 万元; None where there is no range."""
    span = _span(cell, unit)
    return span[1] if span else None


def _span(cell: Any, unit: str) -> tuple[float, float | None] | None:
    found = _ungrouped(folded(cell))
    if found in OPEN:
        return None
    found = _BRACKETS.sub("", _UNIT_IN_BRACKETS.sub(r"\1", found))
    if "¥" in found and not _UNIT.search(unit):
        unit = "元"
    found = _OURS.sub("", found)
    if not found or found in OPEN:
        return None
    if _FOREIGN.search(found) or _FOREIGN.search(unit):
        raise CellError("foreign_currency")
    found = arabic(found).upper()
    if "亿" in found:
        found = _TWO_UNITS.sub(lambda two: f"{float(two[1]) * 1e4 + float(two[2]):.10g}万", found)
    match = _AMOUNT.fullmatch(found)
    if match is None:
        raise CellError("bad_money")
    low, scale, yuan, high, high_scale, high_yuan = match.groups()
    if high is None:
        return _in_wan(low, scale, yuan, unit), None
    upper = _in_wan(high, high_scale, high_yuan, unit)
    same = (scale, yuan) if scale or yuan else (high_scale, high_yuan)
    lower = _in_wan(low, *same, unit)
    return (lower, upper) if lower < upper else (lower, None) if lower == upper else (upper, lower)


def _in_wan(amount: str, scale: str | None, yuan: str | None, unit: str) -> float:
    value = float(amount)
    if scale or yuan:
        factor = _SCALES[scale or ""]
    elif header := _UNIT.search(unit):
        factor = _SCALES[header[1] or header[2] or ""]
    elif value > _LIKELY or unit == UNTOLD:
        raise CellError("bad_money")
    else:
        factor = 1.0
    value = round(value * factor, 6)
    if not math.isfinite(value):
        raise CellError("out_of_range")
    return value
