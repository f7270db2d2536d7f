"""Many decisions of a file: taken in portions, each a transaction. Once more changes nothing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from graph_service.errors import InputError, NotFoundError
from graph_service.feedback.history import KIND, inserted, pair_id
from graph_service.feedback.model import Row, Statement
from graph_service.feedback.service import again, check
from graph_service.model import Node, Put, UnitOfWork, Viewer
from graph_service.ports import Store
from graph_service.progress import Progress, Silent
from graph_service.visibility import seen

_PORTION = 500
_SILENT = Silent()

#: Told of a line that is not taken, by its number, and why.
Refuse = Callable[[int, InputError], None]


@dataclass(frozen=True, slots=True)
class Taken:
    """How many lines said something of a pair of which nothing was said (``new``), something more
    (``changed``), nothing new (``unchanged``), and how many were refused."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0

    def __add__(self, other: "Taken") -> "Taken":
        return Taken(
            self.new + other.new,
            self.changed + other.changed,
            self.unchanged + other.unchanged,
            self.refused + other.refused,
        )


@dataclass(frozen=True, slots=True)
class _Line:
    """A line whose pair was found."""

    number: int
    id: str
    pair: tuple[str, str]
    said: Statement


def take(
    store: Store,
    rows: Iterable[tuple[int, Row]],
    *,
    refuse: Refuse,
    progress: Progress = _SILENT,
    viewer: Viewer,
) -> Taken:
    """Keep what lines say, each at its place in the history of its pair: the newest stands.

    Args:
        store: the graph, and the records beside it.
        rows: with the numbers of their lines.
        refuse: told of each line that cannot be kept; the others are.
        progress: one phase, 读入反馈.
        viewer: who looks.

    Raises:
        ConflictError: others decided on the same pairs again and again meanwhile.
        StoreError: the store cannot be read or written; the portions before are kept.
    """
    one = seen(store, viewer)
    taken = Taken()
    progress.start("读入反馈")
    for portion in _portions(rows):
        taken += _take(one, portion, refuse)
        progress.advance(len(portion))
    progress.finish()
    return taken


def _portions(rows: Iterable[tuple[int, Row]]) -> Iterator[Sequence[tuple[int, Row]]]:
    left = iter(rows)
    while portion := list(islice(left, _PORTION)):
        yield portion


def _take(store: Store, rows: Sequence[tuple[int, Row]], refuse: Refuse) -> Taken:
    nodes = store.nodes(sorted({id_ for _, row in rows for id_ in (row.demand, row.candidate)}))
    lines: list[_Line] = []
    for number, row in rows:
        try:
            lines.append(_found(number, row, nodes))
        except InputError as error:
            refuse(number, error)
    taken, refused = again(lambda: _written(store, lines))
    for number, why in refused:
        refuse(number, why)
    return taken + Taken(refused=len(rows) - len(lines))


def _found(number: int, row: Row, nodes: Mapping[str, Node]) -> _Line:
    for id_ in (row.demand, row.candidate):
        if id_ not in nodes:
            raise NotFoundError.node(id_)
    demand, candidate = nodes[row.demand], nodes[row.candidate]
    check(demand, candidate)
    pair = demand.id, candidate.id
    return _Line(number, pair_id(*pair), pair, row.said)


def _written(
    store: Store, lines: Sequence[_Line]
) -> tuple[Taken, Sequence[tuple[int, InputError]]]:
    """Add what the lines say to what is kept now; which of them were refused."""
    records = store.get(KIND, sorted({line.id for line in lines})) if lines else {}
    held: dict[str, Mapping[str, Any]] = {id_: record.data for id_, record in records.items()}
    refused: list[tuple[int, InputError]] = []
    touched: dict[str, None] = {}
    new = changed = unchanged = 0
    for line in lines:
        before = held.get(line.id)
        try:
            data = inserted(before, *line.pair, line.said)
        except InputError as error:
            refused.append((line.number, error))
            continue
        if data is None:
            unchanged += 1
            continue
        new, changed = new + (before is None), changed + (before is not None)
        held[line.id] = data
        touched[line.id] = None
    puts = [
        Put(KIND, id_, held[id_], expected=records[id_].version if id_ in records else 0)
        for id_ in touched
    ]
    if puts:
        store.commit(UnitOfWork(puts))
    return Taken(new, changed, unchanged, len(refused)), refused
