"""Communities by hierarchical Leiden; pure: a matrix in, labels out, the same for the same seed.

Traag, Waltman, van Eck 2019, "From Louvain to Leiden: guaranteeing well-connected communities"
(Scientific Reports 9, 5233), by graspologic-native. As its ``hierarchical_leiden``, a community
that is too large is divided by itself, level by level; that function knows neither trials nor
arrays, so that the levels are made here from ``leiden_csr``.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from graph_service import deadline

Labels = npt.NDArray[np.int64]

#: Declared: the first seed (a trial adds one), passes of a trial, trials, and the most members of
#: a community that is not divided.
SEED, ITERATIONS, TRIALS, LARGEST = 20261123, 4, 5, 300

#: Trials that run at one time.
_AT_ONCE = 2


@dataclass(frozen=True, slots=True)
class Division:
    """A division of n nodes.

    Attributes:
        labels: the community of each, numbered by first member; −1 for nodes without a link.
        modularity: of Newman and Girvan with resolution (Reichardt, Bornholdt 2006).
        stability: of each community, 0–1: the mean over the other trials of the greatest Jaccard
            similarity that it has to one of theirs (Hennig 2007, "Cluster-wise assessment of
            cluster stability"); 1 where no trial was made beside it.
        agreement: of the trials: the mean of the adjusted Rand indices of each two (Hubert, Arabie
            1985).
    """

    labels: Labels
    modularity: float
    stability: npt.NDArray[np.float64]
    agreement: float


@dataclass(frozen=True, slots=True)
class Part:
    """A community in the hierarchy.

    Attributes:
        members: positions, rising.
        level: 0 for those of the whole.
        parent: number of the part that it divides; None at level 0.
        stability: as ``Division``.
    """

    members: Labels
    level: int
    parent: int | None
    stability: float


def divide(
    matrix: sparse.csr_matrix,
    resolution: float = 1.0,
    *,
    seed: int = SEED,
    iterations: int = ITERATIONS,
    trials: int = TRIALS,
) -> Division:
    """The best of several trials by modularity; its communities are connected.

    Args:
        matrix: weights, symmetric, shape (n, n), no loops, none negative.
        resolution: greater than 0; more gives more communities.
        seed: of the first trial.
        iterations: passes of a trial.
        trials: how many.
    """
    linked = np.flatnonzero(np.diff(matrix.indptr))
    labels = np.full(matrix.shape[0], -1, np.int64)
    if not len(linked):
        return Division(labels, 0.0, np.empty(0), 1.0)
    inner = matrix[linked][:, linked].tocsr()

    def attempt(trial: int) -> Labels:
        return connected(inner, _leiden(inner, resolution, seed + trial, iterations))

    deadline.check()
    with ThreadPoolExecutor(_AT_ONCE) as pool:  # graspologic-native lets other threads run
        found = list(pool.map(attempt, range(trials)))
    values = [modularity(inner, one, resolution) for one in found]
    best = int(np.argmax(values))
    labels[linked] = found[best]
    return Division(labels, values[best], _stability(found, best), _agreement(found))


def hierarchy(
    matrix: sparse.csr_matrix, resolution: float = 1.0, *, largest: int = LARGEST, seed: int = SEED
) -> tuple[Division, list[Part]]:
    """The division of the whole, and its communities with those that divide them, level by level;
    one that Leiden leaves in one piece stays as large as it is. Parents come before their parts."""
    whole = divide(matrix, resolution, seed=seed)
    parts = _parts(np.arange(matrix.shape[0]), whole, 0, None)
    number = 0
    while number < len(parts):
        members = parts[number].members
        if len(members) > largest:
            inner = matrix[members][:, members].tocsr()
            finer = divide(inner, resolution, seed=seed)
            if finer.labels.max() > 0:
                parts += _parts(members, finer, parts[number].level + 1, number)
        number += 1
    return whole, parts


def _parts(members: Labels, division: Division, level: int, parent: int | None) -> list[Part]:
    return [
        Part(members[division.labels == label], level, parent, float(division.stability[label]))
        for label in range(division.labels.max(initial=-1) + 1)
    ]


def connected(matrix: sparse.csr_matrix, labels: Labels) -> Labels:
    """Labels of the connected pieces of each community, numbered by first member."""
    pairs = matrix.tocoo()
    within = labels[pairs.row] == labels[pairs.col]
    inside = sparse.coo_matrix(
        (pairs.data[within], (pairs.row[within], pairs.col[within])), shape=matrix.shape
    )
    _, pieces = connected_components(inside, directed=False)
    return _numbered(pieces)


def modularity(matrix: sparse.csr_matrix, labels: Labels, resolution: float = 1.0) -> float:
    """Modularity of a division; 0 of a matrix without weights."""
    degrees = np.asarray(matrix.sum(axis=1)).ravel()
    total = degrees.sum()
    if not total:
        return 0.0
    pairs = matrix.tocoo()
    inside = pairs.data[labels[pairs.row] == labels[pairs.col]].sum()
    strength = np.bincount(labels, weights=degrees)
    return float(inside / total - resolution * ((strength / total) ** 2).sum())


def _leiden(matrix: sparse.csr_matrix, resolution: float, seed: int, iterations: int) -> Labels:
    from graspologic_native import leiden_csr

    n = matrix.shape[0]
    _, found = leiden_csr(
        matrix.indptr.astype(np.int64),
        matrix.indices.astype(np.int32),
        matrix.data.astype(np.float64),
        n,
        resolution=resolution,
        iterations=iterations,
        seed=seed,
    )
    return _numbered(np.array([found[i] for i in range(n)], np.int64))


def _numbered(labels: npt.NDArray[np.integer]) -> Labels:
    """The same division, its communities numbered in the order of their first members."""
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    place = np.empty(len(first), np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    numbered: Labels = place[inverse.ravel()]
    return numbered


def overlaps(one: Labels, other: Labels) -> sparse.coo_matrix:
    """How many members each community of one division shares with each of another."""
    shape = int(one.max(initial=-1)) + 1, int(other.max(initial=-1)) + 1
    made = sparse.coo_matrix((np.ones(len(one)), (one, other)), shape=shape)
    made.sum_duplicates()
    return made


def _stability(found: Sequence[Labels], best: int) -> npt.NDArray[np.float64]:
    mine = found[best]
    sizes = np.bincount(mine)
    near = []
    for other in (one for i, one in enumerate(found) if i != best):
        shared = overlaps(mine, other)
        union = sizes[shared.row] + np.bincount(other)[shared.col] - shared.data
        nearest = np.zeros(len(sizes))
        np.maximum.at(nearest, shared.row, shared.data / union)
        near.append(nearest)
    return np.mean(near, axis=0) if near else np.ones(len(sizes))


def agreement(one: Labels, other: Labels) -> float:
    """The adjusted Rand index of two divisions of the same nodes; 1 where they are the same."""

    def pairs(counts: npt.NDArray[np.float64]) -> float:
        return float((counts * (counts - 1) / 2).sum())

    both = pairs(overlaps(one, other).data)
    first = pairs(np.bincount(one).astype(np.float64))
    second = pairs(np.bincount(other).astype(np.float64))
    every = len(one) * (len(one) - 1) / 2
    chance = first * second / every if every else 0.0
    most = (first + second) / 2
    return 1.0 if most == chance else (both - chance) / (most - chance)


def _agreement(found: Sequence[Labels]) -> float:
    values = [agreement(one, other) for i, one in enumerate(found) for other in found[i + 1 :]]
    return float(np.mean(values)) if values else 1.0
