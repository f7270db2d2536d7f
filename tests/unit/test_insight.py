"""The pure parts of insight: links, names, places, comparison; and what is computed once."""

import threading
import time
from collections import Counter

import numpy as np
import pytest

from graph_service.deadline import time_limit
from graph_service.errors import InputError, QueryTimeoutError
from graph_service.insight.comparing import Group, compare
from graph_service.insight.judging import Judging, Verdict
from graph_service.insight.kept import AT_ONCE, Kept
from graph_service.insight.layout import place, radius
from graph_service.insight.naming import distinctive, proposed
from graph_service.insight.network import MOST_PAIRS, project
from graph_service.insight.scope import LINKING, Facts, Scope
from graph_service.model import Edge, EdgeType, Label, Node

ALL = frozenset(LINKING)


def _facts(edges: list[Edge], firms: str) -> Facts:
    found: dict[EdgeType, list[Edge]] = {}
    for edge in edges:
        found.setdefault(edge.type, []).append(edge)
    return Facts({id_: Node(id_, Label.ORGANIZATION) for id_ in firms}, found)


def _linked(edges: list[Edge], firms: str = "abc") -> dict[tuple[str, str], tuple[float, bool]]:
    made = project(_facts(edges, firms), Scope(types=ALL, inferred=True))
    return {
        (made.ids[pair.a], made.ids[pair.b]): (round(pair.weight, 6), pair.inferred)
        for pair in made.pairs
    }


def test_a_direct_fact_is_observed_a_conclusion_never() -> None:
    makes = [Edge(EdgeType.MAKES, "a", "p"), Edge(EdgeType.MAKES, "b", "p", confidence=0.5)]
    needs = Edge(EdgeType.NEEDS, "c", "p")
    assert _linked([Edge(EdgeType.SUPPLIES, "a", "c", key="p")]) == {("a", "c"): (1.0, False)}
    # One need shared out among two makers, and two who make the same.
    assert _linked([*makes, needs]) == {
        ("a", "b"): (0.5, False),
        ("a", "c"): (0.5, True),
        ("b", "c"): (0.25, True),
    }


def test_upstream_and_owning_link_and_an_inferred_fact_stays_inferred() -> None:
    up = [
        Edge(EdgeType.MAKES, "a", "p"),
        Edge(EdgeType.UPSTREAM_OF, "p", "q"),
        Edge(EdgeType.MAKES, "b", "q"),
    ]
    assert _linked(up) == {("a", "b"): (0.5, True)}
    owned = [Edge(EdgeType.OWNS, one, "r", inferred=one == "c") for one in "abc"]
    assert _linked(owned) == {
        ("a", "b"): (0.5, False),
        ("a", "c"): (0.5, True),
        ("b", "c"): (0.5, True),
    }


def test_what_everybody_makes_and_needs_links_nobody_and_is_told() -> None:
    makers = [f"m{n}" for n in range(300)]
    edges = [Edge(EdgeType.MAKES, one, "p") for one in makers]
    edges += [Edge(EdgeType.NEEDS, f"n{n}", "p") for n in range(MOST_PAIRS // 300 + 1)]
    firms = {edge.from_id: Node(edge.from_id, Label.ORGANIZATION) for edge in edges}
    facts = Facts(firms, {EdgeType.MAKES: edges[:300], EdgeType.NEEDS: edges[300:]})
    made = project(facts, Scope())
    assert not made.pairs
    assert [(one.id, one.makers, one.needers) for one in made.common] == [("p", 300, 67)]


def test_scopes_refuse_what_links_nobody() -> None:
    with pytest.raises(InputError):
        Scope(types=frozenset({EdgeType.LOCATED_IN}))
    with pytest.raises(InputError):
        Scope(types=frozenset())


def test_names_are_of_what_sets_apart_not_of_what_is_common() -> None:
    inside = Counter({"柔轮": 6, "螺钉": 6, "偶然": 1})
    whole = Counter({"柔轮": 6, "螺钉": 60, "偶然": 1, "电堆": 40})
    found = distinctive(inside, whole)
    assert [one.id for one in found] == ["柔轮", "偶然", "螺钉"]
    assert found[0].z > 2 > found[1].z > 0 > found[2].z
    assert proposed(found, {"柔轮": "杯形柔轮"}, None, "甲厂") == "杯形柔轮群落"
    assert proposed([], {}, "链主厂", "甲厂") == "链主厂群落"
    assert proposed([], {}, None, "甲厂") == "甲厂群落"
    assert distinctive(Counter({"p": 3}), Counter({"p": 3}))[0].id == "p"
    # What three make and nobody else tells more than what one makes, and another elsewhere.
    many = {f"别的{n}": 3 for n in range(100)}
    shared = distinctive(Counter({"支架": 3, "原料": 1}), Counter({"支架": 3, "原料": 2, **many}))
    assert [one.id for one in shared] == ["支架", "原料"]


def _circles(n: int) -> tuple[list[str], list[float], list[tuple[int, int, float]]]:
    rng = np.random.default_rng(5)
    links = [(i, int(rng.integers(0, i)), float(rng.uniform(0.1, 5))) for i in range(1, n)]
    return [f"c{i}" for i in range(n)], [radius(int(s)) for s in rng.integers(1, 60, n)], links


def test_circles_do_not_overlap_and_the_linked_are_near() -> None:
    ids, radii, links = _circles(60)
    points = place(ids, radii, links, {})
    apart = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
    least = np.add.outer(radii, radii)
    np.fill_diagonal(apart, np.inf)
    assert (apart >= least * 0.99).all()
    linked = np.mean([apart[a, b] for a, b, _ in links])
    assert linked < 0.75 * apart[np.isfinite(apart)].mean()
    assert (place(ids, radii, links, {}) == points).all()


def test_circles_stay_put_where_little_changed() -> None:
    ids, radii, links = _circles(60)
    points = place(ids, radii, links, {})
    before = {id_: (float(x), float(y)) for id_, (x, y) in zip(ids, points, strict=True)}
    again = place([*ids, "new"], [*radii, radius(9)], [*links, (3, 60, 5.0)], before)
    moved = np.hypot(*(again[:60] - points).T)
    width = np.ptp(points[:, 0])
    assert np.median(moved) < 0.02 * width
    assert moved.max() < 0.12 * width
    assert np.hypot(*(again[60] - again[3])) < 0.35 * width  # beside what it is linked to


def _groups(**members: str) -> list[Group]:
    return [Group(name, name, frozenset(some)) for name, some in members.items()]


def test_communities_are_matched_by_what_they_share() -> None:
    found = compare(_groups(A="abcdef", B="ghij", C="kl"), _groups(X="ghijk", Y="abc", Z="defm"))
    pairs = [(one.before and one.before.id, one.after and one.after.id) for one in found.pairs]
    assert pairs == [("A", "Y"), ("B", "X"), ("C", None), (None, "Z")]
    assert found.pairs[1].jaccard == 0.8
    assert found.pairs[1].came == {"k"}
    [split] = found.splits
    assert (split.whole.id, [(one.id, count) for one, count in split.parts]) == (
        "A",
        [("Z", 3), ("Y", 3)],
    )
    assert [merge.whole.id for merge in found.merges] == ["X"]
    assert (found.came, found.left) == ({"m"}, {"l"})
    same = compare(_groups(A="ab", B="cd"), _groups(Q="ab", R="cd"))
    assert (same.agreement, [one.jaccard for one in same.pairs]) == (1.0, [1.0, 1.0])
    assert compare([], _groups(A="ab")).pairs[0].before is None


def test_what_takes_too_long_goes_on_and_is_made_once() -> None:
    kept: Kept[int] = Kept(2)
    go, made = threading.Event(), []

    def make() -> int:
        made.append(1)
        go.wait(10)
        return 7

    with time_limit(0.05), pytest.raises(QueryTimeoutError):
        kept.get("a", make)
    go.set()
    with time_limit(10):
        assert kept.get("a", make) == 7
    assert made == [1]


def test_an_error_is_told_and_not_kept() -> None:
    kept: Kept[int] = Kept(2)

    def fail() -> int:
        raise InputError("不行")

    for _ in range(2):
        with pytest.raises(InputError):
            kept.get("a", fail)
    assert kept.get("a", lambda: 1) == 1


def test_what_is_heavy_or_old_is_let_go() -> None:
    made: list[str] = []
    kept: Kept[int] = Kept(3, weigh=lambda one: one, load=10)

    def ask(key: str, weight: int) -> None:
        kept.get(key, lambda: made.append(key) or weight)  # type: ignore[func-returns-value]

    for key, weight in (("a", 4), ("b", 4), ("a", 4), ("c", 4), ("a", 4), ("b", 4)):
        ask(key, weight)
    assert made == ["a", "b", "c", "b"]  # b was asked for longest ago when c came
    ask("heavy", 99)
    ask("heavy", 99)
    assert made[4:] == ["heavy"]


def test_no_more_goes_on_aside_than_may() -> None:
    kept: Kept[int] = Kept()
    go = threading.Event()
    with time_limit(0.05):
        for number in range(AT_ONCE + 1):
            with pytest.raises(QueryTimeoutError):
                kept.get(number, lambda: go.wait(10) and 1)
    go.set()
    with time_limit(10):
        assert kept.get(0, lambda: 2) == 1
        assert kept.get(AT_ONCE, lambda: 2) == 2  # was never begun


def test_demands_are_judged_aside_once_for_a_state_of_the_graph() -> None:
    asked: list[str] = []

    def judge(id_: str) -> Verdict:
        asked.append(id_)
        return Verdict(fits=id_ == "d1")

    judging = Judging(judge)
    assert judging.verdicts(["d1"], 1, ask=False)[1].done == 0
    until = time.monotonic() + 10
    while judging.verdicts(["d1", "d2"], 1)[1].done < 2 and time.monotonic() < until:
        time.sleep(0.01)
    found, progress = judging.verdicts(["d2", "d1"], 1)
    assert ({id_: one.fits for id_, one in found.items()}, progress.done) == (
        {"d1": True, "d2": False},
        2,
    )
    assert sorted(asked) == ["d1", "d2"]
    judging.close()
    assert judging.verdicts(["d1"], 2)[1].done == 0  # closed, and of another state


def test_why_demands_are_not_judged_is_told() -> None:
    def judge(_: str) -> Verdict:
        raise InputError("没有模型")

    found, progress = Judging(judge, aside=False).verdicts(["d1", "d2"], 1)
    assert found == {}
    assert (progress.done, progress.warning) == (0, "没有判断需求是否有合适的候选：没有模型")
