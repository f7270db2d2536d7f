"""Whether two mentions name the same property of the same thing: strict, for a wrong 达到 is worse
than none."""

import re
import unicodedata
from functools import cache, lru_cache

from graph_service import text as texts
from graph_service.matching.facts.bounds import Direction
from graph_service.matching.facts.wording import table, words

#: How sure a name is: the same, or one with more said before it.
SAME, LONGER = 1.0, 0.8

_NOT_WORDS = re.compile(r"[^\u4e00-\u9fffA-Za-z]|\([^()]*\)")
_LETTERED = re.compile(r"^[A-Za-z]+|[A-Za-z]+$")
_HAN_WORD = re.compile("[\u4e00-\u9fff]{2,}")
#: Words of properties: they tell of what kind something is, not what it is.
_PROPERTY = re.compile("[性度率径量值比数级型]$")
#: Names shorter than this, in characters, say nothing alone.
SHORTEST = 2


@lru_cache(maxsize=8_192)
def plain(quantity: str) -> str:
    """A quantity's name without marks, symbols and what only says how it is taken: 抗拉强度Rm →
    抗拉强度, 平均效率 → 效率."""
    name = _NOT_WORDS.sub("", unicodedata.normalize("NFKC", quantity).replace("的", ""))
    if _HAN_WORD.search(name):
        name = _LETTERED.sub("", name)
    for word in words("properties", "qualifiers"):
        if name.startswith(word) and len(name) - len(word) >= SHORTEST:
            name = name[len(word) :]
    kept, written = next(((kept, it) for kept, it in _synonyms() if name.endswith(it)), ("", ""))
    return name.removesuffix(written) + kept


@lru_cache(maxsize=8_192)
def ends(name: str) -> frozenset[str]:
    """How a plain name ends in a text, its other names too: one of these stands where it does."""
    others = [it for kept, it in _synonyms() if name.endswith(kept)]
    return frozenset(it[-SHORTEST:] for it in (name, *others))


@cache
def _synonyms() -> list[tuple[str, str]]:
    """The name that is kept, and another of the same property; the longest first."""
    pairs = [(kept, it) for kept, others in table()["synonyms"].items() for it in (kept, *others)]
    return sorted(pairs, key=lambda pair: (-len(pair[1]), pair))


def of_property(name: str) -> bool:
    """Whether a plain name is one of a property, by its end, and not of a substance."""
    return bool(_HAN_WORD.search(name)) and name.endswith(words("endings", "of_properties"))


def same(one: str, two: str) -> tuple[float, str] | None:
    """How sure two plain names are the same property, and what the longer one says more.

    None where they are not, or where the shorter says nothing without what it is of (温度, 收率).
    """
    short, long = sorted((one, two), key=len)
    if len(short) < SHORTEST or short in words("properties", "of_what"):
        return None
    if short == long:
        return SAME, ""
    rest = long.removesuffix(short)
    if rest == long or rest.endswith(words("properties", "apart")):
        return None
    return LONGER, rest


def goes_with(rest: str, about: str) -> bool:
    """Whether what a longer name says more is said of the other too: any word of it."""
    return any(word in about for word in _things(rest)) or rest in about


def direction(name: str) -> Direction:
    """Which way a property is better, by how its name ends; 0 where the table does not say."""
    if name.endswith(words("direction", "less")):
        return -1
    return 1 if name.endswith(words("direction", "more")) else 0


def of_process(name: str) -> bool:
    """Whether a property is one that a process is run at as often as it is reached (反应温度)."""
    set_at = name.endswith(words("properties", "of_process"))
    return set_at and not name.endswith(words("properties", "reached"))


def shared_things(one: str, two: str, name: str) -> list[str]:
    """What two texts are both about: nouns of two characters and more that stand in both, apart
    from general ones and from those that share a character with a property's name."""
    both = _things(one) & _things(two)
    return sorted(word for word in both if not set(word) & set(name))


@lru_cache(maxsize=8_192)
def _things(text: str) -> frozenset[str]:
    """The nouns of a text, and the words inside them."""
    import rjieba  # loads its dictionary on first use

    nouns = [word for word, tag in rjieba.tag(texts.normalize(text)) if tag.startswith("n")]
    general = set(words("objects", "generic"))
    return frozenset(
        word
        for noun in nouns
        for word in (noun, *rjieba.cut_for_search(noun))
        if _HAN_WORD.fullmatch(word) and not _PROPERTY.search(word) and word not in general
    )
