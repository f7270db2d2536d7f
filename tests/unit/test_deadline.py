"""Time limits: which one holds, for whom, and that long reads stop at it."""

import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from graph_service import deadline
from graph_service.deadline import time_limit, unlimited
from graph_service.errors import QueryTimeoutError
from graph_service.store.paths import shortest_simple_paths
from graph_service.store.record import Record

ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"


@pytest.fixture
def record(tmp_path: Path) -> Iterator[Record]:
    opened = Record(tmp_path)
    yield opened
    opened.close()


def test_without_a_limit_nothing_is_cut() -> None:
    deadline.check()
    assert deadline.remaining() is None


def test_the_limit_that_ends_first_holds_and_goes_with_its_block() -> None:
    with time_limit(1000):
        with time_limit(0), pytest.raises(QueryTimeoutError) as error:
            deadline.check()
        assert error.value.values["seconds"] == 0
        with time_limit(5000):
            assert 0 < (deadline.remaining() or 0) <= 1000
        deadline.check()
    with time_limit(0), time_limit(1000), pytest.raises(QueryTimeoutError):
        deadline.check()
    with time_limit(0), unlimited():
        deadline.check()


def test_a_limit_is_that_of_its_thread() -> None:
    found: list[float | None] = []
    with time_limit(0):
        other = threading.Thread(target=lambda: found.append(deadline.remaining()))
        other.start()
        other.join()
    assert found == [None]


def test_a_statement_that_would_never_end_stops(record: Record) -> None:
    with (
        time_limit(0.05),
        pytest.raises(QueryTimeoutError, match=r"0\.05 秒"),
        record.reading() as connection,
    ):
        connection.execute(ENDLESS).fetchone()
    with record.reading() as connection:  # the connection serves the next request
        assert connection.execute("SELECT count(*) FROM nodes").fetchone() == (0,)


def test_a_search_for_paths_stops() -> None:
    around = np.arange(400, dtype=np.int32)

    def search_without_end() -> None:
        while True:
            shortest_simple_paths(
                lambda _: around, lambda _: around, np.ndarray.tolist, 0, 1, max_hops=8, k=1000
            )

    with time_limit(0.05), pytest.raises(QueryTimeoutError):
        search_without_end()
