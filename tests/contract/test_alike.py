"""Like demands on every engine: the same groups with the same core and differences."""

from pathlib import Path
from typing import Any

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import InputError
from graph_service.matching.alike import service
from graph_service.matching.alike.service import like_demands
from graph_service.model import EVERYONE, Batch, Filter, Viewer
from graph_service.ports import GraphStore
from graph_service.store.embedded import EmbeddedStore
from tests.alike_graph import EDGES, NODES


def _told(store: GraphStore, **asked: Any) -> dict[str, Any]:
    told = like_demands(store, HashingEmbedder().fingerprint, viewer=EVERYONE, **asked).as_dict()
    del told["took_ms"]
    return told


def _fill(store: GraphStore) -> None:
    store.apply(Batch(NODES, EDGES))
    fill(store, HashingEmbedder())


def test_groups_with_their_core_and_differences(store: GraphStore, tmp_path: Path) -> None:
    assert _told(store)["groups"] == []
    _fill(store)
    told = _told(store)
    with EmbeddedStore(tmp_path / "beside") as other:
        _fill(other)
        assert told == _told(other)
    assert (told["demands"], told["found"], told["grouped"]) == (9, 2, 4)
    coating, rice = told["groups"]
    assert [one["id"] for one in coating["members"]] == ["demand:1", "demand:2"]
    assert coating["title"]["inferred"]
    assert coating["firms"] == 2
    assert coating["poster_unknown"] == 0
    assert coating["least_likeness"] >= told["threshold"]
    assert [(one["id"], one["inferred"]) for one in coating["core"]["products"]] == [
        ("product:柔轮", False)
    ]
    words = {one["word"]: one["members"] for one in coating["core"]["words"]}
    assert words["涂层"] == 2
    assert [one["name"] for one in coating["core"]["indicators"]] == ["硬度"]
    (thickness,) = coating["differences"]["indicators"]
    assert thickness["inferred"]
    assert (thickness["tightest"], thickness["loosest"]) == (*("涂层厚度≥0.02mm", "涂层厚度≥10μm"),)
    assert coating["differences"]["districts"] == {"counts": {"东区": 1, "南区": 1}, "unknown": 0}
    assert coating["differences"]["budget_wan"] == {"least": 50, "most": 120, "unknown": 0}
    assert coating["differences"]["deadline"] == {
        "first": "2027-06",
        "last": "2027-06",
        "unknown": 1,
    }
    assert [one["repeats"] for one in rice["members"]] == [None, "demand:4"]
    assert (rice["firms"], rice["poster_unknown"], rice["repeated"]) == (1, 1, 1)


def test_what_is_asked_for_and_who_asks(store: GraphStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _fill(store)
    assert _told(store, firms=2)["found"] == 1
    assert _told(store, limit=1)["found"] == 2
    assert len(_told(store, limit=1)["groups"]) == 1
    assert _told(store, threshold=1.0)["found"] == 1  # to the letter
    east = _told(store, where=Filter(districts=frozenset({"东区"})))
    assert (east["demands"], east["found"]) == (2, 0)
    words = like_demands(store, None, viewer=EVERYONE).as_dict()
    assert (words["by"], words["found"]) == (["words"], 2)
    stranger = like_demands(store, None, viewer=Viewer("stranger", sees_all=False)).as_dict()
    assert (stranger["demands"], stranger["groups"]) == (0, [])
    for threshold in (0.0, 1.01, float("nan")):
        with pytest.raises(InputError, match="门槛"):
            _told(store, threshold=threshold)
    monkeypatch.setattr(service, "MOST", 5)
    with pytest.raises(InputError, match="5"):
        _told(store)
