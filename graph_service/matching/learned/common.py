"""What all demands have in common: the words that they all say, the mean of their vectors.

Both need no judgements. A word of many demands (产业化, 关键技术, 现有) says little of what one of
them is about, however rare it is in patents or among firms.
"""

import math
from collections import Counter
from collections.abc import Iterable, Sequence

from graph_service.ports import Embedder, Floats
from graph_service.text import QUERY_CHARS, tokens

#: A word counts ln((N + 1) / (n + 1)) / ln(N + 1) to this power, where n of N demands say it: best
#: of 0, .25, .5, .75, 1 and 1.5 on both judged sets.
POWER = 0.5

#: Words of fewer than this share of the demands count 1: they would only swell the file.
_SHARE = 0.03

#: So many demands tell; of fewer the common part would be a chance.
FEWEST, MOST = 20, 500


def common_words(demands: Iterable[str]) -> dict[str, float]:
    """What each common word of demands counts, 0-1; none of fewer than ``FEWEST`` demands."""
    counts: Counter[str] = Counter()
    number = 0
    for text in demands:
        counts.update(set(tokens(text)))
        number += 1
    if number < FEWEST:
        return {}
    whole = math.log(number + 1)
    return {
        word: (math.log((number + 1) / (n + 1)) / whole) ** POWER
        for word, n in counts.items()
        if n >= max(2, _SHARE * number)
    }


def centre(embedder: Embedder, demands: Sequence[str]) -> Floats | None:
    """The mean of the vectors of demands, shape (d,); None of fewer than ``FEWEST``."""
    if len(demands) < FEWEST:
        return None
    vectors = embedder.embed_queries([text[:QUERY_CHARS] for text in demands[:MOST]])
    mean: Floats = vectors.mean(axis=0)
    return mean
