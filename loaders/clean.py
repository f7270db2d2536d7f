"""Cells to values, by named cleaners. Pure.

A cleaner takes a cell (text, number, date or list, as the reader gave it) and the unit that
stands in brackets in the header ("万元", "%"; "" where none does). It returns a value, None for a
cell that says nothing, or raises ``CellError``.
"""

import datetime as dt
import html
import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from loaders import regions, uscc
from loaders.errors import CellError
from loaders.vocabulary import words

Cleaner = Callable[[Any, str], Any]

_LISTS = words("values")
_NOTHING = frozenset(_LISTS["nothing"])
_OPEN = frozenset(_LISTS["open"])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff（）]) (?=[\u3400-\u9fff（）])")
_EDGE = " \t\r\n\u3000\xa0"


def text(cell: Any, unit: str = "") -> str | None:
    """Text as it stands: entities and control characters resolved, ends trimmed."""
    if isinstance(cell, list):
        return "；".join(part for item in cell if (part := text(item))) or None
    if not isinstance(cell, str):
        return _written(cell)
    if "&" in cell and _ENTITY.search(cell):
        cell = html.unescape(cell)
    if not cell.isprintable():
        cell = _CONTROL.sub("", cell)
    found = cell.strip(_EDGE)
    return None if len(found) < 8 and "".join(found.split()).lower() in _NOTHING else found


def _written(cell: Any) -> str | None:
    """A typed cell as text; whole numbers without a point, days without a time."""
    if cell is None or (isinstance(cell, float) and not math.isfinite(cell)):
        return None
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        return cell.date().isoformat()
    if isinstance(cell, (int, float, dt.date, dt.time)):
        return str(cell)
    raise CellError("bad_type")


def _folded(cell: Any) -> str:
    """Text in NFKC on one line, for what is parsed and not shown."""
    found = text(cell)
    return " ".join(unicodedata.normalize("NFKC", found).split()) if found else ""


def name(cell: Any, unit: str = "") -> str | None:
    """A name: half-width letters, full-width brackets, no white space inside Chinese."""
    return _name(cell if isinstance(cell, str) else text(cell) or "")


@lru_cache(maxsize=65_536)
def _name(cell: str) -> str | None:
    found = _folded(cell)
    if len(found) > 200:
        raise CellError("bad_key")
    return _BETWEEN_HAN.sub("", found.replace("(", "（").replace(")", "）")) or None


def title(cell: Any, unit: str = "") -> str | None:
    """A title: text on one line."""
    found = text(cell)
    return " ".join(found.split()) if found else None


def key(cell: Any, unit: str = "") -> str | None:
    """An identifier as the file gives it, without white space."""
    found = _folded(cell).replace(" ", "")
    if len(found) > 200:
        raise CellError("bad_key")
    return found or None


def stock_code(cell: Any, unit: str = "") -> str | None:
    """A stock code (证券代码) of six digits; spreadsheets lose leading zeros."""
    found = (key(cell) or "").partition(".")[0]
    if found and not (found.isdigit() and len(found) <= 6):
        raise CellError("bad_key")
    return found.zfill(6) if found else None


def credit_code(cell: Any, unit: str = "") -> str | None:
    """A 统一社会信用代码 whose check digit fits."""
    found = (key(cell) or "").upper()
    if found and not uscc.is_valid(found):
        raise CellError("bad_uscc")
    return found or None


_DATE = re.compile(
    r"(\d{4})\s?[-/.年]\s?(\d{1,2})(?:\s?[-/.月]\s?(\d{1,2})\s?日?)?月?(?:[ T]\d.*)?"
)
_COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})?")
_YEAR = re.compile(r"(\d{4})年?")
_DATE_TAIL = re.compile(r"(?:[底末初]|之?前|以前|止|起)+$")


def date(cell: Any, unit: str = "") -> str | None:
    """An ISO date, as partial as it was given ("2021-10", "2021")."""
    if isinstance(cell, dt.datetime):
        return cell.date().isoformat()
    if isinstance(cell, dt.date):
        return cell.isoformat()
    if isinstance(cell, (int, float)) and 20_000 < cell < 80_000:  # a spreadsheet's serial day
        return (dt.date(1899, 12, 30) + dt.timedelta(days=int(cell))).isoformat()
    found = _folded(cell)
    if not found or found in _OPEN:
        return None
    found = _DATE_TAIL.sub("", found)
    match = _DATE.fullmatch(found) or _COMPACT.fullmatch(found) or _YEAR.fullmatch(found)
    if match is None:
        raise CellError("bad_date")
    year, month, day = (*map(int, filter(None, match.groups())), 0, 0)[:3]
    try:
        whole = dt.date(year, month or 1, day or 1)
    except ValueError as error:
        raise CellError("bad_date") from error
    if not 1800 <= year <= 2200:
        raise CellError("out_of_range")
    return whole.isoformat()[: 10 if day else 7 if month else 4]


_NUMBER = re.compile(
    r"[约近超]?\s?([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s?[人名个项件家台年%‰]?[+]?"
)


def number(cell: Any, unit: str = "") -> float | None:
    """A finite number."""
    if isinstance(cell, (int, float)) and not isinstance(cell, bool):
        return float(cell) if math.isfinite(cell) else None
    found = _folded(cell).replace(",", "")
    if not found:
        return None
    match = _NUMBER.fullmatch(found)
    if match is None or not math.isfinite(value := float(match[1])):
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
    """A share in [0, 1]; in percent where the cell or the header says so."""
    value = number(cell)
    if value is None:
        return None
    if "%" in unit or (isinstance(cell, str) and _folded(cell).endswith("%")):
        value /= 100
    if not 0 <= value <= 1:
        raise CellError("out_of_range")
    return round(value, 8)


_FOREIGN = re.compile(
    r"[美港欧日英韩澳加新台]\s?[元币镑圆]|英镑|法郎|USD|HKD|EUR|JPY|GBP|[$€£]", re.IGNORECASE
)
_AMOUNT = re.compile(
    r"(?:约|不超过|不低于|不少于|最高)?(\d+(?:\.\d+)?)"
    r"(?:(?:亿|千万|百万|万|千)?元?[-~—至到]+(\d+(?:\.\d+)?))?"
    r"(亿|千万|百万|十万|万|千|百)?(元|圆)?(?:整|以上|以下|左右|以内)?"
)
_SCALES = {
    "亿": 1e4,
    "千万": 1e3,
    "百万": 1e2,
    "十万": 10.0,
    "万": 1.0,
    "千": 0.1,
    "百": 0.01,
    "": 1e-4,
}


def money(cell: Any, unit: str = "") -> float | None:
    """An amount in 万元 (10,000 yuan); of a range the lower end.

    Without any unit, in the cell or in the header, 万元 is meant up to 100,000; more is an error.
    """
    found = _folded(cell).replace(",", "").replace(" ", "")
    if not found or found in _OPEN:
        return None
    if _FOREIGN.search(found):
        raise CellError("foreign_currency")
    found = re.sub(r"人民币|RMB|CNY|[￥¥]", "", found, flags=re.IGNORECASE)
    match = _AMOUNT.fullmatch(found)
    if match is None:
        raise CellError("bad_money")
    amount, scale, yuan = float(match[1]), match[3], match[4]
    if scale or yuan:
        factor = _SCALES[scale or ""]
    elif "元" in unit:
        factor = _SCALES[unit[: unit.index("元")].strip()] if _unit_known(unit) else 1.0
    elif amount > 100_000:
        raise CellError("bad_money")
    else:
        factor = 1.0
    value = round(amount * factor, 6)
    if not math.isfinite(value):
        raise CellError("out_of_range")
    return value


def _unit_known(unit: str) -> bool:
    return unit[: unit.index("元")].strip() in _SCALES


def readiness(cell: Any, unit: str = "") -> int | None:
    """A technology readiness level (技术成熟度, TRL) 1–9 (GB/T 22900)."""
    found = _folded(cell).upper()
    if not found:
        return None
    match = re.fullmatch(r"(?:TRL\s?-?)?([1-9])(?:\.0)?\s?级?", found)
    if match is None:
        raise CellError("out_of_range")
    return int(match[1])


_SEPARATOR = re.compile(r"[、；;，,|\n]+")
_ORG_SEPARATOR = re.compile(r"[、；;，|\n]+|(?<=[\u3400-\u9fff）)]),")
_OPENING, _CLOSING = "（([【《", "）)]】》"


def items(cell: Any, unit: str = "") -> list[str] | None:
    """A list of names, split at 、；，, | outside brackets; repeats left out."""
    return _split(cell, _SEPARATOR)


def organizations(cell: Any, unit: str = "") -> list[str] | None:
    """A list of organisations, as ``items``; a comma inside a Latin name ("Co., Ltd.") stays."""
    return _split(cell, _ORG_SEPARATOR)


def _split(cell: Any, separator: re.Pattern[str]) -> list[str] | None:
    parts: Sequence[Any]
    if isinstance(cell, list):
        parts = cell
    elif (whole := text(cell)) is None:
        return None
    elif separator.search(whole) is None:
        parts = [whole]
    else:
        parts = _outside_brackets(whole, separator)
    return list(dict.fromkeys(found for part in parts if (found := name(part)))) or None


def _outside_brackets(whole: str, separator: re.Pattern[str]) -> list[str]:
    parts, start, depth, seen = [], 0, 0, 0
    for match in separator.finditer(whole):
        for char in whole[seen : match.start()]:
            depth += (char in _OPENING) - (char in _CLOSING)
        seen = match.end()
        if depth <= 0:
            parts.append(whole[start : match.start()])
            start, depth = match.end(), 0
    return [*parts, whole[start:]]


def tier(cell: Any, unit: str = "") -> str | None:
    """A tier (梯度称号) by its usual name."""
    found = _folded(cell)
    if not found:
        return None
    for known, names in _LISTS["tiers"].items():
        if any(unicodedata.normalize("NFKC", word) in found for word in names):
            return str(known)
    raise CellError("unknown_tier")


_PERIOD = re.compile(r"[（(]\s*([\d年月日./-]+)?\s*[-—~至到]+\s*([\d年月日./-]+)?\s*[）)]")


def tiers(cell: Any, unit: str = "") -> list[dict[str, str]] | None:
    """Tiers in one cell, each perhaps with its time: "专精特新（2023-07至2026-06）；创新型"."""
    found = []
    for part in _split(cell, _SEPARATOR) or ():
        match = _PERIOD.search(part)
        entry = {"tier": tier(part[: match.start()] if match else part)}
        if match:
            entry |= {"from": date(match[1]), "until": date(match[2])}
        found.append({key_: value for key_, value in entry.items() if value})
    return found or None


def licence(cell: Any, unit: str = "") -> list[str] | None:
    """Licence modes (许可方式) by their usual names; others as they stand."""
    return _named(_split(cell, re.compile(r"[、；;，,|/\n]+")), "licence")


def _named(values: Sequence[str] | None, table: str) -> list[str] | None:
    if not values:
        return None
    known: Mapping[str, Sequence[str]] = _LISTS[table]
    return list(
        dict.fromkeys(
            next((k for k, names in known.items() if any(n in value for n in names)), value)
            for value in values
        )
    )


def _kind(table: str) -> Cleaner:
    by_word = {word: kind for kind, names in _LISTS[table].items() for word in names}

    def clean(cell: Any, unit: str = "") -> str | None:
        """The kind that a word means; None where the word is not declared."""
        return by_word.get(_folded(cell).lower())

    return clean


def ipc_groups(cell: Any, unit: str = "") -> list[str] | None:
    """IPC symbols at main-group level: "H01M 10/0525" → "H01M10/00"."""
    found = re.findall(r"([A-H]\d{2}[A-Z])\s?(\d{1,4})/\d+", _folded(cell).upper())
    return list(dict.fromkeys(f"{subclass}{int(group)}/00" for subclass, group in found)) or None


def district(cell: Any, unit: str = "") -> str | None:
    """A district by its official name where it is declared, else as it stands."""
    found = name(cell)
    return (regions.official(found) or found) if found else None


def district_in(cell: Any, unit: str = "") -> str | None:
    """The declared district that an address lies in."""
    return regions.district_of(_folded(cell))


#: Cleaners by the name that mappings use.
CLEANERS: dict[str, Cleaner] = {
    "text": text,
    "name": name,
    "title": title,
    "key": key,
    "stock_code": stock_code,
    "credit_code": credit_code,
    "date": date,
    "number": number,
    "count": count,
    "share": share,
    "money": money,
    "readiness": readiness,
    "items": items,
    "organizations": organizations,
    "tier": tier,
    "tiers": tiers,
    "licence": licence,
    "organization_kind": _kind("organization_kinds"),
    "result_kind": _kind("result_kinds"),
    "ipc_groups": ipc_groups,
    "district": district,
    "district_in": district_in,
}
