"""A text as read: title, sections, weighted passages and indicators."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from graph_service.model import Label, Node
from graph_service.text import DOC_CHARS
from graph_service.understanding.indicators import Indicator, indicators
from graph_service.understanding.sections import Section, SectionPart, sections

Field = Literal["title", "text"]

#: How much a passage of each part says of what is wanted, 0-1: declared, not learned (未学习).
WEIGHTS: dict[SectionPart | None, float] = {
    SectionPart.PROBLEM: 1.0,
    SectionPart.NEED: 1.0,
    SectionPart.GOALS: 0.8,
    SectionPart.PRESENT: 0.5,
    SectionPart.BACKGROUND: 0.3,
    SectionPart.OTHER: 0.3,
    SectionPart.COOPERATION: 0.2,
    SectionPart.BUDGET: 0.1,
    SectionPart.TERM: 0.1,
    None: 1.0,
}
TITLE_WEIGHT = 1.0

#: What is read in sections; results and firms tell one thing from end to end.
_SECTIONED = frozenset({Label.DEMAND})

_SENTENCE = re.compile(r"[^。！？!?；;\n]*[。！？!?；;\n]+|[^。！？!?；;\n]+")


@dataclass(frozen=True, slots=True)
class WeightedPassage:
    """A piece of a text, within one section.

    Attributes:
        field: the title or the text.
        part: of the section; None for the title and for texts without sections.
        start, end: in the field.
        weight: how much it says of what is wanted, 0-1; declared.
    """

    field: Field
    part: SectionPart | None
    start: int
    end: int
    weight: float

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "field": self.field,
            "part": self.part.value if self.part else None,
            "start": self.start,
            "end": self.end,
            "weight": self.weight,
        }


@dataclass(frozen=True, slots=True)
class Reading:
    """What a text says.

    Attributes:
        title: "" where there is none.
        text: without the title; places are in it.
        sections: tile the text; none for texts that are not sectioned.
        passages: the title first; each at most ``DOC_CHARS`` long, sentences kept whole.
        of_title: indicators of the title.
        of_text: indicators of the text.
    """

    title: str
    text: str
    sections: Sequence[Section]
    passages: Sequence[WeightedPassage]
    of_title: Sequence[Indicator]
    of_text: Sequence[Indicator]

    def passage(self, one: WeightedPassage) -> str:
        """The words of a passage."""
        return (self.title if one.field == "title" else self.text)[one.start : one.end]

    def part_at(self, place: int) -> SectionPart | None:
        """What the section at a place of the text is about."""
        return next((one.part for one in self.sections if one.start <= place < one.end), None)

    def _named_part(self, place: int) -> str | None:
        part = self.part_at(place)
        return part.value if part else None

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "title": self.title,
            "text": self.text,
            "sections": [one.as_dict() for one in self.sections],
            "passages": [one.as_dict() for one in self.passages],
            "indicators": [
                *({"field": "title", "part": None, **one.as_dict()} for one in self.of_title),
                *(
                    {"field": "text", "part": self._named_part(one.span[0]), **one.as_dict()}
                    for one in self.of_text
                ),
            ],
        }


def read(title: str, text: str, *, sectioned: bool = True) -> Reading:
    """Read a text.

    Args:
        title: "" for none.
        text: without the title.
        sectioned: whether it is a demand's, in sections.
    """
    parts = sections(text) if sectioned else []
    return Reading(
        title,
        text,
        parts,
        list(_passages(title, text, parts)),
        indicators(title),
        indicators(text),
    )


def read_node(node: Node) -> Reading:
    """Read what is stored of a node."""
    title = str(node.props.get("title") or node.props.get("name") or "")
    text = str(node.props.get("text") or "")
    return read(title, text, sectioned=node.label in _SECTIONED)


def _passages(title: str, text: str, parts: Sequence[Section]) -> Iterator[WeightedPassage]:
    if title.strip():
        yield WeightedPassage("title", None, 0, len(title), TITLE_WEIGHT)
    runs: list[tuple[SectionPart | None, int, int]] = [
        (one.part, one.start, one.end) for one in parts
    ]
    for part, start, end in runs or [(None, 0, len(text))]:
        for begin, stop in _pieces(text, start, end):
            if text[begin:stop].strip():
                yield WeightedPassage("text", part, begin, stop, WEIGHTS[part])


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """A run in pieces of at most ``DOC_CHARS`` characters, cut between sentences where it can."""
    begin = at = start
    for found in _SENTENCE.finditer(text, start, end):
        if found.end() - begin > DOC_CHARS and at > begin:
            yield begin, at
            begin = at
        at = found.end()
        while at - begin > DOC_CHARS:
            yield begin, begin + DOC_CHARS
            begin += DOC_CHARS
    if begin < end:
        yield begin, end
