"""The jobs that are kept: submitted, listed, asked to stop, claimed by workers, forgotten.

Four kinds of records. ``job``: the job itself. ``job_open``: an empty ticket as long as it is not
over, which is all that a worker looks through, however many jobs are over. ``job_key``: the job
that was submitted with a key, its id the key. ``job_log``: a line of a log, its id the job's and
the line's number. Whoever changes a job expects the version it read, so
that of two workers one gets it; what a worker writes is refused once another has the job.
"""

import secrets
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from graph_service.errors import ConflictError, JobEndedError, JobsFullError, NotFoundError
from graph_service.jobs import model
from graph_service.jobs.model import Job, JobPage, LogLine, LogPage, State
from graph_service.model import EVERYONE, Put, Record, UnitOfWork, Viewer
from graph_service.paging import record_pages
from graph_service.ports import Store
from graph_service.visibility import seen

#: Kinds of records.
JOB, OPEN, KEY, LOG = "job", "job_open", "job_key", "job_log"

#: Lines kept of a log (older ones go), and characters of a line.
LOG_LINES, LINE_CHARS = 1000, 500

#: Jobs that may wait or run at one time.
MOST_OPEN = 1000

_PAGE = 100
_TRIES = 20  # each failure means that somebody else has changed the job


def _new_id(now: float) -> str:
    moment = datetime.fromtimestamp(now, UTC).strftime("%Y%m%d%H%M%S%f")
    return f"{moment[:17]}-{secrets.token_hex(3)}"


class Jobs:
    """The jobs of a store. Safe to use from several threads and processes.

    Args:
        store: where they are kept.
        clock: seconds since 1970; what runs the jobs goes by it too.
        new_id: the id of a job submitted at a time; ids rise with it.
    """

    def __init__(
        self,
        store: Store,
        *,
        clock: Callable[[], float] = time.time,
        new_id: Callable[[float], str] = _new_id,
    ) -> None:
        self._store = store
        self.clock = clock
        self._new_id = new_id

    def submit(self, kind: str, params: Mapping[str, Any], *, key: str = "", viewer: Viewer) -> Job:
        """Queue a job; it stands when this returns.

        Args:
            kind: what is to be done.
            params: how.
            key: where one was given, a job submitted with it before is given back in place of a
                second one: whoever heard no answer may ask again.
            viewer: who submits it.

        Raises:
            JobsFullError: too many wait already.
            ForbiddenError: the viewer may not.
            InputError: params that are no JSON.
            StoreError
        """
        store = seen(self._store, viewer)
        if before := _keyed(store, key):
            return before
        if store.count(OPEN) >= MOST_OPEN:
            raise JobsFullError(
                f"还有 {MOST_OPEN} 项任务没有做完，暂时不能再加。",
                hint="请等一等，或取消不再需要的任务。",
                limit=MOST_OPEN,
            )
        now = self.clock()
        job = Job(self._new_id(now), kind, params, viewer.name, now, key=key)
        puts = [Put(JOB, job.id, model.to_data(job), expected=0), Put(OPEN, job.id, {})]
        if key:
            puts.append(Put(KEY, key, {"job": job.id}, expected=0))
        try:
            store.commit(UnitOfWork(puts))
        except ConflictError:
            if before := _keyed(store, key):  # asked twice at the same time
                return before
            raise
        return job

    def get(self, id_: str, *, viewer: Viewer) -> Job:
        """A job by its id.

        Raises:
            NotFoundError: no such job, or none that the viewer may see.
        """
        return model.from_record(self._read(id_, viewer))

    def page(
        self,
        *,
        states: Collection[State] = (),
        kinds: Collection[str] = (),
        after: str | None = None,
        limit: int = 20,
        viewer: Viewer,
    ) -> JobPage:
        """A page of jobs, the newest first; no states or kinds mean any."""
        store = seen(self._store, viewer)
        where: dict[str, Collection[str]] = {}
        if states:
            where["state"] = [state.value for state in states]
        if kinds:
            where["kind"] = kinds
        if states and not any(state.ended for state in states):
            return self._open_page(store, where, after, limit)
        page = store.query(JOB, where, after=after, limit=limit, newest_first=True)
        return JobPage([model.from_record(record) for record in page.records], page.cursor)

    def _open_page(
        self, store: Store, where: Mapping[str, Collection[str]], after: str | None, limit: int
    ) -> JobPage:
        """As ``page``, by the tickets: quick beside any number of jobs that are over."""
        page = store.query(OPEN, after=after, limit=MOST_OPEN, newest_first=True)
        records = store.get(JOB, [ticket.id for ticket in page.records]).values()
        found = [
            model.from_record(record)
            for record in records
            if all(record.data[field] in values for field, values in where.items())
        ]
        return JobPage(found[:limit], found[limit - 1].id if len(found) > limit else None)

    def cancel(self, id_: str, *, viewer: Viewer) -> Job:
        """Ask a job to stop: over at once where it waits, at its next step where it runs.

        Asking again is harmless.

        Raises:
            NotFoundError: no such job.
            JobEndedError: it ended otherwise.
        """

        def step(job: Job) -> Job:
            if job.state is State.CANCELLED or (job.cancel and not job.state.ended):
                return job
            if job.state.ended:
                raise JobEndedError(
                    f"任务 {id_} 已经结束，不能取消。",
                    hint="它的结果仍可查看。",
                    id=id_,
                    state=job.state.value,
                )
            return model.asked_to_stop(job, self.clock())

        def told(before: Job, after: Job) -> Sequence[str]:
            return ["有人要求取消。"] if after != before else []

        self._read(id_, viewer)
        return self.change(id_, step, tell=told)

    def log(self, id_: str, *, after: int = 0, limit: int = 200, viewer: Viewer) -> LogPage:
        """Lines of a job's log after a number, in order.

        Raises:
            NotFoundError: no such job.
        """
        job = model.from_record(self._read(id_, viewer))
        lines = [
            LogLine(int(record.id.rpartition(":")[2]), record.data["at"], record.data["text"])
            for record in self._lines(job, after, limit)
        ]
        last = lines[-1].number if lines else after
        return LogPage(lines, last, last < job.lines and bool(lines))

    def claim(self, worker: str, seconds: float) -> Job | None:
        """Give a worker the oldest job that waits, leased for so many seconds; None without one.

        Jobs lost with their worker are taken up again, or ended where they were to stop or have
        been lost too often.
        """
        for id_ in self._open():
            with suppress(ConflictError, NotFoundError):  # another worker was faster
                if job := self._claimed(id_, worker, seconds):
                    return job
        return None

    def _claimed(self, id_: str, worker: str, seconds: float) -> Job | None:
        now = self.clock()
        ours = False

        def take(job: Job) -> Job:
            nonlocal ours
            if model.expired(job, now):
                job = model.lost(job, now)
            ours = job.state is State.QUEUED
            return model.claimed(job, worker, now, seconds) if ours else job

        job = self.change(id_, take, tries=1, tell=_told_at_claim)
        return job if ours else None

    def change(
        self,
        id_: str,
        step: Callable[[Job], Job],
        *,
        tries: int = _TRIES,
        tell: Callable[[Job, Job], Sequence[str]] = lambda _before, _after: (),
    ) -> Job:
        """Bring a job to what ``step`` makes of it, read again where somebody else was faster.

        Args:
            id_: of the job.
            step: pure; the job itself where nothing is to change.
            tries: how often before the conflict is told.
            tell: the lines of the log that go with the change, from the job before and after.

        Raises:
            NotFoundError, ConflictError; and what ``step`` raises
        """
        while True:
            tries -= 1
            record = self._read(id_, EVERYONE)
            before = model.from_record(record)
            after = step(before)
            texts = tell(before, after)
            if after == before and not texts:
                return before
            puts, after = self._logged(after, texts)
            puts.append(Put(JOB, id_, model.to_data(after), record.version))
            if after.state.ended and not before.state.ended:
                puts.append(Put(OPEN, id_, None))
            try:
                self._store.commit(UnitOfWork(puts))
            except ConflictError:
                if not tries:
                    raise
            else:
                return after

    def prune(self, seconds: float, *, most: int = 1000) -> list[str]:
        """Forget jobs, with their logs, that ended so long ago; gives their ids.

        Args:
            seconds: since they ended.
            most: about how many at a time.
        """
        before = self.clock() - seconds
        gone: list[str] = []
        cursor: str | None = None
        while len(gone) < most:
            page = self._store.query(JOB, after=cursor, limit=_PAGE)
            jobs = [model.from_record(record) for record in page.records]
            old = [job for job in jobs if job.ended is not None and job.ended < before]
            puts = [Put(LOG, line.id, None) for job in old for line in self._lines(job)]
            puts += [Put(KEY, job.key, None) for job in old if job.key]
            puts += [Put(JOB, job.id, None) for job in old]
            self._store.commit(UnitOfWork(puts))
            gone += [job.id for job in old]
            cursor = page.cursor
            if cursor is None or jobs[-1].created >= before:  # ids rise with time
                break
        return gone

    def _lines(self, job: Job, after: int = 0, limit: int = LOG_LINES) -> Sequence[Record]:
        """Lines of a job's log after a number."""
        kept = min(limit, LOG_LINES, job.lines - after)
        if kept <= 0:
            return ()
        page = self._store.query(LOG, after=_line_id(job.id, after), limit=kept)
        return [record for record in page.records if record.id.startswith(f"{job.id}:")]

    def _open(self) -> Iterator[str]:
        """Ids of the jobs that are not over, the oldest first."""
        for records in record_pages(self._store, OPEN, _PAGE):
            yield from (record.id for record in records)

    def _logged(self, job: Job, texts: Sequence[str]) -> tuple[list[Put], Job]:
        """The puts that add lines to a log and take the oldest off, and the job that counts."""
        now = self.clock()
        puts: list[Put] = []
        for number, text in enumerate(texts[-LOG_LINES:], start=job.lines + 1):
            plain = text[:LINE_CHARS].encode("utf-8", "replace").decode()
            data = {"at": now, "text": plain}
            puts.append(Put(LOG, _line_id(job.id, number), data))
            if number > LOG_LINES:
                puts.append(Put(LOG, _line_id(job.id, number - LOG_LINES), None))
        added = min(len(texts), LOG_LINES)
        return puts, replace(job, lines=job.lines + added) if added else job

    def _read(self, id_: str, viewer: Viewer) -> Record:
        record = seen(self._store, viewer).get(JOB, [id_]).get(id_)
        if record is None:
            raise NotFoundError(f"没有编号为 {id_} 的任务。", hint="编号列在任务的列表里。", id=id_)
        return record


def _keyed(store: Store, key: str) -> Job | None:
    """The job that was submitted with a key."""
    record = store.get(KEY, [key]).get(key) if key else None
    if record is None:
        return None
    id_ = record.data["job"]
    job = store.get(JOB, [id_]).get(id_)
    return None if job is None else model.from_record(job)


def _line_id(id_: str, number: int) -> str:
    return f"{id_}:{number:09d}"


def _told_at_claim(before: Job, after: Job) -> Sequence[str]:
    """What the log says of a job found by a worker that looks for work."""
    told = []
    if after.lost > before.lost:
        told.append(f"第 {before.attempt} 次执行中途断了：执行它的进程不再应答。")
    if after.state is State.BROKEN:
        told.append("不再重试。")
    elif after.attempt > before.attempt:
        told.append(f"开始第 {after.attempt} 次执行。")
    return told
