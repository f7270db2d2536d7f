"""What fails in passing is tried again, for a while."""

import math
import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from graph_service.store.bolt.failures import passing

#: Seconds before the second attempt; each further one waits twice as long, at most the longest.
_FIRST_WAIT, _LONGEST_WAIT = 0.05, 1.0


def attempts(
    seconds: float, left: float | None, closed: Callable[[], bool]
) -> Iterator["Attempts"]:
    """Attempts, with waits between them: for some seconds from the first failure on, as long as
    what is left of the time limit (None: there is none), and until the store is closed."""
    ends = math.inf if left is None else time.monotonic() + left
    again = Attempts(seconds, ends, closed)
    while True:
        yield again
        time.sleep(again.pause)


@dataclass(slots=True)
class Attempts:
    """Let what fails in passing fail, until it has failed for some seconds: from the first failure
    on, however long what failed had gone well before.

    Attributes:
        seconds: for how long.
        ends: when all must be over, on ``time.monotonic``'s clock.
        closed: whether the store was closed meanwhile.
        pause: seconds to wait before the next attempt.
    """

    seconds: float
    ends: float
    closed: Callable[[], bool]
    pause: float = 0.0
    _wait: float = _FIRST_WAIT
    _failed: bool = False

    def __enter__(self) -> None:
        pass

    def __exit__(self, _kind: object, error: BaseException | None, _trace: object) -> bool:
        if error is None or not passing(error):
            return False
        now = time.monotonic()
        if not self._failed:
            self._failed, self.ends = True, min(self.ends, now + self.seconds)
        self.pause = self._wait * random.uniform(0.5, 1.5)  # noqa: S311 - to keep clients apart
        self._wait = min(2 * self._wait, _LONGEST_WAIT)
        return now + self.pause < self.ends and not self.closed()
