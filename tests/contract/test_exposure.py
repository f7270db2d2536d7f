"""The report of exposure on every engine."""

from datetime import date
from typing import Any

from graph_service.matching.exposure.service import exposure
from graph_service.matching.types import Target
from graph_service.model import EVERYONE, Batch, Filter, Viewer
from graph_service.ports import GraphStore
from tests.contract.graph_builders import TODAY
from tests.exposure_graph import EDGES, NODES


def _told(store: GraphStore, to: Target = Target.RESULTS, **asked: Any) -> dict[str, Any]:
    given = {"recipe": "full", "today": date.fromisoformat(TODAY), "viewer": EVERYONE, **asked}
    told = exposure(store, to=to, **given).as_dict()
    del told["took_ms"]
    return told


def _classes(rows: list[dict[str, Any]]) -> dict[str | None, tuple[int, int]]:
    return {row["name"]: (row["shown"], row["pool"]) for row in rows}


def test_who_is_shown_against_who_could_have_been(store: GraphStore) -> None:
    store.apply(Batch(NODES, EDGES))
    told = _told(store)
    assert (told["demands"], told["matched"], told["shown"]) == (3, 2, 4)
    assert (told["since"], told["until"]) == (TODAY, TODAY)
    # Of the first owner only the best of each list; what is guessed to be owned is nobody's.
    assert told["owner_unknown"] == 1
    assert list(_classes(told["tiers"]).items()) == [
        ("小巨人", (2, 3)),
        ("专精特新", (1, 1)),
        (None, (1, 1)),
    ]
    assert _classes(told["districts"]) == {"东区": (2, 3), "西区": (1, 1), None: (1, 1)}
    assert told["tiers"][0]["ratio"] is None  # owners against results: not to be compared
    assert told["organizations"] == {
        "shown": 2,
        "pool": 2,
        "gini_shown": round(1 / 6, 4),
        "gini_pool": round(1 / 6, 4),
        "share_of_ten": 1.0,
    }
    assert told["most_shown"][0] == {
        "id": "org:大",
        "title": "大集团",
        "shown": 2,
        "demands": 2,
        "candidates": 3,
        "tier": "小巨人",
        "district": "东区",
    }
    alone = _told(store, group=False)
    assert (alone["shown"], _classes(alone["tiers"])["小巨人"]) == (6, (4, 3))
    assert alone["tiers"][0]["ratio"] == round(4 / 6 / (3 / 5), 4)
    assert _told(store, top=1)["shown"] == 2
    firms = _told(store, to=Target.ORGANIZATIONS)
    assert (firms["matched"], firms["shown"], firms["group"]) == (1, 2, False)
    assert _classes(firms["districts"]) == {"东区": (1, 1), "西区": (1, 1), None: (0, 1)}
    assert firms["organizations"]["pool"] == 3
    other = _told(store, recipe="bm25", where=Filter(districts=frozenset({"西区"})))
    assert (other["demands"], other["shown"]) == (1, 1)
    none = _told(store, where=Filter(ids=frozenset({"demand:3"})))
    assert (none["demands"], none["matched"], none["tiers"][0]["ratio"]) == (1, 0, None)
    stranger = _told(store, viewer=Viewer("stranger", sees_all=False))
    assert (stranger["demands"], stranger["tiers"], stranger["most_shown"]) == (0, [], [])
