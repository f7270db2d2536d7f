"""Pairs of neighbouring Chinese characters: likeness that no cutting into words can miss.

Words are compared whole, and two texts need not be cut alike (预制 / 预制件, 纺丝 / 纺丝机); what
stands side by side is a phrase. Overlapping bigrams are the classic index unit of Chinese retrieval
(Nie, Gao, Zhang, Zhou 2000, "On the Use of Words and N-grams for Chinese Information Retrieval"),
here beside words, and weighed by what is rare in documents and not said by all demands. Pure.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
import numpy.typing as npt

from graph_service.matching.scores import Doubles, saturated
from graph_service.text import normalize

#: A pair said n times in a query counts n to this power, as words do.
REPEATS = 0.75

_RUN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]{2,}")
_BETWEEN = "\n"  # between documents: in no pair
_REMEMBERED = 16_384  # documents' texts, 2 KB each
_BMP = 0x10000


def pairs(text: str) -> Counter[str]:
    """The pairs of a text with how often they stand in it; none reaches over what is no Chinese
    character."""
    return Counter(run[i : i + 2] for run in _runs(text) for i in range(len(run) - 1))


@lru_cache(maxsize=64)  # a query's, for each candidate that is shown
def _runs(text: str) -> Sequence[str]:
    """Its runs of Chinese characters."""
    return tuple(_RUN.findall(normalize(text)))


@lru_cache(maxsize=_REMEMBERED)
def running(words: str) -> str:
    """A document's text from its words joined by spaces, without what is said twice: search mode
    gives the words inside a long word before it. White space and punctuation are gone."""
    told = words.split(" ")
    kept: list[str] = []
    for word in told:
        if len(word) > 2:
            while kept and len(kept[-1]) < len(word) and kept[-1] in word:
                kept.pop()
        kept.append(word)
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Rarity:
    """What pairs count in a query, learned from documents and demands without judgements.

    Attributes:
        known: by pair, of those that stand in several documents.
        other: what every other pair counts.
    """

    known: Mapping[str, float]
    other: float

    def __bool__(self) -> bool:
        return bool(self.known)

    def weigh(self, counts: Mapping[str, float]) -> dict[str, float]:
        """What the pairs of a query count, in their order."""
        return {pair: n**REPEATS * self.known.get(pair, self.other) for pair, n in counts.items()}


#: Pairs of fewer documents are one: their number would only swell the file.
_FEWEST = 30


def rarity(documents: Iterable[str], common: Mapping[str, float]) -> Rarity:
    """What pairs count by how many documents have them.

    Args:
        documents: their words, joined by spaces.
        common: what pairs count that many demands say, 0-1; others 1.
    """
    frequency: Counter[str] = Counter()
    number = 0
    for words in documents:
        frequency.update(pairs(running(words)).keys())
        number += 1

    def idf(n: float) -> float:
        return math.log1p((number - n + 0.5) / (n + 0.5))

    known = {pair: idf(n) * common.get(pair, 1.0) for pair, n in frequency.items() if n >= _FEWEST}
    other = idf(_FEWEST / 2) if number else 0.0
    known |= {pair: other * by for pair, by in common.items() if pair not in known}
    return Rarity(known if number else {}, other)


@dataclass(frozen=True)
class Shared:
    """The pairs that documents share with a query.

    Attributes:
        pairs: of the query, in its order.
        counts: how often they stand in each document, shape (documents, pairs).
        lengths: characters of each document, shape (documents,).
        weights: what they count, shape (pairs,).
    """

    pairs: Sequence[str]
    counts: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    weights: Doubles

    @cached_property
    def parts(self) -> Doubles:
        """BM25 by document and pair, as of words; the mean length is that of these documents."""
        mean = max(float(self.lengths.mean()), 1e-9) if len(self.lengths) else 1.0
        return saturated(self.counts, self.lengths / mean) * self.weights[None, :]

    @cached_property
    def scores(self) -> Doubles:
        """Shape (documents,)."""
        result: Doubles = self.parts.sum(axis=1)
        return result

    def phrases(self, document: int, text: str, most: int) -> list[tuple[str, float]]:
        """What a document and the query's text both say, at its longest, with what it adds: runs
        of pairs, the weightiest first; no phrase within another."""
        parts = self.parts[document]
        told = {pair: float(part) for pair, part in zip(self.pairs, parts, strict=True) if part}
        found: dict[str, float] = {}
        for run in _runs(text):
            start = 0
            while start < len(run) - 1:
                end = start
                while run[end : end + 2] in told and end < len(run) - 1:
                    end += 1
                if end > start:
                    phrase = run[start : end + 1]
                    inside = dict.fromkeys(phrase[i : i + 2] for i in range(end - start))
                    found[phrase] = sum(told[pair] for pair in inside)
                start = end + 1
        best = sorted(found, key=lambda phrase: (-found[phrase], phrase))
        kept: list[str] = []
        for phrase in best:
            if len(kept) < most and not any(phrase in other for other in kept):
                kept.append(phrase)
        return [(phrase, found[phrase]) for phrase in kept]


def shared(weights: Mapping[str, float], documents: Sequence[str]) -> Shared:
    """Count the pairs of a query in documents.

    Args:
        weights: of the query's pairs.
        documents: their words, joined by spaces; "" of what is not known.
    """
    texts = [running(words) for words in documents]
    lengths = np.array([len(text) for text in texts], np.int64)
    shape = len(texts), len(weights)
    told = np.fromiter(weights.values(), np.float64, len(weights))
    if not weights or not lengths.any():
        return Shared(list(weights), np.zeros(shape, np.int64), lengths, told)
    # One row of characters for all documents, each numbered among those of the query's pairs.
    whole = np.frombuffer(_BETWEEN.join([*texts, ""]).encode("utf-32-le"), np.uint32)
    letters = sorted(set("".join(weights)))
    number = np.zeros(_BMP, np.int64)
    number[[ord(letter) for letter in letters]] = np.arange(1, len(letters) + 1)
    at = number[np.where(whole < _BMP, whole, 0)]
    column = np.full((len(letters) + 1) ** 2, -1, np.int64)
    for place, pair in enumerate(weights):
        first, second = number[ord(pair[0])], number[ord(pair[1])]
        column[first * (len(letters) + 1) + second] = place
    met = column[at[:-1] * (len(letters) + 1) + at[1:]]
    row = np.repeat(np.arange(len(texts)), lengths + 1)[:-1]
    hit = met >= 0
    counts = np.bincount(row[hit] * len(weights) + met[hit], minlength=shape[0] * shape[1])
    return Shared(list(weights), counts.reshape(shape), lengths, told)
