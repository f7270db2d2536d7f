"""Each limit refuses what is over it, with its code, and lets pass what is just within."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import httpx
import pytest

from tests.http.conftest import Serving, a_problem
from tests.http.probe import Probe

ECHO = "/api/v1/probe/echo"
BOUNDS = "/api/v1/probe/bounds"


def test_body_with_its_length_told(probing: Serving) -> None:
    with probing(body_bytes=1000, text_chars=20_000) as client:
        assert client.post(ECHO, json={"text": "a" * 980}).status_code == 200
        refused = client.post(ECHO, json={"text": "a" * 1000})
        a_problem(refused, "body_too_large")
        assert refused.headers["connection"] == "close"


def test_body_without_its_length_told(probing: Serving) -> None:
    def parts(count: int) -> Iterator[bytes]:
        yield b'{"text": "'
        yield from [b"a" * 100] * count
        yield b'"}'

    kind = {"content-type": "application/json"}
    with probing(body_bytes=1000) as client:
        assert client.post(ECHO, content=parts(9), headers=kind).status_code == 200
        a_problem(client.post(ECHO, content=parts(10), headers=kind), "body_too_large")


def test_uploads_have_a_limit_of_their_own(probing: Serving) -> None:
    def parts(count: int) -> Iterator[bytes]:
        yield from [b"a" * 1000] * count

    with probing(body_bytes=1000, upload_bytes=5000) as client:
        assert client.post("/api/v1/uploads/probe", content=b"a" * 5000).json() == {"bytes": 5000}
        assert client.post("/api/v1/uploads/probe", content=parts(5)).json() == {"bytes": 5000}
        a_problem(client.post("/api/v1/uploads/probe", content=b"a" * 5001), "upload_too_large")
        a_problem(client.post("/api/v1/uploads/probe", content=parts(6)), "upload_too_large")


def test_address(probing: Serving) -> None:
    with probing(address_bytes=500, query_chars=10_000) as client:
        within = 500 - len(BOUNDS) - len("q=")
        assert client.get(BOUNDS, params={"q": "a" * within}).status_code == 200
        a_problem(client.get(BOUNDS, params={"q": "a" * (within + 1)}), "address_too_long")


@pytest.mark.parametrize(
    ("setting", "most", "parameter", "good", "bad"),
    [
        ("query_chars", 10, "q", "检" * 10, "检" * 11),
        ("results", 5, "top", 5, 6),
        ("path_hops", 3, "hops", 3, 4),
        ("subgraph_nodes", 7, "n", 7, 8),
    ],
)
def test_parameters(
    probing: Serving, setting: str, most: int, parameter: str, good: object, bad: object
) -> None:
    with probing(**{setting: most}) as client:
        assert client.get(BOUNDS, params={parameter: good}).status_code == 200
        body = a_problem(client.get(BOUNDS, params={parameter: bad}), "limit_exceeded")
        schema = client.get("/openapi.json").json()["paths"][BOUNDS]["get"]["parameters"]
    (error,) = body["errors"]
    assert error["field"] == parameter
    assert str(most) in error["message"]
    assert f"JIEBANG_{setting.upper()}" in error["message"]
    (told,) = [one["schema"] for one in schema if one["name"] == parameter]
    assert most in (told.get("maximum"), told.get("maxLength"))


def test_parameters_of_bodies(probing: Serving) -> None:
    with probing(text_chars=100, results=5) as client:
        assert client.post(ECHO, json={"text": "检" * 100, "top": 5}).status_code == 200
        a_problem(client.post(ECHO, json={"text": "检" * 101}), "limit_exceeded")
        a_problem(client.post(ECHO, json={"text": "检", "top": 6}), "limit_exceeded")
        a_problem(client.post(ECHO, json={"text": "", "top": 6}), "input")


def test_pages(probing: Serving) -> None:
    with probing(page_size=20) as client:
        assert len(client.get("/api/v1/probe/pages?limit=20").json()["items"]) == 20
        a_problem(client.get("/api/v1/probe/pages?limit=21"), "limit_exceeded")
        a_problem(client.get("/api/v1/probe/pages?limit=0"), "input")


def test_requests_a_minute(probing: Serving) -> None:
    with probing(rate=5) as client:
        for _ in range(5):
            assert client.get(BOUNDS).status_code == 200
        refused = client.get(BOUNDS)
        a_problem(refused, "rate_limited")
        assert int(refused.headers["retry-after"]) <= 60
        assert client.get("/healthz").status_code == 200
        assert client.get("/metrics").status_code == 200
    with probing(rate=0) as client:
        assert {client.get(BOUNDS).status_code for _ in range(20)} == {200}


def test_time_of_a_query(probing: Serving) -> None:
    with probing(query_seconds=1) as client:
        a_problem(client.get("/api/v1/probe/timed"), "query_timeout")


def test_the_gate_lets_few_work_some_wait_and_sends_the_rest_away(
    probing: Serving, probe: Probe
) -> None:
    with probing(heavy=2, queue=3) as client, ThreadPoolExecutor(12) as threads:
        asked = [threads.submit(client.get, "/api/v1/probe/heavy") for _ in range(9)]
        refused = [_soon(asked) for _ in range(4)]
        for response in refused:
            a_problem(response, "busy")
        assert probe.entered == 2
        metrics = client.get("/metrics").text  # small requests pass beside
        assert "jiebang_heavy_running 2.0" in metrics
        assert "jiebang_heavy_waiting 3.0" in metrics
        assert client.get(BOUNDS).status_code == 200
        probe.open.set()
        assert [one.result().status_code for one in asked] == [200] * 5
        assert probe.entered == 5
        assert "jiebang_heavy_running 0.0" in client.get("/metrics").text


def test_nobody_waits_at_the_gate_for_ever(probing: Serving, probe: Probe) -> None:
    with probing(heavy=1, queue=3, queue_seconds=1) as client, ThreadPoolExecutor(2) as threads:
        first = threads.submit(client.get, "/api/v1/probe/heavy")
        while not probe.entered:
            time.sleep(0.01)
        a_problem(client.get("/api/v1/probe/heavy"), "busy")
        probe.open.set()
        assert first.result().status_code == 200
        assert client.get("/api/v1/probe/heavy").status_code == 200


def _soon(asked: list[Future[httpx.Response]]) -> httpx.Response:
    """The next answer of those asked for, which is taken out of the list."""
    end = time.monotonic() + 20
    while time.monotonic() < end:
        for one in asked:
            if one.done():
                asked.remove(one)
                return one.result()
        threading.Event().wait(0.01)
    raise AssertionError("no answer came")
