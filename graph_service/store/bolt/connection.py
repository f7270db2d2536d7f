"""Reading from and writing to a Neo4j server: transactions, retries, and what they may not undo.

Writers queue: the first statement of every write transaction locks the one ``Meta`` node, so that
they are serial, as on the embedded engine; counts can be kept, and no two are in each other's way.
The same statement marks the transaction by a number (``Client.unit``) of its own. Where the
connection breaks while committing, the next attempt sees by that mark, under the same lock, whether
it stands already: nothing is applied twice, nothing is told to be lost that is not.
"""

import math
import os
import threading
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import count
from typing import Any, TypeVar

import neo4j
from neo4j import Record as Row

from graph_service import deadline
from graph_service.errors import (
    JiebangError,
    StoreLockedError,
    StoreUnavailableError,
)
from graph_service.store.bolt import cypher
from graph_service.store.bolt.attempts import Attempts, attempts
from graph_service.store.bolt.counts import Counts, packed, unpacked
from graph_service.store.bolt.drivers import answers, check, drivers
from graph_service.store.bolt.failures import FAILURES, ours, silent
from graph_service.store.bolt.options import ServerOptions
from graph_service.store.bolt.watching import ended, watch

__all__ = ["Connection", "Row", "Tx"]

T = TypeVar("T")
Params = Mapping[str, Any]

#: Seconds after which the server ends a write whose writer is gone without a word.
LONGEST_WRITE = 3600.0

#: Seconds that a server has to tell that it ended a read at its limit.
_GRACE = 1.5


@dataclass(slots=True)
class Tx:
    """A write transaction that holds the lock.

    Attributes:
        change: the number of the last change when it began.
        counts: how many there are of what by (what, name), as ``stats`` tells them; what is altered
            here is kept with the transaction.
        changes: changes that it makes; ``change`` rises by as many.
        dirty: whether it wrote anything yet.
    """

    _tx: neo4j.Transaction
    change: int = 0
    counts: Counts = field(default_factory=Counter)
    changes: int = 0
    dirty: bool = False
    _waiting: list[tuple[str, Params]] = field(default_factory=list)

    def look(self, query: str, /, **params: Any) -> list[Row]:
        """The rows of a statement that reads, to which it is no matter what waits."""
        return list(self._tx.run(query, params))

    def run(self, query: str, /, **params: Any) -> list[Row]:
        """The rows of a statement that reads; it sees all that was written."""
        self._flush()
        return self.look(query, **params)

    def write(self, query: str, /, **params: Any) -> list[Row]:
        """As ``run``, of a statement that writes."""
        self._flush()
        self.dirty = True
        return self.look(query, **params)

    def later(self, query: str, /, **params: Any) -> None:
        """A statement that writes and gives no rows; it waits for others to go with it."""
        self._waiting.append((query, params))

    def drop(self) -> None:
        """Forget what waits."""
        self._waiting.clear()

    def _flush(self) -> None:
        """Send what waits, in order, in one round trip."""
        if self._waiting:
            waiting, self._waiting = self._waiting, []
            self.dirty = True
            query, params = cypher.joined(waiting)
            self._tx.run(query, params).consume()

    def begin(self, client: str, unit: int) -> bool:
        """Take the lock; False where this very unit was committed before."""
        rows = self.run(cypher.BEGIN, client=client, unit=unit)
        if not rows:
            raise StoreUnavailableError("图谱库被清空了，或从未建成。", hint="请重新打开图谱库。")
        self.change, told, before = rows[0].values()
        self.counts.update(unpacked(told))
        return bool(before != unit)

    def end(self) -> None:
        """Keep the counts and the number of the last change."""
        if self.changes or self.dirty or self._waiting:
            self.change += self.changes
            self.changes = 0
            self.later(cypher.END, change=self.change, counts=packed(self.counts))
            self._flush()


class Connection:
    """One store's way to a server. Safe to use from several threads, and after a fork.

    Args:
        location: ``neo4j://…``, ``bolt://…`` and the like.
        options: who asks, and how patiently.
        read_only: writes raise ``StoreUnavailableError``.

    Raises:
        InputError: the address holds a user's name, or a CA is given for an address with ``+s``.
        StoreUnavailableError: the server is away, or does not let us in.
    """

    def __init__(
        self, location: str, options: ServerOptions | None = None, *, read_only: bool = False
    ) -> None:
        self.location = location
        self.options = options or ServerOptions()
        self.read_only = read_only
        check(location, self.options)
        self._writing = threading.RLock()
        self._client = uuid.uuid4().hex
        self._units = count(1)
        self._wrote = False
        self._closed = False
        self._pid = os.getpid()
        with self.errors():
            self._driver = drivers.get(location, self.options)
            try:
                self._driver.verify_connectivity()
            except BaseException:
                self.close()
                raise

    def read(self, query: str, /, **params: Any) -> list[Row]:
        """The rows of one statement, in one round trip; tried again where it fails in passing.

        Raises:
            QueryTimeoutError: the time limit is reached.
            StoreUnavailableError: the server is away, or the store is closed.
        """
        deadline.check()
        with self.errors():
            for again in self._attempts(deadline.remaining()):
                seconds = self._seconds()
                with again, ended(self._session(within=seconds + _GRACE)) as session:
                    asked = neo4j.Query(query, timeout=seconds)
                    with self._within(session, seconds):
                        return list(session.run(asked, params))
        raise AssertionError  # attempts end by an answer or an error

    def write(self, work: Callable[[Tx], T]) -> T:
        """What the work gives, done in one transaction: all of it or nothing.

        The work may be done more than once, each time as if never before.

        Raises:
            StoreLockedError: others wrote for longer than ``write_patience``.
            StoreUnavailableError: opened read only, closed, or the server is away.
            JiebangError: what the work raises; nothing is written then.
        """
        self._may_write()
        done: list[T] = []
        with self._turn(), self.errors():
            unit = next(self._units)
            for again in self._attempts():
                with again, self._answered() as session:
                    transaction = self._begun(session, unit)
                    tx = Tx(transaction)
                    with self._patience(unit):
                        fresh = tx.begin(self._client, unit)
                    if fresh:
                        done = [work(tx)]
                        tx.end()
                        transaction.commit()
                    self._wrote = True
                    return done[0]
        raise AssertionError  # attempts end by an answer or an error

    def schema(self, *statements: str) -> None:
        """Constraints and indexes made or dropped, each in a transaction of its own; they are
        filled when this returns."""
        for statement in [*statements, cypher.AWAIT_INDEXES]:
            self.define(statement)

    def define(self, statement: str, /, **params: Any) -> None:
        """One statement beside all writers: it needs no lock, and may be run twice."""
        self._may_write()
        with self.errors():
            for again in self._attempts():
                with again, self._answered() as session:
                    session.run(statement, params).consume()
                    return

    def close(self) -> None:
        """Give the driver back; closing twice is harmless."""
        if self._closed:
            return
        self._closed = True
        try:
            if self._wrote and self._pid == os.getpid():
                with (
                    ended(self._session(writes=True, closing=True, within=1)) as session,
                    self._within(session, 1),
                ):
                    session.run(
                        neo4j.Query(cypher.FORGET, timeout=1), client=self._client
                    ).consume()
        except (*FAILURES, JiebangError):
            pass  # what is left of us is swept by a later migration
        finally:
            drivers.give_back(self.location, self.options)

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn errors of the driver into ours."""
        try:
            yield
        except JiebangError:
            raise
        except FAILURES as error:
            raise ours(error, self.location, self.options.query_seconds) from error

    # -- within ----------------------------------------------------------------------------------

    def _may_write(self) -> None:
        if self.read_only:
            raise StoreUnavailableError(
                "图谱库是以只读方式打开的，不能写入。",
                hint="请以可写方式打开。",
                location=self.location,
            )

    @contextmanager
    def _turn(self) -> Iterator[None]:
        """Alone among the threads that write through this; waits ``write_patience`` at most."""
        writing = self._writing
        if not writing.acquire(timeout=self.options.write_patience):
            raise self._others_write()
        try:
            yield
        finally:
            writing.release()

    def _others_write(self) -> StoreLockedError:
        return StoreLockedError(
            "另一个程序正在写入图谱库。",
            hint="请等它结束后再试。",
            location=self.location,
            seconds=self.options.write_patience,
        )

    def _begun(self, session: neo4j.Session, unit: int) -> neo4j.Transaction:
        """A write transaction; its session's end undoes it where it was not committed."""
        return session.begin_transaction(
            metadata={"unit": f"{self._client}:{unit}"}, timeout=LONGEST_WRITE
        )

    @contextmanager
    def _within(self, session: neo4j.Session, seconds: float) -> Iterator[None]:
        """Break off what runs inside after some seconds, where the server itself does not."""
        try:
            watch.add(session, seconds + _GRACE)
            yield
        except FAILURES as error:
            if not watch.remove(session):
                raise silent(self.location, seconds) from error
            raise
        finally:
            watch.remove(session)

    @contextmanager
    def _answered(self) -> Iterator[neo4j.Session]:
        """A session to write in, until it is closed."""
        session = self._session(writes=True)
        with self._while_answering(session), ended(session):
            yield session

    @contextmanager
    def _while_answering(self, session: neo4j.Session) -> Iterator[None]:
        """Break off what runs inside, which may take long, where the server answers nobody."""
        options = self.options
        try:
            watch.add(session, options.connect_seconds, lambda: answers(self.location, options))
            yield
        finally:
            watch.remove(session)

    def _session(
        self, *, writes: bool = False, closing: bool = False, within: float = math.inf
    ) -> neo4j.Session:
        """A session; ``within``: seconds that it may take to have a connection."""
        if self._closed and not closing:
            raise closed(self.location)
        if self._pid != os.getpid():  # a fork shares no socket with its parent
            self._pid, self._client = os.getpid(), uuid.uuid4().hex
            self._writing = threading.RLock()
            self._driver = drivers.get(self.location, self.options)
        access = neo4j.WRITE_ACCESS if writes else neo4j.READ_ACCESS
        return self._driver.session(
            default_access_mode=access,
            database=self.options.database,
            connection_acquisition_timeout=min(within, self.options.connect_seconds),
        )

    def _seconds(self) -> float:
        """What one read may take; the server takes 0 for no limit."""
        left = deadline.remaining()
        seconds = self.options.query_seconds
        return max(0.001, seconds if left is None else min(left, seconds))

    def _attempts(self, left: float | None = None) -> Iterator[Attempts]:
        """Attempts, until the time for them is over."""
        return attempts(self.options.retry_seconds, left, lambda: self._closed)

    @contextmanager
    def _patience(self, unit: int) -> Iterator[None]:
        """Break off what runs inside after ``write_patience``: it waits for other writers."""
        seconds = self.options.write_patience
        impatient = threading.Event()

        def terminate() -> None:
            with (
                suppress(*FAILURES, JiebangError),
                self._session(writes=True) as session,
                self._within(session, self.options.connect_seconds),
            ):
                rows = session.run(cypher.FIND_UNIT, unit=f"{self._client}:{unit}").values()
                impatient.set()
                for (name,) in rows:
                    session.run(cypher.TERMINATE, name=name).consume()

        timer = threading.Timer(seconds, terminate)
        timer.daemon = True
        timer.start()
        try:
            yield
        except FAILURES as error:
            if impatient.is_set():
                raise self._others_write() from error
            raise
        finally:
            timer.cancel()


def closed(location: str) -> StoreUnavailableError:
    """The error of a store that is closed."""
    return StoreUnavailableError("图谱库已经关闭。", hint="请重新打开。", location=location)
