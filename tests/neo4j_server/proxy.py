"""A way to a server that can be cut: in the middle of an answer, or for good."""

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 65_536


class Proxy:
    """Passes on what comes to a port of its own.

    Attributes:
        port: where it listens.
        answered: bytes of answers passed on so far.
        cuts: how often ``cut_after`` cut.
        first: the first byte that came from a client, -1 before.
    """

    def __init__(self, target: int) -> None:
        self._target = target
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._guard = threading.Lock()
        self._open: set[socket.socket] = set()
        self._last: int | None = None
        self._barred = False
        self.port = int(self._listening.getsockname()[1])
        self.answered = 0
        self.cuts = 0
        self.first = -1
        threading.Thread(target=self._accept, daemon=True).start()

    def cut_after(self, answered: int) -> None:
        """Cut every connection once so many bytes more of answers have passed."""
        with self._guard:
            self._last = self.answered + answered

    def bar(self, *, barred: bool = True) -> None:
        """Cut every connection, and each new one at once, until ``bar(barred=False)``."""
        with self._guard:
            self._barred = barred
            if barred:
                self._cut()

    def close(self) -> None:
        self._listening.close()
        with self._guard:
            self._cut()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                client, _ = self._listening.accept()
                server = socket.create_connection(("127.0.0.1", self._target))
                with self._guard:
                    self._open |= {client, server}
                    if self._barred:
                        self._cut()
                for ends in ((client, server, False), (server, client, True)):
                    threading.Thread(target=self._pass, args=ends, daemon=True).start()

    def _pass(self, source: socket.socket, target: socket.socket, answers: bool) -> None:
        with suppress(OSError):
            while data := source.recv(PIECE):
                if answers:
                    data = self._counted(data)
                elif self.first < 0:
                    self.first = data[0]
                target.sendall(data)
        with self._guard:
            for end in (source, target):
                self._open.discard(end)
                end.close()

    def _counted(self, data: bytes) -> bytes:
        """What may pass of a piece of an answer; cuts where the rest may not."""
        with self._guard:
            if self._last is not None and self.answered + len(data) > self._last:
                data = data[: max(0, self._last - self.answered)]
                self._last = None
                self.cuts += 1
                self._cut()
            self.answered += len(data)
        return data

    def _cut(self) -> None:
        for end in self._open:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)


@contextmanager
def proxied(target: int) -> Iterator[Proxy]:
    """A proxy to a port of this machine."""
    proxy = Proxy(target)
    try:
        yield proxy
    finally:
        proxy.close()
