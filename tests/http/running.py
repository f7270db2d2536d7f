"""What the tests of the running service share: ``jiebang serve`` as a process group of its own."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from tests.e2e.store_faults import PROGRAM, environment

READY_SECONDS = 60
ADDRESS = re.compile(r"http://127\.0\.0\.1:\d+")
SETTINGS = {"RATE": "0", "LEASE_SECONDS": "2"}
ENDED = {"succeeded", "failed", "cancelled", "broken"}


@dataclass(frozen=True)
class Program:
    """``jiebang``, and where it runs."""

    command: Sequence[str]
    environment: Mapping[str, str]
    cwd: Path | None = None


@dataclass(frozen=True)
class Service:
    """A running server with its worker, the two in one process group.

    Attributes:
        log: what it wrote to standard error.
    """

    process: subprocess.Popen[str]
    address: str
    log: Path

    def client(self) -> httpx.Client:
        """For ``/api/v1``. A connection for each request: an open one that has been idle for some
        seconds may be closed by the server at the very moment in which it is used again."""
        limits = httpx.Limits(max_keepalive_connections=0)
        return httpx.Client(base_url=f"{self.address}/api/v1/", timeout=60, limits=limits)

    def kill(self, *, worker: bool = True) -> None:
        """SIGKILL, to the worker too or to the server alone."""
        if worker:
            os.killpg(self.process.pid, signal.SIGKILL)
        else:
            self.process.kill()
        self.process.wait()


@contextmanager
def running(
    store: Path, log: Path, *, program: Program | None = None, **settings: str
) -> Iterator[Service]:
    """A server that is ready; at the end it is stopped, by force if it must be.

    Args:
        store: what it serves.
        log: takes its standard error, after what stands there.
        program: what to run; the checkout's with the hashing encoder by default.
        settings: by their names without the prefix; no rate otherwise.
    """
    given = {f"JIEBANG_{name}": value for name, value in {**SETTINGS, **settings}.items()}
    program = program or Program((str(PROGRAM),), environment())
    with (
        log.open("a") as errors,
        subprocess.Popen(
            [*program.command, "serve", "--port", "0", "--store", str(store)],
            env={**program.environment, **given},
            cwd=program.cwd,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,
        ) as process,
    ):
        try:
            assert process.stdout is not None
            found = ADDRESS.search(process.stdout.readline())
            assert found, log.read_text()[-4000:]
            service = Service(process, found[0], log)
            _wait_until_ready(service)
            yield service
        finally:
            _stop(process)


def _wait_until_ready(service: Service) -> None:
    last: Mapping[str, Any] = {}
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        answer = httpx.get(f"{service.address}/readyz", timeout=READY_SECONDS)
        if answer.status_code == 200:
            return
        last = answer.json()
        time.sleep(0.05)
    raise AssertionError(f"not ready: {last}\n{service.log.read_text()[-4000:]}")


def _stop(process: subprocess.Popen[str]) -> None:
    process.terminate()
    try:
        process.wait(20)
    except subprocess.TimeoutExpired:
        process.kill()
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)  # a worker that stayed


def wait_for(client: httpx.Client, job: str, seconds: float = 120) -> dict[str, Any]:
    """A job once it has ended."""
    until = time.monotonic() + seconds
    while (told := client.get(f"jobs/{job}").json())["state"] not in ENDED:
        assert time.monotonic() < until, told
        time.sleep(0.1)
    return dict(told)
