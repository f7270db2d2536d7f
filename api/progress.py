"""How far a command is: bars on a terminal, plain lines where standard error goes elsewhere.

A line stands for committed work: what it counts survives whatever happens next.
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from graph_service.progress import Progress, Silent

if TYPE_CHECKING:
    import rich.progress


class Bar:
    """``graph_service.progress.Progress`` drawn by rich: one line a phase, kept when it ends."""

    def __init__(self, bars: "rich.progress.Progress") -> None:
        self._bars = bars
        self._task: rich.progress.TaskID | None = None

    def start(self, phase: str, total: int | None = None) -> None:
        self._task = self._bars.add_task(phase, total=total)

    def advance(self, count: int = 1) -> None:
        if self._task is not None:
            self._bars.advance(self._task, count)

    def finish(self) -> None:
        """End the phase; a bar of unknown length becomes full."""
        if self._task is not None:
            task = self._bars.tasks[self._task]
            self._bars.update(self._task, total=task.total or task.completed)
            self._task = None


class Lines:
    """``graph_service.progress.Progress`` as lines, one an ``advance``.

    ``进度 4000/9000 名录.csv``: what is done, about how much there is, and the phase; the
    total is left out where it is not known. Each line is flushed when its work is safe.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._phase, self._total, self._done = "", 0, 0

    def start(self, phase: str, total: int | None = None) -> None:
        self._phase, self._total, self._done = phase, total or 0, 0

    def advance(self, count: int = 1) -> None:
        if not count:
            return
        self._done += count
        of = f"/{self._total}" if self._total else ""
        print(f"进度 {self._done}{of} {self._phase}", file=self._stream, flush=True)

    def finish(self) -> None:
        """End the phase: nothing is left to say."""


@contextmanager
def progress(*, wanted: bool = True, lines: bool = True) -> Iterator[Progress]:
    """Progress on standard error for the length of the block: bars on a terminal, else lines.

    Silent where it is not ``wanted``, and without a terminal where ``lines`` are not.
    """
    terminal = sys.stderr.isatty()
    if not wanted or not (terminal or lines):
        yield Silent()
        return
    if not terminal:
        yield Lines(sys.stderr)
        return
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        SpinnerColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        SpinnerColumn(finished_text="✓"),
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True)) as bars:
        yield Bar(bars)
