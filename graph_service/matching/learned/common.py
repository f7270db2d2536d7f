"""What all demands have in common: the words and pairs that they all say, the mean of their
vectors, how near the nearest of them come.

None of it needs judgements. A word of many demands (产业化, 关键技术, 现有) says little of what one
of them is about, however rare it is in patents or among firms.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from graph_service.matching.asking import CENTRING
from graph_service.matching.learned.weights import Usual
from graph_service.matching.pairs import pairs
from graph_service.matching.scores import foremost
from graph_service.ports import Embedder, Floats
from graph_service.text import DOC_CHARS, QUERY_CHARS, tokens

#: A word counts ln((N + 1) / (n + 1)) / ln(N + 1) to this power, where n of N demands say it: best
#: of 0, .25, .5, .75, 1 and 1.5 on both judged sets.
POWER = 0.5

#: Words and pairs of fewer than this share of the demands count 1: they would only swell the file.
_SHARE, _SHARE_OF_PAIRS = 0.03, 0.01

#: So many demands tell; of fewer the common part would be a chance.
FEWEST, MOST = 20, 500


def common_words(demands: Iterable[str]) -> dict[str, float]:
    """What each common word of demands counts, 0-1; none of fewer than ``FEWEST`` demands."""
    return _common(demands, tokens, _SHARE)


def common_pairs(demands: Iterable[str]) -> dict[str, float]:
    """What each common pair of characters counts, 0-1, as of words."""
    return _common(demands, pairs, _SHARE_OF_PAIRS)


def _common(
    demands: Iterable[str], parts: Callable[[str], Iterable[str]], share: float
) -> dict[str, float]:
    counts: Counter[str] = Counter()
    number = 0
    for text in demands:
        counts.update(set(parts(text)))
        number += 1
    if number < FEWEST:
        return {}
    whole = math.log(number + 1)
    return {
        part: (math.log((number + 1) / (n + 1)) / whole) ** POWER
        for part, n in counts.items()
        if n >= max(2, share * number)
    }


def centre(embedder: Embedder, demands: Sequence[str]) -> Floats | None:
    """The mean of the vectors of demands, shape (d,); None of fewer than ``FEWEST``."""
    if len(demands) < FEWEST:
        return None
    vectors = embedder.embed_queries([text[:QUERY_CHARS] for text in demands[:MOST]])
    mean: Floats = vectors.mean(axis=0)
    return mean


def usual(embedder: Embedder, demands: Sequence[str], middle: Floats) -> Usual | None:
    """How near the nearest demands usually come to a demand; None of fewer than ``FEWEST``.

    Args:
        embedder: the encoder.
        demands: their texts; the same text counts once.
        middle: what they have in common, shape (d,): so much of it as elsewhere is taken away.
    """
    texts = list(dict.fromkeys(demands))[:MOST]
    if len(texts) < FEWEST:
        return None
    stored = embedder.embed_documents([text[:DOC_CHARS] for text in texts])
    asked = embedder.embed_queries([text[:QUERY_CHARS] for text in texts])

    def told(vectors: Floats) -> tuple[float, float]:
        near = ((vectors - CENTRING * middle) @ stored.T).astype(np.float64)
        np.fill_diagonal(near, np.nan)
        best = [foremost(row) for row in near]
        return float(np.mean(best)), float(np.std(best))

    return Usual(told(asked), told(stored))
