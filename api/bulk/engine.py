"""Where the shards of a bulk run are worked on: in this process, or on a Ray cluster.

A task is a plain function of the services and a shard, both engines call the same one, and it only
reads: so their answers are the same. What is written is written by the process that runs the
engine, and by no other.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from typing import Protocol, Self, TypeVar

from api.bootstrap import Services
from graph_service.errors import FingerprintError, InputError

Shard = TypeVar("Shard")
Answer = TypeVar("Answer")

Task = Callable[[Services, Shard], Answer]


def same_model(made: Services, fingerprint: str) -> None:
    """Whether a worker has the model of the process that writes.

    Raises:
        FingerprintError: it has another.
        EmbedderError: the model is missing.
    """
    if made.embedder.fingerprint != fingerprint:
        raise FingerprintError(
            "工作进程的向量模型与本机的不同。",
            hint="请在各台机器上装同一版本的程序与模型。",
            here=fingerprint,
            there=made.embedder.fingerprint,
        )


class EngineError(InputError):
    """The engine is not installed, cannot be reached, or lost its workers."""

    code = "engine"


class EngineName(StrEnum):
    """The engines there are."""

    LOCAL = "local"
    RAY = "ray"


class Engine(Protocol):
    """Works on shards. A context manager: ends what it started."""

    name: EngineName

    @property
    def workers(self) -> int:
        """How many shards are worked on at once."""
        ...

    def run(
        self, task: Task[Shard, Answer], shards: Iterable[Shard]
    ) -> Iterator[tuple[Shard, Answer]]:
        """Each shard with its answer, as they come: on many workers in any order.

        Raises:
            EngineError: workers were lost, again and again.
            JiebangError: what the task raises.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Local:
    """One shard after the other, in this process."""

    name = EngineName.LOCAL
    workers = 1

    def __init__(self, made: Services) -> None:
        self._made = made

    def run(
        self, task: Task[Shard, Answer], shards: Iterable[Shard]
    ) -> Iterator[tuple[Shard, Answer]]:
        """See ``Engine``."""
        for shard in shards:
            yield shard, task(self._made, shard)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None: ...


def open_engine(
    name: EngineName, made: Services, *, workers: int = 0, address: str | None = None
) -> Engine:
    """The engine of a name.

    Args:
        name: which.
        made: the services of this process, by whose settings workers open the store.
        workers: how many; 0 for as many as there are processor cores.
        address: of a Ray cluster; None starts one on this machine for as long as it is used.

    Raises:
        InputError: options that the engine does not have.
        EngineError: it is not installed, or cannot be reached.
    """
    if name is EngineName.RAY:
        from api.bulk.on_ray import OnRay

        return OnRay(made.settings, workers=workers, address=address)
    return Local(made)
