"""Pairs of characters: counted in documents as by hand, weighed by rarity, told as phrases."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.pairs import Rarity, pairs, rarity, running, shared
from graph_service.text import tokens

TEXTS = st.text("减速器谐波预制件的ab1，。 ", max_size=40)


def _words(text: str) -> str:
    return " ".join(tokens(text))


def test_pairs_reach_over_nothing_but_chinese_characters() -> None:
    assert pairs("预制件，预制 A轴承") == {"预制": 2, "制件": 1, "轴承": 1}
    assert pairs("轴") == {}


@pytest.mark.parametrize(
    "text", ["人工智能技术研究院", "高精度谐波减速器", "中华人民共和国国家标准"]
)
def test_a_text_comes_back_from_its_words(text: str) -> None:
    assert running(_words(text)) == text


@given(TEXTS, st.lists(TEXTS, max_size=6))
def test_counts_are_those_made_by_hand(query: str, documents: list[str]) -> None:
    weights = dict.fromkeys(pairs(query), 1.0)
    told = [_words(text) for text in documents]
    found = shared(weights, told)
    assert found.counts.shape == (len(documents), len(weights))
    assert found.lengths.tolist() == [len(running(words)) for words in told]
    for row, words in zip(found.counts, told, strict=True):
        whole = running(words)
        by_hand = Counter(whole[i : i + 2] for i in range(len(whole) - 1))
        assert row.tolist() == [by_hand[pair] for pair in weights]
    assert (found.scores >= 0).all()


def test_who_shares_more_scores_higher_and_unknown_documents_nothing() -> None:
    weights = dict.fromkeys(pairs("谐波减速器"), 1.0)
    found = shared(weights, [_words("谐波减速器的柔轮"), _words("行星减速器的太阳轮"), ""])
    assert found.scores[0] > found.scores[1] > found.scores[2] == 0


def test_what_both_say_is_told_at_its_longest() -> None:
    query = "需要谐波减速器，减速器要可靠"
    found = shared(dict.fromkeys(pairs(query), 1.0), [_words("一种谐波减速器及其可靠性试验")])
    told = found.phrases(0, query, 5)
    assert [phrase for phrase, _ in told] == ["谐波减速器", "可靠"]
    assert sum(part for _, part in told) <= found.scores[0] + 1e-9
    assert len(found.phrases(0, query, 1)) == 1


def test_rare_pairs_count_more_and_what_all_demands_say_less() -> None:
    documents = [_words("轴承技术")] * 90 + [_words("减速技术")] * 40
    found = rarity(documents, {"技术": 0.2, "研发": 0.5})
    assert found.known["减速"] > found.known["轴承"] > found.known["技术"]
    assert found.other > found.known["减速"], "what stands in few documents is told by none"
    assert found.known["研发"] == pytest.approx(0.5 * found.other)
    assert found.weigh({"减速": 1, "从未": 1})["从未"] == found.other
    assert not rarity([], {"技术": 0.2})
    assert Rarity({}, 2.0).weigh({"轴承": 16})["轴承"] == pytest.approx(16**0.75 * 2)


def test_the_mean_length_is_that_of_the_documents_compared() -> None:
    weights = {"轴承": 1.0}
    one = shared(weights, [_words("轴承")]).scores
    two = shared(weights, [_words("轴承"), _words("轴承" * 8)]).scores
    assert two[0] > one[0]
    assert np.isfinite(shared({}, ["轴承"]).scores).all()
