"""Matching on every engine: the same candidates with the same reasons, in few round trips."""

from pathlib import Path
from typing import Any

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Batch
from graph_service.ports import GraphStore
from graph_service.store import is_folder
from graph_service.store.bolt import within
from graph_service.store.bolt.connection import Connection
from graph_service.store.embedded import EmbeddedStore
from tests.contract.graph_builders import TODAY
from tests.facts_graph import EDGES as FACT_EDGES
from tests.facts_graph import NODES as FACT_NODES
from tests.matching_graph import EDGES, MOST, NODES

DEMAND, RESULT, FIRM = map(Query.of_node, ("demand:1", "result:1", "org:maker"))
TEXT = Query.of_text("谐波减速器的柔轮疲劳断裂")

#: Recipe, query and target.
ASKED = [
    *(("full", query, to) for query in (DEMAND, TEXT) for to in Target),
    *(("hybrid", DEMAND, to) for to in Target),
    ("hybrid", TEXT, Target.RESULTS),
    ("full", RESULT, Target.ORGANIZATIONS),
    ("full", FIRM, Target.PARTNERS),
    ("bm25", DEMAND, Target.RESULTS),
    ("dense", RESULT, Target.DEMANDS),
    ("rrf", FIRM, Target.RESULTS),
]


def _fill(store: GraphStore) -> Matcher:
    store.apply(Batch(NODES, EDGES))
    fill(store, HashingEmbedder())
    return Matcher(store, HashingEmbedder())


def _told(matcher: Matcher, query: Query, to: Target, recipe: str) -> dict[str, Any]:
    told = matcher.match(query, to=to, recipe=recipe, viewer=EVERYONE).as_dict()
    del told["took_ms"]
    return told


def _alike(one: Any, other: Any) -> bool:
    """The same but for what differs where sums are made in another order."""
    if isinstance(one, dict):
        return one.keys() == other.keys() and all(_alike(one[key], other[key]) for key in one)
    if isinstance(one, list):
        return len(one) == len(other) and all(map(_alike, one, other))
    return bool(one == pytest.approx(other, abs=1e-5)) if isinstance(one, float) else one == other


@pytest.fixture
def round_trips(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What a server is asked from now on."""
    asked: list[str] = []
    read = Connection.read

    def counted(self: Connection, query: str, /, **params: Any) -> Any:
        asked.append(query)
        return read(self, query, **params)

    monkeypatch.setattr(Connection, "read", counted)
    monkeypatch.setattr(within, "SETTLED", 3600.0)  # names are read once more after that
    return asked


def test_every_engine_gives_the_same_candidates_and_reasons_in_few_round_trips(
    store: GraphStore, location: str, tmp_path: Path, round_trips: list[str]
) -> None:
    matcher = _fill(store)
    with EmbeddedStore(tmp_path / "beside", today=TODAY) as other:
        expected = _fill(other)
        _told(matcher, DEMAND, Target.RESULTS, "full")  # names of products are read once a process
        found = 0
        for recipe, query, to in ASKED:
            round_trips.clear()
            told = _told(matcher, query, to, recipe)
            assert bool(round_trips) is not is_folder(location)
            assert len(round_trips) <= MOST[recipe][query is TEXT], (recipe, query, to)
            assert _alike(told, _told(expected, query, to, recipe)), (recipe, query, to)
            found += len(told["candidates"])
        assert found > len(ASKED)
        round_trips.clear()
        hits = matcher.search("柔轮", viewer=EVERYONE)
        assert len(round_trips) <= 3  # names that hold it, where few begin with it
        assert _alike(
            [hit.as_dict() for hit in hits],
            [hit.as_dict() for hit in expected.search("柔轮", viewer=EVERYONE)],
        )


def test_every_engine_tells_the_same_facts(
    store: GraphStore, tmp_path: Path, round_trips: list[str]
) -> None:
    answers = []
    with EmbeddedStore(tmp_path / "beside", today=TODAY) as other:
        for each in (store, other):
            each.apply(Batch(FACT_NODES, FACT_EDGES))
            matcher = Matcher(each, None)
            first = _told(matcher, DEMAND, Target.RESULTS, "full")
            round_trips.clear()
            answers.append(_told(matcher, DEMAND, Target.RESULTS, "full"))
            assert len(round_trips) <= MOST["full"][0]
            assert first == answers[-1]
    told, expected = answers
    assert _alike(told, expected)
    best = {part["signal"]: part for part in told["candidates"][0]["contributions"]}
    assert best["cooperation"]["value"] == 1.0
    assert best["load"]["value"] == 0.0
