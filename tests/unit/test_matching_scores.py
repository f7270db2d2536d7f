"""Scores as pure functions: BM25 against bm25s, standard scores, order."""

import string
from collections import Counter

import bm25s
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.scores import bm25_parts, order, reciprocal_rank, standardize
from graph_service.ports import LexicalFeatures

_words = st.sampled_from(string.ascii_lowercase[:8])
_docs = st.lists(st.lists(_words, min_size=1, max_size=12), min_size=2, max_size=12)


def _features(docs: list[list[str]], terms: list[str]) -> LexicalFeatures:
    counts = np.array([[doc.count(term) for term in terms] for doc in docs], np.int32)
    return LexicalFeatures(
        documents=len(docs),
        average_length=float(np.mean([len(doc) for doc in docs])),
        frequency=(counts > 0).sum(axis=0).astype(np.int32),
        counts=counts,
        lengths=np.array([len(doc) for doc in docs], np.int32),
    )


@given(docs=_docs, query=st.lists(_words, min_size=1, max_size=10))
def test_bm25_is_that_of_bm25s(docs: list[list[str]], query: list[str]) -> None:
    vocabulary = {word for doc in docs for word in doc}
    known = [word for word in query if word in vocabulary]
    peer = bm25s.BM25(method="lucene", k1=1.5, b=0.75)
    peer.index(docs, show_progress=False)
    expected = peer.get_scores(known) if known else np.zeros(len(docs))

    weights = Counter(query)
    terms = sorted(weights)
    parts = bm25_parts(_features(docs, terms), np.array([weights[t] for t in terms], float))

    np.testing.assert_allclose(parts.sum(axis=1), expected, rtol=1e-4, atol=1e-5)
    assert (parts >= 0).all()


def test_standard_scores_keep_unknown_and_order() -> None:
    scores = np.array([3.0, np.nan, 1.0, 2.0])
    standard = standardize(scores)
    assert np.isnan(standard[1])
    assert standard[0] > standard[3] > standard[2]
    assert standard[[0, 2, 3]].mean() == pytest.approx(0)


def test_standard_scores_of_equals_are_zero() -> None:
    assert standardize(np.array([2.0, 2.0])).tolist() == [0.0, 0.0]
    assert standardize(np.array([])).size == 0
    assert np.isnan(standardize(np.array([np.nan]))).all()


def test_mean_and_deviation_come_from_the_best_200() -> None:
    best = np.linspace(1, 2, 200)
    tail = np.full(5_000, -50.0)
    np.testing.assert_allclose(standardize(np.concatenate([best, tail]))[:200], standardize(best))


def test_order_breaks_ties_by_position_and_leaves_unknown_out() -> None:
    assert order(np.array([1.0, 1.0, np.nan, 2.0])) == [3, 0, 1]


def test_reciprocal_rank() -> None:
    assert reciprocal_rank(1) == pytest.approx(1 / 61)
    assert reciprocal_rank(None) == 0.0
