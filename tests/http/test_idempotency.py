"""A write sent twice is done once, whatever happens in between."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from api.http import idempotency
from api.http.idempotency import KIND, forget_old
from graph_service.errors import StoreLockedError
from graph_service.model import Committed, Put, UnitOfWork
from graph_service.ports import Store
from graph_service.store.embedded import EmbeddedStore
from graph_service.store.neo4j import Neo4jStore
from tests.http.conftest import Serving, a_problem
from tests.http.probe import Probe
from tests.stores import open_store

THINGS = "/api/v1/probe/things"
KEY = {"Idempotency-Key": "7d1f8a"}
NOTE = {"text": "一件东西"}


@pytest.fixture
def served(location: str) -> str:
    return location


def test_the_same_request_is_done_once_and_answered_alike(probing: Serving, probe: Probe) -> None:
    with probing() as client:
        first = client.post(THINGS, json=NOTE, headers=KEY)
        again = client.post(THINGS, json=NOTE, headers=KEY)
    assert len(probe.made) == 1
    assert first.status_code == again.status_code == 201
    assert first.content == again.content
    assert first.headers["location"] == again.headers["location"] == "/things/1"
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert first.headers["x-request-id"] != again.headers["x-request-id"]


def test_other_keys_other_routes_and_no_key_are_done_again(probing: Serving, probe: Probe) -> None:
    with probing() as client:
        for key in ({"Idempotency-Key": "a"}, {"Idempotency-Key": "b"}, {}, {}):
            assert client.post(THINGS, json=NOTE, headers=key).status_code == 201
    assert len(probe.made) == 4
    assert probe.made[2:] == [None, None]
    assert len(set(probe.made)) == 3


@pytest.mark.parametrize("other", [{"text": "另一件"}, {"text": "一件东西", "top": 4}])
def test_another_body_under_the_key_is_refused(
    probing: Serving, probe: Probe, other: dict[str, object]
) -> None:
    with probing() as client:
        client.post(THINGS, json=NOTE, headers=KEY)
        a_problem(client.post(THINGS, json=other, headers=KEY), "idempotency_mismatch")
        a_problem(client.post(f"{THINGS}?a=1", json=NOTE, headers=KEY), "idempotency_mismatch")
        assert client.post(THINGS, json=NOTE, headers=KEY).status_code == 201
    assert len(probe.made) == 1


@pytest.mark.parametrize("key", ["", "a b", "a" * 256, "键".encode()])
def test_keys_that_cannot_be_used(probing: Serving, probe: Probe, key: str | bytes) -> None:
    with probing() as client:
        response = client.post(THINGS, json=NOTE, headers=[("Idempotency-Key", key)])
    a_problem(response, "idempotency_key")
    assert probe.made == []


def test_what_failed_may_be_tried_again_under_the_key(probing: Serving, probe: Probe) -> None:
    with probing() as client:
        a_problem(client.post(THINGS, json={"text": "fail"}, headers=KEY), "not_found")
        a_problem(client.post(THINGS, json={"text": ""}, headers=KEY), "input")
        a_problem(client.post(THINGS, content=b"x", headers=KEY), "media_type")
        assert client.post(THINGS, json=NOTE, headers=KEY).status_code == 201
    assert len(probe.made) == 2
    assert probe.made[0] == probe.made[1]  # the same id for every try


def test_of_many_at_once_one_is_done(probing: Serving, probe: Probe) -> None:
    with probing() as client, ThreadPoolExecutor(16) as threads:
        asked = [
            threads.submit(client.post, THINGS, json={"text": "wait"}, headers=KEY)
            for _ in range(16)
        ]
        refused = 0
        end = time.monotonic() + 20
        while refused < 15 and time.monotonic() < end:
            time.sleep(0.01)
            refused = sum(one.done() for one in asked)
        probe.open.set()
        answers = [one.result() for one in asked]
        done = [one for one in answers if one.status_code == 201]
        assert len(done) == 1
        for one in answers:
            if one is not done[0]:
                a_problem(one, "idempotency_running")
        again = client.post(THINGS, json={"text": "wait"}, headers=KEY)
        assert again.content == done[0].content
    assert len(probe.made) == 1


def test_a_request_that_a_dead_server_left_is_taken_up(
    probing: Serving, probe: Probe, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with probing() as client:
        client.post(THINGS, json=NOTE, headers=KEY)
        id_ = probe.made[0]
    assert id_ is not None
    with open_store(served) as store:  # as if it had died before its answer
        left = {"state": "running", "until": time.time() + 0.5}
        store.commit(UnitOfWork([Put(KIND, id_, left)]))
    with probing() as client:
        a_problem(client.post(THINGS, json=NOTE, headers=KEY), "idempotency_running")
        time.sleep(0.6)
        assert client.post(THINGS, json=NOTE, headers=KEY).json() == {"number": 2}
    assert probe.made == [id_, id_]


def test_a_long_request_keeps_its_lease(
    probing: Serving, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "LEASE", 0.3)
    with probing() as client, ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.post, THINGS, json={"text": "wait"}, headers=KEY)
        end = time.monotonic() + 1
        while time.monotonic() < end:
            if probe.made:
                again = client.post(THINGS, json={"text": "wait"}, headers=KEY)
                a_problem(again, "idempotency_running")
            time.sleep(0.05)
        probe.open.set()
        assert first.result().status_code == 201
    assert len(probe.made) == 1


def test_a_lease_that_cannot_be_renewed_spoils_no_answer(
    probing: Serving, probe: Probe, monkeypatch: pytest.MonkeyPatch
) -> None:
    renewals = []

    def locked(commit: Callable[[Store, UnitOfWork], Committed]) -> object:
        def refuse(store: Store, unit: UnitOfWork) -> Committed:
            for put in unit.puts:
                if put.kind == KIND and put.expected and (put.data or {}).get("state") == "running":
                    renewals.append(put)
                    raise StoreLockedError("另一个程序正在写入图谱库。")
            return commit(store, unit)

        return refuse

    monkeypatch.setattr(idempotency, "LEASE", 0.3)
    for engine in (EmbeddedStore, Neo4jStore):
        monkeypatch.setattr(engine, "commit", locked(engine.commit))
    with probing() as client, ThreadPoolExecutor(1) as threads:
        first = threads.submit(client.post, THINGS, json={"text": "wait"}, headers=KEY)
        end = time.monotonic() + 10
        while not renewals and time.monotonic() < end:
            time.sleep(0.02)
        probe.open.set()
        assert first.result().status_code == 201
        again = client.post(THINGS, json={"text": "wait"}, headers=KEY)
    assert renewals
    assert again.headers["idempotency-replayed"] == "true"


def test_answers_are_forgotten_after_a_day(
    probing: Serving, probe: Probe, served: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with probing() as client:
        client.post(THINGS, json=NOTE, headers=KEY)
    with open_store(served) as store:
        assert forget_old(store) == 0
        assert store.count(KIND) == 1
        later = time.time() + idempotency.KEPT + 1
        monkeypatch.setattr(time, "time", lambda: later)
        assert forget_old(store) == 1
        assert store.count(KIND) == 0
