"""Shares of exposure against the pool, and its concentration."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.exposure.figures import concentration, gini, shares

NAMES = st.sampled_from(["小巨人", "专精特新", "创新型", None])


@given(st.lists(st.integers(0, 50), max_size=30))
def test_gini_is_half_the_mean_difference_over_the_mean(counts: list[int]) -> None:
    found = gini(counts)
    if not sum(counts):
        assert found is None
        return
    n = len(counts)
    differences = sum(abs(one - other) for one in counts for other in counts) / n**2
    assert found == pytest.approx(differences / 2 / (sum(counts) / n))
    assert 0 <= found < 1


def test_gini_of_all_alike_and_of_one_who_has_all() -> None:
    assert gini([3, 3, 3]) == 0
    assert gini([0] * 99 + [7]) == pytest.approx(0.99)


@given(st.lists(NAMES, max_size=40), st.lists(NAMES, max_size=40))
def test_shares_tile_what_is_shown_and_the_pool(
    shown: list[str | None], pool: list[str | None]
) -> None:
    rows = shares(Counter(shown), Counter(pool), ["小巨人", "专精特新"])
    assert sum(row.shown for row in rows) == len(shown)
    assert sum(row.pool for row in rows) == len(pool)
    assert sum(row.shown_of for row in rows) == pytest.approx(float(bool(shown)))
    assert sum(row.pool_of for row in rows) == pytest.approx(float(bool(pool)))
    names = [row.name for row in rows]
    assert len(names) == len(set(names))
    assert names == [it for it in ("小巨人", "专精特新", "创新型", None) if it in names]
    for row in rows:
        known = bool(shown) and row.pool > 0
        assert (row.ratio is not None) is known
        if row.ratio is not None:
            assert row.ratio == pytest.approx(row.shown_of / row.pool_of)


def test_larger_classes_come_first_and_the_unknown_last() -> None:
    rows = shares({"西区": 1}, {None: 9, "东区": 2, "西区": 5, "南区": 5})
    assert [row.name for row in rows] == ["南区", "西区", "东区", None]
    assert [row.ratio for row in rows] == [0.0, pytest.approx(21 / 5), 0.0, 0.0]


def test_those_who_are_never_shown_count_in_the_pool() -> None:
    found = concentration(Counter({f"org:{i}": 2 for i in range(12)}), 24)
    assert (found.shown, found.pool) == (12, 24)
    assert found.among_shown == 0
    assert found.among_pool == pytest.approx(0.5)
    assert found.of_ten == pytest.approx(10 / 12)
    none = concentration(Counter(), 3).as_dict()
    assert none == {
        "shown": 0,
        "pool": 3,
        "gini_shown": None,
        "gini_pool": None,
        "share_of_ten": None,
    }
