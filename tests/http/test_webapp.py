"""The browser app: what is its own, how its files come, and what the service says without it."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app
from api.settings import load_settings
from tests.http.conftest import BASE, a_problem

INDEX = "<!doctype html><title>揭榜</title><script src='/assets/app-1a2b.js'></script>"
SCRIPT = b"console.log('jiebang');\n" * 100
GOING = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}


def _client(tmp_path: Path, built: Path) -> Iterator[TestClient]:
    with Services(load_settings({"store": str(tmp_path / "store")})) as services:
        app = create_app(services, webapp=built)
        with TestClient(app, BASE, raise_server_exceptions=False) as client:
            yield client


@pytest.fixture
def built(tmp_path: Path) -> Path:
    folder = tmp_path / "static"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text(INDEX, "utf-8")
    (folder / "theme.js").write_text("1;", "utf-8")
    (folder / "assets/app-1a2b.js").write_bytes(SCRIPT)
    (folder / "assets/app-1a2b.js.gz").write_bytes(gzip.compress(SCRIPT))
    (tmp_path / "secret.txt").write_text("nobody's", "utf-8")
    return folder


@pytest.fixture
def client(tmp_path: Path, built: Path) -> Iterator[TestClient]:
    yield from _client(tmp_path, built)


@pytest.mark.parametrize("path", ["/", "/match?node=a%2Fb", "/nodes/org%3A%E7%94%B2", "/a/b/c"])
def test_what_a_browser_goes_to_is_the_app(client: TestClient, path: str) -> None:
    answer = client.get(path, headers=GOING)
    assert answer.status_code == 200
    assert answer.text == INDEX
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"
    again = client.get(path, headers={**GOING, "if-none-match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert client.head(path, headers=GOING).content == b""


def test_its_policy_lets_nothing_in_from_outside_and_nothing_inline(client: TestClient) -> None:
    for path in ("/", "/assets/app-1a2b.js"):
        policy = client.get(path).headers["content-security-policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
        assert rules["default-src"] == "'self'"
        assert rules["frame-ancestors"] == "'none'"
        assert not {"script-src", "style-src", "connect-src"} & set(rules)
        assert "unsafe" not in policy
        assert "http" not in policy


def test_hashed_files_are_kept_and_come_compressed(client: TestClient) -> None:
    path = "/assets/app-1a2b.js"
    plain = client.get(path, headers={"accept-encoding": "identity"})
    zipped = client.get(path, headers={"accept-encoding": "deflate, gzip;q=0.5"})
    refused = client.get(path, headers={"accept-encoding": "gzip;q=0"})
    for answer in (plain, zipped, refused):
        assert answer.content == SCRIPT
        assert answer.headers["content-type"] == "text/javascript; charset=utf-8"
        assert answer.headers["vary"] == "accept-encoding"
        assert "immutable" in answer.headers["cache-control"]
    assert "content-encoding" not in {**plain.headers, **refused.headers}
    assert zipped.headers["content-encoding"] == "gzip"
    assert int(zipped.headers["content-length"]) < len(SCRIPT) / 10
    assert client.get("/theme.js").headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "path",
    ["/api/v1/nothing", "/api/nothing", "/api", "/docs/nothing", "/problems/nothing", "/readyz/x"],
)
def test_what_is_the_services_is_never_the_apps(client: TestClient, path: str) -> None:
    a_problem(client.get(path, headers=GOING), "not_found")


def test_what_is_not_there_stays_a_problem(client: TestClient) -> None:
    a_problem(client.get("/assets/app-0000.js", headers=GOING), "not_found")
    a_problem(client.get("/match"), "not_found")  # by a program, which would take HTML amiss
    a_problem(client.post("/match", headers=GOING), "not_found")


@pytest.mark.parametrize(
    "path", ["/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt", "//etc/passwd"]
)
def test_nothing_beside_the_build_is_given_out(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404
    assert "nobody's" not in answer.text


def test_without_a_build_the_service_says_so_and_works(tmp_path: Path) -> None:
    for client in _client(tmp_path, tmp_path / "nothing"):
        said = client.get("/", headers=GOING)
        assert said.status_code == 200
        assert "没有带网页" in said.text
        assert "Node.js" in said.text
        a_problem(client.get("/match", headers=GOING), "not_found")
        assert client.get("/api/v1/statistics").status_code == 200
