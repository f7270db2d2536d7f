"""A progress bar on the terminal; nothing where nobody watches."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

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


@contextmanager
def progress(*, wanted: bool = True) -> Iterator[Progress]:
    """Bars on standard error for the length of the block; silent without a terminal there."""
    if not (wanted and sys.stderr.isatty()):
        yield Silent()
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
