"""The parts of a demand's text, read once for all facts."""

from collections.abc import Collection, Sequence
from functools import lru_cache

from graph_service.understanding.sections import Section, SectionPart, sections

#: Read of a text, in characters.
READ = 6_000


@lru_cache(maxsize=512)
def parts(text: str) -> Sequence[Section]:
    """The sections of a text, of which no more than ``READ`` may be given."""
    return tuple(sections(text))


def told_in(text: str, wanted: Collection[SectionPart]) -> list[str]:
    """The pieces of a text, as far as it is read, that are about some things."""
    return [text[one.start : one.end] for one in parts(text[:READ]) if one.part in wanted]
