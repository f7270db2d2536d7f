"""Runs functions over reads in lockstep: what they wait for at the same time is read together.

``async`` functions await reads (``graph_service.reads``) and each other; ``at_once`` and ``each``
run several side by side. Each round of what they wait for is one batch, one round trip to a server.
There is no event loop and no thread: ``run`` drives the functions itself, step by step, in the
caller's context. After Marlow, Brandy, Coens, Purdy, "There is no fork: an abstraction for
efficient, concurrent, and concise data access" (ICFP 2014), and DataLoader.
"""

from collections.abc import Awaitable, Callable, Coroutine, Generator, Iterable
from functools import partial
from types import coroutine
from typing import Any, TypeVar, overload

from graph_service.ports import GraphStore
from graph_service.reads import Read, together

T = TypeVar("T")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")

_Batch = list[Read[Any]]


def run(store: GraphStore, asking: Coroutine[Any, Any, T]) -> T:
    """What a function over reads returns; its reads are answered batch by batch.

    An error of a batch is raised in all that wait for it. A time limit of the caller's
    (``graph_service.deadline``) holds.
    """
    try:
        reads: _Batch = asking.send(None)
        while True:
            try:
                answers = together(store, reads)
            except Exception as error:
                reads = asking.throw(error)
            else:
                reads = asking.send(answers)
    except StopIteration as done:
        result: T = done.value
        return result
    finally:
        asking.close()


@overload
async def at_once(one: Awaitable[A], two: Awaitable[B], /) -> tuple[A, B]: ...
@overload
async def at_once(
    one: Awaitable[A], two: Awaitable[B], three: Awaitable[C], /
) -> tuple[A, B, C]: ...
@overload
async def at_once(
    one: Awaitable[A], two: Awaitable[B], three: Awaitable[C], four: Awaitable[D], /
) -> tuple[A, B, C, D]: ...
async def at_once(*some: Awaitable[Any]) -> tuple[Any, ...]:
    """The results of awaitables over reads, run side by side.

    The first error to leave one of them ends the others.
    """
    return tuple(await _lockstep(some))


async def each(some: Iterable[Awaitable[T]]) -> list[T]:
    """As ``at_once``, for any number of one kind."""
    return await _lockstep(some)


@coroutine
def _lockstep(some: Iterable[Awaitable[T]]) -> Generator[_Batch, list[Any], list[T]]:
    running = [one.__await__() for one in some]
    results: dict[int, T] = {}
    waiting: dict[int, _Batch] = {}

    def go_on(i: int, step: Callable[[], _Batch]) -> None:
        try:
            waiting[i] = step()
        except StopIteration as done:
            results[i] = done.value

    try:
        for i, one in enumerate(running):
            go_on(i, partial(next, one))
        while waiting:
            asked, waiting = waiting, {}
            try:
                answers = iter((yield [read for reads in asked.values() for read in reads]))
            except Exception as error:
                for i in asked:
                    go_on(i, partial(running[i].throw, error))
            else:
                for i, reads in asked.items():
                    go_on(i, partial(running[i].send, [next(answers) for _ in reads]))
    finally:
        for one in running:
            one.close()
    return [results[i] for i in range(len(running))]
