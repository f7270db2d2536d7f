"""What the name of an organisation is made of: where it is, what it is called, what form it has.

``苏州市虚构精密传动科技（集团）有限公司`` is region 苏州, core 虚构精密传动科技, a group. Names are
compared in simplified characters, in normal form, without white space and signs.
"""

import re
import tomllib
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib import resources
from typing import Any

from graph_service.text import normalize

#: A place that holds all others: 中国.
COUNTRY = "中国"

_BRACKETS = re.compile(r"\(([^()]*)\)")
_FORMER = re.compile(r"^(?:原|原名|曾用名|更名前|前身)[:为是]*(.+)$")
_SIGNS = re.compile(r"[^\w()]|_")
_LISTED = re.compile(r"^st(?=[^a-z])|(?<=[^a-z])[ab]$")  # marks of a stock's short name
_PLACE_END = r"(?:省|市|自治区|地区|自治州|特别行政区)?"


@cache
def words() -> dict[str, Any]:
    """The lists of ``words.toml``."""
    return tomllib.loads(resources.files(__package__).joinpath("words.toml").read_text("utf-8"))


@cache
def places() -> frozenset[str]:
    """Short names of provinces and cities, and the country."""
    return frozenset({*provinces(), COUNTRY})


@cache
def provinces() -> dict[str, str]:
    """Short name of a province or city → the province that it is, or lies in."""
    regions: dict[str, list[str]] = words()["regions"]
    return {place: name for name, cities in regions.items() for place in (name, *cities)}


@cache
def _simplifier() -> Any:
    import opencc  # loads its dictionaries on first use

    return opencc.OpenCC("t2s")


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lists = words()
    known = sorted(places(), key=len, reverse=True)
    legal, groups, branches = ("|".join(lists[name]) for name in ("legal", "group", "branch"))
    return {
        "place": re.compile(rf"({'|'.join(known)}){_PLACE_END}"),
        "county": re.compile(r"^([^\W\d]{2,3})[市县区](?=\w{4})"),
        "legal": re.compile(legal),
        "group": re.compile(groups),
        "branch": re.compile(rf"(.*?)(?:{branches})$"),
    }


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    Attributes:
        plain: the whole name in normal form, simplified, without white space and signs.
        core: what is left without region, legal form, group and bracketed places.
        regions: places (short names) that it begins with or has in brackets, in order.
        seated: it has a place in brackets, as the firms of a group have: 虚构（苏州）有限公司.
        group: that it is a group or a holding: "集团", "控股", both or "".
        branch: the place of a branch (分公司 …), "" for a branch without one; None for none.
        sort: "university", "hospital", "institute", "firm"; None for what is but a short name.
        former: names given in brackets as former ones (原…).
    """

    plain: str
    core: str
    regions: tuple[str, ...]
    seated: bool
    group: str
    branch: str | None
    sort: str | None
    former: tuple[str, ...]


@lru_cache(maxsize=200_000)
def plain(name: str) -> str:
    """A name in normal form, simplified, without white space; brackets stay."""
    return str(_simplifier().convert(normalize(name))).replace(" ", "")


@lru_cache(maxsize=200_000)
def parse(name: str) -> Name:
    """Take a name apart."""
    patterns = _patterns()
    text = _SIGNS.sub("", plain(name))
    whole = text.replace("(", "").replace(")", "")
    regions: list[str] = []
    former: list[str] = []

    def bracket(found: re.Match[str]) -> str:
        inside = found[1]
        if told := _FORMER.match(inside):
            former.append(told[1])
            return ""
        if place := patterns["place"].fullmatch(inside):
            regions.append(place[1])
            return ""
        return inside

    text = _BRACKETS.sub(bracket, text).replace("(", "").replace(")", "")
    sort = next((sort for sort, end in words()["sorts"].items() if re.search(end, text)), None)
    branch = patterns["branch"].match(text)
    place_of_branch = None
    if branch:
        head, legal, place_of_branch = branch[1].rpartition("公司")
        text = head + legal or branch[1]
    if sort is None:
        text = _LISTED.sub("", text) or text
    rest, led_by = _without_regions(text)
    core = patterns["legal"].sub("", rest)
    group = "".join(word for word in ("控股", "集团") if word in core)
    core = patterns["group"].sub("", core)
    return Name(
        whole,
        core or rest,
        (*led_by, *regions),
        bool(regions),
        group,
        place_of_branch,
        sort,
        tuple(former),
    )


def _without_regions(text: str) -> tuple[str, list[str]]:
    """A name without the places that it begins with, as long as something else is left."""
    patterns = _patterns()
    led_by: list[str] = []
    while (found := patterns["place"].match(text)) and len(text) - found.end() >= 2:
        led_by.append(found[1])
        text = text[found.end() :]
    if led_by and (county := patterns["county"].match(text)):
        text = text[county.end() :]
    return text, led_by
