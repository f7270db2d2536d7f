"""Cells as dates, as partial as they were given, and as the ends of periods."""

import datetime as dt
import re
from typing import Any

from loaders.clean.numbers import arabic
from loaders.clean.texts import OPEN, folded
from loaders.errors import CellError

_DAYS_FROM = dt.date(1899, 12, 30)  # day 0 of a spreadsheet's serial days
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?")
_DATE = re.compile(
    # A short year only where it is sure to be one: "06/05/24" may begin with a month.
    r"(\d{4}|\d{2}(?=\s?年|[-.]\d{1,2}[-.]\d)|(?:1[3-9]|[2-9]\d)(?=/\d{1,2}/\d))"
    r"\s?[-/.年]\s?(\d{1,2})(?:\s?[-/.月]\s?(\d{1,2})\s?[日号]?)?\s?月?"
    r"(?:(?:[ T]|(?<=[日号]))\d.*)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR = re.compile(r"(\d{4}|\d{2}(?=年))年?度?")
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})")
_ENGLISH = re.compile(r"(?:(\d{1,2})[- ])?([A-Za-z]{3})[a-z]*[- ,]+(\d{4}|\d{2})")
_MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
_PART = re.compile(
    r"(\d{4}|\d{2}(?=年))[年\-/. ]*(?:第?([1-4])季度?|Q([1-4])|([上下])半年|年?([底末初]))"
)
_QUARTER_FIRST = re.compile(r"Q([1-4])[ /.-]?(\d{4})")
_HEAD = re.compile(r"^(?:截至|截止到?|不晚于|不迟于|预计|计划|拟于|自|至|到|约)\s?")
_TAIL = re.compile(r"(?:[底末初]|[上中下]旬|之?前|以前|止|起|间)+$")
_BRACKETS = re.compile(r"\([^()]*\)")
_NUMERALS = re.compile(
    "[〇○零一二三四五六七八九十廿](?=[〇○零一二三四五六七八九十廿]*[年月日号季])"
)
_BETWEEN = re.compile(r"\s?(?:至|到|~|—+|–|-)\s?")


def date(cell: Any, unit: str = "") -> str | None:
    """An ISO date, as partial as it was given ("2021-10", "2021"); of a quarter or half-year its
    first month. Years of two digits are 1950–2049 and stand first. None for what is open (长期)."""
    return _date(cell, last=False)


def deadline(cell: Any, unit: str = "") -> str | None:
    """As ``date``; of a quarter, half-year or year's end ("2024Q2", "2024年底") its last month."""
    return _date(cell, last=True)


def since(cell: Any, unit: str = "") -> str | None:
    """The beginning of a period ("2023年7月至2026年6月"), or the one date that is given."""
    period = _period(cell)
    return period[0] if period else date(cell)


def until(cell: Any, unit: str = "") -> str | None:
    """The end of a period, or the one date that is given."""
    period = _period(cell)
    return period[1] if period else deadline(cell)


def period_start(cell: Any, unit: str = "") -> str | None:
    """The beginning of a period; None where one date is given."""
    period = _period(cell)
    return period[0] if period else None


def period_end(cell: Any, unit: str = "") -> str | None:
    """The end of a period; None where one date is given."""
    period = _period(cell)
    return period[1] if period else None


def _date(cell: Any, *, last: bool) -> str | None:
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    found = folded(cell)
    if not found or found in OPEN:
        return None
    if not found.isascii():
        if _NUMERALS.search(found):
            found = arabic(found)
        found = _HEAD.sub("", _BRACKETS.sub("", found)).strip()
    year, month, day = _parts(found, last=last)
    try:
        whole = dt.date(year, month or 1, day or 1)
    except ValueError as error:
        raise CellError("bad_date") from error
    if not 1800 <= year <= 2200:
        raise CellError("out_of_range")
    return whole.isoformat()[: 10 if day else 7 if month else 4]


def _parts(found: str, *, last: bool) -> tuple[int, int, int]:
    """Year, month and day; 0 for what is not given."""
    if not found:
        raise CellError("bad_date")
    if match := _DATE.fullmatch(found) or _COMPACT.fullmatch(found) or _YEAR.fullmatch(found):
        month, day = (*map(int, filter(None, match.groups()[1:])), 0, 0)[:2]
        return _year(match[1]), month, day
    if match := _SERIAL.fullmatch(found):
        day_ = _DAYS_FROM + dt.timedelta(days=int(match[1]))
        return day_.year, day_.month, day_.day
    shorter = _TAIL.sub("", found).strip()
    return _unusual(found, last=last) or _parts(shorter if shorter != found else "", last=last)


def _unusual(found: str, *, last: bool) -> tuple[int, int, int] | None:
    upper = found.upper()
    if match := _PART.fullmatch(upper):
        return _year(match[1]), _month(match, last=last), 0
    if match := _QUARTER_FIRST.fullmatch(upper):
        return int(match[2]), int(match[1]) * 3 - (0 if last else 2), 0
    if match := _YEAR_LAST.fullmatch(found):
        return _year_last(int(match[1]), int(match[2]), int(match[3]))
    if (match := _ENGLISH.fullmatch(found)) and match[2].upper() in _MONTHS:
        return _year(match[3]), _MONTHS.index(match[2].upper()) + 1, int(match[1] or 0)
    return None


def _year(digits: str) -> int:
    """A year; one of two digits is 1950–2049."""
    return int(digits) + (0 if len(digits) == 4 else 1900 if digits >= "50" else 2000)


def _month(match: re.Match[str], *, last: bool) -> int:
    quarter = match[2] or match[3]
    if quarter:
        return int(quarter) * 3 - (0 if last else 2)
    if match[4]:
        return {"上": (1, 6), "下": (7, 12)}[match[4]][last]
    return 1 if match[5] == "初" else 12


def _year_last(first: int, second: int, year: int) -> tuple[int, int, int]:
    """A date with the year last, where it is certain which number is the month."""
    if first > 12 >= second:
        return year, second, first
    if second > 12 >= first or first == second:
        return year, first, second
    raise CellError("bad_date")


def _period(cell: Any) -> tuple[str | None, str | None] | None:
    """Both ends of a period; None for a cell that is one date, or none."""
    if not isinstance(cell, str):
        return None
    found = _HEAD.sub("", folded(cell))
    for match in _BETWEEN.finditer(found):
        start, end = found[: match.start()], found[match.end() :]
        year = re.match(r"\d{4}年", start)
        if year and re.match(r"\d{1,2}月", end):
            end = year[0] + end
        try:
            begun = date(start)
            return begun, None if end in {"今", "现在"} else deadline(end)
        except CellError:
            continue
    return None
