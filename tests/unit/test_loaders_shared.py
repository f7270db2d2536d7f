"""Real public data: a sample of every kind in ``make test``, all of it in ``make soak``."""

from pathlib import Path

import pytest

from graph_service.store import open_store
from loaders.service import load

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
SAMPLE = ("demands", "patents", "papers", "firms", "reference", "chain/company.csv")

pytestmark = [
    pytest.mark.shared,
    pytest.mark.skipif(not SHARED.is_dir(), reason="../shared/data 不在：这里没有真实数据可读"),
]


def check(paths: list[Path], folder: Path, counts: dict[str, int]) -> None:
    with open_store(str(folder / "store")) as store:
        first = load(paths, store)
        found = store.stats()["nodes"]
        assert {label: found[label] for label in counts} == counts
        assert "file_unreadable" not in first.error_counts
        assert first.rejected * 1000 < first.rows
        again = load(paths, store)
        for before, after in zip(
            (first.changes.nodes, first.changes.edges),
            (again.changes.nodes, again.changes.edges),
            strict=True,
        ):
            assert (after.new, after.changed) == (0, 0)
            assert after.unchanged == before.new + before.changed


def test_a_sample_of_the_real_files_loads_and_loads_again(tmp_path: Path) -> None:
    check([SHARED / name for name in SAMPLE], tmp_path, {"Demand": 247, "Result": 4097 + 1989})


@pytest.mark.soak
def test_all_real_files_load_in_one_go_and_again(tmp_path: Path) -> None:
    check([SHARED], tmp_path, {"Demand": 247, "Result": 4097 + 1989})
    with open_store(str(tmp_path / "store")) as store:
        edges = store.stats()["edges"]
    assert edges["MAKES"]["inferred"] == 0
    assert edges["MAKES"]["observed"] > 45_000
    assert edges["UPSTREAM_OF"]["observed"] == 0
