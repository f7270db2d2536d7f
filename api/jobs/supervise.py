"""A worker as a child process: what is heavy there never slows the server down, and a crash there
is no crash here. The child ends when its standard input does, so it never outlives its parent.
"""

import logging
import subprocess
import sys
import threading
import time
from typing import Self

#: Seconds that a child has to hand its job back, before it is ended.
GRACE = 20.0
#: Seconds before a child that died is started again: doubled each time, up to the last.
_FIRST, _LAST = 1.0, 30.0
#: A child that lived so long died of something new.
_HEALTHY = 60.0

_log = logging.getLogger("jiebang.jobs")


class Supervisor:
    """Keeps one worker running as long as the block lasts.

    Args:
        store: where the jobs are; that of the environment where not given.
    """

    def __init__(self, store: str | None = None) -> None:
        self._command = [sys.executable, "-P", "-m", "api.cli", "worker", "--child"]
        if store is not None:
            self._command += ["--store", store]
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._child: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._watch, name="worker-supervisor", daemon=True)

    @property
    def alive(self) -> bool:
        """Whether the worker runs now."""
        child = self._child
        return child is not None and child.poll() is None

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Let the worker hand its job back and end; after ``GRACE`` it is ended."""
        with self._lock:
            self._ending.set()
            child = self._child
        if child is not None:
            _close(child)
            try:
                child.wait(GRACE)
            except subprocess.TimeoutExpired:
                child.kill()
        self._thread.join()

    def _watch(self) -> None:
        pause = _FIRST
        while True:
            began = time.monotonic()
            try:
                how = f"退出了（{self._run()}）"
            except OSError as error:  # no memory or no process to be had just now
                how = f"启动不了（{error.strerror}）"
            if self._ending.is_set():
                return
            pause = _FIRST if time.monotonic() - began > _HEALTHY else min(2 * pause, _LAST)
            _log.warning("执行任务的进程%s，%.0f 秒后重新启动", how, pause)
            self._ending.wait(pause)

    def _run(self) -> int:
        """One life of a child, where there is to be one; its exit code."""
        with self._lock:
            if self._ending.is_set():
                return 0
            self._child = child = subprocess.Popen(  # noqa: S603 - our own program
                self._command, stdin=subprocess.PIPE
            )
        code = child.wait()
        _close(child)
        return code


def _close(child: subprocess.Popen[bytes]) -> None:
    if child.stdin is not None:
        child.stdin.close()
