"""The figures: against ranx, and the cases that ranx has no word for."""

import os
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.evaluation.metrics import (
    METRICS,
    Scale,
    bootstrap_interval,
    mean,
    ndcg,
    query_metrics,
)

# A few queries are not worth the minute that compiling ranx takes; numba reads this when imported.
os.environ["NUMBA_DISABLE_JIT"] = "1"
with warnings.catch_warnings():
    # ranx and numba warn about themselves when imported; nothing of ours is behind it.
    warnings.simplefilter("ignore")
    import ranx

DOCUMENTS = [f"d{number:03}" for number in range(150)]


def random_task(seed: int, *, highest: int) -> tuple[dict, dict]:
    """Judgements and rankings of 40 queries, some without a relevant document or a long run."""
    draw = np.random.default_rng(seed)
    judgements, rankings = {}, {}
    for number in range(40):
        chosen = draw.choice(DOCUMENTS, size=int(draw.integers(1, 40)), replace=False)
        top = 0 if number % 10 == 0 else highest
        judgements[f"q{number}"] = {str(d): int(draw.integers(0, top + 1)) for d in chosen}
        length = int(draw.integers(1, len(DOCUMENTS)))
        rankings[f"q{number}"] = [str(d) for d in draw.permutation(DOCUMENTS)[:length]]
    return judgements, rankings


@pytest.mark.parametrize(("highest", "level"), [(3, "-l2"), (1, "")], ids=["graded", "binary"])
def test_metrics_agree_with_ranx(highest, level):
    judgements, rankings = random_task(7, highest=highest)
    scale = Scale.of(judgements)
    runs = {
        query: {document: 1.0 / rank for rank, document in enumerate(ranking, start=1)}
        for query, ranking in rankings.items()
    }
    theirs = {
        "ndcg@10": "ndcg_burges@10",
        "recall@10": f"recall@10{level}",
        "recall@100": f"recall@100{level}",
        "mrr@10": f"mrr@10{level}",
    }
    run = ranx.Run(runs)
    ranx.evaluate(ranx.Qrels(judgements), run, list(theirs.values()))
    ours = {q: query_metrics(ranking, judgements[q], scale) for q, ranking in rankings.items()}
    for name, their_name in theirs.items():
        expected = run.scores[their_name]
        assert {q: ours[q][name] for q in ours} == pytest.approx(expected, abs=1e-9)
        assert len(set(expected.values())) > 3  # the comparison is not one of zeros


def test_scale_is_graded_only_where_a_grade_is_above_one():
    assert Scale.of({"a": {"x": 1}, "b": {"y": 2}}) == Scale(2, condensable=False)
    assert Scale.of({"a": {"x": 1, "y": 0}}) == Scale(1, condensable=True)


def test_gains_are_exponential():
    # 3 below 1: (1 + 7/log2 3) / (7 + 1/log2 3)
    assert ndcg(["one", "three"], {"one": 1, "three": 3}, 10) == pytest.approx(
        (1 + 7 / np.log2(3)) / (7 + 1 / np.log2(3)), abs=1e-12
    )


def test_condensing_takes_unjudged_documents_out():
    judgements = {"good": 1, "bad": 0}
    ranking = [f"unjudged{number}" for number in range(20)] + ["good", "bad"]
    figures = query_metrics(ranking, judgements, Scale.of({"q": judgements}))
    assert figures["ndcg@10"] == 0
    assert figures["judged@10"] == 0
    assert figures["condensed_ndcg@10"] == 1


def test_condensing_looks_at_the_first_300_alone():
    judgements = {"good": 1, "bad": 0}
    scale = Scale.of({"q": judgements})
    unjudged = [f"unjudged{number}" for number in range(299)]
    assert query_metrics([*unjudged, "good"], judgements, scale)["condensed_ndcg@10"] == 1
    assert query_metrics([*unjudged, "x", "good"], judgements, scale)["condensed_ndcg@10"] == 0


def test_condensed_figure_is_none_where_every_judgement_is_positive():
    figures = query_metrics(["good"], {"good": 1}, Scale.of({"q": {"good": 1}}))
    assert figures["condensed_ndcg@10"] is None
    assert list(figures) == list(METRICS)


def test_judged_is_a_share_of_what_was_found():
    scale = Scale(1, condensable=True)
    assert query_metrics(["a", "b", "c", "d"], {"a": 1, "b": 0}, scale)["judged@10"] == 0.5
    assert query_metrics([], {"a": 1, "b": 0}, scale)["judged@10"] == 0


def test_query_without_a_relevant_document_counts_as_zero():
    figures = query_metrics(["a"], {"a": 1, "b": 0}, Scale(2, condensable=True))
    assert figures["recall@10"] == figures["recall@100"] == figures["mrr@10"] == 0
    assert query_metrics(["a"], {"a": 0}, Scale(1, condensable=True))["ndcg@10"] == 0


@settings(max_examples=50, deadline=None)
@given(st.permutations(DOCUMENTS[:12]), st.lists(st.integers(0, 3), min_size=12, max_size=12))
def test_figures_lie_between_zero_and_one_and_the_ideal_order_is_one(ranking, grades):
    judgements = dict(zip(DOCUMENTS[:12], grades, strict=True))
    figures = query_metrics(ranking, judgements, Scale.of({"q": judgements}))
    assert all(figure is None or 0 <= figure <= 1 + 1e-12 for figure in figures.values())
    ideal = sorted(judgements, key=lambda document: -judgements[document])
    assert ndcg(ideal, judgements, 10) == (pytest.approx(1) if any(grades) else 0)


def test_interval_holds_the_mean_and_is_the_same_each_time():
    values = list(np.random.default_rng(1).random(50))
    low, high = bootstrap_interval(values)
    average = mean(values)
    assert average is not None
    # The normal approximation of the same interval.
    half = 1.96 * np.std(values) / np.sqrt(50)
    assert (low, high) == pytest.approx((average - half, average + half), abs=0.02)
    assert bootstrap_interval(values) == (low, high)
    assert bootstrap_interval([0.25]) == (0.25, 0.25)


def test_mean_of_nothing_is_none():
    assert mean([]) is None
