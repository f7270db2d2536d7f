"""Names as people type them: what a node is called, how that sounds, how near a typed text is.

The order of suggestions is defined here, once: stores find names by whatever index they like, and
``closeness`` says which of them come first.
"""

import re
import unicodedata
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from operator import add
from string import ascii_lowercase, digits
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from graph_service.text import normalize

#: Characters of a name, and names of a node, that can be found.
LONGEST_NAME, MOST_NAMES = 64, 8

#: Stands before each syllable; no folded name has it.
SYLLABLE = "\1"

_UNTYPED = re.compile(r"[\s\x00-\x1f()（）\[\]【】《》\"'“”‘’·]")
_HAN = re.compile(r"[㐀-鿿豈-﫿\U00020000-\U0003ffff]")


def fold(text: str) -> str:
    """A name, or what is typed of one, in normal form without brackets, quotes, white space and
    control characters."""
    return _UNTYPED.sub("", normalize(text))


#: The properties that ``names`` looks at.
NAME_PROPS = ("title", "name", "english", "names", "aliases")


def names(props: Mapping[str, Any]) -> list[str]:
    """What a node is called, the name it is shown by first: that, the names it had, the short,
    other and English ones."""
    given = [props.get("title") or props.get("name"), props.get("english")]
    for several in (props.get("names"), props.get("aliases")):
        given += several if isinstance(several, list) else []
    told = dict.fromkeys(name for name in given if name and isinstance(name, str))
    return list(told)[:MOST_NAMES]


Numbers = TypeVar("Numbers", float, npt.NDArray[np.float64])


@dataclass(frozen=True, slots=True)
class Typed:
    """A name in the ways in which it is typed.

    Attributes:
        name: folded: 谐波减速器.
        spelled: its syllables, a letter or digit for itself, each led by ``SYLLABLE``; empty where
            there is no Chinese character in it.
    """

    name: str
    spelled: str

    @classmethod
    def of(cls, name: str) -> "Typed":
        """The first characters of a name as it is typed."""
        folded = fold(name)[:LONGEST_NAME]
        return cls(folded, spell(folded) if _HAN.search(folded) else "")

    @property
    def syllables(self) -> tuple[str, ...]:
        """xie, bo, jian, su, qi."""
        return tuple(self.spelled.split(SYLLABLE)[1:])

    @property
    def ways(self) -> tuple[tuple[str, ...], ...]:
        """Characters, syllables, initials: the pieces of each, at whose starts it can be found."""
        sounds = self.syllables
        return tuple(self.name), sounds, tuple(sound[0] for sound in sounds)


#: The ways of ``Typed.ways`` in their order, as people are told of them.
WAYS = ("name", "pinyin", "initials")


#: Where in a name the typed text is.
INSIDE, BEGINNING, WHOLE = range(3)


@dataclass(frozen=True, slots=True)
class Close:
    """How near a typed text is to a name: ``score`` (higher is nearer), at which place and in
    which way it was met."""

    score: float
    place: int
    way: str


def closeness(name: str, typed: str) -> Close | None:
    """How near a typed text is to a name; None where it is not in it.

    All of it before its beginning before what is inside; within these characters before pinyin
    before initials; then the shorter name. Inside, a match begins where a character does.
    """
    wanted = fold(typed)
    form = Typed.of(name) if wanted.isascii() else Typed(fold(name)[:LONGEST_NAME], "")
    found = [
        Close(score(place, way, len(form.name)), place, WAYS[way])
        for way, pieces in enumerate(form.ways)
        if (place := _place(pieces, wanted)) is not None
    ]
    return max(found, key=lambda close: close.score, default=None)


def score(place: Numbers, way: int, length: Numbers) -> Numbers:
    """The order of suggestions as a number, or numbers: by place, then by way (its position in
    ``WAYS``), then by the name's length in characters."""
    return 3 * place + (2 - way) + 1 / (1 + length)


def _place(pieces: tuple[str, ...], wanted: str) -> int | None:
    whole = "".join(pieces)
    if not wanted or wanted not in whole:
        return None
    if whole.startswith(wanted):
        return WHOLE if whole == wanted else BEGINNING
    at = 0
    for piece in pieces:
        if whole.startswith(wanted, at):
            return INSIDE
        at += len(piece)
    return None


def spell(folded: str) -> str:
    """The pinyin of each character, without tones, ü as v as it is typed; letters and digits stand
    for themselves, all else is left out. A character of several readings is read as in the longest
    phrase of the dictionary that it stands in (重庆 chong qing), else as in most phrases (重心)."""
    usual, phrases = _readings()
    if phrases.keys().isdisjoint(map(add, folded, folded[1:])):  # of most names
        return folded.translate(usual)
    found: list[str] = []
    at = 0
    while at < len(folded):
        for phrase, read in phrases.get(folded[at : at + 2], ()):
            if folded.startswith(phrase, at):
                found.append(read)
                at += len(phrase)
                break
        else:
            found.append(folded[at].translate(usual))
            at += 1
    return "".join(found)


class _Sounds(dict[int, str]):
    """By code point how a character is spelled; nothing for those without a reading."""

    def __missing__(self, key: int) -> str:
        return ""


#: The phrases that begin with two characters, longest first, each as it is spelled.
_Phrases = Mapping[str, Sequence[tuple[str, str]]]

#: Readings that are the usual ones in names of goods, though not in the dictionary's idioms.
_IN_NAMES = {"调": "tiao"}


@cache
def _readings() -> tuple[_Sounds, _Phrases]:
    """The usual reading of each character, and the phrases that are read otherwise."""
    from pypinyin.constants import PHRASES_DICT, PINYIN_DICT  # a dictionary of 90,000 entries

    plain = cache(_plain)
    told: dict[str, tuple[str, ...]] = {
        phrase: tuple(plain(readings[0]) for readings in sounds)
        for phrase, sounds in PHRASES_DICT.items()
        if len(sounds) == len(phrase) > 1
    }
    votes = Counter(
        pair for phrase, sounds in told.items() for pair in zip(phrase, sounds, strict=True)
    )
    usual = {chr(code): plain(sounds.partition(",")[0]) for code, sounds in PINYIN_DICT.items()}
    usual |= {character: sound for (character, sound), _ in reversed(votes.most_common())}
    usual |= _IN_NAMES
    usual |= {character: character for character in ascii_lowercase + digits}
    phrases: dict[str, list[tuple[str, str]]] = {}
    for phrase in sorted(told, key=lambda phrase: (-len(phrase), phrase)):
        if told[phrase] != tuple(usual[character] for character in phrase):
            spelled = "".join(SYLLABLE + sound for sound in told[phrase])
            phrases.setdefault(phrase[:2], []).append((phrase, spelled))
    sounds = {ord(character): SYLLABLE + sound for character, sound in usual.items() if sound}
    return _Sounds(sounds), phrases


def _plain(sound: str) -> str:
    """A syllable without its tone, as it is typed: lǜ becomes lv."""
    letters = unicodedata.normalize("NFD", sound).replace("u\u0308", "v")
    return "".join(letter for letter in letters if "a" <= letter <= "z")
