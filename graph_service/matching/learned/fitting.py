"""Learning the weights: one additive score that both ranks and tells a probability.

Each query gives two likelihoods of the same linear score: which of its candidates are the good ones
(the conditional logit of McFadden 1974, the listwise loss of Cao et al. 2007, with gains 2^g - 1),
and whether each judged candidate would be forwarded (the ordinary logit, grade >= 2). Their sum is
convex; a pull towards the declared weights stands for what few queries cannot tell. Weights of the
signals that order candidates are not negative: a better likeness never counts against a candidate.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from graph_service.matching.learned.weights import LEARNED, TargetWeights
from graph_service.matching.scores import Doubles
from graph_service.matching.types import Target

#: The declared weights that the learned ones are pulled towards: half of those of ``hybrid``, as
#: log-odds of a standard score, the words' and the vectors' shares spread.
START: Mapping[str, float] = {
    "text": 0.2,
    "pairs": 0.25,
    "dense": 0.3,
    "title": 0.1,
    "passage": 0.1,
    "standing": 0.0,
    "nearness": 0.0,
}
PRIOR = -3.0

#: How strong the pull is; of .03, .1, .3 and 1 the best in cross-validation on both judged sets.
PULL = 0.1

#: What the second likelihood counts beside the first, for ten judged candidates of a query. Of 1,
#: 3, 10 and 30 all calibrate alike; more than 3 ranks firms worse.
SURENESS = 3.0

#: Signals that tell of the query, not of a candidate: they may lower as well as raise, and are held
#: to nothing but so much of the pull: what they are worth is told by the second likelihood alone.
_FREE, _LOOSE = frozenset({"standing", "nearness"}), 0.1

#: From this grade on a broker would forward a candidate.
USEFUL = 2


@dataclass(frozen=True, slots=True)
class Example:
    """A query with its candidates.

    Attributes:
        query: names it; queries of the same name are kept together in cross-validation.
        values: of the learned signals, shape (candidates, signals), NaN where unknown.
        offset: what the other signals add, shape (candidates,).
        grades: judgements, NaN where there is none, shape (candidates,).
    """

    query: str
    values: Doubles
    offset: Doubles
    grades: Doubles

    @property
    def useful(self) -> Doubles:
        """1 where a broker would forward it, 0 where not; NaN where nobody judged."""
        return np.where(np.isnan(self.grades), np.nan, (self.grades >= USEFUL).astype(np.float64))

    def scores(self, learned: TargetWeights) -> Doubles:
        """Log-odds of the candidates."""
        weights = np.array([learned.weights[name] for name in LEARNED])
        result: Doubles = learned.prior + _known(self.values) @ weights + self.offset
        return result


@dataclass(frozen=True, slots=True)
class Start:
    """Where learning begins, and how strongly it is held there.

    Attributes:
        at: what the weights are pulled towards; its threshold is kept.
        pull: how strongly the weights are.
        prior_pull: how strongly the prior is; 0 lets the judgements alone tell it.
        held: signals whose weights stay where learning begins.
    """

    at: TargetWeights
    pull: float = PULL
    prior_pull: float = 0.0
    held: frozenset[str] = frozenset()


#: Where learning begins where nothing was learned before.
DECLARED = Start(TargetWeights(PRIOR, START))

#: What is not learned for a kind of candidate: of results it tells nothing more in cross-validation
#: (Brier skill .145 without, .144 with it), of firms it does (.192, .213).
HELD: Mapping[Target, frozenset[str]] = {Target.RESULTS: frozenset({"nearness"})}


def fit(examples: Sequence[Example], *, start: Start = DECLARED) -> TargetWeights:
    """The weights that say best what the examples were judged to be.

    Args:
        examples: at least one with a useful candidate.
        start: what the weights are pulled towards.
    """
    from scipy.optimize import minimize  # only training needs it

    lists = [_List.of(one) for one in examples]
    first = np.array([*(start.at.weights[name] for name in LEARNED), start.at.prior])
    loose = [_LOOSE if name in _FREE else 1.0 for name in LEARNED]
    pulled = np.array([*(start.pull * part for part in loose), start.prior_pull])
    rankable = max(1, sum(one.gains is not None for one in lists))
    judged = max(1, sum(len(one.told) for one in lists))

    def loss(at: Doubles) -> tuple[float, Doubles]:
        value = float(pulled @ (at - first) ** 2)
        slope = 2 * pulled * (at - first)
        for one in lists:
            listed, listed_slope = one.listwise(at)
            told, told_slope = one.pointwise(at)
            value += listed / rankable + told * SURENESS / judged
            slope = slope + listed_slope / rankable + told_slope * SURENESS / judged
        return value, slope

    bounds = [*(_bounds(name, start) for name in LEARNED), (None, None)]
    found = minimize(loss, first, jac=True, method="L-BFGS-B", bounds=bounds).x
    weights = dict(zip(LEARNED, map(float, found[:-1]), strict=True))
    return TargetWeights(float(found[-1]), weights, start.at.threshold)


def _bounds(name: str, start: Start) -> tuple[float | None, float | None]:
    if name in start.held:
        return start.at.weights[name], start.at.weights[name]
    return (None, None) if name in _FREE else (0.0, None)


def folds(examples: Sequence[Example], count: int, seed: int) -> list[frozenset[str]]:
    """The queries in so many parts, by chance."""
    names = sorted({one.query for one in examples})
    np.random.default_rng(seed).shuffle(names)
    return [frozenset(names[first::count]) for first in range(min(count, len(names)))]


def cross_validated(
    examples: Sequence[Example], *, start: Start = DECLARED, count: int = 10, seed: int = 0
) -> list[tuple[Example, Doubles]]:
    """Each example with the scores that weights learned from the others give it."""
    found = []
    for part in folds(examples, count, seed):
        learned = fit([one for one in examples if one.query not in part], start=start)
        found += [(one, one.scores(learned)) for one in examples if one.query in part]
    return found


@dataclass(frozen=True, slots=True)
class _List:
    """One example as arrays: signals with a column of ones for the prior."""

    values: Doubles
    offset: Doubles
    gains: Doubles | None  # sum 1; None where nothing was useful
    told: Sequence[int]  # positions that were judged
    useful: Doubles  # of them

    @classmethod
    def of(cls, one: Example) -> "_List":
        values = np.column_stack([_known(one.values), np.ones(len(one.values))])
        gains = 2.0 ** np.nan_to_num(one.grades) - 1
        told = np.flatnonzero(~np.isnan(one.grades))
        fits = bool((one.useful == 1).any())
        return cls(
            values,
            one.offset,
            gains / gains.sum() if fits else None,
            told.tolist(),
            one.useful[told],
        )

    def listwise(self, at: Doubles) -> tuple[float, Doubles]:
        if self.gains is None:
            return 0.0, np.zeros(len(at))
        scores = self.values @ at + self.offset
        shares = np.exp(scores - scores.max())
        shares /= shares.sum()
        loss = -float(self.gains @ np.log(shares + 1e-12))
        return loss, self.values.T @ (shares - self.gains)

    def pointwise(self, at: Doubles) -> tuple[float, Doubles]:
        values = self.values[self.told]
        scores = values @ at + self.offset[self.told]
        loss = float(np.logaddexp(0.0, scores).sum() - self.useful @ scores)
        return loss, values.T @ (1.0 / (1.0 + np.exp(-scores)) - self.useful)


def _known(values: Doubles) -> Doubles:
    result: Doubles = np.nan_to_num(values)
    return result
