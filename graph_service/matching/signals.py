"""Signals: what each recipe adds up, as arrays over a pool.

A score is ``prior`` + the sum of weight x value over the signals, and the explanation is the same
data. Values are NaN where nothing is known (未知): they add nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from graph_service.matching.pool import Pool
from graph_service.matching.recipes import Recipe
from graph_service.matching.scores import Doubles, reciprocal_rank, spread, standardize
from graph_service.matching.types import Target

#: Weight of the dense list beside the word list in ``hybrid``: best of .5, .7, 1, 1.3 and 1.6 on
#: both judged sets (results, firms), with the standard scores of both lists.
HYBRID_DENSE = 0.7

#: Weights of ``full``, declared, not yet learned (未学习). Text and vectors as in ``hybrid``, the
#: vector's share divided between the whole document and its best passage. A walk over the chain is
#: worth a few tenths at most, so its weight is high: it lifts the right firms of the fictional city
#: and leaves the judged firms where they are (docs/match-quality.md).
WEIGHTS: Mapping[str, float] = {
    "text": 1.0,
    "dense": 0.5,
    "passage": HYBRID_DENSE - 0.5,
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

#: Prior log-odds of ``full``: few documents are worth forwarding. Declared, not yet learned.
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


def signals(pool: Pool, recipe: Recipe, target: Target) -> list[Signal]:
    """The recipe's signals, apart from those of ``matching.factual``: what words, vectors and the
    graph say."""
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
    weights = PARTNER_WEIGHTS if target is Target.PARTNERS else WEIGHTS
    return [
        _standard("text", pool.bm25, weights["text"]),
        _standard("dense", pool.cosine, weights["dense"]),
        _standard("passage", pool.passage, weights["passage"]),
        Signal("products", _walked(pool, direct=True), weights["products"]),
        Signal("chain", _walked(pool, direct=False), weights["chain"]),
    ]


def _standard(name: str, raw: Doubles, weight: float) -> Signal:
    mean, deviation = spread(raw)
    scale = {"mean": round(mean, 4), "deviation": round(deviation, 4)}
    return Signal(name, standardize(raw), weight, scale)


def total(some: Sequence[Signal], *, prior: float) -> Doubles:
    """Scores over the pool."""
    result: Doubles = prior + np.sum([signal.contribution for signal in some], axis=0)
    return result


def prior(recipe: Recipe) -> float:
    """Where a recipe's scores start."""
    return PRIOR if recipe.scoring == "full" else 0.0


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
