"""What the work of every kind of job is given, and what it gives back."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from api.bootstrap import Services
from graph_service.errors import JiebangError
from graph_service.model import Viewer
from graph_service.progress import Progress


class Watched(Progress, Protocol):
    """Progress with a log; a step of it may end the work (``JobStoppedError``)."""

    def say(self, text: str) -> None:
        """Add a line to the job's log."""
        ...


@dataclass(frozen=True, slots=True)
class Work:
    """What a runner works with.

    Attributes:
        made: the services of the worker, open for writing.
        viewer: for whom.
        watched: told of progress.
        folder: empty; the files that the job gives.
    """

    made: Services
    viewer: Viewer
    watched: Watched
    folder: Path


@dataclass(frozen=True, slots=True)
class Done:
    """What came of it: JSON-ready, in a few kilobytes; the rest is in files. With ``error`` the
    job failed, and its files say why."""

    result: Mapping[str, Any]
    error: JiebangError | None = None
