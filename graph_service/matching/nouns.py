"""Nouns: words that name things count more where results are looked for.

A patent or a paper is of use for what it is about (模具, 辅料, 电解液), far less for what is done
or said of it (提高, 缩短, 高效). Firms are another matter: who names the same things is often a
rival that makes them. Parts of speech are those of the dictionary of jieba. Pure.
"""

from collections.abc import Iterable, Mapping
from functools import lru_cache

from graph_service.matching.types import Target

#: What a noun counts beside other words, declared: best of .35 to 3 on the judged results; on the
#: judged firms anything above 1 ranks worse, and less than 1 no better (docs/match-quality.md).
COUNTS: Mapping[Target, float] = {Target.RESULTS: 2.0}

_NOUNS = frozenset({"n", "nz"})  # things, and what else has a name; no people, no places


@lru_cache(maxsize=65_536)
def is_noun(word: str) -> bool:
    """Whether the dictionary has a word, of two characters or more, as one that names things."""
    import rjieba  # loads its dictionary on first use

    told = rjieba.tag(word)
    return len(word) > 1 and len(told) == 1 and told[0][1] in _NOUNS


def counting(
    terms: Iterable[str], target: Target, common: Mapping[str, float]
) -> Mapping[str, float]:
    """What each word of a query counts for one kind of candidate.

    Args:
        terms: the words.
        target: what is looked for.
        common: what words count that stand in many demands; others 1.
    """
    noun = COUNTS.get(target, 1.0)
    if noun == 1.0:
        return common
    return {term: common.get(term, 1.0) * (noun if is_noun(term) else 1.0) for term in terms}
