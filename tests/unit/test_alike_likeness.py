"""Likeness of demands: what counts, and that missing vectors are neutral."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.alike import likeness
from graph_service.matching.alike.likeness import (
    by_passages,
    by_words,
    usual_cosine,
    weighted,
    words_of,
)
from graph_service.model import Label, Node
from graph_service.ports import Floats, PassageVectors

WORDS = st.dictionaries(st.sampled_from("甲乙丙丁戊己"), st.floats(0.1, 9), max_size=6)


def _unit(rows: int, seed: int) -> Floats:
    made = np.random.default_rng(seed).normal(size=(rows, 8)).astype(np.float32)
    return made / np.linalg.norm(made, axis=1, keepdims=True)


def test_the_title_and_the_need_say_more_than_the_history_of_the_firm() -> None:
    demand = Node(
        "demand:1",
        Label.DEMAND,
        {
            "title": "柔轮强化",
            "text": "公司成立于2001年，是高新技术企业。\n需求内容：希望解决疲劳开裂的难题。",
        },
    )
    said = words_of(demand)
    assert said["柔轮"] > said["疲劳"] > said["高新技术"]
    assert "的" not in said


@given(st.lists(WORDS, min_size=1, max_size=6), st.integers(1, 3), st.integers(0, 4))
def test_words_of_each_two_are_compared_as_vectors(
    said: list[dict[str, float]], block: int, few: int
) -> None:
    rarity = {word: float(i) for i, word in enumerate("甲乙丙丁戊己")}  # 甲 is everywhere
    bags = [weighted(one, rarity) for one in said]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "_WORDS", block)
        patch.setattr(likeness, "_FEW", few)
        found = by_words(bags)
    assert not any("甲" in bag for bag in bags)
    for i, one in enumerate(bags):
        for j, other in enumerate(bags):
            expected = sum(one[word] * other.get(word, 0.0) for word in one)
            assert found[i, j] == pytest.approx(1.0 if i == j else expected, abs=1e-5)


@given(
    st.lists(st.integers(0, 3), min_size=1, max_size=6),
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.floats(-0.5, 0.9),
)
def test_passages_are_compared_by_the_nearest_of_the_other(
    pieces: list[int], seed: int, block: int, usual: float
) -> None:
    """0 pieces: no vector at all; 1: a whole document; more: with the whole before them, which does
    not count then."""
    ids = [f"demand:{i}" for i in range(len(pieces))]
    rows = [(ids[i], k) for i, n in enumerate(pieces) for k in range(n + (n > 1))]
    matrix = _unit(max(len(rows), 1), seed)[: len(rows)]
    stored = PassageVectors([row[0] for row in rows], [row[1] for row in rows], matrix)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(likeness, "_ROWS", block)
        found = by_passages(ids, stored, usual)
    assert found.shape == (len(ids), len(ids))
    mine = [
        matrix[[k for k, (node_id, n) in enumerate(rows) if node_id == it and (n or pieces[i] < 2)]]
        for i, it in enumerate(ids)
    ]
    for i, one in enumerate(mine):
        for j, other in enumerate(mine):
            if not len(one) or not len(other):
                assert np.isnan(found[i, j])
                continue
            cosines = one @ other.T
            both = (cosines.max(axis=1).mean() + cosines.max(axis=0).mean()) / 2
            expected = min(max((both - usual) / (1 - usual), 0), 1)
            assert found[i, j] == pytest.approx(expected, abs=1e-4)


@given(st.integers(2, 9), st.integers(0, 10**6))
def test_the_usual_cosine_is_the_mean_of_all_pairs(n: int, seed: int) -> None:
    vectors = _unit(n, seed)
    pairs = (vectors @ vectors.T)[np.triu_indices(n, 1)]
    assert usual_cosine(vectors) == pytest.approx(float(pairs.mean()), abs=1e-5)
    assert usual_cosine(vectors[:1]) == 0.0


def test_words_alone_count_where_a_vector_is_missing() -> None:
    words = np.array([[1, 0.4, 0.5], [0.4, 1, 0.2], [0.5, 0.2, 1]], np.float32)
    passages = np.array([[1, 0.9, np.nan], [0.9, 1, np.nan], [np.nan] * 3], np.float32)
    both = likeness.likeness(words, passages)
    assert both[0, 1] == pytest.approx(0.6)
    assert both[0, 2] == pytest.approx(0.5)
    assert both[2, 2] == 1.0
    assert (likeness.likeness(words, None) == words).all()
