"""How good a ranking is, for one query, and how sure the mean over queries is. Pure functions.

A ranking is a sequence of document ids, best first; judgements map document ids to grades from 0.
Figures agree with ``ranx`` (``ndcg_burges``, ``recall``, ``mrr``; a test says so) and, like ranx
and trec_eval, give 0 for a query that has judgements but no relevant document.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

Judgements = Mapping[str, int]

#: Depth at which unjudged documents are taken out for the condensed figure.
CONDENSED_DEPTH = 300

#: The figures of one query, in the order in which they are shown.
METRICS = ("ndcg@10", "recall@10", "recall@100", "mrr@10", "judged@10", "condensed_ndcg@10")


@dataclass(frozen=True, slots=True)
class Scale:
    """How the judgements of a task are to be read.

    Attributes:
        relevant_from: smallest grade that counts as relevant: 2 where any grade of the task is
            above 1 (a graded task), else 1 (a binary one).
        condensable: whether any judgement is negative (grade 0). Without one every document left
            after condensing would be relevant, and the condensed figure says nothing.
    """

    relevant_from: int
    condensable: bool

    @classmethod
    def of(cls, judgements: Mapping[str, Judgements]) -> Self:
        """The scale of a task's judgements, given by query."""
        grades = {grade for of_query in judgements.values() for grade in of_query.values()}
        return cls(2 if max(grades) > 1 else 1, min(grades) == 0)


def query_metrics(
    ranking: Sequence[str], judgements: Judgements, scale: Scale
) -> dict[str, float | None]:
    """All figures of one query: ``METRICS`` → value in [0, 1], None where there is none.

    Args:
        ranking: document ids, best first, without repeats.
        judgements: the query's judgements, at least one.
        scale: that of the whole task.
    """
    relevant = {document for document, grade in judgements.items() if grade >= scale.relevant_from}
    condensed = [document for document in ranking[:CONDENSED_DEPTH] if document in judgements]
    return {
        "ndcg@10": ndcg(ranking, judgements, 10),
        "recall@10": recall(ranking, relevant, 10),
        "recall@100": recall(ranking, relevant, 100),
        "mrr@10": reciprocal_rank(ranking, relevant, 10),
        "judged@10": judged(ranking, judgements, 10),
        "condensed_ndcg@10": ndcg(condensed, judgements, 10) if scale.condensable else None,
    }


def ndcg(ranking: Sequence[str], judgements: Judgements, k: int) -> float:
    """Normalised discounted cumulative gain with gains 2^grade - 1 (Burges et al., 2005)."""
    ideal = _dcg(sorted(judgements.values(), reverse=True)[:k])
    return _dcg([judgements.get(document, 0) for document in ranking[:k]]) / ideal if ideal else 0.0


def _dcg(grades: Sequence[int]) -> float:
    return sum((2.0**grade - 1) / math.log2(rank + 1) for rank, grade in enumerate(grades, start=1))


def recall(ranking: Sequence[str], relevant: set[str], k: int) -> float:
    """Share of the relevant documents that stand among the first k."""
    return len(relevant.intersection(ranking[:k])) / len(relevant) if relevant else 0.0


def reciprocal_rank(ranking: Sequence[str], relevant: set[str], k: int) -> float:
    """1 / rank of the first relevant document, 0 where none is among the first k."""
    ranks = (rank for rank, document in enumerate(ranking[:k], start=1) if document in relevant)
    return 1 / next(ranks, math.inf)


def judged(ranking: Sequence[str], judgements: Judgements, k: int) -> float:
    """Share of the first k (of what there is, where fewer were found) that has a judgement."""
    top = ranking[:k]
    return sum(document in judgements for document in top) / len(top) if top else 0.0


def mean(values: Sequence[float]) -> float | None:
    """Arithmetic mean; None of nothing."""
    return math.fsum(values) / len(values) if values else None


def bootstrap_interval(
    values: Sequence[float], *, resamples: int = 2_000, seed: int = 0
) -> tuple[float, float]:
    """95 % percentile bootstrap interval of the mean, queries drawn with replacement.

    Args:
        values: one figure a query, at least one.
        resamples: how many times to draw.
        seed: of the draws: same values, same interval.
    """
    array, draw = np.asarray(values, dtype=np.float64), np.random.default_rng(seed)
    means = [array[draw.integers(len(array), size=len(array))].mean() for _ in range(resamples)]
    low, high = np.percentile(means, (2.5, 97.5))
    return float(low), float(high)
