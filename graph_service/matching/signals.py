"""Signals: what each recipe adds up, as arrays over a pool.

A score is ``prior`` + the sum of weight x value over the signals, and the explanation is the same
data. Values are NaN where nothing is known (未知): they add nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from graph_service.matching.learned.weights import TargetWeights
from graph_service.matching.pool import Pool
from graph_service.matching.recipes import FAR, Recipe
from graph_service.matching.scores import (
    Doubles,
    bounded,
    foremost,
    reciprocal_rank,
    spread,
    standardize,
)
from graph_service.matching.types import Target

#: Weight of the dense list beside the word list in ``hybrid``: best of .5, .7, 1, 1.3 and 1.6 on
#: both judged sets (results, firms), with the standard scores of both lists.
HYBRID_DENSE = 0.7

#: Weights of ``full`` for targets without learned ones, declared (未学习). Text and vectors as in
#: ``hybrid``, the vector's share divided between the whole document and its best passage. A walk
#: over the chain is worth a few tenths at most, so its weight is high: it lifts the right firms of
#: the fictional city and leaves the judged firms where they are (docs/match-quality.md).
WEIGHTS: Mapping[str, float] = {
    "text": 1.0,
    "pairs": 0.0,
    "dense": 0.5,
    "title": 0.0,
    "passage": HYBRID_DENSE - 0.5,
    "standing": 0.0,
    "nearness": 0.0,
    "products": 1.0,
    "chain": 6.0,
}

#: For partners likeness of words makes rivals; the chain decides.
PARTNER_WEIGHTS: Mapping[str, float] = {
    **WEIGHTS,
    "text": 0.1,
    "dense": 0.1,
    "passage": 0.1,
    "products": 6.0,
    "chain": 6.0,
}

#: Beside learned weights, which are about half the declared ones: the judged data has hardly a
#: chain, so these stay declared.
CHAIN_WEIGHTS: Mapping[str, float] = {"products": 0.5, "chain": 3.0}

#: Prior log-odds of ``full`` where none is learned: few documents are worth forwarding. Declared.
PRIOR = -4.0


@dataclass(frozen=True, slots=True)
class Signal:
    """One signal over the pool: ``values`` (ids,) with NaN for unknown.

    ``scale`` tells by which mean and deviation a BM25 or cosine became a standard score.
    ``learned`` says that the weight comes from judgements, not from us (未学习). ``evidence`` is
    what was compared, by candidate, where the signal itself knows.
    """

    name: str
    values: Doubles
    weight: float
    scale: Mapping[str, float] = field(default_factory=dict)
    learned: bool = False
    evidence: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)

    @property
    def contribution(self) -> Doubles:
        return np.nan_to_num(self.values) * self.weight


@dataclass(frozen=True, slots=True)
class Weighing:
    """What ``full`` adds up for one kind of candidate.

    Attributes:
        prior: log-odds before any signal.
        weights: by signal.
        learned: names of the signals whose weights come from judgements.
        threshold: see ``TargetWeights``; None where it was not learned.
    """

    prior: float
    weights: Mapping[str, float]
    learned: frozenset[str] = frozenset()
    threshold: float | None = None

    @classmethod
    def of(cls, target: Target, learned: TargetWeights | None) -> "Weighing":
        """By what was learned; else as declared."""
        if learned is not None:
            weights = {**CHAIN_WEIGHTS, **learned.weights}
            return cls(learned.prior, weights, frozenset(learned.weights), learned.threshold)
        return cls(PRIOR, PARTNER_WEIGHTS if target is Target.PARTNERS else WEIGHTS)


def signals(pool: Pool, recipe: Recipe, weighing: Weighing) -> list[Signal]:
    """The recipe's signals, apart from those of ``matching.factual``: what words, vectors and the
    graph say. ``weighing`` is that of ``full``."""
    if recipe.scoring == "bm25":
        return [Signal("text", pool.bm25, 1.0)]
    if recipe.scoring == "dense":
        return [Signal("dense", pool.cosine, 1.0)]
    if recipe.scoring == "rrf":
        return [Signal(name, _reciprocal(pool, name), 1.0) for name in ("text", "dense")]
    if recipe.scoring == "hybrid":
        return [
            _standard("text", pool.bm25, 1.0),
            _standard("dense", pool.cosine, HYBRID_DENSE),
        ]
    standard = [
        _standard("text", pool.bm25),
        _standard("pairs", _unknown(pool) if pool.shared is None else pool.shared.scores),
        _standard("dense", pool.cosine),
        _standard("title", pool.title),
        _standard("passage", pool.passage),
    ]
    found = [
        *(replace(one, values=bounded(one.values)) for one in standard),
        Signal("standing", _standing(pool.cosine), 1.0),
        Signal("nearness", _nearness(pool), 1.0),
        Signal("products", _walked(pool, direct=True), 1.0),
        Signal("chain", _walked(pool, direct=False), 1.0),
    ]
    return [
        replace(one, weight=weighing.weights[one.name], learned=one.name in weighing.learned)
        for one in found
        if weighing.weights[one.name]
    ]


def _unknown(pool: Pool) -> Doubles:
    return np.full(len(pool.ids), np.nan)


def _standard(name: str, raw: Doubles, weight: float = 1.0) -> Signal:
    mean, deviation = spread(raw)
    scale = {"mean": round(mean, 4), "deviation": round(deviation, 4)}
    return Signal(name, standardize(raw), weight, scale)


def _standing(cosine: Doubles) -> Doubles:
    """How far the best stand out of the list, the same for all: where nothing fits, nothing does.
    It orders nobody; it makes probabilities of different queries comparable."""
    mean, deviation = spread(cosine)
    if deviation < 1e-12:
        return np.full(len(cosine), np.nan)
    return np.full(len(cosine), (foremost(cosine) - mean) / deviation)


def _nearness(pool: Pool) -> Doubles:
    """How near the best come, the same for all, in deviations of how near demands come to each
    other: a list stands out of itself even where nothing in it is near."""
    if pool.usual is None or pool.usual[1] < 1e-12:
        return _unknown(pool)
    mean, deviation = pool.usual
    value = (foremost(pool.cosine) - mean) / deviation
    return np.full(len(pool.ids), np.clip(value, -FAR, FAR))


def total(some: Sequence[Signal], *, prior: float) -> Doubles:
    """Scores over the pool."""
    result: Doubles = prior + np.sum([signal.contribution for signal in some], axis=0)
    return result


def _reciprocal(pool: Pool, retriever: str) -> Doubles:
    ranks = pool.ranks.get(retriever, {})
    return np.array([reciprocal_rank(ranks.get(node_id)) for node_id in pool.ids], np.float64)


def _walked(pool: Pool, *, direct: bool) -> Doubles:
    """The graph's signals; candidates that no walk reaches are unknown, not far."""
    return np.array(
        [
            (walked.direct if direct else walked.chain) or np.nan
            if (walked := pool.walked.get(node_id))
            else np.nan
            for node_id in pool.ids
        ],
        np.float64,
    )
