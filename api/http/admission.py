"""The gate before heavy work: as many at once as there are cores, a bounded queue behind them.

Small requests pass beside it and find a thread free. What does not find room in the queue, or waits
in it too long, is told to come again (503, ``busy``) while the server still answers the others.
"""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from api.http.errors import BusyError


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
