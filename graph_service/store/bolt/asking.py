"""Reads as questions and what follows from the answers, so that many go in one round trip.

A read is a generator: it yields an ``Ask``, is sent its rows, and returns what was read, mostly
after one question. ``answers`` runs several side by side; what they ask at the same time is one
query of as many subqueries.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from graph_service.errors import StoreUnavailableError
from graph_service.store.bolt.connection import Connection

T = TypeVar("T")

#: The rows of an answer, each a list.
Rows = Sequence[Sequence[Any]]


@dataclass(frozen=True, slots=True)
class Ask:
    """A question: Cypher that returns one column, ``row``, a list; its parameters are fields of
    the one parameter ``$q``."""

    query: str
    values: Mapping[str, Any]


Asking = Generator[Ask, Rows, T]


def answer(connection: Connection, asking: Asking[T]) -> T:
    """What a read returns."""
    found: T = answers(connection, [asking])[0]
    return found


def answers(connection: Connection, askings: Sequence[Asking[Any]]) -> list[Any]:
    """What each read returns: as many round trips as the read with the most questions takes.

    Raises:
        What the first read that fails raises, or the connection.
    """
    done: dict[int, Any] = {}
    waiting: dict[int, Ask] = {}

    def go_on(i: int, step: Callable[[], Ask]) -> None:
        try:
            waiting[i] = step()
        except StopIteration as end:
            done[i] = end.value

    for i, asking in enumerate(askings):
        go_on(i, partial(next, asking))
    while waiting:
        asked, waiting = waiting, {}
        for i, rows in zip(asked, _ask(connection, list(asked.values())), strict=True):
            go_on(i, partial(askings[i].send, rows))
    return [done[i] for i in range(len(askings))]


def only(rows: Rows) -> Sequence[Any]:
    """The one row that there is wherever there is a store.

    Raises:
        StoreUnavailableError: the server was emptied behind us.
    """
    if not rows:
        raise StoreUnavailableError("图谱库被清空了，或从未建成。", hint="请重新打开图谱库。")
    return rows[0]


def _ask(connection: Connection, asks: Sequence[Ask]) -> list[Rows]:
    if len(asks) == 1:
        rows = connection.read(asks[0].query, q=asks[0].values)
        return [[row[0] for row in rows]]
    parts = [
        f"CALL () {{\nCALL () {{{_numbered(ask.query, i)}\n}}\nRETURN collect(row) AS r{i}\n}}"
        for i, ask in enumerate(asks)
    ]
    told = ", ".join(f"r{i}" for i in range(len(asks)))
    values = {f"q{i}": ask.values for i, ask in enumerate(asks)}
    (row,) = connection.read("\n".join([*parts, f"RETURN {told}"]), **values)
    return list(row)


def _numbered(query: str, i: int) -> str:
    return query.replace("$q.", f"$q{i}.")
