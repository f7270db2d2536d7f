"""Who may come in at one time: the gate before heavy work, and a bound on what is followed.

The gate: as many at once as there are cores, a bounded queue behind them.

Small requests pass beside it and find a thread free. What does not find room in the queue, or waits
in it too long, is told to come again (503, ``busy``) while the server still answers the others.
"""

import asyncio
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from api.http.errors import BusyError

#: Streams of events at one time. Each holds a connection and looks at its job twice a second.
MOST_STREAMS = 100
#: Seconds after which one that found no room may come again.
_AGAIN = 5


class Gate:
    """Lets ``width`` through at once; up to ``queue`` wait, each at most ``patience`` seconds.

    For one event loop. First come, first served.
    """

    def __init__(self, width: int, queue: int, patience: float) -> None:
        self.width = width or os.cpu_count() or 1
        self._queue = queue
        self._patience = patience
        self._places = asyncio.Semaphore(self.width)
        self.running = 0
        self.waiting = 0

    @asynccontextmanager
    async def passing(self) -> AsyncIterator[None]:
        """Hold a place for the length of the block.

        Raises:
            BusyError: no room in the queue, or no place within ``patience``.
        """
        if self._places.locked() and self.waiting >= self._queue:
            raise self._busy("queue")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._patience):
                await self._places.acquire()
        except TimeoutError:
            raise self._busy("patience") from None
        finally:
            self.waiting -= 1
        self.running += 1
        try:
            yield
        finally:
            self.running -= 1
            self._places.release()

    def _busy(self, reason: str) -> BusyError:
        return BusyError(
            f"正在处理的查询太多（{self.running} 个在算，{self.waiting} 个在等）",
            hint="稍等片刻再试；常常如此时增加处理器，或调大 JIEBANG_QUEUE",
            seconds=1 + self.waiting // self.width,
            reason=reason,
        )


class Streams:
    """Streams of events that are open; at most ``most``. For one event loop."""

    def __init__(self, most: int) -> None:
        self._most = most
        self.open = 0

    @contextmanager
    def following(self) -> Iterator[None]:
        """Count one more for the length of the block.

        Raises:
            BusyError: there are as many as may be.
        """
        if self.open >= self._most:
            raise BusyError(
                f"同时跟随任务进度的连接已有 {self.open} 个，不能再多",
                hint="关掉不再看的页面，或隔几秒问一次 GET /api/v1/jobs/{id}",
                seconds=_AGAIN,
                reason="streams",
            )
        self.open += 1
        try:
            yield
        finally:
            self.open -= 1
