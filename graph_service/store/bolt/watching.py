"""What a server tells nothing of any more: one that hangs ends no read at its limit, answers no
write, and the driver would wait for minutes."""

import math
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

import neo4j

#: Seconds between two looks at what is under way.
_TICK = 0.5


@dataclass(slots=True)
class _Watched:
    """A session under way.

    Attributes:
        due: when something is to be done, on ``time.monotonic``'s clock.
        seconds: between two questions.
        answers: whether the server answers anybody; None where there is no time to ask.
    """

    due: float
    seconds: float
    answers: Callable[[], bool] | None


class Watch:
    """Cuts the connections of sessions that are not done in time, or whose server answers nobody;
    one thread for all of them, and one for each question that is asked."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._held: dict[neo4j.Session, _Watched] = {}
        self._thread: threading.Thread | None = None
        self._idle = False

    def add(
        self, session: neo4j.Session, seconds: float, answers: Callable[[], bool] | None = None
    ) -> None:
        """From now on a session has so long; with ``answers`` it has until that is false, which is
        asked each time that so long is over."""
        with self._changed:
            self._held[session] = _Watched(time.monotonic() + seconds, seconds, answers)
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
                self._thread.start()
            elif self._idle:
                self._changed.notify()

    def remove(self, session: neo4j.Session) -> bool:
        """Whether a session that is done was in time."""
        with self._changed:
            return self._held.pop(session, None) is not None

    def _look(self) -> None:
        while True:
            with self._changed:
                self._idle = not self._held
                if self._idle:
                    self._changed.wait()
                now = time.monotonic()
                for session, one in [*self._held.items()]:
                    if one.due > now:
                        continue
                    if one.answers is None:
                        self._end(session)
                    else:
                        one.due = math.inf
                        asking = (session, one, one.answers)
                        threading.Thread(target=self._ask, args=asking, daemon=True).start()
            time.sleep(_TICK)

    def _ask(self, session: neo4j.Session, one: _Watched, answers: Callable[[], bool]) -> None:
        there = answers()
        with self._changed:
            if self._held.get(session) is not one:
                return  # it is done
            one.due = time.monotonic() + one.seconds
            if not there:
                self._end(session)

    def _end(self, session: neo4j.Session) -> None:
        """Break a session's connection off, so that who waits for it gets an error. One that has
        none yet has a limit of its own. The driver has no public way to do this."""
        connection = session._connection  # noqa: SLF001
        if connection is not None:
            del self._held[session]
            with suppress(OSError):
                socket.socket.shutdown(connection.socket._socket, socket.SHUT_RDWR)  # noqa: SLF001


watch = Watch()


@contextmanager
def ended(session: neo4j.Session) -> Iterator[neo4j.Session]:
    """The session, closed in the end. Where the program is interrupted (Ctrl-C) its connection is
    thrown away: it may stand in the middle of a message, and to close it in order fails then with
    errors of the driver's buffers, which would hide the interruption."""
    with session:
        try:
            yield session
        except BaseException as error:
            if not isinstance(error, Exception):
                forsake(session)
            raise


def forsake(session: neo4j.Session) -> None:
    """Close a session and throw its connection away, whatever it is about. The driver does the same
    where a task is cancelled, and has no public way to it here."""
    cancelled: Callable[[], None] = session._handle_cancellation  # noqa: SLF001
    cancelled()
    session.close()
