"""Places in a picture outlast the process that drew it, and move little where little changed."""

from datetime import date, timedelta
from typing import Any

from graph_service.insight import places
from graph_service.insight.scope import Scope
from graph_service.insight.service import Insight
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node
from graph_service.ports import Store
from tests.stores import open_store

TODAY = date(2026, 11, 23)
GROUPS, FIRMS = 8, 6


def _chain(word: str) -> Batch:
    """Groups of firms, all linked within, the first the most; each is linked to the next group."""
    firms = [[f"org:{word}{group}-{i}" for i in range(FIRMS)] for group in range(GROUPS)]
    pairs = [(a, b) for some in firms for a in some for b in some if a < b]
    pairs += [(firms[group][0], firms[group - 1][1]) for group in range(1, GROUPS)]
    return Batch(
        [Node(id_, Label.ORGANIZATION, {"name": id_[4:]}) for some in firms for id_ in some],
        [Edge(EdgeType.SUPPLIES, a, b, confidence=0.5 + a.endswith("-0") / 2) for a, b in pairs],
    )


def _told(store: Store, today: date = TODAY) -> dict[str, Any]:
    """The answer of a process that begins now."""
    return Insight(store, today=lambda: today).communities(Scope(), viewer=EVERYONE)


def _at(told: dict[str, Any], part: str = "communities") -> dict[str, tuple[float, ...]]:
    return {one["id"]: (one["x"], one["y"], one["r"]) for one in told[part]}


def _inside(store: Store, id_: str) -> dict[str, Any]:
    return Insight(store, today=lambda: TODAY).community(id_, Scope(), viewer=EVERYONE)


def _largest_shift(then: dict[str, tuple[float, ...]], now: dict[str, tuple[float, ...]]) -> float:
    """Farthest that any went that is in both, as a share of the width of the whole."""
    width = max(one[0] for one in then.values()) - min(one[0] for one in then.values())
    both = then.keys() & now.keys()
    return max(abs(now[id_][axis] - then[id_][axis]) for id_ in both for axis in (0, 1)) / width


def test_places_outlast_a_restart_and_little_changes_move_them_little(
    location: str, tmp_path_factory: Any
) -> None:
    joined = Batch(
        [Node("org:新", Label.ORGANIZATION, {"name": "新"})],
        [Edge(EdgeType.SUPPLIES, "org:新", f"org:甲0-{i}", confidence=0.5) for i in range(FIRMS)],
    )
    with open_store(location) as store:
        store.apply(_chain("甲"))
        first = _told(store)
        assert len(first["communities"]) == GROUPS
        assert first["layout"]["anew"] is False
        opened = _inside(store, first["communities"][0]["id"])
        store.apply(joined)
        second = _told(store)
        again = _inside(store, first["communities"][0]["id"])
    assert 0 < _largest_shift(_at(first), _at(second)) < 0.1
    assert _largest_shift(_at(opened, "members"), _at(again, "members")) < 0.25
    with open_store(location) as store:  # restarted: as they stood, though from nothing it differs
        assert _at(_told(store)) == _at(second)
        assert _told(store)["layout"] == first["layout"]
        assert _inside(store, first["communities"][0]["id"])["members"] == again["members"]
    with open_store(str(tmp_path_factory.mktemp("other"))) as other:
        other.apply(_chain("甲"))
        other.apply(joined)
        assert _at(_told(other)) != _at(second)
    with open_store(location, read_only=True) as store:  # who may only read sees the same
        assert _at(_told(store)) == _at(second)


def test_that_much_changed_is_told(location: str) -> None:
    with open_store(location) as store:
        old = _chain("甲")
        store.apply(old)
        first = _told(store)
        store.apply(Batch(delete_nodes=[node.id for node in old.nodes]))
        store.apply(_chain("乙"))
        second = _told(store)
        assert (first["layout"]["anew"], second["layout"]["anew"]) == (False, True)
        assert second["layout"]["since"] >= first["layout"]["since"]
    with open_store(location) as store:
        assert _told(store)["layout"] == second["layout"]
        assert _at(_told(store)) == _at(second)


def test_reading_writes_places_once_a_day_and_the_graph_never(location: str) -> None:
    with open_store(location) as store:
        store.apply(_chain("甲"))
        change = store.stats()["change"]
        marks = []
        for today in (TODAY, TODAY, TODAY + timedelta(days=1)):
            _told(store, today)
            marks.append(store.mark().writes)  # type: ignore[attr-defined]
        assert marks[0] == marks[1] < marks[2]
        assert store.stats()["change"] == change


def test_what_was_looked_at_longest_ago_is_forgotten(location: str, monkeypatch: Any) -> None:
    monkeypatch.setattr(places, "MOST", 2)
    with open_store(location) as store:
        store.apply(_chain("甲"))
        for day, resolution in enumerate((0.5, 1.0, 0.5, 2.0)):
            insight = Insight(store, today=lambda day=day: TODAY + timedelta(day))  # type: ignore[misc]
            insight.communities(Scope(), resolution, viewer=EVERYONE)
        assert store.count(places.PLACES) == store.count(places.USED) == 2
        kept = places.Places(store, lambda: TODAY)
        known = [kept.before(Scope(), one, viewer=EVERYONE) is not None for one in (0.5, 1.0, 2.0)]
        assert known == [True, False, True]
