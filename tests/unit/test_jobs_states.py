"""Jobs through every order of events: one holder at a time, ends that stay, nothing left over."""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
)

from graph_service.errors import ConflictError, JobEndedError, NotFoundError
from graph_service.jobs.model import MOST_LOST, Job, Outcome, State
from graph_service.jobs.running import JobStoppedError, Running, Why
from graph_service.jobs.service import JOB, KEY, LOG, OPEN, Jobs
from graph_service.model import EVERYONE
from graph_service.store import open_store

LEASE = 30.0
KEEP = 500.0


class JobMachine(RuleBasedStateMachine):
    """Workers, people and time act on jobs in any order; a plain model says what must come of it.

    A worker that crashed is one whose ``Running`` is simply never called again.
    """

    ids = Bundle("ids")
    hands = Bundle("hands")

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = open_store(str(Path(self.folder.name) / "store"))
        self.now = 1_000_000.0
        self.count = 0
        self.jobs = Jobs(self.store, clock=lambda: self.now, new_id=self.new_id)
        self.model: dict[str, dict[str, Any]] = {}
        self.ends: dict[str, Job] = {}
        self.last: dict[str, tuple[int, int, int]] = {}

    def new_id(self, _now: float) -> str:
        self.count += 1
        return f"{self.count:06d}"

    def teardown(self) -> None:
        self.store.__exit__()
        self.folder.cleanup()

    def holds(self, running: Running) -> bool:
        known = self.model.get(running.job.id)
        return bool(known) and known["state"] == "running" and known["hand"] is running

    @rule(target=ids)
    def submit(self) -> str:
        job = self.jobs.submit("load", {"n": self.count}, viewer=EVERYONE)
        self.model[job.id] = {"state": "queued", "attempt": 0, "lost": 0, "cancel": False}
        return job.id

    @rule(target=hands, worker=st.sampled_from("ABC"))
    def claim(self, worker: str) -> Any:
        """The oldest that waits or was lost; what is found lost on the way is dealt with."""
        expected = None
        for id_, known in sorted(self.model.items()):
            if known["state"] == "running" and known["until"] <= self.now:
                known["lost"] += 1
                if known["cancel"]:
                    known["state"] = "cancelled"
                else:
                    known["state"] = "queued" if known["lost"] < MOST_LOST else "broken"
            if known["state"] == "queued":
                expected = id_
                break
        job = self.jobs.claim(worker, LEASE)
        assert (job and job.id) == expected
        if job is None:
            return multiple()
        running = Running(self.jobs, job, LEASE)
        known = self.model[job.id]
        known |= {
            "state": "running",
            "attempt": known["attempt"] + 1,
            "until": self.now + LEASE,
            "hand": running,
        }
        return running

    @rule(running=hands, count=st.integers(0, 5), phase=st.booleans())
    def work(self, running: Running, count: int, phase: bool) -> None:
        stopped = None
        try:
            if phase:
                running.start("阶段", 10)
            running.advance(count)
            running.say(f"做了 {count}")
        except JobStoppedError as error:
            stopped = error.why
        if self.holds(running) and not self.model[running.job.id]["cancel"]:
            assert stopped is None

    @rule(running=hands)
    def beat(self, running: Running) -> None:
        before = self.jobs_by_id()
        running.beat()
        if not self.holds(running):
            assert self.jobs_by_id() == before
            with pytest.raises(JobStoppedError):
                running.check()
            return
        known = self.model[running.job.id]
        after = self.jobs.get(running.job.id, viewer=EVERYONE)
        assert after.lease is not None
        known["until"] = after.lease.until
        assert after.lease.until >= self.now + LEASE / 2  # it never comes near its end
        if known["cancel"]:
            with pytest.raises(JobStoppedError):
                running.check()

    @rule(running=hands, state=st.sampled_from([State.SUCCEEDED, State.FAILED, State.CANCELLED]))
    def end(self, running: Running, state: State) -> None:
        held = self.holds(running)
        assert running.end(Outcome(state, result={"n": 1}), "完") == held
        if held:
            self.model[running.job.id]["state"] = state.value

    @rule(running=hands)
    def release(self, running: Running) -> None:
        held = self.holds(running)
        assert running.release() == held
        if held:
            known = self.model[running.job.id]
            known["state"] = "cancelled" if known["cancel"] else "queued"

    @rule(id_=ids)
    def cancel(self, id_: str) -> None:
        known = self.model.get(id_)
        if known is None:
            with pytest.raises(NotFoundError):
                self.jobs.cancel(id_, viewer=EVERYONE)
        elif known["state"] in {"succeeded", "failed", "broken"}:
            with pytest.raises(JobEndedError):
                self.jobs.cancel(id_, viewer=EVERYONE)
        else:
            self.jobs.cancel(id_, viewer=EVERYONE)
            if known["state"] == "queued":
                known["state"] = "cancelled"
            elif known["state"] == "running":
                known["cancel"] = True

    @rule(seconds=st.sampled_from([1.0, LEASE / 2, LEASE, KEEP]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    @rule()
    def prune(self) -> None:
        old = {
            id_ for id_, job in self.ends.items()
            if id_ in self.model and job.ended is not None and job.ended < self.now - KEEP
        }  # fmt: skip
        assert set(self.jobs.prune(KEEP)) == old
        for id_ in old:
            del self.model[id_], self.ends[id_]

    def jobs_by_id(self) -> dict[str, Job]:
        return {job.id: job for job in self.jobs.page(limit=10_000, viewer=EVERYONE).jobs}

    @invariant()
    def the_records_are_as_the_model(self) -> None:
        found = self.jobs_by_id()
        assert {
            id_: (job.state.value, job.attempt, job.lost, job.cancel) for id_, job in found.items()
        } == {
            id_: (known["state"], known["attempt"], known["lost"], known["cancel"])
            for id_, known in self.model.items()
        }
        tickets = {record.id for record in self.store.query(OPEN, limit=10_000).records}
        assert tickets == {id_ for id_, job in found.items() if not job.state.ended}
        logged = {record.id.partition(":")[0] for record in self.store.query(LOG).records}
        assert logged <= set(found)

    @invariant()
    def what_ended_stays_so(self) -> None:
        found = self.jobs_by_id()
        for id_, job in found.items():
            if job.state.ended:
                assert self.ends.setdefault(id_, job) == job
                assert job.ended is not None
                assert job.lease is None
                assert (job.error is not None) == (job.state is State.BROKEN)

    @invariant()
    def progress_never_falls_within_an_attempt(self) -> None:
        for id_, job in self.jobs_by_id().items():
            now = (job.attempt, job.standing.step, job.standing.done)
            assert now >= self.last.get(id_, (0, 0, 0))
            self.last[id_] = now


TestJobs = JobMachine.TestCase
TestJobs.settings = settings(max_examples=25, stateful_step_count=30)


@pytest.fixture
def now() -> list[float]:
    return [1_000_000.0]


@pytest.fixture
def jobs(tmp_path: Path, now: list[float]) -> Any:
    with open_store(str(tmp_path / "store")) as store:
        yield Jobs(store, clock=lambda: now[0])


def claim(jobs: Jobs, now: list[float], worker: str = "A") -> Running:
    job = jobs.claim(worker, LEASE)
    assert job is not None
    return Running(jobs, job, LEASE)


def test_a_job_lost_three_times_is_broken_and_says_so(jobs: Jobs, now: list[float]) -> None:
    job = jobs.submit("load", {}, viewer=EVERYONE)
    for _ in range(MOST_LOST):
        claim(jobs, now)
        now[0] += LEASE
    assert jobs.claim("B", LEASE) is None
    broken = jobs.get(job.id, viewer=EVERYONE)
    assert broken.state is State.BROKEN
    assert broken.error is not None
    assert set(broken.error) == {"code", "message", "hint"}
    assert broken.error["code"] == "job_broken"
    assert [line.text for line in jobs.log(job.id, viewer=EVERYONE).lines][-2:] == [
        "第 3 次执行中途断了：执行它的进程不再应答。",
        "不再重试。",
    ]


def test_what_a_worker_says_after_it_lost_the_job_is_refused(jobs: Jobs, now: list[float]) -> None:
    jobs.submit("load", {}, viewer=EVERYONE)
    first = claim(jobs, now)
    now[0] += LEASE
    second = claim(jobs, now, "B")
    first.say("迟了")
    first.beat()
    assert not first.end(Outcome(State.SUCCEEDED))
    with pytest.raises(JobStoppedError) as caught:
        first.advance()
    assert caught.value.why is Why.LOST
    assert second.end(Outcome(State.SUCCEEDED, result={"rows": 1}))
    job = jobs.get(second.job.id, viewer=EVERYONE)
    assert (job.state, job.attempt, job.result) == (State.SUCCEEDED, 2, {"rows": 1})
    assert "迟了" not in [line.text for line in jobs.log(job.id, viewer=EVERYONE).lines]


def test_a_log_keeps_its_newest_lines(
    jobs: Jobs, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_service.jobs.service.LOG_LINES", 20)
    jobs.submit("load", {}, viewer=EVERYONE)
    running = claim(jobs, now)
    for number in range(95):
        running.say(f"第 {number} 行 " + "长" * 2000)
        if number % 7 == 0:
            running.beat()
    running.end(Outcome(State.SUCCEEDED), "完成。")
    page = jobs.log(running.job.id, viewer=EVERYONE)
    assert [line.number for line in page.lines] == list(range(78, 98))
    assert page.lines[-1].text == "完成。"
    assert page.lines[-2].text.startswith("第 94 行")
    assert max(len(line.text) for line in page.lines) == 500


def test_a_log_is_read_in_pages_and_apart_from_its_neighbours(jobs: Jobs, now: list[float]) -> None:
    for _ in range(2):
        jobs.submit("load", {}, viewer=EVERYONE)
    one, two = claim(jobs, now), claim(jobs, now)
    for running in (one, two):
        for number in range(5):
            running.say(f"{running.job.id} {number}")
        running.beat()
    read: list[str] = []
    after, more = 0, True
    while more:
        page = jobs.log(one.job.id, after=after, limit=2, viewer=EVERYONE)
        read += [line.text for line in page.lines]
        after, more = page.after, page.more
    assert read == ["开始第 1 次执行。", *(f"{one.job.id} {n}" for n in range(5))]
    assert jobs.log(one.job.id, after=after, viewer=EVERYONE).lines == []


def test_pages_filter_by_state_and_kind(jobs: Jobs, now: list[float]) -> None:
    made = []
    for kind in ("load", "embed", "load"):
        made.append(jobs.submit(kind, {}, viewer=EVERYONE).id)
        now[0] += 1
    jobs.cancel(made[0], viewer=EVERYONE)
    assert [job.id for job in jobs.page(viewer=EVERYONE).jobs] == made[::-1]
    assert [job.id for job in jobs.page(kinds=["load"], viewer=EVERYONE).jobs] == [made[2], made[0]]
    assert [job.id for job in jobs.page(states=[State.CANCELLED], viewer=EVERYONE).jobs] == [
        made[0]
    ]
    waiting = [State.QUEUED, State.RUNNING]
    assert [job.id for job in jobs.page(states=waiting, viewer=EVERYONE).jobs] == made[:0:-1]
    newest = jobs.page(states=waiting, limit=1, viewer=EVERYONE)
    assert [job.id for job in newest.jobs] == [made[2]]
    rest = jobs.page(states=waiting, limit=1, after=newest.cursor, viewer=EVERYONE)
    assert ([job.id for job in rest.jobs], rest.cursor) == ([made[1]], None)
    assert jobs.page(states=waiting, kinds=["embed"], viewer=EVERYONE).jobs == rest.jobs
    first = jobs.page(limit=2, viewer=EVERYONE)
    assert [job.id for job in jobs.page(limit=2, after=first.cursor, viewer=EVERYONE).jobs] == [
        made[0]
    ]


def test_a_store_that_cannot_be_written_for_a_moment_costs_nothing(
    tmp_path: Path, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "store")) as store:
        jobs = Jobs(store, clock=lambda: now[0])
        jobs.submit("load", {}, viewer=EVERYONE)
        running = claim(jobs, now)
        running.say("先前")
        commit: Callable[..., Any] = store.commit

        def locked(_unit: Any) -> Any:
            from graph_service.errors import StoreLockedError

            raise StoreLockedError("另一个程序正在写入图谱库。")

        monkeypatch.setattr(store, "commit", locked)
        running.beat()
        running.check()  # still ours
        now[0] += LEASE
        running.beat()
        with pytest.raises(JobStoppedError):
            running.check()
        monkeypatch.setattr(store, "commit", commit)
        running.beat()
        assert store.get(JOB, [running.job.id])[running.job.id].version == 2


def test_the_log_of_a_beat_that_failed_comes_with_the_next(
    tmp_path: Path, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    from graph_service.errors import StoreLockedError

    with open_store(str(tmp_path / "store")) as store:
        jobs = Jobs(store, clock=lambda: now[0])
        jobs.submit("load", {}, viewer=EVERYONE)
        running = claim(jobs, now)
        running.say("甲")
        with monkeypatch.context() as patch:

            def locked(_unit: Any) -> Any:
                raise StoreLockedError("另一个程序正在写入图谱库。")

            patch.setattr(store, "commit", locked)
            running.beat()
        running.say("乙")
        running.beat()
        lines = [line.text for line in jobs.log(running.job.id, viewer=EVERYONE).lines]
        assert lines == ["开始第 1 次执行。", "甲", "乙"]


def test_a_worker_looks_at_no_job_that_is_over(
    tmp_path: Path, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "store")) as store:
        jobs = Jobs(store, clock=lambda: now[0])
        for _ in range(5):
            jobs.cancel(jobs.submit("load", {}, viewer=EVERYONE).id, viewer=EVERYONE)
        waiting = jobs.submit("load", {}, viewer=EVERYONE)
        read: list[tuple[str, list[str]]] = []
        get, query = store.get, store.query

        def told_get(kind: str, ids: Any) -> Any:
            read.append((kind, list(ids)))
            return get(kind, ids)

        def told_query(kind: str, *args: Any, **options: Any) -> Any:
            page = query(kind, *args, **options)
            read.append((kind, [record.id for record in page.records]))
            return page

        monkeypatch.setattr(store, "get", told_get)
        monkeypatch.setattr(store, "query", told_query)
        running = claim(jobs, now)
        running.advance(1)
        running.beat()
        running.end(Outcome(State.SUCCEEDED))
        assert jobs.claim("A", LEASE) is None
        assert {id_ for _, ids in read for id_ in ids} == {waiting.id}
        assert {kind for kind, _ in read} == {JOB, OPEN}


def test_a_key_is_for_one_job_as_long_as_the_job_is_kept(
    tmp_path: Path, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "store")) as store:
        jobs = Jobs(store, clock=lambda: now[0])
        first = jobs.submit("load", {"n": 1}, key="甲", viewer=EVERYONE)
        other = jobs.submit("load", {"n": 1}, key="乙", viewer=EVERYONE)
        assert other.id != first.id
        assert jobs.submit("load", {"n": 1}, viewer=EVERYONE).id not in {first.id, other.id}
        with monkeypatch.context() as patch:

            def looks_through(*_args: Any, **_options: Any) -> Any:
                raise AssertionError("a key is read by its id, however many jobs are kept")

            patch.setattr(store, "query", looks_through)
            assert jobs.submit("load", {"n": 1}, key="甲", viewer=EVERYONE) == first
        jobs.cancel(first.id, viewer=EVERYONE)
        assert jobs.submit("load", {"n": 1}, key="甲", viewer=EVERYONE).id == first.id
        now[0] += KEEP + 1
        assert jobs.prune(KEEP) == [first.id]
        assert [record.id for record in store.query(KEY).records] == ["乙"]
        assert jobs.submit("load", {"n": 1}, key="甲", viewer=EVERYONE).id != first.id


def test_a_key_asked_for_twice_at_once_makes_one_job(
    tmp_path: Path, now: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    with open_store(str(tmp_path / "store")) as store:
        jobs = Jobs(store, clock=lambda: now[0])
        commit: Callable[..., Any] = store.commit
        faster: list[Job] = []

        def second(unit: Any) -> Any:
            monkeypatch.setattr(store, "commit", commit)
            faster.append(jobs.submit("load", {}, key="甲", viewer=EVERYONE))
            return commit(unit)

        monkeypatch.setattr(store, "commit", second)
        assert jobs.submit("load", {}, key="甲", viewer=EVERYONE) == faster[0]
        assert store.count(JOB) == store.count(OPEN) == 1
        taken = Jobs(store, clock=lambda: now[0], new_id=lambda _now: faster[0].id)
        with pytest.raises(ConflictError):
            taken.submit("load", {}, key="乙", viewer=EVERYONE)
