"""For every test: no deadlines, and the engines; a real Neo4j, started once a run, thrown away."""

import gc
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import hypothesis
import neo4j
import pytest

from tests.neo4j_server.running import Neo4jServer, drop_vector_indexes, empty, running

# This machine is noisy and dictionaries load on first use: what is slow is found by bench/.
hypothesis.settings.register_profile("jiebang", deadline=None, print_blob=True)
hypothesis.settings.load_profile("jiebang")

# Tests that were started in the background ignore Ctrl-C, and so would all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

ENGINES = ["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the server, so that ``-m "not neo4j"`` leaves it out."""
    for item in items:
        if "neo4j_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.neo4j)


def pytest_collection_finish() -> None:
    """What was imported stays: the collector of garbage looks through it no more, and through all
    the rest seldom. It took a tenth of the time."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 50)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A real Neo4j 5.26 Community, with a password, on a free port of this machine.

    The tests share it: each begins by emptying it, see ``emptied``.
    """
    with running(tmp_path_factory.mktemp("neo4j")) as server:
        yield server


@pytest.fixture(scope="session")
def neo4j_driver(neo4j_server: Neo4jServer) -> Iterator[neo4j.Driver]:
    """A driver of that server, for what tests do beside the product."""
    with neo4j_server.driver() as driver:
        yield driver


@contextmanager
def entered(server: Neo4jServer, folder: Path) -> Iterator[Neo4jServer]:
    """This process and its children may enter the server; what they keep in files, for want of a
    store's folder, lies in ``folder``."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIEBANG_NEO4J_PASSWORD", server.password)
        patch.setenv("JIEBANG_FILES", str(folder / "files"))
        yield server


@pytest.fixture(scope="module")
def fresh_driver(neo4j_driver: neo4j.Driver) -> neo4j.Driver:
    """The same; a module that empties the server begins without indexes of vectors."""
    drop_vector_indexes(neo4j_driver)
    return neo4j_driver


@pytest.fixture
def emptied(
    neo4j_server: Neo4jServer, fresh_driver: neo4j.Driver, tmp_path: Path
) -> Iterator[Neo4jServer]:
    """The server with nothing in it, whatever stood there."""
    empty(fresh_driver)
    with entered(neo4j_server, tmp_path) as server:
        yield server


@pytest.fixture(params=ENGINES)
def location(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """Where an empty store of the engine lies; may be opened more than once."""
    if request.param == "embedded":
        return str(tmp_path / "store")
    server: Neo4jServer = request.getfixturevalue("emptied")
    return server.uri


@pytest.fixture(scope="module", params=ENGINES)
def module_location(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """As ``location``, for all tests of a module, none of which uses ``location``."""
    folder = tmp_path_factory.mktemp("module")
    if request.param == "embedded":
        yield str(folder / "store")
        return
    empty(request.getfixturevalue("fresh_driver"))
    with entered(request.getfixturevalue("neo4j_server"), folder) as server:
        yield server.uri
