"""Names in an index of words are found in the order of ``closeness``."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from graph_service.names import closeness
from graph_service.store.bolt.naming import Tier, is_shown, name_ways, nearest, tiers

_NAMES = st.text(alphabet="绿的谐波重庆减速器长安aB1c+-*&（）·", min_size=1, max_size=30)
_TYPED = st.text(alphabet="绿谐波重庆安xiebozhongqa1c+-*& （", max_size=10)


def _told(tier: Tier, words: list[str]) -> float:
    """What the index adds up: of each clause that any word begins with, its weight."""
    total = 0.0
    for clause in tier.query.split(" "):
        prefix, weight = re.sub(r"\\(.)", r"\1", clause).rsplit("*^", 1)
        total += float(weight) if any(word.startswith(prefix) for word in words) else 0.0
    return total


def _found(names: list[str], typed: str) -> float | None:
    """How near the nearest of a node's names is, as a search tells it."""
    props = {"name": names[0], "aliases": names[1:]}
    words = name_ways(props).split(" ")
    scores: list[float | None] = []
    for tier in tiers(typed):
        if told := _told(tier, words):
            score = tier.scored(told) if is_shown(typed) else None
            scores.append(nearest(props, typed) if score is None else score)
    return max((score for score in scores if score is not None), default=None)


@given(st.lists(_NAMES, min_size=1, max_size=3, unique=True), _TYPED)
@example(["谐波减速器"], "xb")
@example(["重庆谐波传动", "谐波"], "谐波")
@example(["绿" * 30], "绿")
@example(["a+b*c"], "a+b")
@example(["谐波减速器生产基地一号"], "谐波减速器生产基地")
def test_a_search_tells_how_near_the_nearest_name_is(names: list[str], typed: str) -> None:
    near = [close.score for name in names if (close := closeness(name, typed))]
    assert _found(names, typed) == max(near, default=None)


def test_nothing_typed_is_looked_for_nowhere() -> None:
    assert tiers("") == tiers("（") == tiers("长" * 65) == []


def test_a_shorter_name_counts_for_more_than_all_longer_ones() -> None:
    (tier, *_) = [one for one in tiers("谐") if one.query.startswith("b")]
    short = _told(tier, name_ways({"name": "谐波"}).split(" "))
    longer = {"name": "谐波一", "aliases": ["谐波一二", "谐波一二三", "谐波一二三四"]}
    assert short > _told(tier, name_ways(longer).split(" "))
