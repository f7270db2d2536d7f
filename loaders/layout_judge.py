"""What is no data among the rows of a table: notes, sums, examples, headers again. Pure."""

import re
from collections.abc import Callable, Sequence
from itertools import zip_longest
from typing import Any

from loaders.grid import is_empty
from loaders.layout_shape import COUNTER, Shape, key, squeezed
from loaders.vocabulary import words

#: The problem of rows below another header.
OTHER_TABLE = "other_table"

_WORDS = words("layout")
_DEMANDS = frozenset(_WORDS["demands"])
_TOTAL = re.compile(
    r"(?:本页|本表|累计)?[合总小共]计(?:[（(].*[)）])?[:：]?(?:\d+[家户个项条人名台套]\S{0,4})?"
)
_SAMPLE = re.compile(r"(?:填写)?(?:示例|样例|范例|例子?|举例)(?:\d*|[:：].*)")
_SIGNED = "|".join(map(re.escape, _WORDS["signatures"]))
_NOTED = "|".join(map(re.escape, _WORDS["notes"]))
_NOTE = re.compile(
    rf"[（(【\[*※]?(?:{_NOTED}|{_SIGNED})\d?(?:[（(][^）)]*[)）])?[:：].*", re.DOTALL
)
_SIGNATURE = re.compile(rf"(?:{_SIGNED})(?:[（(][^）)]*[)）])?[:：]?.{{0,20}}")
_SECTION = re.compile(
    r"(?:[一二三四五六七八九十]+、|[（(][一二三四五六七八九十]+[)）]|第.{1,3}[部分类批]).*"
)
_DAY = re.compile(r"(?:二〇|\d{2}).{2}年.{1,3}月(?:.{1,3}日)?")
_NUMBER = re.compile(r"\d{1,5}(?:\.0)?")
_GROUP = re.compile(_WORDS["groups"])
_NAME = re.compile("|".join(words("values")["kinds_by_name"].values()))
_DITTO = frozenset(words("values")["ditto"])
_LONG = 60
_HEADERS = 3  # words of a header that no row of data has by chance


class Judge:
    """Tells rows that are no data."""

    def __init__(self, shape: Shape) -> None:
        self._lines = [_texts(line) for line in shape.lines]
        self._openings = {next(filter(None, line), "") for line in self._lines} | _DEMANDS
        filled = [column for column, cell in enumerate(shape.header) if not is_empty(cell)]
        self._first = filled[0] if filled else 0
        self._width = len(filled)
        self._counters = {c for c in filled if key(shape.header[c]) in COUNTER}
        self._naming = self._counters | shape.naming
        self._wide = {
            one.top for one in shape.merges if (one.right - one.left + 1) * 2 >= self._width > 2
        }
        self._words = [set(filter(None, column)) for column in zip_longest(*self._lines)]
        for words_, cell in zip(self._words, shape.header, strict=False):
            words_.add(squeezed(cell))
        self._openings |= set().union(*self._words)
        self._any = False
        self._ended = False
        self._other = False

    def no_data(
        self, number: int, cells: Sequence[Any], covered: Callable[[int], bool]
    ) -> str | None:
        """Why a row is no data of this table: a code of ``errors.NOTICES``, "blank", or
        "other_table"; None for data. ``covered``: whether merged cells hold for a row."""
        places = [column for column, cell in enumerate(cells) if not is_empty(cell)]
        if self._any and len(places) > 1 and not self._other and self._is_plain(cells, places):
            self._ended = False
            return None
        texts = [squeezed(cells[column]) for column in places]
        if self._counters.issuperset(places) and all(map(_NUMBER.fullmatch, texts)):
            return "blank"  # a line left empty has its number
        code = self._kind(number, cells, places, texts)
        titled = code is None and not self._other and self._is_title(cells, places, texts[0])
        if titled and not covered(number):
            return "note_line"  # which ends nothing
        if code is None and (self._other or self._is_other(places, texts)):
            self._other = True
            return OTHER_TABLE
        self._other = self._other and code != "header_again"
        self._any = self._any or code is None
        self._ended = code == "note_line" or (self._ended and code is not None)
        return code

    def _is_plain(self, cells: Sequence[Any], places: Sequence[int]) -> bool:
        """Whether the first text alone says that a row is data, as it does for nearly all."""
        first = squeezed(cells[places[0]])
        return not (
            first in self._openings
            or _TOTAL.fullmatch(first)
            or _SAMPLE.fullmatch(first)
            or _NOTE.fullmatch(first)
            or _SIGNATURE.fullmatch(first)
            or self._counters.issuperset(places)
        )

    def _kind(
        self, number: int, cells: Sequence[Any], places: Sequence[int], texts: Sequence[str]
    ) -> str | None:
        if _texts(cells) in self._lines:
            return "header_again"
        if self._width < 2:
            return None
        if _TOTAL.fullmatch(texts[0]):
            return "total_line"
        if _SAMPLE.fullmatch(texts[0]) or _DEMANDS.issuperset(texts) or self._is_count(texts):
            return "sample_line"
        if self._is_note(number, places, texts):
            return "note_line"
        return None

    def _is_title(self, cells: Sequence[Any], places: Sequence[int], text: str) -> bool:
        """Whether a row is the title of the rows below (规下企业): it stands alone where firms are
        named or numbered, and is no name of one."""
        if len(places) > 1 or self._width < 2 or places[0] not in self._naming:
            return False
        if not isinstance(cells[places[0]], str) or not any(map(str.isalpha, text)):
            return False
        return bool(_GROUP.fullmatch(text)) or not (_NAME.search(text) or text in _DITTO)

    def _is_other(self, places: Sequence[int], texts: Sequence[str]) -> bool:
        """Whether a row is the header of another table: of words of this one's, in other places."""
        said = {text for text in texts if text in self._openings and text.isalpha()}
        if len(said) < _HEADERS or len(said) * 2 < len(texts):
            return False
        words_ = self._words
        return any(
            column >= len(words_) or text not in words_[column]
            for column, text in zip(places, texts, strict=True)
        )

    def _is_count(self, texts: Sequence[str]) -> bool:
        """Whether the row right below the header numbers the columns: 1, 2, 3 …"""
        numbers = [text.strip("()（）").removesuffix(".0") for text in texts]
        return (
            not self._any
            and len(texts) >= 3
            and len(texts) >= self._width - 1
            and numbers[-3:] == [str(len(numbers) + step) for step in (-2, -1, 0)]
        )

    def _is_note(self, number: int, places: Sequence[int], texts: Sequence[str]) -> bool:
        if all(_NOTE.fullmatch(text) for text in texts):
            return True
        if places[0] <= self._first and _NOTE.fullmatch(texts[0]) and len(texts) <= 8:
            return True
        if places[0] <= self._first and _SIGNATURE.fullmatch(texts[0]) and self._any:
            return len(texts) < max(self._width, 3)
        if len(texts) > 1 or self._width < 3:
            return False
        text = texts[0]
        sectioned = bool(_SECTION.fullmatch(text) and places[0] <= self._first)
        alone = number in self._wide or self._ended or sectioned
        return alone or bool(_DAY.fullmatch(text)) or len(text) > _LONG


def _texts(cells: Sequence[Any]) -> list[str]:
    found = [squeezed(cell) if not is_empty(cell) else "" for cell in cells]
    while found and not found[-1]:
        found.pop()
    return found
