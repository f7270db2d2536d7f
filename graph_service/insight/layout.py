"""Where circles stand in the plane: linked ones near each other, none over another. Pure.

Force-directed placement of Fruchterman and Reingold 1991 ("Graph drawing by force-directed
placement"), repulsion only between near ones, as in their grid variant; then overlaps are pushed
apart. A circle begins where it stood, else at a place that its id says: no randomness, and where
little changed little moves. Units: a circle of one organisation has radius 1.
"""

import hashlib
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np
import numpy.typing as npt
from scipy.spatial import cKDTree

from graph_service import deadline

Points = npt.NDArray[np.float64]
Point = tuple[float, float]

_STEPS, _STEPS_AGAIN, _APART = 120, 20, 200
#: Share of the width that a circle may move in the first step: at first, and where most stood.
_HEAT, _HEAT_AGAIN = 0.1, 0.01
_GAP, _REACH, _GRAVITY = 0.25, 3.0, 0.02


@dataclass(frozen=True, slots=True)
class Circle:
    """A place in the plane."""

    x: float
    y: float
    r: float

    def moved(self, x: float, y: float) -> "Circle":
        """The same elsewhere."""
        return Circle(self.x + x, self.y + y, self.r)

    def as_dict(self) -> dict[str, float]:
        """JSON-ready data."""
        return {"x": round(self.x, 2), "y": round(self.y, 2), "r": round(self.r, 2)}


def radius(size: int) -> float:
    """The radius of a community: its area is in proportion to its members, with room between."""
    return 1.6 * sqrt(size)


def place(
    ids: Sequence[str],
    radii: Sequence[float],
    pairs: Sequence[tuple[int, int, float]],
    before: Mapping[str, Point],
) -> Points:
    """Centres, shape (n, 2), around (0, 0).

    Args:
        ids: what stands at each.
        radii: of the circles.
        pairs: positions of linked circles, with the weight of the link.
        before: where some stood.
    """
    n = len(ids)
    if not n:
        return np.empty((0, 2))
    r = np.asarray(radii, np.float64)
    width = 2 * sqrt(float((r**2).sum()))
    known = np.array([id_ in before for id_ in ids])
    points = np.array([before.get(id_) or _told_by(id_, width) for id_ in ids], np.float64)
    again = mostly(ids, before)
    if again and not known.all():
        _beside_their_own(points, known, pairs)
    points = _forces(points, r, pairs, width, again=again)
    points = _apart(points, r)
    if again:  # what stood keeps its place as a whole
        stood = np.array(
            [before[id_] for id_, is_known in zip(ids, known, strict=True) if is_known]
        )
        moved: Points = points + np.median(stood - points[known], axis=0)
        return moved
    centred: Points = points - points.mean(axis=0)
    return centred


def mostly(ids: Sequence[str], before: Collection[str]) -> bool:
    """Whether more than half stood already, so that the rest is put amid them."""
    return 2 * sum(id_ in before for id_ in ids) > len(ids)


def _told_by(id_: str, width: float) -> Point:
    """A place in a square of the width, told by an id."""
    digest = hashlib.blake2b(id_.encode(), digest_size=8).digest()
    x, y = (int.from_bytes(part) / 2**32 - 0.5 for part in (digest[:4], digest[4:]))
    return x * width, y * width


def _beside_their_own(
    points: Points, known: npt.NDArray[np.bool_], pairs: Sequence[tuple[int, int, float]]
) -> None:
    """Let what is new begin amid what it is linked to."""
    sums, weights = np.zeros_like(points), np.zeros(len(points))
    for a, b, weight in pairs:
        for one, other in ((a, b), (b, a)):
            if known[other] and not known[one]:
                sums[one] += weight * points[other]
                weights[one] += weight
    met = weights > 0
    points[met] = sums[met] / weights[met, None]


def _forces(
    points: Points,
    r: Points,
    pairs: Sequence[tuple[int, int, float]],
    width: float,
    *,
    again: bool,
) -> Points:
    """Some steps of attraction along links and repulsion between near ones."""
    n = len(points)
    a = np.array([pair[0] for pair in pairs], np.int64)
    b = np.array([pair[1] for pair in pairs], np.int64)
    weight = np.array([pair[2] for pair in pairs], np.float64)
    strength = weight / weight.max() if len(weight) else weight
    steps, heat = (_STEPS_AGAIN, _HEAT_AGAIN) if again else (_STEPS, _HEAT)
    ideal = width / sqrt(n)
    for step in range(steps):
        deadline.check()
        near = _near(points, ideal * _REACH)
        move = -_GRAVITY * points
        for one, other, pull in (
            (near[:, 0], near[:, 1], None),
            (a, b, strength),
        ):
            apart = points[one] - points[other]
            far = np.maximum(np.hypot(apart[:, 0], apart[:, 1]), 1e-6)
            least = r[one] + r[other] + _GAP * ideal
            if pull is None:
                force = least**2 / far**2
            else:
                force = -np.minimum((0.2 + pull) * np.maximum(far - least, 0) / least, far) / far
            push = apart * force[:, None]
            for axis in (0, 1):
                move[:, axis] += np.bincount(one, push[:, axis], n) - np.bincount(
                    other, push[:, axis], n
                )
        length = np.maximum(np.hypot(move[:, 0], move[:, 1]), 1e-9)
        most = heat * width * (1 - step / steps)
        points = points + move * (np.minimum(length, most) / length)[:, None]
    return points


def _near(points: Points, reach: float) -> npt.NDArray[np.int64]:
    """Pairs of positions nearer than a distance, in order."""
    found = cKDTree(points).query_pairs(reach, output_type="ndarray").astype(np.int64)
    return found[np.lexsort((found[:, 1], found[:, 0]))]


def _apart(points: Points, r: Points) -> Points:
    """Push circles from each other until none lies over another, or patience ends."""
    n, reach = len(points), 2 * float(r.max())
    points = points.copy()
    for _ in range(_APART):
        near = _near(points, reach)
        one, other = near[:, 0], near[:, 1]
        apart = points[one] - points[other]
        far = np.hypot(apart[:, 0], apart[:, 1])
        over = r[one] + r[other] - far
        hit = over > 1e-3
        if not hit.any():
            break
        one, other, apart, far, over = one[hit], other[hit], apart[hit], far[hit], over[hit]
        way = np.where(far[:, None] > 1e-9, apart / np.maximum(far, 1e-9)[:, None], [[1.0, 0.0]])
        push = way * (over * 0.52)[:, None]
        for axis in (0, 1):
            points[:, axis] += np.bincount(one, push[:, axis], n) - np.bincount(
                other, push[:, axis], n
            )
    return points


def inside(points: Points, r: Points, circle: Circle) -> list[Circle]:
    """Circles around (0, 0) shrunk and moved, where they are too wide, so as to lie in another."""
    if not len(points):
        return []
    middle = (points.max(axis=0) + points.min(axis=0)) / 2
    points = points - middle
    extent = float((np.hypot(points[:, 0], points[:, 1]) + r).max())
    scale = min(1.0, circle.r / extent)
    return [
        Circle(circle.x + x * scale, circle.y + y * scale, radius_ * scale)
        for (x, y), radius_ in zip(points.tolist(), r.tolist(), strict=True)
    ]
