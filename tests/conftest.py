"""For every test: no deadlines, and a real Neo4j server, started once a run and thrown away."""

import fcntl
import os
import secrets
import select
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import hypothesis
import platformdirs
import pytest

# This machine is noisy and dictionaries load on first use: what is slow is found by bench/.
hypothesis.settings.register_profile("jiebang", deadline=None, print_blob=True)
hypothesis.settings.load_profile("jiebang")

SERVER = Path(__file__).parent / "neo4j_server"
START_SECONDS = 120
JAVA_OPTIONS = (
    "-Xmx768m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)


@dataclass(frozen=True, slots=True)
class Neo4jServer:
    """Where the test server listens, and who may enter."""

    uri: str
    user: str
    password: str

    @property
    def auth(self) -> tuple[str, str]:
        return self.user, self.password


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what uses the server, so that ``-m "not neo4j"`` leaves it out."""
    for item in items:
        if "neo4j_server" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.neo4j)


@pytest.fixture(scope="session")
def neo4j_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Neo4jServer]:
    """A real Neo4j 5.26 Community, empty, with a password, on a free port of this machine.

    The tests share it: each begins by emptying what it uses.
    """
    for program, package in (("java", "JDK 17"), ("mvn", "Maven 3.8")):
        if shutil.which(program) is None:
            pytest.fail(
                f"the tests need a real Neo4j: install {package} ({program} is not on PATH)"
            )
    jars = _jars(platformdirs.user_cache_path("jiebang"))
    folder = tmp_path_factory.mktemp("neo4j")
    password = secrets.token_hex(8)
    with _running(jars, folder, password) as uri:
        yield Neo4jServer(uri, "neo4j", password)


def _jars(cache: Path) -> Path:
    """The server's jars, fetched by Maven once for each content of pom.xml."""
    pom = SERVER / "pom.xml"
    jars = cache / f"neo4j-{sha256(pom.read_bytes()).hexdigest()[:12]}"
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "neo4j.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not jars.is_dir():
            partial = jars.with_suffix(".partial")
            shutil.rmtree(partial, ignore_errors=True)
            command = ("mvn", "-B", "-q", "-f", pom, "dependency:copy-dependencies")
            fetched = subprocess.run(
                [*command, f"-DoutputDirectory={partial}"],
                check=False,
                capture_output=True,
                text=True,
            )
            if fetched.returncode:
                pytest.fail(f"Maven could not fetch Neo4j:\n{fetched.stdout}{fetched.stderr}")
            partial.rename(jars)
    return jars


@contextmanager
def _running(jars: Path, folder: Path, password: str) -> Iterator[str]:
    """The address of a running server; it ends with this process, however that ends."""
    log = folder / "server.log"
    program = ("-cp", f"{jars}{os.sep}*", SERVER / "Server.java", folder / "home", password)
    with (
        log.open("w") as errors,
        subprocess.Popen(
            ["java", *JAVA_OPTIONS, *program],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        ) as server,
    ):
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            ready, _, _ = select.select([server.stdout], [], [], START_SECONDS)
            uri = server.stdout.readline().strip() if ready else ""
            if not uri.startswith("neo4j://"):
                pytest.fail(f"Neo4j did not start within {START_SECONDS} s:\n{log.read_text()}")
            yield uri
        finally:
            server.stdin.close()
            try:
                server.wait(timeout=10)
            except subprocess.TimeoutExpired:
                server.kill()
