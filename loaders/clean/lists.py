"""Cells as lists, and words by their declared meaning: tiers, licences, kinds; codes and places."""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from loaders import regions
from loaders.clean.dates import date, deadline
from loaders.clean.texts import chosen, folded, name, picked, text
from loaders.errors import CellError
from loaders.vocabulary import words

_LISTS = words("values")
_NO_ORGANIZATIONS = frozenset(_LISTS["organizations"]["noise"])
_ORGANIZATION_HEADERS = frozenset(words("headers")["organization"]["headers"])
_AND_SO_ON = re.compile(r"(?<=公司|集团|大学|学院)等$")
_SEPARATOR = re.compile(r"[、；;，,|\n]+|(?<=[\u3400-\u9fff）]{2})/(?=[\u3400-\u9fff]{2})")
_ORG_SEPARATOR = re.compile(r"[、；;，|\n]+|(?<=[\u3400-\u9fff）)]),|(?<=[\u3400-\u9fff）]{2})/")
_ANY_SEPARATOR = re.compile(r"[、；;，,|/\n]+")
#: Not that of "张　三", which only pads a word.
_SPACE = re.compile(r"(?<=[\u3400-\u9fff]{2})[ \t\u3000\xa0]+(?=[\u3400-\u9fff]{2})")
_OPENING, _CLOSING = "（([【《", "）)]】》"
#: "1.轴承 2.丝杠", "（1）轴承；（2）丝杠", "①轴承②丝杠": the numbers separate.
_NUMBERED = re.compile(r"(?:^|(?<=[\s；;，,。、]))[（(]?\d{1,2}[)）.、．]\s*(?=[^\d\s])|[①-⑳]\s*")
_ENUMERATED = re.compile(r"\s*[（(]?1[)）.、．]|\s*①")


def items(cell: Any, unit: str = "") -> list[str] | None:
    """A list of names, split at 、；，, | and line breaks outside brackets, at / between Chinese
    words, and at numbers (1. 2.); of options with boxes the ticked ones. Repeats are left out."""
    return _split(cell, _SEPARATOR)


def spaced_items(cell: Any, unit: str = "") -> list[str] | None:
    """As ``items``, split at white space between Chinese words, too: keywords, people."""
    return items(_SPACE.sub("、", cell) if isinstance(cell, str) else cell)


def organizations(cell: Any, unit: str = "") -> list[str] | None:
    """A list of organisations, as ``items``; a comma inside a Latin name ("Co., Ltd.") stays."""
    found = [_organization(one) for one in _split(cell, _ORG_SEPARATOR) or ()]
    return [one for one in found if one] or None


def organization(cell: Any, unit: str = "") -> str | None:
    """The name of an organisation; None for what stands for several (其他供应商)."""
    found = name(cell)
    return _organization(found) if found else None


def _organization(found: str) -> str | None:
    if found in _NO_ORGANIZATIONS:
        return None
    if found in _ORGANIZATION_HEADERS or not any(map(str.isalpha, found)):
        raise CellError("bad_key")
    return _AND_SO_ON.sub("", found)


def _split(cell: Any, separator: re.Pattern[str]) -> list[str] | None:
    parts: Sequence[Any]
    if isinstance(cell, list):
        parts = cell
    elif (whole := text(cell)) is None:
        return None
    else:
        whole = chosen(whole)
        if _ENUMERATED.match(whole):
            numbers = _NUMBERED.findall(whole)
            whole = _NUMBERED.sub("\n", whole) if len(numbers) > 1 else whole
        parts = [whole] if separator.search(whole) is None else _outside_brackets(whole, separator)
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
    found = picked(cell)
    if not found:
        return None
    known = _named(found, "tiers")
    if known is None:
        raise CellError("unknown_tier")
    return known


#: A tier as the title of a list names it: followed by nothing but what lists are called.
_LISTED_TIER = re.compile(
    r"(重点\W?小巨人|(?:专精特新)?\W?小巨人|单项冠军|专精特新|创新型(?=中小企业|企业))\W?"
    r"(?:中小|示范|企业|产品|名单|名录|名册|一览表|汇总表|汇总|清单|情况|表|库|认定|公示|公告|复核|通过)*"
    r"(?=$|[\s(（.、_\-\d第])"
)
_NOT_YET = re.compile("申报|推荐|拟|未|撤销|取消|储备|后备|候选|服务|需求|辅导|培训")


def tiers_in(cell: Any, unit: str = "") -> list[dict[str, str]] | None:
    """The one tier that the title of a list, or its file's name, gives to all on it, as ``tiers``.

    None where it names none or several, or those who only apply (申报, 推荐, 拟认定 …).
    """
    found = folded(cell)
    if _NOT_YET.search(found):
        return None
    known = {_named(one, "tiers") for one in _LISTED_TIER.findall(found)}
    if _named(_LISTED_TIER.sub("", found), "tiers"):
        return None
    return [{"tier": str(tier_)} for tier_ in known] if len(known) == 1 else None


_PERIOD = re.compile(r"[（(]\s*([\d年月日./-]+)?\s*[-—~至到]+\s*([\d年月日./-]+)?\s*[）)]")


def tiers(cell: Any, unit: str = "") -> list[dict[str, str]] | None:
    """Tiers in one cell, each perhaps with its time: "专精特新（2023-07至2026-06）；创新型"."""
    found = []
    for part in _split(cell, _SEPARATOR) or ():
        match = _PERIOD.search(part)
        entry = {"tier": tier(part[: match.start()] if match else part)}
        if match:
            entry |= {"from": date(match[1]), "until": deadline(match[2])}
        found.append({key: value for key, value in entry.items() if value})
    return found or None


def licence(cell: Any, unit: str = "") -> list[str] | None:
    """Licence modes (许可方式) by their usual names; others as they stand."""
    found = _split(cell, _ANY_SEPARATOR)
    return list(dict.fromkeys(_named(one, "licence") or one for one in found)) if found else None


def _named(found: str, table: str) -> str | None:
    known: Mapping[str, Sequence[str]] = _LISTS[table]
    return next(
        (
            str(usual)
            for usual, names in known.items()
            if any(unicodedata.normalize("NFKC", word) in found for word in names)
        ),
        None,
    )


def kind(table: str) -> Callable[[Any, str], str | None]:
    """The cleaner for the kinds of a declared table."""
    by_word = {word: known for known, names in _LISTS[table].items() for word in names}

    def clean(cell: Any, unit: str = "") -> str | None:
        """The kind that a word means; None where the word is not declared."""
        return by_word.get(picked(cell).lower())

    return clean


def ipc_groups(cell: Any, unit: str = "") -> list[str] | None:
    """IPC symbols at main-group level: "H01M 10/0525" → "H01M10/00"."""
    found = re.findall(r"([A-H]\d{2}[A-Z])\s?(\d{1,4})/\d+", folded(cell).upper())
    return list(dict.fromkeys(f"{subclass}{int(group)}/00" for subclass, group in found)) or None


def district(cell: Any, unit: str = "") -> str | None:
    """A district by its official name where it is declared, else as it stands."""
    found = name(cell)
    return (regions.official(found) or found) if found else None


def district_in(cell: Any, unit: str = "") -> str | None:
    """The declared district that an address lies in."""
    return regions.district_of(folded(cell))
