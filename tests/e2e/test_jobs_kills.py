"""Workers that are killed, stopped, or many: no job is run twice at once, none stays half done."""

import errno
import io
import json
import os
import random
import re
import shutil
import signal
import subprocess
import threading
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from api.bootstrap import Services
from api.jobs.params import validated
from api.jobs.runners import RUNNERS
from api.jobs.supervise import Supervisor
from api.jobs.work import Done, Work
from api.jobs.worker import Worker
from api.settings import load_settings
from graph_service.jobs.model import MOST_LOST, Job, State
from graph_service.model import EVERYONE
from graph_service.store import open_store
from tests.e2e.store_faults import answers, command, environment, write_rows

LEASE = 2
ROWS = 4_000
KILLS = [
    pytest.param(1, id="1"),
    pytest.param(20, id="20", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
]


def opened(folder: Path) -> Services:
    return Services(
        load_settings(
            {
                "store": str(folder / "store"),
                "model": "hashing",
                "cache": folder / "cache",
                "lease_seconds": LEASE,
            }
        )
    )


def submit(made: Services, kind: str, params: dict[str, Any]) -> Job:
    checked = validated(kind, params).model_dump(mode="json", exclude_none=True)
    return made.jobs.submit(kind, checked, viewer=EVERYONE)


@contextmanager
def process(folder: Path, *words: str, **options: Any) -> Iterator[subprocess.Popen[str]]:
    more = {"JIEBANG_LEASE_SECONDS": str(LEASE), "JIEBANG_CACHE": str(folder / "cache")}
    with subprocess.Popen(
        command("worker", "--store", folder / "store", *words),
        env=environment() | more,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    ) as worker:
        try:
            yield worker
        finally:
            worker.kill()


def until(told: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not told():
        assert time.monotonic() < end, "it does not come to be"
        time.sleep(0.005)


def state(made: Services, job: Job) -> State:
    return made.jobs.get(job.id, viewer=EVERYONE).state


def begun(made: Services, job: Job, attempt: int = 1) -> bool:
    return made.jobs.get(job.id, viewer=EVERYONE).attempt == attempt


# --- a kill in the middle of each kind ------------------------------------------------------------


def task() -> bytes:
    words = ["轴承", "钢材", "冲击", "韧性", "电机", "密封"]
    corpus = [
        {"_id": f"d{n}", "title": words[n % 6], "text": " ".join(words[n % 5 :])}
        for n in range(1000)
    ]
    queries = [{"_id": f"q{n}", "text": words[n % 6]} for n in range(60)]
    qrels = "query-id\tcorpus-id\tscore\n" + "".join(f"q{n}\td{n}\t1\n" for n in range(60))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, rows in (("corpus", corpus), ("queries", queries)):
            lines = "".join(json.dumps(row) + "\n" for row in rows)
            archive.writestr(f"{name}.jsonl", lines)
        archive.writestr("qrels/test.tsv", qrels)
    return packed.getvalue()


def organisations() -> str:
    chance = random.Random(7)
    marks = "甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉戌亥"
    lines = {"".join(chance.choices(marks, k=3)) for _ in range(1200)}
    forms = ("精密传动有限公司", "精密传动股份有限公司")
    names = [f"虚构{line}{form}" for line in sorted(lines) for form in forms]
    return "企业名称\n" + "\n".join(names) + "\n"


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``empty``: uploads alone; ``rows``: a loaded graph without vectors; ``full``: with them."""
    folder = tmp_path_factory.mktemp("jobs")
    with opened(folder / "empty") as made:
        rows = write_rows(folder / "rows.jsonl", ROWS).read_bytes()
        ids = {
            name: made.files.receive(name, [content], most=10**9, viewer=EVERYONE).id
            for name, content in (
                ("rows.jsonl", rows),
                ("task.zip", task()),
                ("企业名录.csv", organisations().encode()),
            )
        }
        made.store.stats()
    (folder / "ids.json").write_text(json.dumps(ids))
    for before, after, loads in (
        ("empty", "rows", [{"uploads": [ids["rows.jsonl"], ids["企业名录.csv"]], "embed": False}]),
        ("rows", "full", []),
    ):
        shutil.copytree(folder / before, folder / after)
        with opened(folder / after) as made:
            for params in loads:
                submit(made, "load", params)
            if after == "full":
                submit(made, "embed", {})
            while Worker(made).run_one():
                pass
    return folder


CASES: dict[str, tuple[str, Callable[[dict[str, str]], dict[str, Any]]]] = {
    "load": ("empty", lambda ids: {"uploads": [ids["rows.jsonl"], ids["企业名录.csv"]]}),
    "embed": ("rows", lambda _: {}),
    "reindex": ("full", lambda _: {}),
    "match": (
        "full",
        lambda _: {
            "subject": "demand",
            "ids": [f"d{n}" for n in range(240) if n % 4 != 3],
            "to": "demands",
            "recipe": "bm25",
            "top": 3,
        },
    ),
    "export": ("rows", lambda _: {"format": "xlsx"}),
    "evaluate": ("empty", lambda ids: {"upload": ids["task.zip"], "recipes": ["bm25", "rrf"]}),
    "resolve": ("rows", lambda _: {}),
}


def outcome(made: Services, job: Job) -> tuple[Any, ...]:
    """What came of a job, without what differs from run to run: times, and of a load what had been
    written before."""

    def steady(value: Any) -> Any:
        if isinstance(value, dict):
            apart = {"seconds", "took_ms", "nodes", "edges", "bare", "texts", "new"}
            return {k: steady(v) for k, v in value.items() if k not in apart}
        return [steady(each) for each in value] if isinstance(value, list) else value

    ended = made.jobs.get(job.id, viewer=EVERYONE)
    files = {}
    for file in ended.files:
        path = made.files.job_file(job.id, file["name"])
        if path.suffix == ".jsonl":
            files[path.name] = [steady(json.loads(line)) for line in path.read_text().splitlines()]
        else:
            files[path.name] = [path.name]
    pairs = sorted(record.id for record in made.store.query("resolution", limit=10_000).records)
    return ended.state, ended.error, steady(ended.result), files, pairs, answers(made.store)


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.parametrize("kind", CASES)
def test_a_job_whose_worker_is_killed_ends_as_without_embedded(
    kind: str, kills: int, prepared: Path, tmp_path: Path
) -> None:
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    start, params = CASES[kind]
    ids = json.loads((prepared / "ids.json").read_text())
    shutil.copytree(prepared / start, tmp_path / "whole")
    with opened(tmp_path / "whole") as made:
        job = submit(made, kind, params(ids))
        began = time.perf_counter()
        Worker(made).run_one()
        longest = time.perf_counter() - began
        wanted = outcome(made, job)
    assert wanted[0] is State.SUCCEEDED
    killed = 0
    while killed < kills:
        folder = tmp_path / "killed"
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(prepared / start, folder)
        with opened(folder) as made:
            job = submit(made, kind, params(ids))
            with process(folder) as worker:
                until(partial(begun, made, job))
                time.sleep(chance.uniform(0, 0.7 * longest))
                worker.send_signal(signal.SIGKILL)
                worker.wait()
            left = made.jobs.get(job.id, viewer=EVERYONE)
            if left.state is State.RUNNING:
                killed += 1
                assert left.files == ()
                again = Worker(made)
                until(again.run_one)
                ended = made.jobs.get(job.id, viewer=EVERYONE)
                assert (ended.attempt, ended.lost) == (2, 1)
            else:
                longest *= 0.8
            assert outcome(made, job) == wanted
            assert made.store.count("job_open") == 0


def test_a_job_that_takes_its_worker_down_three_times_is_broken_embedded(
    prepared: Path, tmp_path: Path
) -> None:
    shutil.copytree(prepared / "full", tmp_path / "full")
    with opened(tmp_path / "full") as made:
        everything = {"subject": "demand", "to": "demands", "recipe": "bm25"}
        job = submit(made, "match", everything)
        for attempt in range(1, MOST_LOST + 1):
            with process(tmp_path / "full") as worker:
                until(partial(begun, made, job, attempt))
                worker.send_signal(signal.SIGKILL)
        until(lambda: not Worker(made).run_one() and state(made, job).ended)
        broken = made.jobs.get(job.id, viewer=EVERYONE)
        assert (broken.state, broken.attempt) == (State.BROKEN, MOST_LOST)
        assert broken.error is not None
        assert broken.error["code"] == "job_broken"
        assert made.store.count("job_open") == 0


# --- many workers --------------------------------------------------------------------------------


def test_threads_never_run_one_job_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: Counter[str] = Counter()
    lock = threading.Lock()

    def count(work: Work, params: Any) -> Done:
        with lock:
            ran[params.ids[0]] += 1
        work.watched.start("数")
        return Done({})

    monkeypatch.setitem(RUNNERS, "match", count)  # type: ignore[arg-type]
    with opened(tmp_path) as made:
        ids = [f"d{n}" for n in range(120)]
        for id_ in ids:
            submit(made, "match", {"subject": "demand", "ids": [id_], "to": "results"})
        workers = [Worker(made, poll=0.01) for _ in range(6)]
        threads = [threading.Thread(target=worker.run) for worker in workers]
        for thread in threads:
            thread.start()
        until(lambda: made.store.count("job_open") == 0)
        for worker in workers:
            worker.stop()
        for thread in threads:
            thread.join()
        assert ran == Counter(ids)
        assert {job.attempt for job in made.jobs.page(limit=200, viewer=EVERYONE).jobs} == {1}


def test_processes_never_run_one_job_twice_embedded(prepared: Path, tmp_path: Path) -> None:
    shutil.copytree(prepared / "full", tmp_path / "full")
    with opened(tmp_path / "full") as made:
        once = {"subject": "demand", "ids": ["d0"], "to": "demands", "recipe": "bm25"}
        jobs = [submit(made, "match", once) for _ in range(30)]
        with (
            process(tmp_path / "full", "--once") as one,
            process(tmp_path / "full", "--once") as two,
        ):
            told = [worker.communicate()[1] for worker in (one, two)]
        assert (one.returncode, two.returncode) == (0, 0), told
        first = Counter(
            id_ for text in told for id_ in re.findall(r"任务 (\S+?)（match）开始第", text)
        )
        assert first == Counter(job.id for job in jobs)
        for job in jobs:
            ended = made.jobs.get(job.id, viewer=EVERYONE)
            assert (ended.state, ended.attempt) == (State.SUCCEEDED, 1)


# --- stopping ------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", ["SIGTERM", "end of input"])
def test_a_worker_that_is_told_to_stop_hands_its_job_back_embedded(
    how: str, prepared: Path, tmp_path: Path
) -> None:
    shutil.copytree(prepared / "full", tmp_path / "full")
    with opened(tmp_path / "full") as made:
        job = submit(made, "match", {"subject": "demand", "to": "demands", "recipe": "bm25"})
        words = ["--child"] if how == "end of input" else []
        with process(tmp_path / "full", *words, stdin=subprocess.PIPE) as worker:
            until(lambda: made.jobs.get(job.id, viewer=EVERYONE).standing.done > 0)
            if words:
                assert worker.stdin is not None
                worker.stdin.close()
            else:
                worker.send_signal(signal.SIGTERM)
            assert worker.wait(20) == 0
            assert worker.stderr is not None
            assert "Traceback" not in worker.stderr.read()
        left = made.jobs.get(job.id, viewer=EVERYONE)
        assert (left.state, left.attempt, left.lost) == (State.QUEUED, 1, 0)


def test_a_supervised_worker_is_started_again_and_ends_with_its_parent_embedded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("api.jobs.supervise._FIRST", 0.05)
    start = subprocess.Popen

    def at_first_refused(*given: Any, **more: Any) -> Any:
        monkeypatch.setattr(subprocess, "Popen", start)
        raise OSError(errno.EAGAIN, "no process to be had")

    monkeypatch.setattr(subprocess, "Popen", at_first_refused)
    with open_store(str(tmp_path / "store")):
        pass
    with Supervisor(str(tmp_path / "store")) as supervisor:
        until(lambda: supervisor.alive)
        assert supervisor._child is not None
        first = supervisor._child.pid
        os.kill(first, signal.SIGKILL)
        until(lambda: supervisor.alive and supervisor._child.pid != first)
        child = supervisor._child
        with opened(tmp_path) as made:
            job = made.jobs.submit("reindex", {}, viewer=EVERYONE)
            until(lambda: state(made, job).ended)
            assert state(made, job) is State.SUCCEEDED
    assert child.poll() == 0
    assert not supervisor.alive
