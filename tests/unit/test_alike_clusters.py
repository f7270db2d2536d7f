"""Complete-link groups: a partition, everybody like everybody, and what joining by hand gives."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.alike.clusters import complete_link
from graph_service.ports import Floats


def _symmetric(n: int, seed: int, steps: int | None) -> Floats:
    """Random likeness; with few steps many are equal."""
    upper = np.random.default_rng(seed).random((n, n))
    if steps:
        upper = np.round(upper * steps) / steps
    made: Floats = np.triu(upper, 1).astype(np.float32)
    made += made.T
    np.fill_diagonal(made, 1.0)
    return made


def _by_hand(likeness: Floats, threshold: float) -> list[list[int]]:
    """Joins the two most alike clusters until none are as like as the threshold."""
    groups = [[i] for i in range(len(likeness))]
    while len(groups) > 1:
        pairs = [(a, b) for a in range(len(groups)) for b in range(a)]
        near = {pair: likeness[np.ix_(groups[pair[0]], groups[pair[1]])].min() for pair in pairs}
        a, b = max(near, key=lambda pair: near[pair])
        if near[a, b] < threshold:
            break
        groups[b] += groups.pop(a)
    return sorted(sorted(group) for group in groups if len(group) > 1)


@given(
    st.integers(0, 24), st.integers(0, 10**6), st.sampled_from([None, 3, 8]), st.floats(0.01, 0.99)
)
def test_groups_are_apart_and_no_two_members_are_under_the_threshold(
    n: int, seed: int, steps: int | None, threshold: float
) -> None:
    likeness = _symmetric(n, seed, steps)
    groups = complete_link(likeness, threshold)
    members = [i for group in groups for i in group]
    assert len(members) == len(set(members))
    assert groups == sorted(sorted(group) for group in groups)
    for group in groups:
        assert len(group) > 1
        assert likeness[np.ix_(group, group)].min() >= np.float32(threshold)
    alone = sorted(set(range(n)) - set(members))
    for i in alone:  # nothing that could be joined is left
        others = [[j] for j in alone if j != i] + groups
        assert all(likeness[i, other].min() < threshold for other in others)


@given(st.integers(2, 20), st.integers(0, 10**6), st.floats(0.05, 0.95))
def test_groups_are_those_of_joining_the_most_alike_first(
    n: int, seed: int, threshold: float
) -> None:
    likeness = _symmetric(n, seed, None)
    assert complete_link(likeness, threshold) == _by_hand(likeness, threshold)


def test_there_is_no_chain() -> None:
    """b is like a and like c, which have nothing in common: one of them stays out."""
    likeness = np.array([[1, 0.9, 0], [0.9, 1, 0.8], [0, 0.8, 1]], np.float32)
    assert complete_link(likeness, 0.5) == [[0, 1]]


@pytest.mark.parametrize("n", [0, 1])
def test_of_one_there_is_no_group(n: int) -> None:
    assert complete_link(np.ones((n, n), np.float32), 0.5) == []
