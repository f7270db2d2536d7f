"""A server on trial: what is written is seen by who wrote it, and by nobody else, and is undone.

One transaction is opened with the store and rolled back at its close; reads and writes go through
it, so a trial belongs to one thread. From the first write on others cannot write, but go on
reading. Neo4j has no savepoints: where a batch is refused when part of it is written, all is undone
and what went before is written again. Where the connection is lost, or a read takes too long, the
trial is over: what was tried is gone.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from graph_service import deadline
from graph_service.errors import QueryTimeoutError
from graph_service.store.bolt.connection import Connection, Row, Tx, closed
from graph_service.store.bolt.failures import FAILURES
from graph_service.store.bolt.options import ServerOptions
from graph_service.store.bolt.watching import forsake

T = TypeVar("T")


class TrialConnection(Connection):
    """A connection that keeps nothing. Where the server is empty, it stays so."""

    def __init__(self, location: str, options: ServerOptions | None = None) -> None:
        self._tx: Tx | None = None
        self._locked = False
        self._defined: list[Callable[[Tx], Any]] = []
        self._done: list[Callable[[Tx], Any]] = []
        super().__init__(location, options)

    def read(self, query: str, /, **params: Any) -> list[Row]:
        deadline.check()
        with self._step() as tx, self._within(self._held, self._seconds()):
            return tx.run(query, **params)

    def write(self, work: Callable[[Tx], T]) -> T:
        with self._step() as tx, self._while_answering(self._held):
            if not self._locked:
                self._lock(tx)
            before, tx.dirty = tx.counts.copy(), False
            try:
                done = work(tx)
                tx.end()
            except BaseException:
                tx.counts, tx.changes = before, 0
                tx.drop()
                if tx.dirty:
                    self._again()
                raise
            self._done.append(work)
            return done

    def define(self, statement: str, /, **params: Any) -> None:
        with self._step() as tx, self._while_answering(self._held):
            tx.run(statement, **params)
            self._defined.append(lambda tx: tx.run(statement, **params))

    def schema(self, *statements: str) -> None:
        """Nothing: constraints and indexes cannot be made and undone beside data."""

    def close(self) -> None:
        with self._writing:
            if not self._closed:
                self._undo()
        super().close()

    @contextmanager
    def _step(self) -> Iterator[Tx]:
        """The transaction, for one thing at a time; interrupted, it is undone at once."""
        with self._writing, self.errors():
            try:
                yield self._trying()
            except BaseException as error:
                if self._tx is not None and not isinstance(error, Exception):
                    forsake(self._held)
                raise

    def _trying(self) -> Tx:
        if self._closed:
            raise closed(self.location)
        if self._tx is None:
            self._held = self._session(writes=True)
            try:
                with self._while_answering(self._held):
                    self._tx = Tx(self._begun(self._held, 0))
            except BaseException:
                forsake(self._held)
                raise
        return self._tx

    def _lock(self, tx: Tx) -> None:
        with self._patience(0):
            tx.begin(self._client, 0)
        self._locked = True

    def _undo(self) -> None:
        """Roll back; who is gone without a word is rolled back by the server."""
        if self._tx is not None:
            self._tx, self._locked = None, False
            try:
                with self._within(self._held, self.options.connect_seconds):
                    self._held.close()
            except (*FAILURES, QueryTimeoutError):
                forsake(self._held)

    def _again(self) -> None:
        self._undo()
        tx = self._trying()
        with self._while_answering(self._held):
            for define in self._defined:
                define(tx)
            self._lock(tx)
            for work in self._done:
                work(tx)
                tx.end()
