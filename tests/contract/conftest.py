"""What every contract test of the graph store runs on: each engine in turn."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from graph_service.ports import GraphStore
from graph_service.store import open_store
from tests.contract.graph_builders import TODAY

_NOT_YET = pytest.mark.xfail(
    strict=True, raises=NotImplementedError, reason="the Neo4j store comes with issue 6"
)


@pytest.fixture(
    params=["embedded", pytest.param("neo4j", marks=[_NOT_YET, pytest.mark.neo4j])],
)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store of the engine lies; may be opened more than once."""
    return str(tmp_path / "store") if request.param == "embedded" else "neo4j://localhost"


@pytest.fixture
def store(location: str) -> Iterator[GraphStore]:
    """An empty store, open for writing; it is the 23rd of November 2026."""
    with open_store(location, today=TODAY) as opened:
        yield opened
