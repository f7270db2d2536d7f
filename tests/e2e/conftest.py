"""A real Neo4j of a module's own, to be at fault."""

from collections.abc import Iterator

import pytest

from tests.conftest import entered
from tests.neo4j_server.certificates import certificates
from tests.neo4j_server.running import Neo4jServer, drop_vector_indexes, empty, running


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A server of a module's own, to be killed; it speaks TLS alone, the settings let us in."""
    folder = tmp_path_factory.mktemp("faults")
    made = certificates(folder / "certificates")
    with (
        running(folder, certificates=made) as server,
        entered(server, folder),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setenv("JIEBANG_NEO4J_CA", str(made / "ca.pem"))
        patch.setenv("JIEBANG_NEO4J_CONNECT_SECONDS", "5")
        patch.setenv("JIEBANG_MODEL", "hashing")
        patch.setenv("JIEBANG_CACHE", str(folder / "cache"))
        yield server


@pytest.fixture
def place(server: Neo4jServer) -> str:
    """Where nothing is stored."""
    with server.driver() as driver:
        empty(driver)
        drop_vector_indexes(driver)
    return server.uri
