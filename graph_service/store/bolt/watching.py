"""Reads of which a server tells nothing any more: one that hangs ends none at its time limit."""

import os
import socket
import threading
import time
from contextlib import suppress

import neo4j

#: Seconds between two looks at what is under way.
_TICK = 0.5


class Watch:
    """Cuts the connections of sessions that are not done in time; one thread for all of them."""

    def __init__(self) -> None:
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def _begin(self) -> None:
        self._changed = threading.Condition()
        self._until: dict[neo4j.Session, float] = {}
        self._thread: threading.Thread | None = None
        self._idle = False

    def add(self, session: neo4j.Session, seconds: float) -> None:
        """From now on a session has so long."""
        with self._changed:
            self._until[session] = time.monotonic() + seconds
            if self._thread is None:
                self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
                self._thread.start()
            elif self._idle:
                self._changed.notify()

    def remove(self, session: neo4j.Session) -> bool:
        """Whether a session that is done was in time."""
        with self._changed:
            return self._until.pop(session, None) is not None

    def _look(self) -> None:
        while True:
            with self._changed:
                self._idle = not self._until
                if self._idle:
                    self._changed.wait()
                now = time.monotonic()
                for session in [one for one, until in self._until.items() if until <= now]:
                    if _cut(session):
                        del self._until[session]
            time.sleep(_TICK)


def _cut(session: neo4j.Session) -> bool:
    """Break a session's connection off, so that who waits for it gets an error; False where it has
    none yet: that has a limit of its own. The driver has no public way to do this."""
    connection = session._connection  # noqa: SLF001
    if connection is None:
        return False
    with suppress(OSError):
        socket.socket.shutdown(connection.socket._socket, socket.SHUT_RDWR)  # noqa: SLF001
    return True


watch = Watch()
