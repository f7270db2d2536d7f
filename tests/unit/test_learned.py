"""Learning weights: what examples say is learned, what is said of it is true."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from api.learning import _refuse_worse
from api.train import Trained
from embeddings.hashing import HashingEmbedder
from graph_service.errors import InputError, NotFoundError, WorseError
from graph_service.matching.learned import kept
from graph_service.matching.learned.common import FEWEST, centre, common_words, usual
from graph_service.matching.learned.figures import abstention, best_threshold, reliability
from graph_service.matching.learned.fitting import (
    DECLARED,
    Example,
    Start,
    _List,
    cross_validated,
    fit,
    folds,
)
from graph_service.matching.learned.weights import LEARNED, Learned, TargetWeights, Usual, shipped
from graph_service.matching.pairs import Rarity
from graph_service.matching.scores import sigmoid
from graph_service.matching.types import Target
from tests.stores import open_store

WIDE = len(LEARNED)

#: The same for all candidates of a query: they may lower as well as raise.
FREE = {"standing", "nearness"}


def judged(count: int, by: int, seed: int = 3) -> list[Example]:
    """Queries whose candidates are the more probably useful the higher one signal is."""
    chance = np.random.default_rng(seed)
    found = []
    for query in range(count):
        values = chance.normal(size=(40, WIDE))
        values[:, [LEARNED.index(one) for one in sorted(FREE)]] = 0.0
        useful = chance.random(40) < 1 / (1 + np.exp(3.0 - 2.0 * values[:, by]))
        grades = np.where(useful, 3.0, 0.0)
        grades[chance.random(40) < 0.2] = np.nan
        found.append(Example(f"q{query}", values, np.zeros(40), grades))
    return found


@pytest.mark.parametrize("name", ["text", "dense", "passage"])
def test_the_signal_that_tells_gets_the_weight(name: str) -> None:
    learned = fit(judged(30, LEARNED.index(name)))
    assert max(learned.weights, key=lambda one: learned.weights[one]) == name
    assert all(learned.weights[one] >= 0 for one in LEARNED if one not in FREE)


def test_probabilities_of_queries_that_were_never_seen_are_right() -> None:
    scored = cross_validated(judged(60, 0))
    probability = np.concatenate([1 / (1 + np.exp(-scores)) for _, scores in scored])
    useful = np.concatenate([one.useful for one, _ in scored])
    told = ~np.isnan(useful)
    found = reliability(probability[told], useful[told])
    assert found is not None
    assert found.error < 0.05
    assert found.skill > 0.2
    assert sum(count for _, _, count in found.bins) == found.count == told.sum()


def test_what_is_unknown_adds_nothing() -> None:
    values = np.full((2, WIDE), np.nan)
    values[0, 0] = 2.0
    one = Example("q", values, np.array([0.0, 0.5]), np.array([2.0, 0.0]))
    learned = TargetWeights(-1.0, dict.fromkeys(LEARNED, 0.25))
    assert one.scores(learned).tolist() == [-0.5, -0.5]


@given(st.integers(1, 60), st.integers(2, 12), st.integers(0, 9))
def test_a_query_is_never_scored_by_what_was_learned_from_it(
    queries: int, count: int, seed: int
) -> None:
    examples = [
        Example(f"q{number // 2}", np.zeros((1, WIDE)), np.zeros(1), np.zeros(1))
        for number in range(queries)
    ]
    parts = folds(examples, count, seed)
    assert sorted(name for part in parts for name in part) == sorted({e.query for e in examples})


@given(
    arrays(np.float64, (6, WIDE), elements=st.floats(-3, 3)),
    arrays(np.float64, (6,), elements=st.sampled_from([0.0, 1.0, 2.0, 3.0, np.nan])),
    arrays(np.float64, (WIDE + 1,), elements=st.floats(-1, 1)),
)
def test_slopes_are_those_of_the_losses(
    values: np.ndarray, grades: np.ndarray, at: np.ndarray
) -> None:
    one = _List.of(Example("q", values, np.zeros(6), grades))
    step = 1e-6
    for of in (one.listwise, one.pointwise):
        _, slope = of(at)
        for i in range(len(at)):
            aside = np.zeros_like(at)
            aside[i] = step
            measured = (of(at + aside)[0] - of(at - aside)[0]) / (2 * step)
            assert slope[i] == pytest.approx(measured, abs=1e-4)


@given(arrays(np.float64, (50,), elements=st.floats(0, 1)), st.integers(0, 2**32 - 1))
def test_calibration_error_is_a_distance(probability: np.ndarray, seed: int) -> None:
    useful = (np.random.default_rng(seed).random(50) < probability).astype(np.float64)
    found = reliability(probability, useful)
    assert found is not None
    assert 0 <= found.error <= 1
    exact = reliability(useful, useful)
    assert exact is not None
    assert exact.error == pytest.approx(0)


def test_nothing_fits_is_told_by_the_best_probability() -> None:
    best = np.array([0.1, 0.2, 0.3, 0.8, 0.9])
    fits = [False, False, True, True, True]
    threshold = best_threshold(best, fits)
    assert threshold is not None
    assert 0.2 < threshold < 0.3
    assert abstention(best, fits, threshold).as_dict() == {
        "threshold": 0.25, "nothing_fits": 2, "told": 2, "right": 2, "precision": 1, "recall": 1
    }  # fmt: skip
    assert best_threshold(best, [True] * 5) is None


@pytest.mark.parametrize("score", [-800.0, -1.0, 0.0, 2.5, 800.0])
def test_the_sigmoid_never_overflows(score: float) -> None:
    assert 0 <= sigmoid(score) <= 1
    assert sigmoid(score) + sigmoid(-score) == pytest.approx(1)


def test_words_that_all_demands_say_count_less() -> None:
    demands = [f"关键技术 研发 {word}" for word in ["轴承", "减速器", "齿轮", "电机", "阀门"] * 6]
    words = common_words(demands)
    assert words["研发"] < words["轴承"] < 1
    assert common_words(demands[: FEWEST - 1]) == {}


def test_the_centre_is_what_demands_have_in_common() -> None:
    encoder = HashingEmbedder()
    texts = [f"技术需求 {number}" for number in range(FEWEST)]
    middle = centre(encoder, texts)
    assert middle is not None
    np.testing.assert_allclose(middle, encoder.embed_queries(texts).mean(axis=0), atol=1e-6)
    assert centre(encoder, texts[1:]) is None


def test_what_is_usual_is_how_near_other_demands_come() -> None:
    embedder = HashingEmbedder()
    demands = [f"{word}的寿命" for word in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉"]
    middle = centre(embedder, demands)
    assert middle is not None
    assert usual(embedder, demands[: FEWEST - 1], middle) is None
    assert usual(embedder, [*demands[: FEWEST - 1], demands[0]], middle) is None, "told twice"
    told = usual(embedder, demands, middle)
    assert told is not None
    vectors = embedder.embed_documents(demands)
    near = (vectors - 0.5 * middle) @ vectors.T
    best = [
        float(np.mean(sorted(np.delete(row, place).tolist())[-3:]))
        for place, row in enumerate(near)
    ]
    assert told.stored == pytest.approx((np.mean(best), np.std(best)), abs=1e-5)
    assert told.asked == pytest.approx(told.stored, abs=1e-5), "one encoder for both"


def test_what_is_held_is_not_learned() -> None:
    examples = judged(20, LEARNED.index("text"))
    free = fit(examples)
    held = fit(examples, start=replace(DECLARED, held=frozenset({"text"})))
    assert free.weights["text"] > 2 * DECLARED.at.weights["text"]
    assert held.weights["text"] == DECLARED.at.weights["text"]


def test_learned_weights_are_read_as_they_were_written() -> None:
    learned = Learned(
        {Target.RESULTS: TargetWeights(-3.5, dict.fromkeys(LEARNED, 0.125), 0.5)},
        {"研发": 0.25},
        Rarity({"研发": 1.5, "轴承": 4.0, "减速": 4.0}, 5.5),
        {"m": np.array([0.5, -0.25], np.float32)},
        {"m": Usual((0.5, 0.125), (0.625, 0.25))},
        {"made_at": "2026-11-23"},
    )
    again = Learned.of_dict(json.loads(json.dumps(learned.as_dict())))
    assert again.as_dict() == learned.as_dict()
    assert again.targets == learned.targets
    assert again.pairs == learned.pairs
    assert again.usual == learned.usual


def test_a_file_from_before_nearness_is_read_and_does_not_weigh_it() -> None:
    data = shipped().as_dict()
    del data["usual"]
    for one in data["targets"].values():
        del one["weights"]["nearness"]
    with pytest.raises(InputError):
        Learned.of_dict(data)
    again = Learned.of_dict({**data, "form": 2})
    assert again.usual == {}
    assert {one.weights["nearness"] for one in again.targets.values()} == {0.0}
    assert again.targets[Target.RESULTS].weights["text"] > 0


@pytest.mark.parametrize(
    "data", [None, [], {}, {"form": 1, "targets": {"results": {}}}, {"form": 9}]
)
def test_what_is_no_weights_is_told(data: object) -> None:
    with pytest.raises(InputError, match="权重"):
        Learned.of_dict(data)


def test_what_comes_with_the_product_has_its_record() -> None:
    learned = shipped()
    assert set(learned.targets) == {Target.RESULTS, Target.ORGANIZATIONS}
    assert learned.record["figures"].keys() == {"results", "organizations"}
    assert learned.targets[Target.RESULTS].threshold is not None
    assert learned.targets[Target.ORGANIZATIONS].threshold is None  # none was judged to be empty
    assert learned.words["研究"] < learned.words.get("轴承", 1.0)


def test_what_is_trained_here_is_used_and_rolled_back(location: str) -> None:
    first = Learned({Target.RESULTS: DECLARED.at})
    second = Learned({Target.ORGANIZATIONS: DECLARED.at})
    with open_store(location) as store:
        assert kept.in_use(store) is shipped()
        with pytest.raises(NotFoundError):
            kept.roll_back(store)
        kept.use(store, first)
        kept.use(store, second)
        assert kept.in_use(store).as_dict() == second.as_dict()
        assert kept.roll_back(store).as_dict() == first.as_dict()
        assert kept.roll_back(store) is shipped()


def test_the_file_is_small() -> None:
    path = Path(kept.__file__).with_name("shipped.json")
    assert path.stat().st_size < 100_000


@pytest.mark.parametrize(
    ("ndcg", "skill", "refused"),
    [(0.60, 0.10, ""), (0.595, 0.095, ""), (0.58, 0.2, "nDCG@10"), (0.7, 0.05, "Brier")],
)
def test_what_is_worse_than_what_is_in_use_is_refused(
    ndcg: float, skill: float, refused: str
) -> None:
    def figures(ndcg: float, skill: float) -> dict[str, Any]:
        return {"ndcg@10": ndcg, "reliability": {"skill": skill}}

    found = {**figures(ndcg, skill), "before": figures(0.60, 0.10)}
    done = Trained(Learned(), {Target.RESULTS: found})
    if not refused:
        _refuse_worse(done)
        return
    with pytest.raises(WorseError, match=refused):
        _refuse_worse(done)


def test_a_pull_holds_the_weights_and_the_prior() -> None:
    at = TargetWeights(-4.0, dict.fromkeys(LEARNED, 0.25))
    free = fit(judged(12, 0), start=Start(at))
    held = fit(judged(12, 0), start=Start(at, pull=1e6, prior_pull=1e6))
    assert held.prior == pytest.approx(-4.0, abs=1e-3)
    assert held.weights["text"] == pytest.approx(0.25, abs=1e-3)
    assert abs(free.weights["text"] - 0.25) > 0.2
