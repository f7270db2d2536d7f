"""The contract of a store opened on trial: it counts and shows what would be, and keeps nothing."""

from collections.abc import Callable
from pathlib import Path

import neo4j
import numpy as np
import pytest

from graph_service.errors import InputError, StoreLockedError
from graph_service.model import ANY, Batch, Edge, EdgeType, Filter, Label, Node, Tally
from graph_service.ports import GraphStore
from graph_service.store import is_folder
from tests.contract.graph_builders import PRINT, TODAY, firm, makes, product
from tests.stores import open_impatient, open_store


@pytest.fixture
def contents(location: str, request: pytest.FixtureRequest) -> Callable[[], object]:
    """Tells all that stands at the location."""
    if not is_folder(location):
        driver: neo4j.Driver = request.getfixturevalue("neo4j_driver")
        return lambda: _kept(driver)
    folder = Path(location)
    return lambda: {
        path: path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".sqlite-shm", ".sqlite-wal"}
    }


def _kept(driver: neo4j.Driver) -> list[str]:
    asked = (
        "MATCH (n) RETURN labels(n) AS labels, properties(n) AS kept ORDER BY elementId(n)",
        "MATCH ()-[r]->() RETURN type(r) AS type, properties(r) AS kept ORDER BY elementId(r)",
    )
    return [str(record.data()) for query in asked for record in driver.execute_query(query).records]


def test_a_trial_counts_like_the_real_thing_and_leaves_no_trace(
    store: GraphStore, location: str
) -> None:
    store.apply(Batch([firm("f1", name="甲"), firm("f2", name="乙")], [makes("f1", "p1")]))
    before = store.stats()
    batch = Batch([firm("f1", name="甲"), firm("f2", name="丙"), firm("f3")], [makes("f3", "p2")])
    with open_store(location, today=TODAY, trial=True) as trial:
        tried = trial.apply(batch)
        assert trial.nodes(["f2"])["f2"].title == "丙"
        assert [node.id for node in trial.scan(Filter()).nodes] == ["f1", "f2", "f3", "p1", "p2"]
        again = trial.apply(batch)
        assert again.nodes == Tally(unchanged=3)
        trial.refresh()
        assert store.nodes(["f2", "f3"])["f2"].title == "乙"  # others see nothing of it
    assert store.stats() == before
    assert set(store.nodes(["f1", "f2", "f3"])) == {"f1", "f2"}
    assert store.apply(batch) == tried


def test_a_refused_batch_is_undone_and_the_trial_goes_on(store: GraphStore, location: str) -> None:
    store.apply(Batch([firm("f1", name="甲")]))
    with open_store(location, trial=True) as trial:
        with pytest.raises(InputError):
            trial.apply(Batch([firm("f2"), Node("f1", Label.PRODUCT)]))
        assert trial.nodes(["f2"]) == {}
        assert trial.apply(Batch([firm("f2")])).nodes.new == 1


def test_a_trial_without_a_store_makes_none(location: str, contents: Callable[[], object]) -> None:
    nothing = contents()
    with open_store(location, trial=True) as trial:
        changes = trial.apply(Batch(edges=[Edge(EdgeType.MAKES, "f1", "p1")]))
        assert (changes.edges.new, changes.bare) == (1, 2)
        trial.refresh(rebuild=True)
    assert contents() == nothing
    assert not Path(location).exists()


def test_nobody_writes_during_a_trial_and_all_stays_as_it_was(
    location: str, contents: Callable[[], object]
) -> None:
    with open_store(location) as store:
        store.apply(Batch([firm("f1", name="甲")]))
        store.refresh()
    before = contents()
    with open_store(location, trial=True) as trial:
        trial.apply(Batch([firm(f"f{n}", name="甲" * 500) for n in range(5000)]))
        with open_impatient(location) as other, pytest.raises(StoreLockedError):
            other.apply(Batch([firm("f2")]))
    assert contents() == before


def test_searches_of_a_trial_see_what_it_wrote(location: str) -> None:
    with open_store(location) as store:
        store.apply(Batch([product("p1", name="轴承")]))
        (text,) = store.pending_texts(PRINT)
        store.put_vectors(PRINT, [text.hash], np.eye(1, 2, dtype=np.float32))
    one = np.array([0, 1], np.float32)
    with open_store(location, trial=True) as trial:
        trial.apply(Batch([product("p2", name="轴承座"), product("p3", name="轴承")]))
        (text,) = trial.pending_texts(PRINT)
        trial.put_vectors(PRINT, [text.hash], one[None])
        near = [(hit.node_id, round(hit.score, 3)) for hit in trial.search_vectors(one, PRINT, ANY)]
        assert near == [("p2", 1.0), ("p1", 0.0), ("p3", 0.0)]
        found = trial.search_text({"轴承": 1.0}, ANY, names=True)
        assert [hit.node_id for hit in found] == ["p1", "p3", "p2"]
    with open_store(location, read_only=True) as store:
        assert [hit.node_id for hit in store.search_vectors(one, PRINT, ANY)] == ["p1"]
