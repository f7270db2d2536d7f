"""The fictional city behind the service, and clients of it: in this process, and over a socket."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import structlog
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api.bootstrap import Services
from api.cli import app as cli
from api.http.app import create_app
from api.settings import load_settings
from graph_service.store import is_folder
from tests.http.probe import Probe

#: The address by which the tests ask: the server answers to no other name.
BASE = "http://127.0.0.1"
EXAMPLES = Path(__file__).parents[2] / "examples" / "city"

Serving = Callable[..., AbstractContextManager[TestClient]]


@pytest.fixture(autouse=True, scope="session")
def _surroundings() -> Iterator[None]:
    """No model, and logs in one line (structlog draws its own tracebacks otherwise, slowly)."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("JIEBANG_MODEL", "hashing")
        yield
    structlog.reset_defaults()


def load_city(location: str) -> None:
    """Load the fictional city, with vectors."""
    result = CliRunner().invoke(cli, ["load", str(EXAMPLES), "--store", location, "--json"])
    assert result.exit_code == 0, result.output


@pytest.fixture(scope="session")
def city_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the fictional city, with vectors; written by no test."""
    folder = tmp_path_factory.mktemp("city") / "store"
    load_city(str(folder))
    return folder


@pytest.fixture(scope="module")
def city_location(module_location: str, city_store: Path) -> str:
    """Where the city lies on the engine."""
    if is_folder(module_location):
        return str(city_store)
    load_city(module_location)
    return module_location


@pytest.fixture
def served(tmp_path: Path) -> str:
    """Where the empty store of ``serving`` and ``probing`` lies; modules whose tests are about what
    is stored let it be each engine in turn."""
    return str(tmp_path / "store")


@pytest.fixture
def serving(served: str) -> Serving:
    """``with serving(setting=value, …) as client``: an app in this process, by default over an
    empty store of the test's own; ``worker`` as for ``create_app``."""

    @contextmanager
    def serve(*, worker: Callable[[], bool] | None = None, **settings: Any) -> Iterator[TestClient]:
        given = {"store": served, **settings}
        with Services(load_settings(given)) as services:
            app = create_app(services, worker=worker)
            with TestClient(app, BASE, raise_server_exceptions=False) as client:
                yield client

    return serve


@pytest.fixture
def probe() -> Probe:
    """Routes that only tests have."""
    return Probe()


@pytest.fixture
def probing(served: str, probe: Probe) -> Serving:
    """As ``serving``, with the routes of ``probe`` in place of the product's."""

    @contextmanager
    def serve(**settings: Any) -> Iterator[TestClient]:
        given = {"store": served, **settings}
        with Services(load_settings(given)) as services:
            app = create_app(services, routers=probe.routers)
            with TestClient(app, BASE, raise_server_exceptions=False) as client:
                yield client

    return serve


@pytest.fixture(scope="module")
def city(city_location: str) -> Iterator[TestClient]:
    """A client of the city."""
    with (
        Services(load_settings({"store": city_location})) as services,
        TestClient(create_app(services), BASE, raise_server_exceptions=False) as client,
    ):
        yield client


def a_problem(response: httpx.Response, code: str) -> dict[str, Any]:
    """Assert that an answer is the one shape of errors, of this code; gives its body."""
    from api.http.kinds import KINDS

    assert response.headers["content-type"] == "application/problem+json", response.text
    body: dict[str, Any] = response.json()
    assert set(body) - {"errors"} == {
        *("type", "title", "status", "detail", "hint", "code", "request_id")
    }
    assert body["code"] == code, body
    kind = KINDS[code]
    assert body["type"] == f"/problems/{code}"
    assert body["title"] == kind.title
    assert body["status"] == response.status_code == kind.status
    assert body["request_id"] == response.headers["x-request-id"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in body["detail"])
    for error in body.get("errors", ()):
        assert set(error) == {"field", "code", "message"}
        assert all(error.values())
    if kind.status in {429, 503} or code == "idempotency_running":
        assert int(response.headers["retry-after"]) >= 1
    return body
