"""Cells as text: names, titles, identifiers, and the ticked ones of some boxes."""

import datetime as dt
import html
import math
import re
import unicodedata
from functools import lru_cache
from typing import Any

from loaders import uscc
from loaders.errors import CellError
from loaders.escape import unescape
from loaders.vocabulary import words

_LISTS = words("values")
_NOTHING = frozenset(_LISTS["nothing"])
_BROKEN = frozenset(_LISTS["broken"])
_DITTO = frozenset(_LISTS["ditto"])
#: Amounts and dates that are left open on purpose (面议, 长期).
OPEN = frozenset(_LISTS["open"])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff\ufffe\uffff]")
_SURROGATE = re.compile(r"[\ud800-\udfff]")
_ENTITY = re.compile(r"&(?:#\d+|#x[0-9a-fA-F]+|[a-zA-Z]+);")
_BETWEEN_HAN = re.compile(r"(?<=[\u3400-\u9fff（）]) (?=[\u3400-\u9fff（）])")
_EDGE = " \t\r\n\u3000\xa0"
#: Spreadsheets' own marks that a cell is text: 'text and ="text".
_MARKED = ("'", '="')


def text(cell: Any, unit: str = "") -> str | None:
    """Text as it stands: entities and control characters resolved, ends trimmed."""
    if isinstance(cell, list):
        return "；".join(part for item in cell if (part := text(item))) or None
    if not isinstance(cell, str):
        return _written(cell)
    if cell.startswith(_MARKED):
        cell = _unmarked(cell)
    if "&" in cell and _ENTITY.search(cell):
        cell = html.unescape(cell)
    if not cell.isprintable():
        if _SURROGATE.search(cell):
            raise CellError("encoding")
        cell = _CONTROL.sub("", cell)
    found: str = cell.strip(_EDGE)
    if len(found) < 8:
        bare = "".join(found.split()).lower()
        if bare in _NOTHING:
            return None
        if bare in _BROKEN:
            raise CellError("bad_cell")
    return found


def _unmarked(cell: str) -> str:
    """``'=1+1`` → ``=1+1`` (see ``loaders.escape``); ``="0012"`` → ``0012``."""
    if len(cell) > 2 and cell[0] == "=" and cell[-1] == '"':
        return cell[2:-1]
    return unescape(cell)


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


def folded(cell: Any) -> str:
    """Text in NFKC on one line, for what is parsed and not shown."""
    found = text(cell)
    return " ".join(unicodedata.normalize("NFKC", found).split()) if found else ""


def picked(cell: Any) -> str:
    """As ``folded``; of options with boxes the ticked ones."""
    found = text(cell)
    return folded(chosen(found)) if found else ""


def name(cell: Any, unit: str = "") -> str | None:
    """A name: half-width letters, full-width brackets, no white space inside Chinese."""
    return _name(cell if isinstance(cell, str) else text(cell) or "")


@lru_cache(maxsize=65_536)
def _name(cell: str) -> str | None:
    found = folded(cell)
    if len(found) > 200 or found.replace(" ", "") in _DITTO:
        raise CellError("bad_key")
    return _BETWEEN_HAN.sub("", found.replace("(", "（").replace(")", "）")) or None


def title(cell: Any, unit: str = "") -> str | None:
    """A title: text on one line."""
    found = text(cell)
    return " ".join(found.split()) if found else None


def choice(cell: Any, unit: str = "") -> str | None:
    """A title of which boxes may be ticked: "☑国际先进 □国内领先" → "国际先进"."""
    found = text(cell)
    return " ".join(chosen(found).split()) or None if found else None


def key(cell: Any, unit: str = "") -> str | None:
    """An identifier as the file gives it, without white space."""
    found = folded(cell).replace(" ", "")
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


def registration(cell: Any, unit: str = "") -> str | None:
    """A 成果登记号: 12 digits, or a letter among them (《科技成果登记办法》; "3202024Y0117")."""
    found = (key(cell) or "").upper()
    if found and not re.fullmatch(r"(?=.{12}$)\d{7,8}[A-Z]?\d{4,5}", found):
        raise CellError("bad_registration")
    return found or None


#: Boxes that are ticked and boxes that are not; round ones only where both kinds are there, since
#: "●" leads lists and "○" is a zero (二○二四年).
_TICKED = "☑☒✅✔✓√■▣🗹"
_EMPTY = "□☐▢◻❏❑"
_ROUND = "●◉", "○◯"
_BRACKETED = rf"[(（【\[]\s*[{_TICKED}]\s*[\])）】]|\[\s*[xXvV]\s*\]"
_BOX = re.compile(rf"({_BRACKETED}|[{_TICKED}])|[{_EMPTY}]|[(（【\[]\s*[\])）】]")
_MARK = re.compile(rf"[\[{_TICKED}{_EMPTY}{''.join(_ROUND)}]")
_SURE = re.compile(rf"{_BRACKETED}|[{_TICKED}{_EMPTY}]")
_SQUARED = str.maketrans(dict.fromkeys("●◉", "■") | dict.fromkeys("○◯", "□"))
_BETWEEN_OPTIONS = re.compile(r"\s{2,}|[\n、，,；;|]")
_TO_FILL = re.compile(r"[_＿\s]+$|[：:]\s*[_＿]*$")
_OPTION_EDGE = " \t\r\n\u3000\xa0、，,；;。."


def chosen(found: str) -> str:
    """Of options with boxes the ticked ones, joined by 、; text without boxes as it stands.

    Boxes stand before their options, or behind them where the text does not begin with one (a
    leading "合作方式：" aside). Nothing is chosen where no box is ticked.
    """
    if not _MARK.search(found):
        return found
    found = found.replace("\ufe0f", "")  # asks for a coloured box
    if all(any(round_ in found for round_ in kind) for kind in _ROUND):
        found = found.translate(_SQUARED)
    if not _SURE.search(found):
        return found
    boxes = list(_BOX.finditer(found))
    lead = found[: boxes[0].start()].strip(_OPTION_EDGE)
    if not lead or lead[-1] in "：:":
        ends = [*(box.start() for box in boxes[1:]), len(found)]
        spans = [(box.end(), end) for box, end in zip(boxes, ends, strict=True)]
    else:
        starts = [0, *(box.end() for box in boxes[:-1])]
        spans = [(start, box.start()) for box, start in zip(boxes, starts, strict=True)]
    only_ticks = all(box[1] for box in boxes)
    kept = []
    for box, (start, end) in zip(boxes, spans, strict=True):
        option = found[start:end].strip(_OPTION_EDGE)
        if only_ticks:  # what stands unmarked beside a tick is not chosen
            option = _BETWEEN_OPTIONS.split(option)[0]
        if box[1] and (option := _TO_FILL.sub("", option)):
            kept.append(option)
    return "、".join(kept)
