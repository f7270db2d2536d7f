"""Scores of candidates as pure functions of numbers: BM25, reciprocal ranks, standard scores."""

import math
from typing import Any

import numpy as np
import numpy.typing as npt

from graph_service.matching.recipes import LEAST, MOST, RRF_K
from graph_service.ports import LexicalFeatures

Doubles = npt.NDArray[np.float64]

#: BM25's saturation and length normalisation (bm25s' and Lucene's usual values).
K1, B = 1.5, 0.75

#: A list's mean and deviation are taken over this many of its best scores.
STANDARD_DEPTH = 200

#: How near a list comes at its best is told by the mean of so many.
FOREMOST = 3


def bm25_parts(features: LexicalFeatures, weights: Doubles) -> Doubles:
    """BM25 of each document and term, shape (ids, terms); a document's score is its row's sum.

    Lucene's form (idf = ln(1 + (N - df + .5) / (df + .5)), no factor k1 + 1), as
    Kamphuis et al. 2020, "Which BM25 do you mean?", call it. ``weights`` (terms,) counts each
    term in the query.
    """
    frequency = features.frequency.astype(np.float64)
    idf = np.log1p((features.documents - frequency + 0.5) / (frequency + 0.5))
    lengths = features.lengths.astype(np.float64) / max(features.average_length, 1e-9)
    return saturated(features.counts, lengths) * (idf * weights)[None, :]


def saturated(counts: npt.NDArray[np.integer[Any]], lengths: Doubles) -> Doubles:
    """BM25's share of each count, shape (documents, terms); ``lengths`` are relative to the mean.

    One layout, so that sums over terms go in one order whatever a store gives: same bits.
    """
    told = counts.astype(np.float64, order="F")
    result: Doubles = told / (told + K1 * (1 - B + B * lengths)[:, None])
    return result


def reciprocal_rank(rank: int | None) -> float:
    """1 / (k + rank), 0 for what a list does not hold."""
    return 0.0 if rank is None else 1.0 / (RRF_K + rank)


def spread(scores: Doubles) -> tuple[float, float]:
    """Mean and deviation of the best ``STANDARD_DEPTH`` known scores; zeros of none."""
    known = scores[~np.isnan(scores)]
    best = np.sort(known)[::-1][:STANDARD_DEPTH]
    return (float(best.mean()), float(best.std())) if len(best) else (0.0, 0.0)


def standardize(scores: Doubles) -> Doubles:
    """Standard scores by ``spread``; NaN (unknown) stays. All zero where the best do not differ."""
    mean, deviation = spread(scores)
    if deviation < 1e-12:
        return np.where(np.isnan(scores), np.nan, 0.0)
    result: Doubles = (scores - mean) / deviation
    return result


def foremost(scores: Doubles) -> float:
    """The mean of the best ``FOREMOST`` known scores; NaN of none."""
    known = np.sort(scores[~np.isnan(scores)])[::-1][:FOREMOST]
    return float(known.mean()) if len(known) else math.nan


def bounded(standard: Doubles) -> Doubles:
    """Standard scores within ``LEAST`` and ``MOST``; NaN (unknown) stays."""
    result: Doubles = np.clip(standard, LEAST, MOST)
    return result


def order(scores: Doubles) -> list[int]:
    """Positions by falling score, ties by position; unknown (NaN) scores are left out.

    Candidates stand in id order, so ties are broken by id.
    """
    best_first = np.argsort(-scores, kind="stable")  # NaN comes last
    known: list[int] = best_first[: np.count_nonzero(~np.isnan(scores))].tolist()
    return known


def sigmoid(score: float) -> float:
    """The probability of log-odds."""
    if score >= 0:
        return 1.0 / (1.0 + math.exp(-score))
    return math.exp(score) / (1.0 + math.exp(score))


def any_of(scores: Doubles) -> float:
    """The probability that any of some candidates is worth forwarding, by their log-odds, as if
    each were judged for itself (noisy or)."""
    return 1.0 - math.prod(1.0 - sigmoid(float(score)) for score in scores)
