"""How long a request may read: set around it, looked at by whatever may take long.

The limit holds for the thread (or task) that set it and for what it calls. Writing has none.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from graph_service.errors import QueryTimeoutError

#: The limit in seconds, and when it is reached on ``time.monotonic``'s clock.
_limit: ContextVar[tuple[float, float] | None] = ContextVar("limit", default=None)


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Reads inside raise ``QueryTimeoutError`` once these seconds are over.

    Inside another limit the one that ends first holds.
    """
    until = time.monotonic() + seconds
    outer = _limit.get()
    token = _limit.set(outer if outer and outer[1] < until else (seconds, until))
    try:
        yield
    finally:
        _limit.reset(token)


@contextmanager
def unlimited() -> Iterator[None]:
    """Inside no limit holds: for work that later requests need as much as this one, and that
    would begin anew with each if it were cut off."""
    token = _limit.set(None)
    try:
        yield
    finally:
        _limit.reset(token)


def over() -> bool:
    """Whether a limit is set and reached."""
    limit = _limit.get()
    return limit is not None and time.monotonic() >= limit[1]


def remaining() -> float | None:
    """Seconds that are left, never below 0; None without a limit."""
    limit = _limit.get()
    return None if limit is None else max(0.0, limit[1] - time.monotonic())


def check() -> None:
    """Go on only within the limit.

    Raises:
        QueryTimeoutError: it is reached.
    """
    if over():
        raise exceeded()


def exceeded() -> QueryTimeoutError:
    """The error of a limit that is reached."""
    seconds, _ = _limit.get() or (0.0, 0.0)
    return QueryTimeoutError(
        f"查询超过了 {seconds:g} 秒的时限，已中止。",
        hint="请缩小范围：加筛选条件，指定关系种类，减少步数或条数。",
        seconds=seconds,
    )
