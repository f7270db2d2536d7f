"""The sections of a demand's text, told by headings, by cues in a sentence, or by place.

Real demands bury one technical sentence in company history, mostly without headings. The sections
tile the text: each character stands in exactly one.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import groupby
from typing import Any, Literal

from graph_service.understanding.folding import fold
from graph_service.understanding.words import table


class SectionPart(StrEnum):
    """What a section is about."""

    BACKGROUND = "background"
    PRESENT = "present"
    PROBLEM = "problem"
    NEED = "need"
    GOALS = "goals"
    COOPERATION = "cooperation"
    BUDGET = "budget"
    TERM = "term"
    OTHER = "other"


#: How a section was told: by a heading, by a cue in its sentences, or by where it stands.
Told = Literal["heading", "cue", "place"]

#: How sure each way of telling is, about (read on demands, not measured on labels).
CONFIDENCE: dict[Told, float] = {"heading": 0.95, "cue": 0.7, "place": 0.4}


@dataclass(frozen=True, slots=True)
class Section:
    """A run of sentences about one thing.

    Attributes:
        part: what about.
        start, end: in the original text.
        told: how.
    """

    part: SectionPart
    start: int
    end: int
    told: Told

    def as_dict(self) -> dict[str, Any]:
        """As JSON; ``inferred`` where no heading says it."""
        return {
            "part": self.part.value,
            "title": title(self.part),
            "start": self.start,
            "end": self.end,
            "told": self.told,
            "inferred": self.told != "heading",
            "confidence": CONFIDENCE[self.told],
        }


@cache
def title(part: SectionPart) -> str:
    """Its name for people."""
    return str(table()["sections"][part.value]["title"])


_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")
_NUMBERING = (
    r"[ \t\"“”'-]*(?:[(]?(?:[一二三四五六七八九十]{1,3}|\d{1,2})[)]?[、.:)]?\s?"
    r"|[①-⑳❶-❿]|第[一二三四五六七八九十]+[,、.]?)?"
)
#: What may stand between a heading's words and its colon.
_TAIL = r"(?:(?:及|与|和|、|/)[^\s:。;,]{1,12}|情况|内容|如下|描述|说明)?(?:\([^()\n]{0,20}\))?"


@cache
def _heading() -> re.Pattern[str]:
    parts = "|".join(
        rf"(?P<{part.value}>{_longest_first(table()['sections'][part.value]['headings'])})"
        for part in SectionPart
    )
    prefix = "(?:本项目|该项目|项目|企业|公司|产品|拟|我公司|主要)?"
    return re.compile(
        rf"[\"“\[【<《]?(?P<numbered>{_NUMBERING})\s*[\"“\[【<《]?{prefix}(?:{parts}){_TAIL}[\]】>》]?"
        r"[ \t]*(?P<stop>:|。|\n|$)"
    )


def _longest_first(words: Sequence[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


@cache
def _cues() -> Sequence[tuple[SectionPart, re.Pattern[str]]]:
    """In the order of the table: the surer first."""
    return [
        (SectionPart(name), re.compile("|".join(row["cues"])))
        for name, row in table()["sections"].items()
    ]


@dataclass(frozen=True, slots=True)
class _Sentence:
    start: int
    end: int
    heading: SectionPart | None
    cue: SectionPart | None


def sections(text: str) -> list[Section]:
    """The sections of a text, in order; they tile it. Never raises."""
    if not text:
        return []
    folded = fold(text)
    # One folded character a character, so that places stay: the first stands for all.
    plain = "".join(folded.text[at] for at in (0, *folded.ends[:-1]))
    read = list(_sentences(plain))
    headed = any(one.heading for one in read)
    told = _carried(read) if headed else _by_place(read)
    found: list[Section] = []
    for (part, _), group in groupby(told, key=lambda one: (one[1], one[3])):
        run = list(group)
        surest = max((way for _, _, way, _ in run), key=CONFIDENCE.__getitem__)
        found.append(Section(part, run[0][0].start, run[-1][0].end, surest))
    return found


def _sentences(plain: str) -> Iterator[_Sentence]:
    """Sentences, each cut before a heading that stands inside a line behind white space."""
    for found in _SENTENCE.finditer(plain):
        for start, end in _cut(plain, found.start(), found.end()):
            words = plain[start:end]
            heading = _headed(plain, start, end)
            cue = next((part for part, cues in _cues() if cues.search(words)), None)
            yield _Sentence(start, end, heading, cue)


def _cut(plain: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A sentence in pieces, each but the first begun by a heading with a colon."""
    at = start
    for space in re.finditer(r"\s+", plain[start:end]):
        place = start + space.end()
        found = _heading().match(plain, place, end)
        if found and found["stop"] == ":" and place > at:
            yield at, place
            at = place
    yield at, end


def _headed(plain: str, start: int, end: int) -> SectionPart | None:
    """The part that a sentence's heading names. Without a colon a heading is all of its line, or
    numbered."""
    stripped = start + len(plain[start:end]) - len(plain[start:end].lstrip())
    found = _heading().match(plain, stripped, end)
    if found is None:
        return None
    if found["stop"] == "。" and not found["numbered"].strip():
        return None
    if found["stop"] == "" and found.end() < len(plain):
        return None
    return next(part for part in SectionPart if found[part.value])


_Told = tuple[_Sentence, SectionPart, Told, int]


def _carried(read: Sequence[_Sentence]) -> Iterator[_Told]:
    """A heading holds until the next; what stands before the first is told by cues. Money and term
    are told by their own sentences under any heading."""
    part: SectionPart | None = None
    number = 0
    before = []
    for one in read:
        if one.heading is not None:
            part, number = one.heading, number + 1
        if part is None:
            before.append(one)
            continue
        if number and before:
            yield from _by_place(before)
            before = []
        own = (
            one.cue
            if one.cue in {SectionPart.BUDGET, SectionPart.TERM} and one.heading is None
            else None
        )
        if own and own != part:
            yield one, own, "cue", number
        else:
            yield one, part, "heading", number


def _by_place(read: Sequence[_Sentence]) -> Iterator[_Told]:
    """By cues; a sentence without any goes with the one before it, at the beginning with what the
    text begins with: its background if a need or problem follows, else the need itself."""
    asked = any(
        one.cue in {SectionPart.NEED, SectionPart.PROBLEM, SectionPart.GOALS} for one in read
    )
    last = SectionPart.BACKGROUND if asked and len(read) > 1 else SectionPart.NEED
    for one in read:
        if one.cue is None:
            yield one, last, "place", 0
        else:
            last = one.cue
            yield one, last, "cue", 0
