"""Requests that cannot be read or come from elsewhere, and what every answer bears."""

import json
from typing import Any

import pytest
import structlog

from api.http.guard import LOOPBACK
from tests.http.conftest import Serving, a_problem

ECHO = "/api/v1/probe/echo"
BOUNDS = "/api/v1/probe/bounds"
JSON = {"content-type": "application/json"}


@pytest.mark.parametrize(
    "address",
    [
        f"{BOUNDS}?q=%FF",
        f"{BOUNDS}?q=%ED%A0%80",  # half a character
        f"{BOUNDS}?q=a%00b",
        f"{BOUNDS}?%00=a",
        "/api/v1/probe/tagged/%FF",
        "/api/v1/probe/tagged/a%00b",
    ],
)
def test_addresses_that_are_no_text(probing: Serving, address: str) -> None:
    with probing() as client:
        a_problem(client.get(address), "malformed")


@pytest.mark.parametrize(
    "body",
    [
        b'{"text": "\xff"}',
        b'{"text": "\\ud800"}',
        b'{"text": NaN}',
        b'{"text": "a"',
        b"\xef\xbb\xbf{}",
        b'{"text": "a"} {}',
        b"[" * 100_000,
    ],
)
def test_bodies_that_are_no_json(probing: Serving, body: bytes) -> None:
    with probing() as client:
        a_problem(client.post(ECHO, content=body, headers=JSON), "malformed")


def test_text_with_nul(probing: Serving) -> None:
    with probing() as client:
        body = a_problem(client.post(ECHO, json={"text": "a\0b"}), "input")
    assert body["errors"] == [{"field": "text", "code": "nul", "message": "不能含有 NUL 字符"}]


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_bodies_that_do_not_say_they_are_json(probing: Serving, kind: str) -> None:
    with probing() as client:
        refused = client.post(ECHO, content=b'{"text": "a"}', headers={"content-type": kind})
        a_problem(refused, "media_type")
        taken = {"content-type": "application/problem+json; charset=utf-8"}
        assert client.post(ECHO, content=b'{"text": "a"}', headers=taken).status_code == 200


@pytest.mark.parametrize("name", ["idempotency-key", "x-request-id", "content-type"])
def test_headers_given_twice(probing: Serving, name: str) -> None:
    with probing() as client:
        headers = [(name, "application/json"), (name, "application/json")]
        if name != "content-type":
            headers += list(JSON.items())
        response = client.post(ECHO, content=b'{"text": "a"}', headers=headers)
    assert name in a_problem(response, "malformed")["detail"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "", "10.0.0.1:8000", "[::1", "[x]"]
)
def test_other_hosts_are_refused(serving: Serving, host: str) -> None:
    with serving() as client:
        a_problem(client.get("/healthz", headers={"host": host}), "host")


@pytest.mark.parametrize("host", [*sorted(LOOPBACK - {"::1"}), "[::1]:8000", "localhost:1"])
def test_names_of_this_machine_are_taken(serving: Serving, host: str) -> None:
    with serving() as client:
        assert client.get("/healthz", headers={"host": host}).status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example"},
        {"origin": "http://127.0.0.1:1"},
        {"origin": "null"},
        {"origin": "http://["},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
    ],
)
def test_pages_of_others_cannot_write(probing: Serving, headers: dict[str, str]) -> None:
    with probing() as client:
        a_problem(client.post(ECHO, json={"text": "a"}, headers=headers), "cross_origin")
        assert client.get(BOUNDS, headers=headers).status_code == 200


def test_own_pages_can_write(probing: Serving) -> None:
    headers = {"origin": "http://127.0.0.1", "sec-fetch-site": "same-origin"}
    with probing() as client:
        assert client.post(ECHO, json={"text": "a"}, headers=headers).status_code == 200


def test_request_ids_are_taken_over_where_they_are_well_formed(serving: Serving) -> None:
    with serving() as client:
        given = client.get("/healthz", headers={"x-request-id": "Abc-123_4.5"})
        assert given.headers["x-request-id"] == "Abc-123_4.5"
        made = set()
        for bad in ("short", "a" * 65, "with space!", "中文中文中文".encode()):
            response = client.get("/healthz", headers=[(b"x-request-id", _bytes(bad))])
            made.add(response.headers["x-request-id"])
            assert len(response.headers["x-request-id"]) == 32
        assert len(made) == 4


@pytest.mark.parametrize("address", ["/healthz", "/nothing", "/docs", "/api/v1/probe/fails"])
def test_every_answer_is_kept_in_its_place(probing: Serving, address: str) -> None:
    with probing() as client:
        headers = client.get(address).headers
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "no-referrer"
    assert "default-src 'none'" in headers["content-security-policy"]
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["cache-control"] == "no-store"


def test_a_request_is_one_line_of_the_log_without_what_was_asked(probing: Serving) -> None:
    with probing() as client, structlog.testing.capture_logs() as lines:
        response = client.get(f"{BOUNDS}?q=secret", headers={"x-request-id": "request-1"})
    (line,) = [line for line in lines if line["event"] == "request"]
    assert response.status_code == 200
    assert (line["method"], line["route"], line["status"]) == ("GET", BOUNDS, 200)
    assert line["path"] == BOUNDS
    assert line["bytes"] == len(response.content)
    assert line["ms"] >= 0
    assert "secret" not in json.dumps(line)


def test_requests_are_counted_by_route_never_by_what_was_asked(probing: Serving) -> None:
    with probing() as client:
        for id_ in ("a", "b"):
            client.get(f"/api/v1/probe/tagged/{id_}")
        client.get("/api/v1/unheard-of")
        client.request("BREW", "/healthz")
        text = client.get("/metrics").text
    route = 'route="/api/v1/probe/tagged/{id:path}"'
    assert f'jiebang_requests_total{{method="GET",{route},status="200"}} 2.0' in text
    assert 'jiebang_requests_total{method="GET",route="unmatched",status="404"} 1.0' in text
    assert 'method="other"' in text
    assert "unheard-of" not in text
    assert "BREW" not in text


@pytest.mark.parametrize(
    "address",
    ["/healthz", "/openapi.json", "/problems/busy", "/api/v1/statistics", "/api/v1/nodes?limit=3",
     "/api/v1/nodes/nothing", "/api/v1/nothing", "/api/v1/nodes?x=1"],
)  # fmt: skip
def test_head_is_get_without_the_body(serving: Serving, address: str) -> None:
    with serving() as client:
        whole, bare = client.get(address), client.head(address)
    assert (bare.status_code, bare.content) == (whole.status_code, b"")
    changing = {"x-request-id"}
    assert {name: value for name, value in bare.headers.items() if name not in changing} == {
        name: value for name, value in whole.headers.items() if name not in changing
    }


def test_head_of_what_only_takes_a_body(serving: Serving) -> None:
    with serving() as client, structlog.testing.capture_logs() as logged:
        refused = client.head("/api/v1/match")
        assert (refused.status_code, refused.content) == (405, b"")
        assert refused.headers["allow"] == "POST"
        assert client.post("/api/v1/statistics").headers["allow"] == "GET, HEAD"
    (line,) = [line for line in logged if line.get("method") == "HEAD"]
    assert (line["path"], line["status"], line["bytes"]) == ("/api/v1/match", 405, 0)


@pytest.mark.parametrize(
    ("address", "twice"),
    [
        ("search?q=甲&q=乙", ["q"]),
        ("search?q=甲&q=甲", ["q"]),
        ("nodes?limit=1&limit=2&cursor=a&cursor=a", ["cursor", "limit"]),
        ("paths?from=a&to=b&to=c", ["to"]),
        ("nodes?limit=1&limit=2&x=1", ["limit", "x"]),
    ],
)
def test_what_is_one_is_given_once(serving: Serving, address: str, twice: list[str]) -> None:
    with serving() as client:
        body = a_problem(client.get(f"/api/v1/{address}"), "input")
    assert [error["field"] for error in body["errors"]] == twice
    assert {error["message"] for error in body["errors"] if error["field"] != "x"} == {"只能给一次"}


def test_what_may_be_many_is_given_many_times(serving: Serving) -> None:
    with serving() as client:
        for address in ("nodes?label=Demand&label=Result", "search?q=甲&kind=高校&kind=科研院所"):
            assert client.get(f"/api/v1/{address}").status_code == 200, address


def _bytes(value: Any) -> bytes:
    return value if isinstance(value, bytes) else value.encode()
