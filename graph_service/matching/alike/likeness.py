"""How like two demands are, 0-1: by their words and by their passages' vectors. Pure.

The two are multiplied (the root of their product): words alone bring together what shares a phrase,
vectors alone what shares a field. Weights and threshold were chosen on pairs of real demands that
were labelled by reading (``tests/quality/test_alike.py``, docs/match-quality.md).
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from graph_service import deadline
from graph_service import text as texts
from graph_service.matching.understand import FUNCTION_WORDS
from graph_service.model import Node
from graph_service.ports import Floats, PassageVectors
from graph_service.understanding.reading import WEIGHTS
from graph_service.understanding.sections import sections

#: How much a word of the title counts, beside 1 for one of the problem or the need; and how a word
#: that is said n times counts: n to this.
_TITLE, _REPEATS = 5.0, 0.75

#: Words, and demands, that are multiplied at a time; words of fewer demands are added pair by pair.
_WORDS, _ROWS, _FEW = 2048, 256, 16


def words_of(demand: Node) -> dict[str, float]:
    """The words of a demand, by what they say of what is wanted: the title first, then problem and
    need, the firm's history least (``understanding.reading.WEIGHTS``)."""
    said: defaultdict[str, float] = defaultdict(float)
    for word in texts.tokens(str(demand.props.get("title") or "")):
        said[word] += _TITLE
    text = str(demand.props.get("text") or "")
    for part in sections(text):
        for word in texts.tokens(text[part.start : part.end]):
            said[word] += WEIGHTS[part.part]
    return {word: weight**_REPEATS for word, weight in said.items() if word not in FUNCTION_WORDS}


def weighted(said: Mapping[str, float], rarity: Mapping[str, float]) -> dict[str, float]:
    """Words by weight x rarity, of length 1; none of none."""
    raw = {word: weight * rarity[word] for word, weight in said.items() if rarity[word] > 0}
    length = float(np.sqrt(sum(value**2 for value in raw.values())))
    return {word: value / length for word, value in raw.items()}


def by_words(demands: Sequence[Mapping[str, float]]) -> Floats:
    """Cosine of the words of each two, shape (n, n); words as of ``weighted``."""
    rows: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
    for row, said in enumerate(demands):
        for word, value in said.items():
            rows[word].append((row, value))
    found = np.zeros((len(demands), len(demands)), np.float32)
    _add_pairs(found, [some for some in rows.values() if 1 < len(some) <= _FEW])
    shared = [some for some in rows.values() if len(some) > _FEW]
    for start in range(0, len(shared), _WORDS):
        deadline.check()
        block = np.zeros((len(demands), min(_WORDS, len(shared) - start)), np.float32)
        for column, some in enumerate(shared[start : start + _WORDS]):
            at, values = zip(*some, strict=True)
            block[list(at), column] = values
        found += block @ block.T
    np.fill_diagonal(found, 1.0)
    return np.clip(found, 0.0, 1.0)


def _add_pairs(found: Floats, rare: Sequence[Sequence[tuple[int, float]]]) -> None:
    """Add to each two demands what the words that both have say."""
    pairs = [
        (row, column, value * other)
        for some in rare
        for row, value in some
        for column, other in some
    ]
    if pairs:
        at, columns, values = (np.array(some) for some in zip(*pairs, strict=True))
        np.add.at(found, (at, columns), values.astype(np.float32))


def by_passages(ids: Sequence[str], stored: PassageVectors, usual: float) -> Floats:
    """How much nearer the passages of each two are than usual, 0-1, shape (n, n), symmetric.

    The mean over one's passages of the cosine of the other's nearest; ``usual``, the mean cosine of
    any two texts, becomes 0 and equality 1, so that it means the same under every encoder. NaN
    where one has no vector.
    """
    kept, starts, known = _pieces(ids, stored)
    found = np.full((len(ids), len(ids)), np.nan, np.float32)
    if not len(known):
        return found
    ends = np.append(starts[1:], len(kept))
    mean = np.zeros((len(known), len(known)), np.float32)
    for first in range(0, len(known), _ROWS):
        deadline.check()
        last = min(first + _ROWS, len(known))
        rows = kept[starts[first] : ends[last - 1]]
        nearest = np.maximum.reduceat(rows @ kept.T, starts, axis=1)
        sums = np.add.reduceat(nearest, starts[first:last] - starts[first], axis=0)
        mean[first:last] = sums / (ends - starts)[first:last, None]
    both = (mean + mean.T) / 2
    found[np.ix_(known, known)] = np.clip((both - usual) / max(1 - usual, 1e-3), 0.0, 1.0)
    return found


def _pieces(ids: Sequence[str], stored: PassageVectors) -> tuple[Floats, "np.ndarray", list[int]]:
    """The vectors of each demand's pieces, of a short one's whole document; where each one's begin,
    and the positions of those that have any."""
    at: defaultdict[str, list[int]] = defaultdict(list)
    for row, node_id in enumerate(stored.node_ids):
        at[node_id].append(row)
    pieces: list[list[int]] = []
    known: list[int] = []
    for position, node_id in enumerate(ids):
        rows = at.get(node_id, [])
        cut = [row for row in rows if stored.ordinals[row]]
        if rows:
            pieces.append(cut or rows)
            known.append(position)
    starts = np.cumsum([0, *(len(some) for some in pieces[:-1])]) if pieces else np.zeros(0, int)
    order = [row for some in pieces for row in some]
    return stored.matrix[order], starts, known


def usual_cosine(vectors: Floats) -> float:
    """The mean cosine of two of some texts, shape (n, d); 0 of fewer than two."""
    n = len(vectors)
    if n < 2:
        return 0.0
    total = vectors.sum(axis=0, dtype=np.float64)
    return float((total @ total - n) / (n * (n - 1)))


def likeness(words: Floats, passages: Floats | None) -> Floats:
    """Both together, shape (n, n); words alone count where a vector is missing. Rounded as it is
    shown, so that a threshold divides the same pairs whatever the order in which sums are made."""
    known = words if passages is None else np.where(np.isnan(passages), words, passages)
    found: Floats = np.round(np.sqrt(words * known), 4)
    return found
