"""What a text asks for or claims: its named technical quantities, each with the sentence it is in.

Not counted: values of today or of others, what goes in, what a demand tells of itself.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Literal

from graph_service.matching.facts import naming
from graph_service.matching.facts.parts import READ, parts
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.wording import words
from graph_service.understanding.indicators import Indicator, indicators
from graph_service.understanding.sections import SectionPart

Place = Literal["title", "text"]

#: Texts whose mentions are remembered; mentions held against each other of a text, the first.
_REMEMBERED, _ASKED, _CLAIMED = 1_024, 30, 100

#: Characters of the same sentence before a mention that tell what it is about.
_ABOUT = 40

#: Parts of a demand that tell what is, not what is asked.
_NOT_ASKED = frozenset(
    {
        SectionPart.PRESENT,
        SectionPart.BACKGROUND,
        SectionPart.BUDGET,
        SectionPart.TERM,
        SectionPart.COOPERATION,
    }
)
_FIGURE = re.compile(r"\d")
_SENTENCE_END = re.compile("[。！？!?；;\n]")
_CLAUSE_END = re.compile("[，,：:]")
#: 由 10% 降至 2%: the value that is left behind; 以孔隙率 95% 的泡沫为模板: what goes in.
_LEFT = re.compile(r"[由从]\s?\D{0,4}\d[\d.]*[^\d，。；]{0,6}$")
_FROM_THERE = re.compile(
    "(?:以上|以下|左右)?(?:逐步|大幅|直接)?(?:降|下降|减|缩|提|升|增|延长|改善)"
)
_INGREDIENT = re.compile("[^，。；,;]{0,20}为(?:模板|原料|基材|基体|载体|骨架|前驱体|填料)")


@dataclass(frozen=True, slots=True)
class Stated:
    """A mention that asks for or claims a value.

    Attributes:
        field: where it stands, the title or the text.
        indicator: what was read; its places are in the field.
        name: of the property, plain.
        passage: the sentence, cut to what stands near; its place is ``start``.
        start: of the passage in the field.
        subject: the title, else the passage: what the whole is about.
    """

    field: Place
    indicator: Indicator
    name: str
    passage: str
    start: int
    subject: str

    def as_dict(self) -> dict[str, Any]:
        """As JSON: the passage, with where it and the mention stand in the field."""
        return {
            "field": self.field,
            "passage": self.passage,
            "start": self.start,
            "end": self.start + len(self.passage),
            "indicator": [*self.indicator.span],
            "quantity": self.indicator.quantity,
        }


def asked_of(demand: Side) -> Sequence[Stated]:
    """The indicators that a demand asks for, each property and value once."""
    return _asked(demand.title, demand.text[:READ])


def claims_of(side: Side, name: str) -> list[Stated]:
    """What a text claims of a property. It is read only where the name's end stands in it beside
    a figure."""
    texts = {"title": side.title, "text": side.text[:READ]}
    written = [text for text in texts.values() if any(end in text for end in naming.ends(name))]
    if not any(map(_FIGURE.search, written)):
        return []
    return [one for one in _claimed(texts["title"], texts["text"]) if naming.same(name, one.name)]


@lru_cache(maxsize=_REMEMBERED)
def _asked(title: str, text: str) -> Sequence[Stated]:
    kept: dict[tuple[str, str, float], Stated] = {}
    told_of = parts(text) if _FIGURE.search(text) else ()
    for one in _stated(title, text):
        place = one.indicator.span[0]
        part = next((it.part for it in told_of if it.start <= place < it.end), None)
        bounded = one.indicator.relation not in {"=", "~"}
        told = one.field == "title" or part not in _NOT_ASKED
        if part is SectionPart.PROBLEM and one.field == "text" and not bounded:
            told = False
        if told:
            key = (one.name, one.indicator.relation, one.indicator.value)
            kept.setdefault(key, one)
    return tuple(kept.values())[:_ASKED]


@lru_cache(maxsize=_REMEMBERED)
def _claimed(title: str, text: str) -> Sequence[Stated]:
    return tuple(islice(_stated(title, text), _CLAIMED))


def _stated(title: str, text: str) -> Iterator[Stated]:
    """Named technical quantities that are asked for or claimed, not those of today or of others."""
    fields: Mapping[Place, str] = {"title": title, "text": text}
    for field, written in fields.items():
        for one in indicators(written):
            name = naming.plain(one.quantity or "")
            if one.kind != "indicator" or not naming.of_property(name):
                continue
            if one.relation in {"better", "order"}:
                continue
            start, end = _around(written, one.span)
            if _not_its_own(written, start, one.span[1]):
                continue
            passage = written[start:end]
            yield Stated(field, one, name, passage, start, title or passage)


def _not_its_own(text: str, start: int, end: int) -> bool:
    """Whether a value is that of today, of others, left behind, or of an ingredient.

    Args:
        text: in which it stands.
        start: of its sentence.
        end: of the mention.
    """
    said = text[start:end]
    left = _LEFT.search(said) and _FROM_THERE.match(text, end)
    return bool(left or _INGREDIENT.match(text, end) or _of_today(said))


def _of_today(said: str) -> bool:
    """Whether a value at the end of what is said is that of today or of others: they are named
    before it, and what is wanted is not named after them, nor are they but compared with."""
    *before, clause = _CLAUSE_END.split(said)
    if _last(clause, "of_today") < 0:
        clause = next((one for one in reversed(before) if _last(one, "of_today") >= 0), "")
        if _last(said, "wanted") > said.find(clause) or "比" in clause:
            return False
    here = _last(clause, "of_today")
    return here >= 0 and _last(clause[here:], "wanted") < 0


def _last(text: str, name: str) -> int:
    """Where the last of a list's words begins in a text; -1 where there is none."""
    return max((text.rfind(word) for word in words("stated", name)), default=-1)


def _around(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The sentence of a mention, as far as it stands near."""
    begin = max(0, span[0] - _ABOUT)
    ends = [begin, *(found.end() for found in _SENTENCE_END.finditer(text, begin, span[0]))]
    after = _SENTENCE_END.search(text, span[1])
    return ends[-1], min(after.end() if after else len(text), span[1] + _ABOUT // 2)
