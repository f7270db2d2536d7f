"""How good probabilities are, and how well it is told that nothing fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from graph_service.matching.scores import Doubles

#: Parts of equal size that probabilities are put in.
BINS = 10


@dataclass(frozen=True, slots=True)
class Reliability:
    """Probabilities against what was judged.

    Attributes:
        count: judged candidates.
        base: share of them that are useful.
        error: expected calibration error: the mean distance of probability and share over
            ``BINS`` parts of equal size (Naeini et al. 2015; equal-mass bins after Nixon et al.
            2019).
        skill: Brier skill: 1 - Brier score / that of always saying ``base``.
        bins: (mean probability, share useful, count) of each part, the least probable first.
    """

    count: int
    base: float
    error: float
    skill: float
    bins: Sequence[tuple[float, float, int]]

    def as_dict(self) -> dict[str, Any]:
        """As JSON."""
        return {
            "count": self.count,
            "base": round(self.base, 4),
            "error": round(self.error, 4),
            "skill": round(self.skill, 4),
            "bins": [
                {"probability": round(said, 4), "useful": round(was, 4), "count": count}
                for said, was, count in self.bins
            ],
        }


def reliability(probability: Doubles, useful: Doubles) -> Reliability | None:
    """Of probabilities (n,) and what was judged, 0 or 1 (n,); None of nothing."""
    if not len(probability):
        return None
    parts = [
        part for part in np.array_split(np.argsort(probability, kind="stable"), BINS) if len(part)
    ]
    bins = [
        (float(probability[part].mean()), float(useful[part].mean()), len(part)) for part in parts
    ]
    base = float(useful.mean())
    spread = base * (1 - base)
    brier = float(((probability - useful) ** 2).mean())
    return Reliability(
        len(probability),
        base,
        sum(count * abs(said - was) for said, was, count in bins) / len(probability),
        1 - brier / spread if spread else 0.0,
        bins,
    )


@dataclass(frozen=True, slots=True)
class Abstention:
    """Telling queries that nothing fits by how probable it is that anything does.

    Attributes:
        threshold: below it nothing fits.
        nothing: queries that nothing fits.
        told: queries that are told so.
        right: those of them that nothing fits.
    """

    threshold: float
    nothing: int
    told: int
    right: int

    def as_dict(self) -> dict[str, Any]:
        """As JSON, with precision and recall."""
        return {
            "threshold": round(self.threshold, 4),
            "nothing_fits": self.nothing,
            "told": self.told,
            "right": self.right,
            "precision": round(self.right / self.told, 4) if self.told else None,
            "recall": round(self.right / self.nothing, 4) if self.nothing else None,
        }


def abstention(chance: Doubles, fits: Sequence[bool], threshold: float) -> Abstention:
    """Of the probabilities that anything fits (n,) and whether it does (n,)."""
    told = chance < threshold
    nothing = ~np.array(fits, bool)
    return Abstention(threshold, int(nothing.sum()), int(told.sum()), int((told & nothing).sum()))


#: In F, recall counts this much of precision: to tell a firm that nothing fits where something does
#: is the worse error.
_BETA = 0.5


def best_threshold(chance: Doubles, fits: Sequence[bool]) -> float | None:
    """The threshold of the best F, in the middle between two queries; None where every query has
    something that fits, or none has."""
    if all(fits) or not any(fits):
        return None
    levels = np.unique(chance)
    between = (levels[:-1] + levels[1:]) / 2

    def measure(threshold: float) -> float:
        found = abstention(chance, fits, threshold)
        return (1 + _BETA**2) * found.right / (found.told + _BETA**2 * found.nothing)

    return float(max(between, key=measure)) if len(between) else None
