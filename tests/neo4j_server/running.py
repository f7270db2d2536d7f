"""A real Neo4j 5.26 Community of the tests' own: its jars, its start, its end, and emptying it.

Java 17 and Maven are needed; the jars come from Maven once for each content of ``pom.xml``.
"""

import fcntl
import os
import secrets
import select
import shutil
import signal
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Any

import neo4j
import platformdirs
import pytest

SOURCES = Path(__file__).parent
START_SECONDS = 120
JAVA_OPTIONS = (
    "-Xmx768m",
    "-XX:+UseSerialGC",
    "-XX:TieredStopAtLevel=1",
    "-XX:ReservedCodeCacheSize=240m",  # in the usual 48 MB planners keep being swept out
    "--add-opens=java.base/java.nio=ALL-UNNAMED",
    "--add-opens=java.base/java.io=ALL-UNNAMED",
    "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
)
EMPTY = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 2000 ROWS"


class Neo4jServer:
    """A server that can be killed and started again where it was.

    Args:
        folder: takes its home and its log.
        certificates: a folder as ``tests.neo4j_server.certificates`` makes one; then it speaks TLS
            alone.
        options: for Java, beside and before the usual ones.
    """

    user = "neo4j"

    def __init__(
        self, folder: Path, *, certificates: Path | None = None, options: Sequence[str] = ()
    ) -> None:
        self.password = secrets.token_hex(8)
        self.port = 0
        self._certificates = certificates
        self._options = options
        self._log = folder / "server.log"
        self._home = folder / "home"
        self._process: subprocess.Popen[str] | None = None

    @property
    def uri(self) -> str:
        return f"neo4j://127.0.0.1:{self.port}"

    def driver(self) -> neo4j.Driver:
        """A driver, for what tests do beside the product."""
        trust: dict[str, Any] = {}
        if self._certificates:
            authorities = neo4j.TrustCustomCAs(str(self._certificates / "ca.pem"))
            trust = {"encrypted": True, "trusted_certificates": authorities}
        return neo4j.GraphDatabase.driver(self.uri, auth=(self.user, self.password), **trust)

    def start(self) -> None:
        """Begin, or go on after a kill: the same port, the same data."""
        where = (self._home, self.password, self.port, *filter(None, [self._certificates]))
        program = ("-cp", f"{_jars()}{os.sep}*", SOURCES / "Server.java", *where)
        with self._log.open("a") as errors:
            self._process = subprocess.Popen(
                ["java", *JAVA_OPTIONS, *self._options, *map(str, program)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                text=True,
            )
        assert self._process.stdout is not None
        ready, _, _ = select.select([self._process.stdout], [], [], START_SECONDS)
        host, _, port = (self._process.stdout.readline() if ready else "").strip().rpartition(":")
        if not host:
            self.kill()
            said = self._log.read_text()
            pytest.fail(f"Neo4j did not start within {START_SECONDS} s:\n{said}")
        self.port = int(port)

    def kill(self) -> None:
        """SIGKILL."""
        if self._process is not None:
            self._process.kill()
            self._close()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """SIGSTOP: it answers nothing for the length of the block."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def stop(self) -> None:
        """End it for good: nothing of it stays."""
        if self._process is not None:
            assert self._process.stdin is not None
            self._process.stdin.close()
            try:
                self._process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self._process.kill()
            self._close()
        shutil.rmtree(self._home, ignore_errors=True)

    def _close(self) -> None:
        assert self._process is not None
        with self._process:  # waits, and closes its pipes
            self._process = None


@contextmanager
def running(
    folder: Path, *, certificates: Path | None = None, options: Sequence[str] = ()
) -> Iterator[Neo4jServer]:
    """An empty server on a free port; it ends with this process, however that ends."""
    server = Neo4jServer(folder, certificates=certificates, options=options)
    try:
        server.start()
        yield server
    finally:
        server.stop()


def empty(driver: neo4j.Driver) -> None:
    """Delete every node; constraints and indexes stay, as on a server from which everything was
    deleted. After each change of its schema it would plan every query anew."""
    with driver.session() as session:
        session.run(EMPTY).consume()


def drop_vector_indexes(driver: neo4j.Driver) -> None:
    """Take away the indexes that come with a kind of vectors. What was deleted stays in them for a
    while, and many dead vectors that are alike stand between a search and those that live."""
    with driver.session() as session:
        for name in session.run("SHOW VECTOR INDEXES YIELD name").value():
            session.run(f"DROP INDEX `{name}`").consume()


def _jars() -> Path:
    """The folder of the server's jars."""
    for program, package in (("java", "JDK 17"), ("mvn", "Maven 3.8")):
        if shutil.which(program) is None:
            pytest.fail(
                f"the tests need a real Neo4j: install {package} ({program} is not on PATH)"
            )
    pom = SOURCES / "pom.xml"
    cache = platformdirs.user_cache_path("jiebang")
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
