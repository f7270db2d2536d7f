"""Alive, ready, and what is missing until then."""

import time
from threading import Event

import numpy as np
import pytest

from embeddings.hashing import HashingEmbedder
from graph_service.errors import ModelMissingError, StoreUnavailableError
from graph_service.store.embedded import EmbeddedStore
from graph_service.store.neo4j import Neo4jStore
from tests.http.conftest import Serving, a_problem


def _ready(client: object) -> bool:
    end = time.monotonic() + 20
    while time.monotonic() < end:
        if client.get("/readyz").status_code == 200:  # type: ignore[attr-defined]
            return True
        time.sleep(0.02)
    return False


@pytest.fixture
def served(location: str) -> str:
    return location


def test_ready_once_store_and_encoder_are_there(serving: Serving) -> None:
    with serving() as client:
        assert client.get("/healthz").json() == {"status": "alive"}
        assert _ready(client)
        assert client.get("/readyz").json() == {"status": "ready"}


def test_not_ready_while_the_encoder_loads(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded = Event()

    def slowly(self: HashingEmbedder, texts: list[str]) -> object:
        assert loaded.wait(20)
        return np.zeros((len(texts), self.dimension), np.float32)

    monkeypatch.setattr(HashingEmbedder, "embed_queries", slowly)
    with serving() as client:
        body = a_problem(client.get("/readyz"), "not_ready")
        assert [error["field"] for error in body["errors"]] == ["encoder"]
        assert client.get("/healthz").status_code == 200
        loaded.set()
        assert _ready(client)


def test_a_missing_model_is_told_and_the_rest_answers(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(self: HashingEmbedder, texts: list[str]) -> object:
        raise ModelMissingError("没有模型", hint="make setup")

    monkeypatch.setattr(HashingEmbedder, "embed_queries", missing)
    with serving() as client:
        end = time.monotonic() + 20
        while "没有模型" not in client.get("/readyz").text and time.monotonic() < end:
            time.sleep(0.02)
        body = a_problem(client.get("/readyz"), "not_ready")
        assert "没有模型；make setup" in body["detail"]
        assert client.get("/metrics").status_code == 200


def test_a_store_that_cannot_be_read_is_told(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving() as client:
        assert _ready(client)

        def gone(*_: object, **__: object) -> int:
            raise StoreUnavailableError("库不见了")

        for engine in (EmbeddedStore, Neo4jStore):
            monkeypatch.setattr(engine, "count", gone)
        body = a_problem(client.get("/readyz"), "not_ready")
        assert body["errors"] == [{"field": "store", "code": "missing", "message": "库不见了"}]


def test_a_worker_that_is_down_is_told(serving: Serving) -> None:
    running = [False]
    with serving(worker=lambda: running[0]) as client:
        end = time.monotonic() + 20
        while "encoder" in client.get("/readyz").text and time.monotonic() < end:
            time.sleep(0.02)
        body = a_problem(client.get("/readyz"), "not_ready")
        assert [error["field"] for error in body["errors"]] == ["worker"]
        running[0] = True
        assert _ready(client)
