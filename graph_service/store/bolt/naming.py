"""Names in an index of words, so that its order is that of ``names.closeness``.

Every place in a name at which typed text can be met is a word: where that is (whole, beginning,
inside), in which way it is typed, how long the name is, and the first pieces from there on. A text
as typed is looked for tier by tier (place and way); in a tier the shorter name comes first, so each
length is asked for by a clause of its own, which counts twice as much as the next longer one.
"""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from graph_service.model import Props
from graph_service.names import (
    BEGINNING,
    INSIDE,
    LONGEST_NAME,
    WAYS,
    WHOLE,
    Typed,
    closeness,
    fold,
    names,
    score,
)

#: Characters of a name that a word shows; longer texts are compared with the name itself.
_SHOWN = 8

#: A letter for each length; the last one for all longer names too. As many as powers of two that a
#: single-precision number adds up exactly.
_LENGTHS = "abcdefghijklmnopqrstuvwx"

_PLACES = {WHOLE: "w", BEGINNING: "b", INSIDE: "i"}
_END = "】"  # no folded name has it

#: What has a meaning in the syntax of queries.
_SYNTAX = re.compile(r'[+\-!(){}\[\]^"~*?:\\/&|<>=]')


def name_ways(props: Props) -> str:
    """The words under which the names of a node stand in the index, joined by blanks."""
    found = (word for name in names(props) for word in _words(Typed.of(name)))
    return " ".join(dict.fromkeys(found))


def _words(form: Typed) -> Iterator[str]:
    length = _LENGTHS[min(len(form.name), len(_LENGTHS)) - 1]
    for way, pieces in enumerate(form.ways):
        whole = "".join(pieces)
        shown = whole + _END if len(whole) <= _SHOWN else whole[:_SHOWN]
        at = 0
        for piece in pieces:
            if at == 0:
                yield f"{_PLACES[WHOLE]}{way}{length}{shown}"
            yield f"{_PLACES[INSIDE if at else BEGINNING]}{way}{length}{whole[at : at + _SHOWN]}"
            at += len(piece)


@dataclass(frozen=True, slots=True)
class Tier:
    """Names that are met at one place in one way, as a query whose score tells their length."""

    place: int
    way: int
    query: str

    def scored(self, told: float) -> float | None:
        """The closeness of the name that the query's score tells of; None: read the name itself."""
        length = _length(told)
        return None if length == len(_LENGTHS) else score(self.place, self.way, float(length))

    def most(self, told: float) -> float:
        """The closeness that names of this score, or of a lower one, have at most."""
        return score(self.place, self.way, float(_length(told)))


def tiers(typed: str) -> list[Tier]:
    """The tiers in which to look for a text as typed, nearest first; none where it is no text."""
    wanted = fold(typed)
    if not wanted or len(wanted) > LONGEST_NAME:
        return []
    shown = _SYNTAX.sub(r"\\\g<0>", wanted[:_SHOWN])
    ways = range(len(WAYS) if wanted.isascii() else 1)
    return [
        Tier(place, way, _query(f"{_PLACES[place]}{way}", shown + end))
        for place, end in (
            (WHOLE, _END if len(wanted) <= _SHOWN else ""),
            (BEGINNING, ""),
            (INSIDE, ""),
        )
        for way in ways
    ]


def _length(told: float) -> int:
    return len(_LENGTHS) - int(math.log2(told))


def is_shown(typed: str) -> bool:
    """Whether words show the whole of a text as typed."""
    return len(fold(typed)) <= _SHOWN


def nearest(props: Props, typed: str) -> float | None:
    """How near the nearest name of a node is; None where the text is in none of them."""
    near = (closeness(name, typed) for name in names(props))
    return max((one.score for one in near if one), default=None)


def _query(begin: str, shown: str) -> str:
    return " ".join(
        f"{begin}{length}{shown}*^{1 << (len(_LENGTHS) - 1 - i)}"
        for i, length in enumerate(_LENGTHS)
    )
