"""SIGKILL of the running service in the middle of jobs: nothing that it answered is lost.

Each round uploads rows and has them loaded, matched and exported, uploading small files all the
while, until the kill strikes: server and worker together, or the server alone, whose worker must
then end by itself. Then the store and the folder of files are looked at as they lie; a server
started on them brings every job to its end; and every request sent again under its key is
answered as the first time.
"""

import hashlib
import itertools
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import orjson
import pytest

from graph_service.store import open_store
from tests.e2e.store_faults import missing_rows, write_rows
from tests.http.running import Service, running, wait_for

#: Rows of a round; of them the first so many are matched.
ROWS, MATCHED = 4_000, 12
KILLS = [
    pytest.param(2, id="2"),  # with its worker, then alone
    pytest.param(20, id="20", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
]


@dataclass
class Write:
    """A write under a key, and what it was answered: None where the kill came before."""

    path: str
    key: str
    options: dict[str, Any]
    answer: httpx.Response | None = None

    def send(self, client: httpx.Client) -> httpx.Response:
        return client.post(self.path, headers={"Idempotency-Key": self.key}, **self.options)


@dataclass
class Round:
    """What was asked and what was told in a round.

    ``before`` is the first row of what is loaded for certain: a kill may come before a load is even
    asked for, and a lost job is taken up when its lease has ended, after those that waited behind
    it.
    """

    number: int
    rows: Path
    before: int = 0
    writes: list[Write] = field(default_factory=list)
    loaded: int = 0
    jobs: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def first(self) -> int:
        return self.number * ROWS

    @property
    def loads(self) -> bool:
        """Whether its rows were asked to be loaded, as far as anybody was told."""
        return any(job["kind"] == "load" for job in self.jobs.values())

    def write(self, client: httpx.Client, path: str, **options: Any) -> dict[str, Any]:
        """Send a write and keep what it was answered."""
        one = Write(path, f"{self.number}-{len(self.writes)}", options)
        self.writes.append(one)
        answer = one.send(client)
        assert answer.is_success, answer.text
        one.answer = answer
        told: dict[str, Any] = answer.json()
        return told

    def submit(self, client: httpx.Client, kind: str, **params: Any) -> None:
        told = self.write(client, "jobs", json={"kind": kind, "params": params})
        self.jobs[told["id"]] = told

    def drive(self, client: httpx.Client) -> None:
        """Ask for everything, and follow it to the end."""
        content = self.rows.read_bytes()
        upload = self.write(client, "uploads", params={"name": self.rows.name}, content=content)
        self.submit(client, "load", uploads=[upload["id"]])
        ids = [f"d{self.before + 4 * number}" for number in range(MATCHED)]
        asked = {"subject": "demand", "to": "demands", "recipe": "bm25", "top": 3}
        self.submit(client, "match", ids=ids, **asked)
        self.submit(client, "export", format="jsonl")
        for number in itertools.count():
            for id_, known in self.jobs.items():
                if known["ended_at"] is None:
                    self.told(id_, client.get(f"jobs/{id_}").json())
            if all(job["ended_at"] for job in self.jobs.values()):
                return
            name = f"{self.number}-{number}.csv"
            self.write(client, "uploads", params={"name": name}, content=f"名称\n{number}\n")
            time.sleep(0.05)

    def told(self, id_: str, job: dict[str, Any]) -> None:
        self.jobs[id_] = job
        if job["kind"] == "load" and job["progress"]["phase"] == self.rows.name:
            self.loaded = max(self.loaded, job["progress"]["done"])
        if job["kind"] == "load" and job["state"] == "succeeded":
            self.loaded = ROWS

    def drive_until_killed(self, service: Service, moment: float, worker: bool) -> bool:
        """As ``drive``, with a kill after some seconds; False where all was over before."""
        timer = threading.Timer(moment, service.kill, kwargs={"worker": worker})
        timer.start()
        try:
            with service.client() as client:
                self.drive(client)
        except httpx.TransportError:
            timer.join()
            return True
        timer.cancel()
        timer.join()
        return service.process.poll() is not None


@pytest.mark.parametrize("kills", KILLS)
def test_a_kill_of_the_service_loses_nothing_it_answered(kills: int, tmp_path: Path) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    store, log = tmp_path / "store", tmp_path / "log"
    counts: Counter[str] = Counter()
    rounds = (
        Round(number, write_rows(tmp_path / f"rows{number}.jsonl", ROWS, number * ROWS))
        for number in itertools.count()
    )
    with running(store, log) as service, service.client() as client:
        began = time.perf_counter()
        before = next(rounds)
        before.drive(client)
        longest = time.perf_counter() - began
        _check_over(client, before)
    while counts["killed"] < kills:
        one = next(rounds)
        worker = one.number % 3 != 2
        with running(store, log) as service:
            with service.client() as client:
                _check_over(client, before)
            one.before = before.first if before.loads else before.before
            killed = one.drive_until_killed(service, chance.uniform(0, longest), worker)
            counts["killed"] += killed
            counts["with worker" if worker else "server alone"] += killed
        _wait_until_gone(service.process.pid)
        counts["acknowledged rows"] += one.loaded
        counts["writes unanswered"] += sum(write.answer is None for write in one.writes)
        _check_left(store, one)
        before = one
    with running(store, log) as service, service.client() as client:
        _check_over(client, before)
    print(dict(counts), f"a round takes {longest:.1f} s")
    assert "Traceback" not in log.read_text()


def _wait_until_gone(group: int) -> None:
    """A worker whose server was killed ends by itself."""
    until = time.monotonic() + 30
    while time.monotonic() < until:
        try:
            os.killpg(group, 0)
        except ProcessLookupError:
            return
        time.sleep(0.05)
    raise AssertionError("the worker outlives its server")


def _check_left(store: Path, one: Round) -> None:
    """What lies there after a kill, before anything mends it."""
    if not (store / "record.sqlite").exists():
        return
    with open_store(str(store), read_only=True) as opened:
        assert missing_rows(opened, one.loaded, one.first) == []
    digests = {}
    for folder in _whole(store / "files" / "uploads"):
        about = orjson.loads((folder / "about.json").read_bytes())
        digests[folder.name] = hashlib.sha256((folder / about["name"]).read_bytes()).hexdigest()
        assert digests[folder.name] == about["sha256"]
    for write in one.writes:
        if write.path == "uploads" and write.answer is not None:
            told = write.answer.json()
            assert digests[told["id"]] == told["sha256"]
    for folder in _whole(store / "files" / "jobs"):
        for path in folder.glob("*.jsonl"):
            _lines(path.read_bytes())
    for id_, job in one.jobs.items():
        for file in job["files"]:
            assert (store / "files" / "jobs" / id_ / file["name"]).stat().st_size == file["bytes"]


def _whole(folder: Path) -> Iterator[Path]:
    """What stands there under its own name."""
    for one in folder.iterdir() if folder.is_dir() else ():
        if not one.name.startswith("."):
            yield one


def _lines(content: bytes) -> list[Any]:
    return [orjson.loads(line) for line in content.splitlines()]


def _check_over(client: httpx.Client, one: Round) -> None:
    """Every write is answered as it was, and every job comes to its end."""
    for write in one.writes:
        _check_again(client, write, one)
    listed = client.get("jobs", params={"kind": "load", "limit": 200}).json()["jobs"]
    loads = Counter(job["params"]["uploads"][0] for job in listed)
    assert set(loads.values()) == {1}, "a request sent again made a second job"
    for id_, known in one.jobs.items():
        job = wait_for(client, id_)
        assert job["state"] == "succeeded", job
        if known["ended_at"] is not None:
            assert job == known
        _check_result(client, job, one)


def _check_again(client: httpx.Client, write: Write, one: Round) -> None:
    again = write.send(client)
    if write.answer is not None:
        assert again.headers["Idempotency-Replayed"] == "true"
        assert again.status_code == write.answer.status_code
        assert again.content == write.answer.content
    elif again.status_code == 409:  # its request died with the server: for a minute at most
        assert again.json()["code"] == "idempotency_running"
    else:
        assert again.is_success, again.text
        if write.path == "jobs":
            one.jobs[again.json()["id"]] = again.json()


def _check_result(client: httpx.Client, job: dict[str, Any], one: Round) -> None:
    contents = {}
    for file in job["files"]:
        answer = client.get(f"jobs/{job['id']}/files/{file['name']}")
        assert answer.status_code == 200
        assert len(answer.content) == file["bytes"]
        contents[file["name"]] = answer.content
    if job["kind"] == "match":
        assert len(_lines(contents["matches.jsonl"])) == MATCHED
    if job["kind"] == "export":
        nodes = {line.get("node") for line in _lines(contents["graph.jsonl"])}
        assert {f"d{one.before + row}" for row in range(0, ROWS, 4)} <= nodes
    if job["kind"] == "load":
        assert job["result"]["rows"] == ROWS
        assert client.get(f"nodes/d{one.first + ROWS - 2}").status_code == 200
