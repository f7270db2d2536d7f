"""The real server: its socket, its start, its end, and clients that do not behave."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest

from api.http.server import is_loopback, listen
from graph_service.errors import InputError
from tests.http.conftest import a_problem

#: A program that serves the routes of ``probe`` as ``jiebang serve`` serves the product's.
PROBE = """
import functools, sys
from api.bootstrap import services
from api.http import server
from tests.http.probe import Probe
probe = Probe()
probe.open.set()
server.create_app = functools.partial(server.create_app, routers=probe.routers)
with services(sys.argv[1]) as made:
    listening = server.listen("127.0.0.1", 0)
    server.serve(made, listening, started=lambda address: print(address, flush=True))
"""
ECHO = "/api/v1/probe/echo"


class Running:
    """A server of its own process, and what it logged."""

    def __init__(self, process: subprocess.Popen[str], address: str, log: Path) -> None:
        self.process = process
        self.address = address
        self.log = log

    @property
    def port(self) -> int:
        return int(self.address.rpartition(":")[2])

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in self.log.read_text().splitlines()]

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", self.port), timeout=60)

    def end(self) -> int:
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


@contextmanager
def _running(folder: Path, command: list[str], **settings: object) -> Iterator[Running]:
    env = {key: value for key, value in os.environ.items() if not key.startswith("JIEBANG_")}
    env |= {f"JIEBANG_{key.upper()}": str(value) for key, value in settings.items()}
    env["JIEBANG_MODEL"] = "hashing"
    log = folder / "log"
    with (
        log.open("w") as errors,
        subprocess.Popen(
            [sys.executable, *command],
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            env=env,
            cwd=Path(__file__).parents[2],
        ) as process,
    ):
        assert process.stdout is not None
        try:
            told = process.stdout.readline()
            assert "http://" in told, log.read_text()
            address = "http" + told.partition("http")[2].partition("（")[0].strip()
            yield Running(process, address, log)
        finally:
            process.kill()


@contextmanager
def _probing(folder: Path, **settings: object) -> Iterator[Running]:
    with _running(folder, ["-c", PROBE, str(folder / "store")], **settings) as running:
        yield running


def _head(length: int | None, path: str = ECHO) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    return (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{size}\r\n"
        "Content-Type: application/json\r\n\r\n"
    ).encode()


def _answer(connection: socket.socket) -> httpx.Response:
    """The answer on a connection that the server closes or has answered whole."""
    got = b""
    while b"\r\n\r\n" not in got:
        got += connection.recv(65536) or _ended(got)
    head, _, body = got.partition(b"\r\n\r\n")
    status, *lines = head.decode().split("\r\n")
    headers = [tuple(line.split(": ", 1)) for line in lines]
    length = int(dict(headers)["content-length"])
    while len(body) < length:
        body += connection.recv(65536) or _ended(got)
    return httpx.Response(int(status.split()[1]), headers=headers, content=body)


def _ended(got: bytes) -> bytes:
    raise AssertionError(f"the server closed the connection after {got!r}")


def test_serve_says_where_it_listens_and_why_there_and_ends_in_peace(tmp_path: Path) -> None:
    command = ["-m", "api.cli", "serve", "--port", "0", "--store", str(tmp_path / "store")]
    with _running(tmp_path, command) as running:
        assert running.process.stdout is not None
        assert "只有本机能访问" in running.process.stdout.readline()
        new = running.process.stdout.readline()
        assert f"{tmp_path / 'store'} 原来没有图谱库，现在新建了一个，里面是空的" in new
        assert f"jiebang load 文件 --store {tmp_path / 'store'}" in new
        end = time.monotonic() + 60
        while httpx.get(f"{running.address}/readyz").status_code != 200:
            assert time.monotonic() < end, running.log.read_text()
            time.sleep(0.1)
        response = httpx.get(f"{running.address}/healthz")
        assert response.json() == {"status": "alive"}
        assert "server" not in response.headers
        taken = subprocess.run(
            [sys.executable, *command[:4], str(running.port), *command[5:], "--no-worker"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert taken.returncode == 2
        assert f"端口 {running.port}" in taken.stderr
        assert "--port 0" in taken.stderr
        assert running.end() == 0
        (line,) = [
            line
            for line in running.lines()
            if line["event"] == "request" and line["path"] == "/healthz"
        ]
        assert line["request_id"] == response.headers["x-request-id"]
        assert line["level"] == "info"


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", ""])
def test_addresses_that_others_reach_need_a_word(host: str) -> None:
    with pytest.raises(InputError, match="还没有账号") as caught:
        listen(host, 0)
    assert "--insecure" in caught.value.hint


def test_addresses_that_cannot_be_had() -> None:
    with pytest.raises(InputError, match="不是本机的地址"):
        listen("192.0.2.7", 0, insecure=True)
    with listen("127.0.0.1", 0) as taken, pytest.raises(InputError, match="端口已被占用"):
        listen("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(InputError, match="不是可用的地址"):
        listen("no such host", 0, insecure=True)


def test_loopback() -> None:
    assert all(map(is_loopback, ("127.0.0.1", "127.8.9.1", "::1", "localhost")))
    assert not any(map(is_loopback, ("0.0.0.0", "example.org", "::", "")))
    with listen("127.0.0.1", 0) as made:
        assert made.getsockname()[1] > 0


def test_clients_that_do_not_behave(tmp_path: Path) -> None:
    with _probing(tmp_path, body_seconds=1, body_bytes=1000) as running:
        with running.connect() as slow, running.connect() as silent:
            slow.sendall(_head(20) + b'{"text"')
            silent.sendall(_head(None))
            for connection in (slow, silent):
                a_problem(_answer(connection), "slow_body")
        with running.connect() as large:
            large.sendall(_head(10**12))
            refused = _answer(large)  # before a byte of the body was sent
            a_problem(refused, "body_too_large")
            assert refused.headers["connection"] == "close"
            assert large.recv(100) == b""
        with running.connect() as endless:
            endless.sendall(_head(None) + b"400\r\n" + b"a" * 1024 + b"\r\n")
            a_problem(_answer(endless), "body_too_large")
        with running.connect() as gone:
            gone.sendall(_head(500) + b'{"text"')
        with running.connect() as twice:
            twice.sendall(_head(14).replace(b"\r\n\r\n", b"\r\nHost: evil\r\n\r\n"))
            a_problem(_answer(twice), "malformed")
        for unreadable in (
            _head(4).replace(b"\r\n\r\n", b"\r\nContent-Length: 9\r\n\r\n"),
            _head(4).replace(b"\r\n\r\n", b"\r\nTransfer-Encoding: chunked\r\n\r\n"),
            _head(4).replace(b"HTTP/1.1", b"HTTP/9.9"),
            b"\x16\x03\x01 not http\r\n\r\n",
            "GET /节点 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode(),
        ):
            with running.connect() as noise:
                noise.sendall(unreadable)
                a_problem(_answer(noise), "malformed")
        for headers in ([b"X-A: " + b"a" * 20_000] * 8, [b"X-A: " + b"a" * 400_000]):
            with running.connect() as long:
                long.sendall(_head(4)[:-2])
                with suppress(OSError):  # hung up before all was sent
                    for header in headers:
                        long.sendall(header + b"\r\n")
                        time.sleep(0.1)
                a_problem(_answer(long), "head_too_large")
        with (
            pytest.raises(httpx.RemoteProtocolError),
            httpx.stream("GET", f"{running.address}/api/v1/probe/breaks") as broken,
        ):
            broken.read()
        answer = httpx.post(running.address + ECHO, json={"text": "abc"})
        assert answer.json() == {"length": 3, "top": 3}
        assert running.end() == 0
        assert not [line for line in running.lines() if line["event"] == "unexpected"
                    and line["path"] != "/api/v1/probe/breaks"]  # fmt: skip


def test_heads_that_do_not_come(tmp_path: Path) -> None:
    with (
        _probing(tmp_path, body_seconds=1) as running,
        running.connect() as slow,
        running.connect() as silent,
    ):
        slow.sendall(_head(4)[:-4])
        a_problem(_answer(slow), "slow_body")
        assert silent.recv(10) == b""
        with running.connect() as kept:  # a connection that is kept has the time anew
            for _ in range(2):
                kept.sendall(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
                assert _answer(kept).status_code == 200


def test_a_head_that_does_not_come_stays_out_of_the_answer_before(tmp_path: Path) -> None:
    with _probing(tmp_path, body_seconds=1) as running, running.connect() as hasty:
        hasty.sendall(b"GET /api/v1/probe/slow?seconds=2.5 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\nG")
        assert _answer(hasty).json() == {"slept": 2.5}
        a_problem(_answer(hasty), "slow_body")


def _in_flight(running: Running, count: int) -> None:
    """Wait until so many requests are being answered."""
    for _ in _patiently():
        text = httpx.get(f"{running.address}/metrics").text
        if f"\njiebang_requests_running {count + 1}.0\n" in text:  # it counts itself
            return


def _patiently() -> Iterator[None]:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        yield
        time.sleep(0.05)
    raise AssertionError("it did not come to pass")


def test_what_is_under_way_is_answered_before_the_end(tmp_path: Path) -> None:
    with (
        _probing(tmp_path, body_seconds=60, drain_seconds=60) as running,
        running.connect() as half,
        ThreadPoolExecutor(1) as threads,
    ):
        slow = f"{running.address}/api/v1/probe/slow?seconds=3"
        half.sendall(_head(15) + b'{"text"')
        _in_flight(running, 1)
        asked = threads.submit(httpx.get, slow, timeout=60)
        _in_flight(running, 2)
        running.process.send_signal(signal.SIGTERM)
        with pytest.raises(OSError):  # noqa: PT011, PT012 - refused, once it has heard
            for _ in _patiently():
                running.connect().close()
        assert running.process.poll() is None
        half.sendall(b': "abc"}')
        assert _answer(half).json()["length"] == 3
        assert asked.result().json() == {"slept": 3.0}
        assert running.process.wait(60) == 0
        assert [line["event"] for line in running.lines()][-1] == "stopped"


def test_the_end_does_not_wait_for_ever(tmp_path: Path) -> None:
    with (
        _probing(tmp_path, body_seconds=600, drain_seconds=1) as running,
        running.connect() as half,
    ):
        half.sendall(_head(15) + b'{"text"')
        _in_flight(running, 1)
        running.process.send_signal(signal.SIGTERM)
        assert running.process.wait(60) == 0


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_asked_twice_it_ends_at_once(tmp_path: Path, sent: signal.Signals) -> None:
    with (
        _probing(tmp_path, drain_seconds=600) as running,
        ThreadPoolExecutor(1) as threads,
    ):
        slow = f"{running.address}/api/v1/probe/slow?seconds=300"
        asked = threads.submit(httpx.get, slow, timeout=60)
        _in_flight(running, 1)
        running.process.send_signal(signal.SIGTERM)
        with pytest.raises(OSError):  # noqa: PT011, PT012 - refused: it drains
            for _ in _patiently():
                running.connect().close()
        assert running.process.poll() is None
        running.process.send_signal(sent)
        assert running.process.wait(30) == 128 + sent
        with pytest.raises(httpx.RemoteProtocolError):
            asked.result()


def test_a_stream_that_nobody_reads_any_more_makes_room(tmp_path: Path) -> None:
    store = tmp_path / "store"
    command = ["-m", "api.cli", "serve", "--port", "0", "--no-worker", "--store", str(store)]

    def open_streams(running: Running) -> str:
        metrics = httpx.get(f"{running.address}/metrics").text
        return next(line for line in metrics.splitlines() if line.startswith("jiebang_streams"))

    def wait_for(running: Running, count: int) -> None:
        for _ in _patiently():
            if open_streams(running) == f"jiebang_streams_open {count}.0":
                return

    with _running(tmp_path, command) as running:
        jobs = f"{running.address}/api/v1/jobs"
        job = httpx.post(jobs, json={"kind": "embed"}).json()["id"]
        with httpx.stream("GET", f"{jobs}/{job}/events") as followed:
            lines = followed.iter_lines()
            assert next(lines) == "event: progress"
            wait_for(running, 1)
        wait_for(running, 0)
        head = httpx.head(f"{jobs}/{job}/events")
        assert head.status_code == 200
        assert head.headers["content-type"].startswith("text/event-stream")
        wait_for(running, 0)
        assert running.end() == 0
        assert not [line for line in running.lines() if line["event"] == "unexpected"]
    with _running(tmp_path, command) as again:
        assert again.process.stdout is not None
        again.end()
        assert "原来没有图谱库" not in again.process.stdout.read()
