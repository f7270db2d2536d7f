"""What was computed, kept for as long as the graph stays the same; each thing is computed once.

A computation goes on in a thread of its own where a request may not wait for its end: who asks
again finds it done. Requests that ask for the same meanwhile wait for the same.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

from graph_service import deadline
from graph_service.errors import QueryTimeoutError

T = TypeVar("T")

#: Computations that go on at one time with nobody who waits in their thread.
AT_ONCE = 4


class Kept(Generic[T]):
    """The last answers by key.

    Args:
        most: how many are kept at most.
        weigh: how heavy an answer is.
        load: how heavy all that are kept may be together; the last is kept however heavy.
    """

    def __init__(
        self, most: int = 16, *, weigh: Callable[[T], int] = lambda _: 0, load: int = 0
    ) -> None:
        self._most = most
        self._weigh = weigh
        self._load = load
        self._guard = threading.Lock()
        self._held: OrderedDict[Hashable, Future[T]] = OrderedDict()
        self._aside = 0

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives for the key, made at most once while it is kept; an error is not
        kept.

        Raises:
            QueryTimeoutError: it is not done within the time limit of who asks, and goes on; or
                ``AT_ONCE`` others that nobody could wait for go on already.
        """
        limited = deadline.remaining() is not None
        with self._guard:
            future = self._held.get(key)
            mine = future is None
            if future is None:
                if limited and self._aside >= AT_ONCE:
                    raise QueryTimeoutError(
                        "正在算别的范围，一时轮不到这一个。", hint="过一会儿再问同样的问题。"
                    )
                self._aside += limited
                future = self._held[key] = Future()
            self._held.move_to_end(key)
        if mine and limited:
            work = threading.Thread(
                target=self._fill, args=(key, future, make), kwargs={"aside": True}, daemon=True
            )
            work.start()
        elif mine:
            self._fill(key, future, make, aside=False)
        try:
            return future.result(deadline.remaining())
        except TimeoutError:
            raise QueryTimeoutError(
                "还没有算完，正在后台接着算。",
                hint="过一会儿再问同样的问题；或缩小范围：选一个区县、一条产业链，少选几种关系。",
            ) from None

    def _fill(
        self, key: Hashable, future: "Future[T]", make: Callable[[], T], *, aside: bool
    ) -> None:
        try:
            made = make()
        except BaseException as error:
            with self._guard:
                self._held.pop(key, None)
                self._aside -= aside
            future.set_exception(error)
        else:
            future.set_result(made)
            with self._guard:
                self._aside -= aside
                self._let_go()

    def _let_go(self) -> None:
        """Forget what was asked for longest ago, where there is too much."""
        done = [key for key, future in self._held.items() if future.done()]
        loads = {key: self._weigh(self._held[key].result()) for key in done}
        total = sum(loads.values())
        for key in done[:-1]:
            if len(self._held) <= self._most and total <= self._load:
                break
            total -= loads[key]
            del self._held[key]
