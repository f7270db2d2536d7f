"""The SQLite file that holds everything true about an embedded store; the rest is derived from it.

WAL mode: readers never wait and see every committed transaction, of whatever process. Each thread
has a read connection of its own; one write connection is handed from thread to thread, and SQLite's
own write lock keeps processes apart. ``synchronous=NORMAL``: a killed process loses nothing that
was committed, a power cut may lose the last transactions but never damages the file.
"""

import sqlite3
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import orjson

from graph_service import deadline
from graph_service.errors import (
    StoreCorruptError,
    StoreError,
    StoreLockedError,
    StoreUnavailableError,
)
from graph_service.store import schema

#: Seconds that a write waits for another process to end its transaction.
PATIENCE = 10.0

#: Seconds that closing waits for reads in other threads.
_FAREWELL = 5.0

#: SQLite's instructions, those for a hundred rows or so, between two looks at the time limit.
_BETWEEN_LOOKS = 10_000

#: The record, in the folder of its store.
FILE = "record.sqlite"


def json_array(values: Iterable[Any]) -> str:
    """Many values as one parameter of a statement, where ``json_each(?)`` gives them back."""
    return orjson.dumps(list(values)).decode()


class Record:
    """Connections to the record in a folder, which is made where it is missing.

    Args:
        folder: where the record and what is derived from it lie.
        read_only: never write; the record must be there.
        patience: seconds that a write waits for another process.

    Raises:
        StoreUnavailableError: not there (read only), or the folder cannot be written.
        StoreNewerError: written by a newer program.
        StoreCorruptError: not a record.
    """

    def __init__(
        self, folder: Path, read_only: bool = False, *, patience: float = PATIENCE
    ) -> None:
        self.folder = folder
        self._file = folder / FILE
        self.read_only = read_only
        self._patience = patience
        self._writing = threading.Lock()
        self._guard = threading.Condition()
        self._readers: dict[threading.Thread, sqlite3.Connection] = {}
        self._reads = 0  # under way, in whatever thread
        self._closed = False
        self._writer: sqlite3.Connection | None = None
        try:
            with self.errors():
                if read_only:
                    self._require_file()
                else:
                    self._writer = self._open_writer()
                schema.version(self.read())
        except BaseException:
            self.close()
            raise

    def read(self) -> sqlite3.Connection:
        """This thread's read connection (autocommit; see ``reading`` for one snapshot)."""
        thread = threading.current_thread()
        found = self._readers.get(thread)
        return found if found is not None else self._open_reader(thread)

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """This thread's read connection inside one read transaction: all reads see one state.

        May be nested: the inner one joins the outer. SQLite's errors come out as ours.

        Raises:
            QueryTimeoutError: the time limit is reached, now or while a statement runs.
        """
        deadline.check()
        with self.errors():
            connection = self.read()
            if connection.in_transaction:
                yield connection
                return
            with self._under_way():
                connection.execute("BEGIN")
                try:
                    yield connection
                finally:
                    connection.execute("ROLLBACK")

    @contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """The write connection inside one transaction: committed at the end, undone by an error.

        Not to be nested in one thread.

        Raises:
            StoreLockedError: another process writes, and did not end within ``patience``.
            StoreUnavailableError: opened read only, disk full, not writable.
        """
        if self._writer is None:
            raise StoreUnavailableError(
                "图谱库是以只读方式打开的，不能写入。",
                hint="请以可写方式打开。",
                folder=self.folder,
            )
        with self._writing, self.errors():
            self._require_open()
            self._writer.execute("BEGIN IMMEDIATE")
            try:
                yield self._writer
                self._writer.execute("COMMIT")
            except BaseException:
                if self._writer.in_transaction:
                    self._writer.execute("ROLLBACK")
                raise

    def change(self) -> int:
        """The number of the last change; 0 before the first."""
        row = self.read().execute("SELECT coalesce(max(seq), 0) FROM changes").fetchone()
        return int(row[0])

    def close(self) -> None:
        """Close every connection; closing twice is harmless.

        Statements that run in other threads break off. What does not end within ``_FAREWELL``
        keeps its connection to its own end: to close it under a statement crashes the process.
        """
        with self._writing, self._guard:
            self._closed = True
            if self._guard.wait_for(lambda: not self._reads, _FAREWELL):
                for connection in self._readers.values():
                    connection.close()
            self._readers.clear()
            if self._writer is not None:
                self._writer.close()

    @contextmanager
    def _under_way(self) -> Iterator[None]:
        """Counted among the reads that ``close`` waits for."""
        with self._guard:
            self._require_open()
            self._reads += 1
        try:
            yield
        finally:
            with self._guard:
                self._reads -= 1
                self._guard.notify_all()

    def _over(self) -> bool:
        """Whether statements must break off."""
        return self._closed or deadline.over()

    def _require_file(self) -> None:
        if not self._file.is_file():
            raise StoreUnavailableError(
                f"没有找到图谱库：{self.folder}",
                hint="请先用 jiebang load 装入数据，或用 --store 指明已有的图谱库。",
                folder=self.folder,
            )

    def _require_open(self) -> None:
        if self._closed:
            raise StoreUnavailableError("图谱库已经关闭。", hint="请重新打开。", folder=self.folder)

    def _open_writer(self) -> sqlite3.Connection:
        self.folder.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self._file,
            timeout=self._patience,
            isolation_level=None,
            check_same_thread=False,
        )
        try:
            # A vector's row (1.6 KB) fits into a page of 16 KiB, but not of 4 KiB: a new record is
            # half as large by it. What is there already keeps its pages.
            connection.execute("PRAGMA page_size = 16384")
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute("PRAGMA wal_autocheckpoint = 2000")  # pages
            connection.execute("PRAGMA cache_size = -65536")  # KiB
            connection.execute("PRAGMA temp_store = MEMORY")
            schema.migrate(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_reader(self, thread: threading.Thread) -> sqlite3.Connection:
        with self._guard:
            self._require_open()
            for ended in [one for one in self._readers if not one.is_alive()]:
                self._readers.pop(ended).close()
            connection = self._connect_reader()
            connection.execute("PRAGMA mmap_size = 268435456")
            connection.execute("PRAGMA temp_store = MEMORY")
            schema.stand_in(connection)
            connection.set_progress_handler(self._over, _BETWEEN_LOOKS)
            self._readers[thread] = connection
            return connection

    def _connect_reader(self) -> sqlite3.Connection:
        path = quote(str(self._file.resolve()))

        def connect(how: str) -> sqlite3.Connection:
            return sqlite3.connect(
                f"file:{path}?{how}",
                uri=True,
                timeout=self._patience,
                isolation_level=None,
                check_same_thread=False,
            )

        connection = connect("mode=ro")
        try:
            connection.execute("PRAGMA schema_version")
        except sqlite3.OperationalError as error:
            connection.close()
            # A folder that we cannot write has no room for the files by which WAL readers and
            # writers find each other; where there is no WAL, nobody writes.
            wal = self._file.with_name(f"{FILE}-wal")
            if error.sqlite_errorcode & 0xFF not in _NO_ROOM or wal.exists():
                raise
            connection = connect("mode=ro&immutable=1")
        return connection

    @contextmanager
    def errors(self) -> Iterator[None]:
        """Turn errors of SQLite and of the file system into ours."""
        try:
            yield
        except sqlite3.Error as error:
            ours = self._ours(error)
            if ours is None:
                raise
            raise ours from error
        except OSError as error:
            raise StoreUnavailableError(
                f"图谱库所在的文件夹不能使用：{self.folder}",
                hint="请检查文件夹的权限和磁盘空间。",
                folder=self.folder,
                reason=error,
            ) from error

    def _ours(self, error: sqlite3.Error) -> StoreError | None:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the low byte is the primary code
        broken_off = code == sqlite3.SQLITE_INTERRUPT
        if self._closed and (broken_off or isinstance(error, sqlite3.ProgrammingError)):
            return StoreUnavailableError(
                "图谱库已经关闭。", hint="请重新打开。", folder=self.folder
            )
        if broken_off:
            return deadline.exceeded()
        if code not in _MEANING:
            return None
        kind, message, hint = _MEANING[code]
        return kind(message, hint=hint, folder=self.folder, reason=error)


_NO_ROOM = frozenset({sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN})

_MEANING: dict[int, tuple[type[StoreError], str, str]] = {
    sqlite3.SQLITE_BUSY: (
        StoreLockedError,
        "另一个程序正在写入图谱库。",
        "请等它结束后再试。",
    ),
    sqlite3.SQLITE_LOCKED: (
        StoreLockedError,
        "图谱库正在被写入。",
        "请稍后再试。",
    ),
    sqlite3.SQLITE_FULL: (
        StoreUnavailableError,
        "磁盘已满，图谱库写不进去；已提交的内容完好。",
        "请腾出磁盘空间后重新装入，已装入的部分不会重复。",
    ),
    sqlite3.SQLITE_READONLY: (
        StoreUnavailableError,
        "图谱库不可写。",
        "请检查文件和文件夹的写权限。",
    ),
    sqlite3.SQLITE_PERM: (
        StoreUnavailableError,
        "没有权限访问图谱库。",
        "请检查文件和文件夹的权限。",
    ),
    sqlite3.SQLITE_CANTOPEN: (
        StoreUnavailableError,
        "图谱库打不开。",
        "请检查路径、权限和磁盘空间。",
    ),
    sqlite3.SQLITE_IOERR: (
        StoreUnavailableError,
        "读写图谱库时磁盘出错。",
        "请检查磁盘及其剩余空间。",
    ),
    sqlite3.SQLITE_CORRUPT: (
        StoreCorruptError,
        "图谱库文件已损坏。",
        "请从备份恢复，或换一个新的图谱库重新装入数据。",
    ),
    sqlite3.SQLITE_NOTADB: (
        StoreCorruptError,
        "这个文件不是图谱库。",
        "请检查路径，或换一个新的图谱库重新装入数据。",
    ),
}
