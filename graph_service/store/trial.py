"""A record on trial: what is written is seen by who wrote it, and by nobody else, and is undone.

One transaction is opened with the record and rolled back at its close. Reads and writes share its
connection, so a trial belongs to one thread. Other processes go on reading; they cannot write
meanwhile.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from graph_service.store import schema
from graph_service.store.record import Record


class TrialRecord(Record):
    """A record that keeps nothing. Where there is none, one in memory stands for it."""

    def read(self) -> sqlite3.Connection:
        self._require_open()
        assert self._writer is not None  # noqa: S101 - a trial always has one
        return self._writer

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        with self._writing, self.errors():
            connection = self.read()
            connection.execute("SAVEPOINT batch")
            try:
                yield connection
            except BaseException:
                connection.execute("ROLLBACK TO batch")
                raise
            finally:
                connection.execute("RELEASE batch")

    def _open_writer(self) -> sqlite3.Connection:
        there = self._file.is_file()
        connection = sqlite3.connect(
            self._file if there else ":memory:",
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            connection.execute("PRAGMA cache_size = -65536")  # KiB
            connection.execute("PRAGMA temp_store = MEMORY")
            connection.execute("BEGIN IMMEDIATE")
            schema.bring_up(connection)
        except BaseException:
            connection.close()
            raise
        return connection
