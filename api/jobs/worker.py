"""The worker: takes jobs one after another, keeps their leases alive, and says how they ended.

A job is worked on by this thread; another writes its progress and renews its lease (``_beating``).
Whatever happens inside a job is the job's outcome and never the end of the worker.
"""

import logging
import os
import re
import secrets
import socket
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from api.bootstrap import Services
from api.jobs.params import validated
from api.jobs.runners import RUNNERS
from api.jobs.work import Done, Work
from graph_service.errors import JiebangError, StoreError
from graph_service.jobs.model import Job, Outcome, State
from graph_service.jobs.running import JobStoppedError, Running, Why
from graph_service.model import EVERYONE

#: Seconds between two looks for work, and between two beats at most.
POLL, BEAT = 1.0, 1.0
#: Seconds between two removals of what is old.
_TIDY = 3600.0

_INTERNAL = {
    "code": "internal",
    "message": "程序内部错误。",
    "hint": "请把任务的编号告诉管理员，原因在服务的日志里。",
}

_log = logging.getLogger("jiebang.jobs")


class Worker:
    """Runs jobs until it is stopped.

    Args:
        made: services whose store is open for writing.
        name: told apart from every other worker's.
        poll: seconds between two looks for work.
    """

    def __init__(self, made: Services, *, name: str | None = None, poll: float = POLL) -> None:
        self._made = made
        self._poll = poll
        self._name = name or f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(2)}"
        self._lease = float(made.settings.lease_seconds)
        self._stopping = threading.Event()
        self._running: Running | None = None
        self._tidied = float("-inf")

    def run(self) -> None:
        """Take jobs until ``stop``; a store that cannot be read for a moment is tried again."""
        while not self._stopping.is_set():
            try:
                worked = self.run_one()
                self._tidy()
            except StoreError as error:
                _log.warning("任务暂时取不到：%s", error.message)
                worked = False
            if not worked:
                self._stopping.wait(self._poll)

    def run_one(self) -> bool:
        """Run the oldest job that waits; False where none does, or the worker is to stop.

        Raises:
            StoreError
        """
        if self._stopping.is_set():
            return False
        job = self._made.jobs.claim(self._name, self._lease)
        if job is None:
            return False
        running = Running(self._made.jobs, job, self._lease)
        self._running = running
        if self._stopping.is_set():
            running.stop(Why.STOPPING)
        _log.info("任务 %s（%s）开始第 %d 次执行", job.id, job.kind, job.attempt)
        try:
            with _beating(running, min(BEAT, self._lease / 5)):
                outcome = self._outcome(job, running)
                self._end(running, outcome)
        finally:
            self._running = None
        _log.info("任务 %s（%s）：%s", job.id, job.kind, outcome.state if outcome else "交回")
        return True

    def stop(self) -> None:
        """Take no more jobs, and hand the present one back at its next step. From any thread, and
        from a signal's handler."""
        self._stopping.set()
        if self._running is not None:
            self._running.stop(Why.STOPPING)

    def _outcome(self, job: Job, running: Running) -> Outcome | None:
        """Do the work; None where it is not over but goes back, or is another's."""
        try:
            params = validated(job.kind, job.params)
            with self._made.files.job_folder(job.id) as folder:
                work = Work(self._made, EVERYONE, running, folder)
                done = RUNNERS[job.kind](work, params)
                running.beat()
                if running.lost:
                    running.check()  # its files are left to who has it now
            return self._over(job, done)
        except JobStoppedError as stopped:
            return Outcome(State.CANCELLED) if stopped.why is Why.CANCELLED else None
        except JiebangError as error:
            return Outcome(State.FAILED, error=self._told(error))
        except Exception:
            _log.exception("任务 %s（%s）出错", job.id, job.kind)
            return Outcome(State.FAILED, error=_INTERNAL)

    def _over(self, job: Job, done: Done) -> Outcome:
        state = State.FAILED if done.error else State.SUCCEEDED
        error = self._told(done.error) if done.error else None
        return Outcome(state, done.result, error, self._made.files.listed(job.id))

    def _told(self, error: JiebangError) -> dict[str, str]:
        """What a job keeps of an error: for people, without where files lie on this machine."""
        settings = self._made.settings
        message, hint = error.message, error.hint
        roots = (settings.store, settings.files, settings.cache, tempfile.gettempdir())
        for root in filter(None, roots):
            folders = rf"{re.escape(str(root))}(?:/[^/\s“”]+)*/"
            message, hint = re.sub(folders, "", message), re.sub(folders, "", hint)
        return {"code": error.code, "message": message, "hint": hint}

    def _end(self, running: Running, outcome: Outcome | None) -> None:
        """Write how it ended, again and again while the lease lasts."""
        until = time.monotonic() + self._lease
        while True:
            try:
                if outcome is None:
                    running.release("执行它的进程要停止了，交回排队。")
                else:
                    running.end(outcome, _line(outcome))
            except StoreError as error:
                if time.monotonic() > until:
                    _log.warning("任务 %s 的结果写不进去：%s", running.job.id, error.message)
                    return
                time.sleep(self._poll)
            except JiebangError:  # a result that cannot be kept
                _log.exception("任务 %s 的结果存不下", running.job.id)
                outcome = Outcome(State.FAILED, error=_INTERNAL)
            else:
                return

    def _tidy(self) -> None:
        """Remove what is older than it is kept, once an hour."""
        if time.monotonic() - self._tidied < _TIDY:
            return
        self._tidied = time.monotonic()
        kept = self._made.settings.retention_days * 24 * 3600.0
        while gone := self._made.jobs.prune(kept):
            self._made.files.forget(gone)
        try:
            self._made.files.prune(kept)
        except OSError as error:
            _log.warning("旧文件清除不了：%s", error)


@contextmanager
def _beating(running: Running, every: float) -> Iterator[None]:
    """A thread that beats for a job as long as the block lasts."""
    over = threading.Event()

    def beat() -> None:
        while not over.wait(every):
            running.beat()

    thread = threading.Thread(target=beat, name=f"beat-{running.job.id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def _line(outcome: Outcome) -> str:
    match outcome.state:
        case State.SUCCEEDED:
            return "完成。"
        case State.CANCELLED:
            return "已按要求取消。"
        case _:
            error = outcome.error or {}
            return f"失败：{error.get('message', '')}{error.get('hint', '')}"
