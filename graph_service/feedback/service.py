"""Says, lists, withdraws and looks up what was decided on candidates for demands.

The record of a pair has an id made of the two nodes' ids (``history.pair_id``). Nodes merged since
are followed when it is read: nothing is rewritten, so that a merge undone gives back what was
decided on each.
"""

from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from graph_service.errors import ConflictError, InputError, NotFoundError
from graph_service.feedback.history import KIND, appended, pair_id, said
from graph_service.feedback.model import (
    CANDIDATES,
    STANDING,
    Decided,
    Decision,
    Named,
    Statement,
    stated,
)
from graph_service.model import Label, Node, Put, Record, UnitOfWork, Viewer
from graph_service.paging import record_pages
from graph_service.ports import Store
from graph_service.visibility import seen

T = TypeVar("T")

_PAGE = 5000
_TRIES = 8  # where others are faster

#: Where one stands among others: when it was decided, and its id.
Place = tuple[str, str]


@dataclass(frozen=True, slots=True)
class Listed:
    """A page, the newest first. ``place`` continues after it, None at the end; ``total`` is how
    many there are in all."""

    decided: Sequence[Decided]
    place: Place | None
    total: int


class Feedback:
    """What was decided.

    Args:
        store: the graph, and the records beside it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def say(
        self,
        demand: str,
        candidate: str,
        decision: Decision,
        *,
        reason: str | None = None,
        note: str = "",
        viewer: Viewer,
    ) -> Decided:
        """Let a decision of the viewer stand; what stood is kept as history. Saying again what one
        has said changes nothing.

        Args:
            demand: the id of a demand, or of one merged into it.
            candidate: of a result or an organisation.
            decision: accepted or rejected.
            reason: why rejected: code or Chinese name, see ``REASONS``.
            note: in one's own words.
            viewer: who decides.

        Raises:
            NotFoundError: one of the two is not there.
            InputError: they are no such pair; what ``stated`` raises.
            ConflictError: others decided on the pair again and again meanwhile.
        """
        if decision not in STANDING:
            raise InputError("只能接受或拒绝", hint="要撤回，请用撤回", field="decision")
        store = seen(self._store, viewer)
        one = stated(decision, reason=reason, note=note, by=viewer.name)
        nodes = store.nodes([demand, candidate])
        for id_ in (demand, candidate):
            if id_ not in nodes:
                raise NotFoundError.node(id_)
        pair = nodes[demand], nodes[candidate]
        check(*pair)
        return self._add(store, pair_id(pair[0].id, pair[1].id), (pair[0].id, pair[1].id), one)

    def withdraw(self, id_: str, *, viewer: Viewer) -> Decided:
        """Take back what stands of a pair; its history stays.

        Raises:
            NotFoundError: nothing stands under this id.
            ConflictError: others decided on the pair again and again meanwhile.
        """
        store = seen(self._store, viewer)
        data = _standing(store, id_).data
        one = stated(Decision.WITHDRAWN, by=viewer.name)
        return self._add(store, id_, (data["demand"], data["candidate"]), one)

    def get(self, id_: str, *, viewer: Viewer) -> Decided:
        """What stands of a pair, by the id of its record.

        Raises:
            NotFoundError: nothing stands under this id.
        """
        store = seen(self._store, viewer)
        return named(store, [_standing(store, id_)])[0]

    def page(
        self,
        *,
        demand: str | None = None,
        candidate: str | None = None,
        decision: Collection[Decision] = (),
        reason: Collection[str] = (),
        after: Place | None = None,
        limit: int = 50,
        viewer: Viewer,
    ) -> Listed:
        """A page of what stands, the newest first.

        Args:
            demand: only on this demand, also under ids merged into it.
            candidate: only on this candidate, likewise.
            decision: accepted, rejected; empty for both.
            reason: codes; empty for any, and for none.
            after: the ``place`` of the page before.
            limit: how many.
            viewer: who looks.
        """
        store = seen(self._store, viewer)
        where: dict[str, Collection[str]] = {"decision": _values(decision or STANDING)}
        asked = {"demand": demand, "candidate": candidate}
        nodes = store.nodes([id_ for id_ in asked.values() if id_])
        for field, id_ in asked.items():
            if id_:
                where[field] = {id_, *(ids_of(nodes[id_]) if id_ in nodes else ())}
        if reason:
            where["reason"] = sorted(reason)
        kept = sorted(_records(store, where), key=_place)
        end = bisect_left(kept, tuple(after), key=_place) if after else len(kept)
        start = max(0, end - limit)
        shown = kept[start:end][::-1]
        place = _place(shown[-1]) if start > 0 and shown else None
        return Listed(named(store, shown), place, len(kept))

    def standing(self, *, viewer: Viewer) -> Iterator[Decided]:
        """All that stands, in the order of records' ids."""
        store = seen(self._store, viewer)
        for records in record_pages(store, KIND, _PAGE, {"decision": _values(STANDING)}):
            yield from named(store, records)

    def on(
        self, pairs: Sequence[tuple[Node, Node]], *, viewer: Viewer
    ) -> dict[tuple[str, str], Decided]:
        """What stands of pairs of nodes (demand, candidate), by their ids; of two decisions on
        what has become one pair by a merge, the later one. One read, whatever the number."""
        ids = {
            pair_id(a, b): (demand, candidate)
            for demand, candidate in pairs
            for a in ids_of(demand)
            for b in ids_of(candidate)
        }
        if not ids:
            return {}
        records = seen(self._store, viewer).get(KIND, list(ids))
        found: dict[tuple[str, str], Decided] = {}
        for record in sorted(records.values(), key=_place):
            if record.data["decision"] != Decision.WITHDRAWN:
                demand, candidate = ids[record.id]
                names = Named(demand.id, demand.title), Named(candidate.id, candidate.title)
                found[demand.id, candidate.id] = _decided(record, *names)
        return found

    def _add(self, store: Store, id_: str, pair: tuple[str, str], one: Statement) -> Decided:
        def change() -> Record:
            record = store.get(KIND, [id_]).get(id_)
            data = appended(record.data if record else None, *pair, one)
            if data is None and record:
                return record
            put = Put(KIND, id_, data, expected=record.version if record else 0)
            return store.commit(UnitOfWork([put])).records[0]

        return named(store, [again(change)])[0]


def again(change: Callable[[], T]) -> T:
    """The result of a change that reads and writes; done again where others wrote in between.

    Raises:
        ConflictError: they did so every time.
    """
    for _ in range(_TRIES - 1):
        try:
            return change()
        except ConflictError:
            continue
    return change()


def check(demand: Node, candidate: Node) -> None:
    """Whether the two are a demand and what may be decided on.

    Raises:
        InputError: they are not.
    """
    if demand.label is not Label.DEMAND:
        raise InputError(
            f"{demand.id} 不是需求", hint="demand 应为需求的编号", field="demand", id=demand.id
        )
    if candidate.label not in CANDIDATES:
        raise InputError(
            f"{candidate.id} 不是成果，也不是机构",
            hint="candidate 应为成果或机构的编号",
            field="candidate",
            id=candidate.id,
        )


def ids_of(node: Node) -> list[str]:
    """The id of a node, and those that were merged into it."""
    return [node.id, *node.props.get("merged", ())]


def named(store: Store, records: Sequence[Record]) -> list[Decided]:
    """What records say, with the nodes that stand for the two now."""
    ids = {record.data[field] for record in records for field in ("demand", "candidate")}
    nodes = store.nodes(sorted(ids)) if ids else {}

    def name(id_: str) -> Named:
        if id_ not in nodes:
            return Named(id_, id_, gone=True)
        return Named(nodes[id_].id, nodes[id_].title)

    return [
        _decided(record, name(record.data["demand"]), name(record.data["candidate"]))
        for record in records
    ]


def _decided(record: Record, demand: Named, candidate: Named) -> Decided:
    *history, last = said(record.data)
    return Decided(record.id, record.version, demand, candidate, last, history)


def _standing(store: Store, id_: str) -> Record:
    record = store.get(KIND, [id_]).get(id_)
    if record is None or record.data["decision"] == Decision.WITHDRAWN:
        raise NotFoundError(
            f"没有编号为 {id_} 的反馈，或已经撤回。", hint="编号列在反馈的清单里。", id=id_
        )
    return record


def _records(store: Store, where: Mapping[str, Collection[str]]) -> Iterable[Record]:
    for records in record_pages(store, KIND, _PAGE, where):
        yield from records


def _place(record: Record) -> Place:
    return record.data["at"], record.id


def _values(decisions: Iterable[Decision]) -> list[str]:
    return sorted(decision.value for decision in decisions)
