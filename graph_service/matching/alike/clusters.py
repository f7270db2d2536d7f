"""Groups in which everybody is like everybody (complete link). Pure.

Two clusters are as like as their least like members. They are joined, the most alike first, while
they are at least as like as the threshold: there is no chain from one demand over a second to a
third that the first has nothing in common with.
"""

import numpy as np
import numpy.typing as npt

from graph_service.ports import Floats


def complete_link(likeness: Floats, threshold: float) -> list[list[int]]:
    """The groups of two and more, each in rising order, by their first member.

    By chains of nearest neighbours (Murtagh 1983), in n² steps: complete link is reducible, so that
    neighbours nearest to each other may be joined at once. Ties go to the lower position.

    Args:
        likeness: symmetric, shape (n, n).
        threshold: of two members at least.
    """
    near = likeness.astype(np.float32, copy=True)
    np.fill_diagonal(near, -np.inf)
    near[near < threshold] = -np.inf
    members = {i: [i] for i in range(len(near))}
    waiting = np.asarray(np.isfinite(near).any(axis=1))
    chain: list[int] = []
    while chain or waiting.any():
        if not chain:
            chain.append(int(np.argmax(waiting)))
        last = chain[-1]
        nearest = _nearest(near[last], chain[-2] if len(chain) > 1 else None)
        if nearest is None:
            waiting[last] = False
            chain.pop()
        elif len(chain) > 1 and nearest == chain[-2]:
            kept, gone = sorted((chain.pop(), chain.pop()))
            members[kept] += members.pop(gone)
            near[kept] = near[:, kept] = np.minimum(near[kept], near[gone])
            near[gone] = near[:, gone] = -np.inf
            waiting[gone] = False
        else:
            chain.append(nearest)
    return sorted(sorted(some) for some in members.values() if len(some) > 1)


def _nearest(row: npt.NDArray[np.float32], before: int | None) -> int | None:
    """The most alike, of equals the one before in the chain, so that a chain ends; None of none."""
    best = int(np.argmax(row))
    if not np.isfinite(row[best]):
        return None
    return before if before is not None and row[before] == row[best] else best
