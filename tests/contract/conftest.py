"""What every contract test of the graph store runs on: each engine in turn."""

from collections.abc import Iterator

import pytest

from graph_service.ports import GraphStore
from tests.contract.graph_builders import TODAY
from tests.stores import open_store


@pytest.fixture
def store(location: str) -> Iterator[GraphStore]:
    """An empty store, open for writing; it is the 23rd of November 2026."""
    with open_store(location, today=TODAY) as opened:
        yield opened
