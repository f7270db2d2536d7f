"""One spelling for the many that files and scanners give, with the way back to the original."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate

#: What NFKC leaves apart or turns into something else.
_FOLDED = {
    **dict.fromkeys("〜～∼˜～", "~"),
    **dict.fromkeys("‐‑‒–—―−－﹣─", "-"),
    **dict.fromkeys("≧⩾≥≽", "≥"),
    **dict.fromkeys("≦⩽≤≼", "≤"),
    **dict.fromkeys("≒≈≅", "≈"),
    **dict.fromkeys("º˚°∘", "°"),
    **dict.fromkeys("✕╳⨯×✖", "×"),
    **dict.fromkeys("⋅・•·∙", "·"),
    **dict.fromkeys("∕⁄／", "/"),
    **dict.fromkeys("″＂", '"'),
    "∶": ":",
    **{circled: circled for circled in map(chr, (*range(0x2460, 0x2474), *range(0x2776, 0x2794)))},
    "㎡": "m^2",
    "㎥": "m^3",
}
_RAISED = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-", strict=True))

#: Letters and signs that scanners put for the sign of degrees before C.
_DEGREE = re.compile(r"(?<=[\d\s])[οo○〇゜Oо](?=[Cc](?![A-Za-z]))")


@dataclass(frozen=True)
class Folded:
    """A text in one spelling.

    Attributes:
        original: the text as it came.
        text: its folded form: NFKC by character; dashes, waves, degrees, signs of comparison and
            multiplication in one spelling; raised figures after "^".
        ends: ``ends[i]`` folded characters stand for the first i + 1 of the original.
    """

    original: str
    text: str
    ends: tuple[int, ...]

    @cached_property
    def _places(self) -> tuple[int, ...]:
        """The place in the original of each folded character."""
        begins = (0, *self.ends[:-1])
        return tuple(
            at
            for at, (first, last) in enumerate(zip(begins, self.ends, strict=True))
            for _ in range(last - first)
        )

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Where a non-empty piece of the folded text stands in the original."""
        return self._places[start], self._places[end - 1] + 1


@lru_cache(maxsize=4_096)
def _character(character: str) -> str:
    folded = _FOLDED.get(character)
    if folded is not None:
        return folded
    if "\ud800" <= character <= "\udfff":  # a lone surrogate, which no encoding can hold
        return "?"
    plain = unicodedata.normalize("NFKC", character)
    return plain if plain == character else "".join(map(_character, plain))


def fold(text: str) -> Folded:
    """The text in one spelling. Folding what is folded changes nothing."""
    pieces: list[str] = []
    raised = False
    for character in text:
        up = _RAISED.get(character)
        if up is None:
            pieces.append(_character(character))
        else:
            pieces.append(up if raised or (pieces and pieces[-1][-1:] == "^") else "^" + up)
        raised = up is not None
    joined = "".join(pieces)
    return Folded(text, _DEGREE.sub("°", joined), tuple(accumulate(map(len, pieces))))
