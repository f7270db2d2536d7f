"""The contract of a store opened on trial: it counts and shows what would be, and keeps nothing."""

from pathlib import Path

import pytest

from graph_service.errors import InputError, StoreLockedError
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node, Tally
from graph_service.ports import GraphStore
from graph_service.store import open_store
from graph_service.store.embedded import EmbeddedStore
from tests.contract.graph_builders import TODAY, firm, makes


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.suffix not in {".sqlite-shm", ".sqlite-wal"}
    }


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


def test_a_trial_without_a_store_makes_none(location: str, tmp_path: Path) -> None:
    with open_store(location, trial=True) as trial:
        changes = trial.apply(Batch(edges=[Edge(EdgeType.MAKES, "f1", "p1")]))
        assert (changes.edges.new, changes.bare) == (1, 2)
        trial.refresh(rebuild=True)
    assert list(tmp_path.iterdir()) == []


def test_nobody_writes_during_a_trial_and_its_files_stay_as_they_were(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "s")) as store:
        store.apply(Batch([firm("f1", name="甲")]))
        store.refresh()
    before = _contents(tmp_path)
    with open_store(str(tmp_path / "s"), trial=True) as trial:
        trial.apply(Batch([firm(f"f{n}", name="甲" * 500) for n in range(5000)]))
        with (
            EmbeddedStore(tmp_path / "s", patience=0.05) as other,
            pytest.raises(StoreLockedError),
        ):
            other.apply(Batch([firm("f2")]))
    assert _contents(tmp_path) == before
