"""The embedded record: its file, its errors, its change log."""

import sqlite3
import threading
from pathlib import Path

import numpy as np
import pytest

from graph_service.errors import (
    StoreCorruptError,
    StoreLockedError,
    StoreNewerError,
    StoreUnavailableError,
)
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.store import schema
from graph_service.store.filters import matching_nums
from graph_service.store.record import Record
from graph_service.store.sqlite_rows import SqliteRows
from graph_service.store.vectors import put_vectors
from graph_service.store.writing import BatchWriter

TODAY = "2026-11-23"
ENDLESS = "WITH RECURSIVE t(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM t) SELECT max(n) FROM t"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "库 #1%?"


@pytest.fixture
def record(folder: Path):
    opened = Record(folder, patience=0.05)
    yield opened
    opened.close()


def file_of(folder: Path) -> Path:
    (found,) = folder.glob("*.sqlite")
    return found


def apply(record: Record, batch: Batch) -> None:
    with record.write() as connection:
        BatchWriter(SqliteRows(connection), TODAY).write(batch)


def _write(record: Record, *statements: str) -> None:
    with record.write() as connection:
        for statement in statements:
            connection.execute(statement)


def log_after(record: Record, seq: int) -> list[tuple]:
    """The changes after one, nodes by their ids and edges by their types."""
    connection = record.read()
    names = dict(connection.execute("SELECT num, id FROM nodes"))
    types = dict(connection.execute("SELECT num, type FROM edges"))
    return [
        (kind, {"node": names, "edge": types}[kind].get(num, "gone"))
        for kind, num in connection.execute(
            "SELECT kind, num FROM changes WHERE seq > ? ORDER BY seq", (seq,)
        )
    ]


# -- opening -------------------------------------------------------------------------------------


def test_a_record_that_is_not_there_is_not_made_by_a_reader(folder: Path) -> None:
    with pytest.raises(StoreUnavailableError) as caught:
        Record(folder, read_only=True)
    assert "jiebang load" in caught.value.hint
    assert not folder.exists()


def test_a_newer_record_is_refused(record: Record, folder: Path) -> None:
    with record.write() as connection:
        connection.execute(f"PRAGMA user_version = {len(schema.MIGRATIONS) + 1}")
    for read_only in (True, False):
        with pytest.raises(StoreNewerError):
            Record(folder, read_only)


def test_a_file_that_is_no_record_is_refused(folder: Path, record: Record) -> None:
    path = file_of(folder)
    record.close()
    path.write_bytes(b"not a database at all" * 1000)
    with pytest.raises(StoreCorruptError) as caught:
        Record(folder)
    assert isinstance(caught.value.__cause__, sqlite3.DatabaseError)


def test_a_damaged_record_says_so(folder: Path, record: Record) -> None:
    apply(record, Batch([Node(f"p{i}", Label.PRODUCT, {"name": "阀" * 50}) for i in range(500)]))
    record.close()
    path = file_of(folder)
    content = bytearray(path.read_bytes())
    content[4096 : len(content) // 2] = b"\xff" * (len(content) // 2 - 4096)
    path.write_bytes(content)
    damaged = Record(folder, read_only=True)
    with pytest.raises(StoreCorruptError), damaged.reading() as connection:
        connection.execute("SELECT sum(length(props)) FROM nodes NOT INDEXED").fetchall()
    damaged.close()


def test_a_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(StoreUnavailableError):
        Record(path)


def test_two_may_make_a_record_at_once(folder: Path) -> None:
    made: list[Record] = []
    threads = [threading.Thread(target=lambda: made.append(Record(folder))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    for one in made:
        one.close()


# -- transactions --------------------------------------------------------------------------------


def test_an_error_undoes_the_transaction(record: Record) -> None:
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        _write(
            record,
            "INSERT INTO changes (kind, num) VALUES ('node', 1)",
            "INSERT INTO nowhere VALUES (1)",
        )
    assert record.change() == 0
    _write(record, "INSERT INTO changes (kind, num) VALUES ('node', 1)")
    assert record.change() == 1


def test_a_second_writer_is_told_to_wait(record: Record, folder: Path) -> None:
    other = Record(folder, patience=0.05)
    with record.write(), pytest.raises(StoreLockedError) as caught, other.write():
        pytest.fail("two wrote at once")
    assert isinstance(caught.value.__cause__, sqlite3.OperationalError)
    apply(other, Batch([Node("p1", Label.PRODUCT)]))
    other.close()


def test_reads_of_one_call_see_one_state(record: Record, folder: Path) -> None:
    count = "SELECT count(*) FROM nodes"
    with record.reading() as connection:
        before = connection.execute(count).fetchone()
        apply(record, Batch([Node("p1", Label.PRODUCT)]))
        with record.reading() as same:
            assert same is connection
            assert same.execute(count).fetchone() == before == (0,)
    with record.reading() as connection:
        assert connection.execute(count).fetchone() == (1,)


def test_a_full_disk_is_named_and_nothing_is_lost(record: Record) -> None:
    apply(record, Batch([Node("p1", Label.PRODUCT)]))
    with record.write() as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]
        connection.execute(f"PRAGMA max_page_count = {pages + 1}")
    big = Batch([Node(f"q{i}", Label.PRODUCT, {"name": "阀" * 5000}) for i in range(20)])
    with pytest.raises(StoreUnavailableError, match="磁盘已满"):
        apply(record, big)
    assert record.read().execute("SELECT id FROM nodes").fetchall() == [("p1",)]
    with record.write() as connection:
        connection.execute("PRAGMA max_page_count = 1000000")
    apply(record, big)
    assert record.read().execute("SELECT count(*) FROM nodes").fetchone() == (21,)


def test_connections_of_ended_threads_are_let_go(record: Record) -> None:
    seen: set[int] = set()

    def read() -> None:
        seen.add(id(record.read()))
        assert record.read() is record.read()

    for _ in range(5):
        thread = threading.Thread(target=read)
        thread.start()
        thread.join()
    assert len(record._readers) <= 2
    assert seen


def test_a_closed_record_says_so(record: Record) -> None:
    record.close()
    record.close()
    with pytest.raises(StoreUnavailableError), record.reading():
        pytest.fail("read when closed")
    with pytest.raises(StoreUnavailableError), record.write():
        pytest.fail("wrote when closed")


def test_closing_ends_the_reads_of_other_threads(record: Record) -> None:
    # SQLite's module crashes the process where a connection is closed under its statement.
    reading = threading.Event()
    told: list[str] = []

    def read() -> None:
        try:
            with record.reading() as connection:
                reading.set()
                connection.execute(ENDLESS).fetchone()
        except StoreUnavailableError as error:
            told.append(error.message)

    threads = [threading.Thread(target=read, daemon=True) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert reading.wait(10)
    record.close()
    for thread in threads:
        thread.join(10)
    assert told == ["图谱库已经关闭。"] * 4


def test_closing_does_not_wait_for_ever_for_a_read(
    record: Record, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("graph_service.store.record._FAREWELL", 0.01)
    reading, go_on = threading.Event(), threading.Event()
    read: list[int] = []

    def slow() -> None:
        with record.reading() as connection:
            reading.set()
            go_on.wait(10)
            read.extend(connection.execute("SELECT 1").fetchone())

    thread = threading.Thread(target=slow)
    thread.start()
    assert reading.wait(10)
    record.close()
    go_on.set()
    thread.join(10)
    assert read == [1]


# -- the change log ------------------------------------------------------------------------------


def test_the_log_names_what_changed_and_nothing_else(record: Record) -> None:
    firm = Node("f1", Label.ORGANIZATION, {"name": "甲"})
    valve = Node("p1", Label.PRODUCT, {"name": "阀"})
    edge = Edge(EdgeType.MAKES, "f1", "p1")
    apply(record, Batch([firm, valve], [edge, Edge(EdgeType.MAKES, "f1", "p2")]))
    assert log_after(record, 0) == [
        *(("node", id_) for id_ in ("f1", "p1", "p2")),
        ("edge", "MAKES"),
        ("edge", "MAKES"),
    ]
    steps = [
        (Batch([firm, valve], [edge]), []),
        (Batch([Node("p1", Label.PRODUCT, {"name": "球阀"})]), [("node", "f1"), ("node", "p1")]),
        (Batch([Node("p1", Label.PRODUCT, {"name": "球阀", "a": 1})]), [("node", "p1")]),
        (Batch(edges=[Edge(EdgeType.MAKES, "f1", "p1", confidence=0.5)]), [("edge", "MAKES")]),
        (Batch(edges=[Edge(EdgeType.NEEDS, "f1", "p1")]), [("edge", "NEEDS")]),
        (
            Batch(delete_edges=[(EdgeType.MAKES, "f1", "p1", "")]),
            [("node", "f1"), ("edge", "gone")],
        ),
        (Batch(delete_nodes=["p1"]), [("node", "gone"), ("edge", "gone")]),
    ]
    for batch, expected in steps:
        before = record.change()
        apply(record, batch)
        assert log_after(record, before) == expected


def test_the_log_names_hashes_that_got_a_vector(record: Record) -> None:
    hashes = [b"a" * 16, b"b" * 16, b"a" * 16]
    for _ in range(2):
        with record.write() as connection:
            put_vectors(connection, "m", hashes, np.eye(3, 2, dtype=np.float32))
    logged = record.read().execute("SELECT kind, num, hash FROM changes ORDER BY seq").fetchall()
    assert logged == [("vector", None, b"a" * 16), ("vector", None, b"b" * 16)]
    stored = record.read().execute("SELECT hash, vector FROM vectors ORDER BY hash").fetchall()
    assert [(hash_, np.frombuffer(v, np.float32).tolist()) for hash_, v in stored] == [
        (b"a" * 16, [1.0, 0.0]),
        (b"b" * 16, [0.0, 1.0]),
    ]


def test_numbers_are_never_used_again(record: Record) -> None:
    def num() -> int:
        return int(record.read().execute("SELECT num FROM nodes").fetchone()[0])

    node = Node("p1", Label.PRODUCT)
    apply(record, Batch([node]))
    first = num()
    apply(record, Batch(delete_nodes=["p1"]))
    apply(record, Batch([node]))
    assert num() > first


# -- filters -------------------------------------------------------------------------------------


def test_matching_nums_leaves_labels_to_the_caller(record: Record) -> None:
    apply(
        record,
        Batch(
            [
                Node("f1", Label.ORGANIZATION, {"kind": "enterprise"}),
                Node("d1", Label.DEMAND, {"kind": "enterprise"}),
                Node("p1", Label.PRODUCT),
            ]
        ),
    )
    connection = record.read()
    labels = frozenset({Label.ORGANIZATION})
    kinds = frozenset({"enterprise"})
    assert matching_nums(connection, Filter()) is None
    assert matching_nums(connection, Filter(labels=labels)) is None
    assert matching_nums(connection, Filter(kinds=kinds)) == {1, 2}
    assert matching_nums(connection, Filter(labels=labels, kinds=kinds)) == {1}
    assert matching_nums(connection, Filter(kinds=frozenset({"nobody"}))) == set()
