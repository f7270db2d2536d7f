"""Technical indicators (技术指标) of a demand against those of a candidate: met, unmet or unknown.

Both are machine-read, so every verdict is inferred (推断), with a confidence. It is strict: the
same property by name, comparable units, the same conditions, and both about the same thing.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

from graph_service.matching.facts import naming
from graph_service.matching.facts.bounds import Verdict, comparable, verdict
from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.wording import first_in
from graph_service.model import Label
from graph_service.understanding.indicators import Indicator, indicators
from graph_service.understanding.sections import SectionPart, sections

Place = Literal["title", "text"]

#: Read of a text, in characters; and of what is remembered, texts.
_READ, _REMEMBERED = 20_000, 4_096

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
_SENTENCE_END = re.compile("[。！？!?；;\n]")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")


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


@dataclass(frozen=True, slots=True)
class Compared:
    """What was asked, what is offered for it if anything, and the verdict."""

    verdict: Verdict
    asked: Stated
    offered: Stated | None = None
    confidence: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON; machine-read on both sides."""
        return {
            "verdict": self.verdict,
            "asked": self.asked.as_dict(),
            "offered": self.offered.as_dict() if self.offered else None,
            "inferred": True,
            "confidence": self.confidence,
        }


def compared(asked: Side, offered: Side) -> Fact:
    """(met − unmet) / known of a demand's indicators, unknown where none is known.

    Args:
        asked: the demand.
        offered: the candidate, or the query where demands are looked for.
    """
    wanted = asked_of(asked)
    if not wanted:
        return UNKNOWN
    told = [_judged(one, claims_of(offered, one.name)) for one in wanted]
    counts = {one: sum(each.verdict == one for each in told) for one in ("met", "unmet", "unknown")}
    known = counts["met"] + counts["unmet"]
    value = (counts["met"] - counts["unmet"]) / known if known else None
    evidence: Mapping[str, Any] = {
        **counts,
        "inferred": True,
        "indicators": [one.as_dict() for one in told],
    }
    return Fact(value, evidence)


def asked_of(demand: Side) -> Sequence[Stated]:
    """The indicators that a demand asks for, each property and value once."""
    return _asked(demand.title, demand.text[:_READ])


def claims_of(side: Side, name: str) -> list[Stated]:
    """What a text claims of a property. It is read only where the name's end stands in it beside
    a figure."""
    texts = {"title": side.title, "text": side.text[:_READ]}
    end = name[-naming.SHORTEST :]
    if not any(end in text and _DIGITS.search(text) for text in texts.values()):
        return []
    return [one for one in _claimed(texts["title"], texts["text"]) if naming.same(name, one.name)]


def load() -> None:
    """Load words, patterns and units by comparing a sentence, so that no request waits for them:
    pint alone takes about a second."""
    compared(
        Side.of_text("钢筋的抗拉强度不低于 0.5 GPa。"),
        Side(Label.RESULT, "一种钢筋", "钢筋的抗拉强度为 600 MPa。"),
    )


def _judged(asked: Stated, claims: Sequence[Stated]) -> Compared:
    """The verdict over all that is claimed of a property; claims that disagree say nothing."""
    held = [one for claim in claims if (one := _held(asked, claim)).verdict != "unknown"]
    if len({one.verdict for one in held}) == 1:
        return max(held, key=lambda one: one.confidence or 0.0)
    return Compared("unknown", asked, claims[0] if claims else None)


def _held(asked: Stated, claim: Stated) -> Compared:
    """One claim held against what is asked."""
    one, two = asked.indicator, claim.indicator
    sure = _alike(asked, claim)
    found = verdict(one, two, naming.direction(asked.name)) if sure else "unknown"
    if sure is None or found == "unknown":
        return Compared("unknown", asked, claim)
    plainly = 1.0 if one.relation not in {"=", "~"} else naming.LONGER
    return Compared(found, asked, claim, round(one.confidence * two.confidence * sure * plainly, 2))


def _alike(asked: Stated, claim: Stated) -> float | None:
    """How sure it is that two mentions can be held against each other; None where they cannot."""
    named = naming.same(asked.name, claim.name)
    if named is None or naming.of_process(asked.name):
        return None
    sure, rest = named
    one, two = asked.indicator, claim.indicator
    near, there = (f"{it.subject}\n{it.passage}" for it in (asked, claim))
    alike = (
        comparable(one.normal_unit, two.normal_unit)
        and _conditions_agree(one.condition, two.condition)
        and (not rest or (naming.goes_with(rest, near) and naming.goes_with(rest, there)))
        and bool(naming.shared_things(near, claim.subject, asked.name))
    )
    return sure if alike else None


def _conditions_agree(one: str | None, two: str | None) -> bool:
    """Conditions with figures must have the same ones; others are no hindrance."""
    figures = [set(_DIGITS.findall(stated or "")) for stated in (one, two)]
    return figures[0] == figures[1]


@lru_cache(maxsize=_REMEMBERED)
def _asked(title: str, text: str) -> Sequence[Stated]:
    kept: dict[tuple[str, str, float], Stated] = {}
    parts = sections(text) if any(character.isdigit() for character in text) else []
    for one in _stated(title, text):
        place = one.indicator.span[0]
        part = next((it.part for it in parts if it.start <= place < it.end), None)
        bounded = one.indicator.relation not in {"=", "~"}
        told = one.field == "title" or part not in _NOT_ASKED
        if part is SectionPart.PROBLEM and one.field == "text" and not bounded:
            told = False
        if told:
            key = (one.name, one.indicator.relation, one.indicator.value)
            kept.setdefault(key, one)
    return tuple(kept.values())


@lru_cache(maxsize=_REMEMBERED)
def _claimed(title: str, text: str) -> Sequence[Stated]:
    return tuple(_stated(title, text))


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
            if first_in(written[start : one.span[1]], "stated", "of_today"):
                continue
            passage = written[start:end]
            yield Stated(field, one, name, passage, start, title or passage)


def _around(text: str, span: tuple[int, int]) -> tuple[int, int]:
    """The sentence of a mention, as far as it stands near."""
    begin = max(0, span[0] - _ABOUT)
    ends = [begin, *(found.end() for found in _SENTENCE_END.finditer(text, begin, span[0]))]
    after = _SENTENCE_END.search(text, span[1])
    return ends[-1], min(after.end() if after else len(text), span[1] + _ABOUT // 2)
