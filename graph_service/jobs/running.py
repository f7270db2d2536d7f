"""A job in the hands of a worker: the lease kept, progress and log written, the wish to stop heard.

Two threads share a ``Running``: the one that works tells how far it is and never waits for the
store; the other calls ``beat`` now and then, which writes what was told, renews the lease, and
learns whether somebody wants the work to stop.
"""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from enum import StrEnum

from graph_service.errors import NotFoundError, StoreError
from graph_service.jobs import model
from graph_service.jobs.model import Job, Outcome, Standing
from graph_service.jobs.service import LOG_LINES, Jobs
from graph_service.model import EVERYONE


class Why(StrEnum):
    """Why work stops before its end."""

    CANCELLED = "cancelled"  # somebody asked for it
    LOST = "lost"  # the lease has ended, or another worker has the job
    STOPPING = "stopping"  # the worker goes; another will take the job up


class JobStoppedError(Exception):
    """Raised inside the work, at a step of its progress. Never an error of the job."""

    def __init__(self, why: Why) -> None:
        super().__init__(why.value)
        self.why = why


class Running:
    """A claimed job; ``graph_service.progress.Progress`` for the work.

    Args:
        jobs: where it is kept.
        job: as ``Jobs.claim`` gave it.
        seconds: how long each renewal of the lease lasts.
    """

    def __init__(self, jobs: Jobs, job: Job, seconds: float) -> None:
        assert job.lease is not None  # noqa: S101 - claimed
        self.job = job
        self._jobs, self._seconds, self._clock = jobs, seconds, jobs.clock
        self._worker, self._attempt = job.lease.worker, job.attempt
        self._until = job.lease.until
        self._lock = threading.Lock()
        self._standing = Standing()
        self._lines: deque[str] = deque(maxlen=LOG_LINES)
        self._stop: Why | None = None

    def start(self, phase: str, total: int | None = None) -> None:
        """Begin a phase, which the log tells too. Raises JobStoppedError."""
        self.check()
        phase = phase.encode("utf-8", "replace").decode()  # names of files may be anything
        with self._lock:
            self._standing = Standing(self._standing.step + 1, phase, 0, total)
            self._lines.append(phase if total is None else f"{phase}（共 {total:,}）")

    def advance(self, count: int = 1) -> None:
        """Tell what is done and safe. Raises JobStoppedError."""
        with self._lock:
            self._standing = replace(self._standing, done=self._standing.done + max(0, count))
        self.check()

    def finish(self) -> None:
        """End the phase; never raises, for work calls it while errors pass."""

    def say(self, text: str) -> None:
        """Add a line to the log, written with the next beat."""
        with self._lock:
            self._lines.append(text)

    def check(self) -> None:
        """Raises JobStoppedError where the work must stop."""
        if self._stop is not None:
            raise JobStoppedError(self._stop)

    def stop(self, why: Why) -> None:
        """Let the work end at its next step; the first reason stays, unless the job is lost."""
        self._stop = why if why is Why.LOST else self._stop or why

    @property
    def lost(self) -> bool:
        """Whether the job is no longer this attempt's, as far as the last beat told."""
        return self._stop is Why.LOST

    def beat(self) -> None:
        """Renew the lease and write what was told, where either is due; hear a wish to stop.

        A store that cannot be written now is tried again with the next beat, until the lease ends.
        """
        if self._stop is Why.LOST:
            return
        try:
            self._beat()
        except NotFoundError:  # ended by others, and forgotten
            self.stop(Why.LOST)
        except StoreError:
            if self._clock() >= self._until:
                self.stop(Why.LOST)

    def end(self, outcome: Outcome, *lines: str) -> bool:
        """Write how the work ended; False where another worker has the job and nothing is written.

        Raises:
            StoreError: it cannot be written; the lease runs out.
        """
        now = self._clock()
        return self._write(lambda job: model.ended(job, now, outcome), lines)

    def release(self, *lines: str) -> bool:
        """Hand the job back to be taken up by another worker; False and StoreError as ``end``."""

        def step(job: Job) -> Job:
            if job.cancel:
                return model.ended(job, self._clock(), Outcome(model.State.CANCELLED))
            return model.released(job)

        return self._write(step, lines)

    def _beat(self) -> None:
        now = self._clock()
        with self._lock:
            standing, told = self._standing, bool(self._lines)
        due = self._until - now < 2 / 3 * self._seconds
        if due or told or standing != self.job.standing:
            self._write(lambda job: model.renewed(job, now, self._seconds, standing))
        else:
            self._seen(self._jobs.get(self.job.id, viewer=EVERYONE))
        if self.job.cancel:
            self.stop(Why.CANCELLED)

    def _write(self, step: Callable[[Job], Job], lines: Sequence[str] = ()) -> bool:
        with self._lock:
            texts = [*self._lines, *lines]
            self._lines.clear()

        ours = False

        def mine(job: Job) -> Job:
            nonlocal ours
            ours = model.held(job, self._worker, self._attempt)
            return step(job) if ours else job

        try:
            self._seen(self._jobs.change(self.job.id, mine, tell=lambda *_: texts if ours else ()))
        except NotFoundError:  # ended by others, and forgotten
            self.stop(Why.LOST)
            return False
        except BaseException:
            with self._lock:  # what was told waits for the next beat
                told = texts[: len(texts) - len(lines)]
                self._lines = deque([*told, *self._lines], maxlen=LOG_LINES)
            raise
        return ours

    def _seen(self, job: Job) -> None:
        """Learn how the job stands."""
        self.job = job
        if model.held(job, self._worker, self._attempt) and job.lease is not None:
            self._until = job.lease.until
        else:
            self.stop(Why.LOST)
