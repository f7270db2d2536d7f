"""What a job is, and how it may change: pure functions from one state of a job to the next.

::

    queued 排队 ──claimed──▶ running 进行中 ──ended──▶ succeeded 完成, failed 失败,
       │  ▲                     │                     cancelled 已取消
       │  └──released, lost─────┤
       └──cancelled 已取消       └──lost for the third time──▶ broken 中断

A running job is leased to one worker until a moment that the worker moves on; a job whose moment
has passed was lost with its worker. ``ended`` states never change again. Times are seconds since
1970, as ``time.time`` gives them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from graph_service.model import Record

#: A job lost with its worker this many times is broken: it may be what kills the worker.
MOST_LOST = 3


class State(StrEnum):
    """Where a job stands."""

    QUEUED = "queued"  # 排队
    RUNNING = "running"  # 进行中
    SUCCEEDED = "succeeded"  # 完成
    FAILED = "failed"  # 失败
    CANCELLED = "cancelled"  # 已取消
    BROKEN = "broken"  # 中断

    @property
    def ended(self) -> bool:
        """Whether it stays so for good."""
        return self not in (State.QUEUED, State.RUNNING)


@dataclass(frozen=True, slots=True)
class Lease:
    """Who runs a job, and until when unless renewed."""

    worker: str
    until: float


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an attempt is. ``step`` counts phases from 1; within an attempt (step, done) never
    falls. ``total`` is None where the end of the phase is not known."""

    step: int = 0
    phase: str = ""
    done: int = 0
    total: int | None = None

    @property
    def percent(self) -> float | None:
        """Of the phase, 0 to 100; None where its end is not known."""
        if self.total is None:
            return None
        return round(min(100.0, 100 * self.done / self.total), 1) if self.total else 100.0

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "step": self.step,
            "phase": self.phase,
            "done": self.done,
            "total": self.total,
            "percent": self.percent,
        }


@dataclass(frozen=True, slots=True)
class Job:
    """A job as its record tells.

    Attributes:
        id: rises with the time of submission.
        kind: what is to be done; what kinds there are the service does not know.
        params: of that kind, JSON-ready.
        by: name of the viewer who submitted it.
        attempt: how often it was begun.
        lost: how many attempts were lost with their worker.
        cancel: whether somebody asked a running job to stop.
        result: what a job that succeeded gives, JSON-ready.
        error: ``{"code", "message", "hint"}`` of one that failed or is broken.
        files: what it wrote: ``{"name", "bytes"}`` each.
        lines: how many lines its log has had.
        key: by which whoever submitted it twice meant it once; "" for none.
    """

    id: str
    kind: str
    params: Mapping[str, Any]
    by: str
    created: float
    state: State = State.QUEUED
    started: float | None = None
    ended: float | None = None
    attempt: int = 0
    lost: int = 0
    lease: Lease | None = None
    cancel: bool = False
    standing: Standing = Standing()
    result: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None
    files: Sequence[Mapping[str, Any]] = ()
    lines: int = 0
    key: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the command line and the API give it."""
        return {
            "id": self.id,
            "kind": self.kind,
            "params": dict(self.params),
            "state": self.state.value,
            "by": self.by,
            "created_at": iso(self.created),
            "started_at": iso(self.started),
            "ended_at": iso(self.ended),
            "attempt": self.attempt,
            "cancel_requested": self.cancel,
            "progress": self.standing.as_dict(),
            "result": None if self.result is None else dict(self.result),
            "error": None if self.error is None else dict(self.error),
            "files": [dict(file) for file in self.files],
        }


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended: ``state`` is one of the ended ones."""

    state: State
    result: Mapping[str, Any] | None = None
    error: Mapping[str, str] | None = None
    files: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class LogLine:
    """A line of a job's log; ``number`` rises from 1 and has gaps at the front once it is full."""

    number: int
    at: float
    text: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {"number": self.number, "at": iso(self.at), "text": self.text}


@dataclass(frozen=True, slots=True)
class JobPage:
    """Jobs, the newest first; ``cursor`` continues after them, None at the end."""

    jobs: Sequence[Job]
    cursor: str | None


@dataclass(frozen=True, slots=True)
class LogPage:
    """Lines in order; ``after`` of the next call, and whether more stand there already."""

    lines: Sequence[LogLine] = ()
    after: int = 0
    more: bool = False


def claimed(job: Job, worker: str, now: float, seconds: float) -> Job:
    """The job, queued so far, in the hands of a worker."""
    return replace(
        job,
        state=State.RUNNING,
        started=job.started or now,
        attempt=job.attempt + 1,
        lease=Lease(worker, now + seconds),
        standing=Standing(),
    )


def held(job: Job, worker: str, attempt: int) -> bool:
    """Whether this attempt of this worker still has the job."""
    return (
        job.state is State.RUNNING
        and job.lease is not None
        and (job.lease.worker, job.attempt) == (worker, attempt)
    )


def renewed(job: Job, now: float, seconds: float, standing: Standing) -> Job:
    """A running job whose worker lives, and how far it is."""
    assert job.lease is not None  # noqa: S101 - running
    return replace(job, lease=replace(job.lease, until=now + seconds), standing=standing)


def released(job: Job) -> Job:
    """A running job handed back by a worker that stops."""
    return replace(job, state=State.QUEUED, lease=None)


def expired(job: Job, now: float) -> bool:
    """Whether a job was lost with its worker."""
    return job.state is State.RUNNING and job.lease is not None and job.lease.until <= now


def lost(job: Job, now: float) -> Job:
    """A job lost with its worker: queued again, or over where it was to stop or is broken."""
    job = replace(job, lost=job.lost + 1)
    if job.cancel:
        return ended(job, now, Outcome(State.CANCELLED))
    if job.lost < MOST_LOST:
        return released(job)
    error = {
        "code": "job_broken",
        "message": f"执行任务的进程 {MOST_LOST} 次中途退出，不再重试。",
        "hint": "请看任务的日志停在哪一步；内存或磁盘不足时先腾出空间，再提交一次。",
    }
    return ended(job, now, Outcome(State.BROKEN, error=error))


def ended(job: Job, now: float, outcome: Outcome) -> Job:
    """A job that is over."""
    return replace(
        job,
        state=outcome.state,
        ended=now,
        lease=None,
        result=outcome.result,
        error=outcome.error,
        files=outcome.files,
    )


def asked_to_stop(job: Job, now: float) -> Job:
    """A job that somebody wants no more: over at once where no worker has it."""
    if job.state is State.QUEUED:
        return ended(job, now, Outcome(State.CANCELLED))
    return replace(job, cancel=True)


def to_data(job: Job) -> dict[str, Any]:
    """The data of a job's record."""
    lease = job.lease
    return {
        "kind": job.kind,
        "params": dict(job.params),
        "by": job.by,
        "created": job.created,
        "state": job.state.value,
        "started": job.started,
        "ended": job.ended,
        "attempt": job.attempt,
        "lost": job.lost,
        "lease": None if lease is None else {"worker": lease.worker, "until": lease.until},
        "cancel": job.cancel,
        "standing": [
            job.standing.step, job.standing.phase, job.standing.done, job.standing.total
        ],
        "result": None if job.result is None else dict(job.result),
        "error": None if job.error is None else dict(job.error),
        "files": [dict(file) for file in job.files],
        "lines": job.lines,
        "key": job.key,
    }  # fmt: skip


def from_record(record: Record) -> Job:
    """The job that a record tells of."""
    data = dict(record.data)
    lease = data.pop("lease")
    state, standing = State(data.pop("state")), Standing(*data.pop("standing"))
    return Job(
        id=record.id,
        state=state,
        standing=standing,
        lease=None if lease is None else Lease(**lease),
        files=tuple(data.pop("files")),
        **data,
    )


def iso(moment: float | None) -> str | None:
    """A time in UTC to the millisecond, ``2026-11-23T11:15:33.120+00:00``."""
    if moment is None:
        return None
    return datetime.fromtimestamp(moment, UTC).isoformat(timespec="milliseconds")
