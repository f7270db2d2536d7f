"""A real Neo4j of a module's own, to be at fault; the app in a browser, from the wheel."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.conftest import entered
from tests.e2e.browsing import PATIENCE, Watched, chromium, demo, of_wheel, seated, unpacked
from tests.http.running import Program, Service
from tests.http.running import running as serving
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


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> tuple[Program, Path]:
    """``jiebang`` from the wheel, and the store that ``jiebang demo`` makes, written by no test:
    made once for all processes of a run."""
    own = tmp_path_factory.getbasetemp()
    folder = (own.parent if "PYTEST_XDIST_WORKER" in os.environ else own) / "wheel"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "made").exists():
            demo(of_wheel(unpacked(folder)), folder / "store")
            (folder / "made").touch()
    return of_wheel(folder / "code"), folder / "store"


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Chromium, once a process."""
    expect.set_options(timeout=PATIENCE)
    with chromium() as browser:
        yield browser


@pytest.fixture(scope="module")
def service(
    wheel: tuple[Program, Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Service]:
    """The wheel's program on a copy of the fictional city that a module may write to."""
    program, store = wheel
    folder = tmp_path_factory.mktemp("served")
    shutil.copytree(store, folder / "store")
    with serving(folder / "store", folder / "log", program=program) as service:
        yield service


@pytest.fixture
def seat(browser: Browser, service: Service) -> Iterator[tuple[BrowserContext, Watched]]:
    """A reader who comes for the first time; nothing foreign is asked, nothing is complained of."""
    with seated(browser, service.address) as (context, watched):
        yield context, watched
        watched.check()


@pytest.fixture
def page(seat: tuple[BrowserContext, Watched]) -> Page:
    """A page of that reader."""
    return seat[0].new_page()
