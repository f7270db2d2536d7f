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


class Kept(Generic[T]):
    """The last answers by key.

    Args:
        most: how many are kept.
    """

    def __init__(self, most: int = 16) -> None:
        self._most = most
        self._guard = threading.Lock()
        self._held: OrderedDict[Hashable, Future[T]] = OrderedDict()

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What ``make`` gives for the key, made at most once while it is kept; an error is not
        kept.

        Raises:
            QueryTimeoutError: it is not done within the time limit of who asks; it goes on.
        """
        with self._guard:
            future = self._held.get(key)
            mine = future is None
            if future is None:
                future = self._held[key] = Future()
            self._held.move_to_end(key)
            while len(self._held) > self._most:
                self._held.popitem(last=False)
        if mine:
            if deadline.remaining() is None:
                self._fill(key, future, make)
            else:
                threading.Thread(
                    target=self._fill, args=(key, future, make), daemon=True, name="insight"
                ).start()
        try:
            return future.result(deadline.remaining())
        except TimeoutError:
            raise QueryTimeoutError(
                "还没有算完，正在后台接着算。",
                hint="过一会儿再问同样的问题；或缩小范围：选一个区县、一条产业链，少选几种关系。",
            ) from None

    def _fill(self, key: Hashable, future: "Future[T]", make: Callable[[], T]) -> None:
        try:
            future.set_result(make())
        except BaseException as error:
            with self._guard:
                if self._held.get(key) is future:
                    del self._held[key]
            future.set_exception(error)
