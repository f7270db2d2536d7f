"""Measuring encoders, and deciding whether one may be used in another's place."""

import math
from collections.abc import Sequence

import numpy as np
import pytest

from embeddings.adapting import floor
from embeddings.adapting.floor import Figure, Question, Trial, Verdict
from embeddings.hashing import HashingEmbedder
from graph_service.ports import Floats


def _figures(**ndcg: float) -> dict[str, Figure]:
    return {kind: Figure(value, 1.0, 100) for kind, value in ndcg.items()}


def test_a_figure_may_lose_one_per_cent_and_no_more() -> None:
    base = _figures(held=0.5, names=0.2, general_names=0.6)
    assert floor.judge(base, _figures(held=0.5, names=0.1981, general_names=0.6)).reasons == ()
    (reason,) = floor.judge(base, _figures(held=0.6, names=0.1979, general_names=0.6)).reasons
    assert reason == "本库的短产品名（100 问）由 0.2000 降到 0.1979，差了 1.1%，多于 1%"
    worse = floor.judge(base, _figures(held=0.4, names=0.1, general_names=0.1))
    assert len(worse.reasons) == 3


def test_of_too_few_questions_nothing_is_decided() -> None:
    few = {"held": Figure(0.5, 1.0, 100), "keywords": Figure(0.9, 1.0, floor.FEWEST - 1)}
    assert floor.judge(few, {**few, "keywords": Figure(0.1, 1.0, floor.FEWEST - 1)}).reasons == ()


def test_the_variant_that_gains_most_is_kept_among_those_that_may_be_used() -> None:
    bad = ("差",)
    assert floor.best({"a": Verdict(0.1), "b": Verdict(0.2), "c": Verdict(0.3, bad)}) == "b"
    assert floor.best({"b": Verdict(0.1), "a": Verdict(0.1)}) == "b"
    assert floor.best({"a": Verdict(0.1, bad), "b": Verdict(0.2, bad)}) == "b"


def test_the_gain_is_in_how_much_less_the_held_back_part_surprises() -> None:
    base, made = {"held": Figure(0.9, 0.75, 50)}, {"held": Figure(0.9, 0.5, 50)}
    assert floor.judge(base, made).gain == pytest.approx(0.25)
    assert floor.judge({}, {}).gain == 0


class _Given:
    """An encoder that gives what it is told to."""

    fingerprint, dimension = "given", 2

    def __init__(self, vectors: dict[str, tuple[float, float]]) -> None:
        self._vectors = vectors

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return np.array([self._vectors[text] for text in texts], np.float32)

    embed_documents = embed_queries


def test_figures_are_those_of_the_definition() -> None:
    encoder = _Given({"问": (1, 0), "甲": (1, 0), "乙": (0, 1), "丙": (0.8, 0.6)})
    trial = Trial(["甲", "乙", "丙"], [Question("问", frozenset({2}))])
    figure = floor.measure(encoder, {"held": trial})["held"]
    assert figure.ndcg == pytest.approx(1 / math.log2(3))  # second of three
    weights = [math.exp(cosine / floor.TEMPERATURE) for cosine in (1, 0, 0.8)]
    assert figure.surprise == pytest.approx(-math.log(weights[2] / sum(weights)), rel=1e-5)
    own = Trial(["甲", "乙", "丙"], [Question("问", frozenset({2}), own=0)])
    assert floor.measure(encoder, {"held": own})["held"].ndcg == 1


def test_names_find_the_others_of_their_group() -> None:
    trial = floor.named_trial(
        [("水泵", "泵"), ("油泵", "泵"), ("阀", "阀"), ("气泵", "泵")], asked=3
    )
    assert [(one.text, sorted(one.relevant), one.own) for one in trial.questions] == [
        ("水泵", [1, 3], 0),
        ("油泵", [0, 3], 1),
    ]


def test_the_general_floor_can_be_decided_by_and_has_no_name_twice() -> None:
    trials = floor.general()
    for trial in trials.values():
        assert len(trial.questions) >= floor.FEWEST
        assert len(set(trial.documents)) == len(trial.documents)
    figures = floor.measure(HashingEmbedder(), trials)
    assert all(0 < figure.ndcg < 1 for figure in figures.values())
    assert floor.judge(figures, figures) == Verdict(0)
