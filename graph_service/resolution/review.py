"""The review list of organisations that may be one: found, decided by a person, undone.

Each pair is a record of kind ``resolution``; its id stands for the two nodes, so that finding again
changes no decision. Accepting writes, in one unit of work, the decision, one ``alias`` record and
the merge of the graph; undoing takes back just that.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from graph_service.errors import InputError, NotFoundError, PairStateError
from graph_service.model import (
    Batch,
    EdgeType,
    Filter,
    Label,
    Node,
    Put,
    Record,
    UnitOfWork,
    Viewer,
)
from graph_service.paging import node_pages, record_pages
from graph_service.ports import Store
from graph_service.progress import Progress, Silent
from graph_service.resolution.blocking import pairs
from graph_service.resolution.profiles import BETWEEN, Profile, profile
from graph_service.resolution.records import (
    ACCEPTED,
    ALIAS,
    OPEN,
    PAIR,
    REJECTED,
    decided,
    joined,
    pair_data,
    pair_id,
)
from graph_service.resolution.scoring import Comparison, Rarity, compare, rank
from graph_service.visibility import seen

_TYPES = frozenset({EdgeType.MAKES, EdgeType.MEMBER_OF}) | BETWEEN
_PAGE = 5000
_EDGES = 200  # edges looked at, at each organisation
_UNIT = 1000  # records a transaction
_SILENT = Silent()


@dataclass(frozen=True, slots=True)
class Found:
    """What ``Review.find`` did: organisations, pairs compared, pairs on the list by level, how many
    of them are new, and how many open ones are no longer likely and were taken off."""

    organisations: int
    compared: int
    probable: int
    doubtful: int
    new: int
    gone: int


class Review:
    """Finds, lists and decides.

    Args:
        store: the graph, and the records that hold the list.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    def find(self, progress: Progress = _SILENT, *, viewer: Viewer) -> Found:
        """Compare all organisations and bring the list up to date; decided pairs stay as they are.

        Phases of ``progress``: 读取机构, 比较.

        Raises:
            StoreError: as the store's methods.
        """
        store = seen(self._store, viewer)
        profiles = list(_profiles(store, progress))
        rarity = Rarity(profiles)
        places = pairs(profiles, rarity)
        likely: list[Comparison] = []
        progress.start("比较", len(places))
        for number, (i, j) in enumerate(places, start=1):
            found = compare(profiles[i], profiles[j], rarity)
            if found is not None and found.level:
                likely.append(found)
            if number % 1000 == 0:
                progress.advance(1000)
        progress.advance(len(places) % 1000)
        progress.finish()
        titles = {one.id: one.title for one in profiles}
        new, gone = _write(store, likely, titles)
        probable = sum(one.level == "probable" for one in likely)
        return Found(len(profiles), len(places), probable, len(likely) - probable, new, gone)

    def list(
        self,
        *,
        status: Collection[str] = (OPEN,),
        level: Collection[str] = (),
        name: str = "",
        after: tuple[float, str] | None = None,
        page: int = 1,
        size: int = 20,
        viewer: Viewer,
    ) -> tuple[Sequence[Record], int]:
        """A page of the pairs, the most likely first, and how many there are in all.

        Args:
            status: OPEN, ACCEPTED, REJECTED; empty for all.
            level: "probable", "doubtful"; empty for both.
            name: part of one of the names.
            after: score and id of a pair; pages count from behind it, whatever was decided since.
            page: from 1.
            size: pairs a page.
        """
        where: dict[str, Collection[str]] = {}
        if status:
            where["status"] = status
        if level:
            where["level"] = level
        kept = [
            record
            for record in _records(seen(self._store, viewer), where)
            if not name or any(name in title for title in record.data["titles"])
        ]
        kept.sort(key=_place)
        start = 0
        if after is not None:
            score, id_ = after
            start = bisect_right(kept, (-score, id_), key=_place)
        start += (page - 1) * size
        return kept[start : start + size], len(kept)

    def pair(self, id_: str, *, viewer: Viewer) -> Record:
        """One pair.

        Raises:
            NotFoundError: no such pair.
        """
        return _get(seen(self._store, viewer), id_)

    def accept(self, id_: str, *, by: str, keep: str | None = None, viewer: Viewer) -> Record:
        """Let the two be one from now on.

        ``keep`` is the id that stays; without it, of the two the one with a code, then with more
        known of it, then of the smaller id.

        Raises:
            NotFoundError: no such pair.
            PairStateError: it is decided already, or the two are one already.
            InputError: ``keep`` is neither.
            ConflictError: someone else decided it meanwhile.
        """
        store = seen(self._store, viewer)
        record = _open(store, id_)
        found = store.nodes([record.data["a"], record.data["b"]])
        nodes = list(found.values())
        if len(nodes) < 2 or nodes[0].id == nodes[1].id:
            raise PairStateError(
                "二者已是同一家，或有一方已不在图谱里。",
                hint="请重新查找可能是同一家的机构。",
                id=id_,
            )
        kept = min(nodes, key=_worth) if keep is None else found.get(keep)
        if kept is None:
            raise InputError(
                f"{keep} 不是这一对中的机构。",
                hint=f"可保留 {nodes[0].id} 或 {nodes[1].id}。",
                keep=keep,
            )
        gone = next(node for node in nodes if node.id != kept.id)
        return store.commit(joined(record, by=by, kept=kept.id, gone=gone.id)).records[0]

    def reject(self, id_: str, *, by: str, viewer: Viewer) -> Record:
        """Let the two stay two; they are not proposed again. Raises as ``accept``."""
        store = seen(self._store, viewer)
        put = decided(_open(store, id_), REJECTED, by)
        return store.commit(UnitOfWork([put])).records[0]

    def undo(self, id_: str, *, viewer: Viewer) -> Record:
        """Take a decision back; two that were made one are two again, as they were.

        Raises:
            NotFoundError: no such pair.
            PairStateError: it is not decided.
            ConflictError: someone else undid it meanwhile.
        """
        store = seen(self._store, viewer)
        record = _get(store, id_)
        if record.data["status"] == OPEN:
            raise PairStateError("这一对还没有处理，没有可撤销的。", id=id_)
        data = {
            name: value
            for name, value in record.data.items()
            if name not in ("kept", "gone", "by", "at")
        }
        puts = [Put(PAIR, id_, {**data, "status": OPEN}, record.version)]
        batch = Batch()
        if record.data["status"] == ACCEPTED:
            puts.append(Put(ALIAS, record.data["gone"], None))
            batch = Batch(splits=[record.data["gone"]])
        return store.commit(UnitOfWork(puts, batch)).records[0]


def _profiles(store: Store, progress: Progress) -> Iterator[Profile]:
    where = Filter(labels=frozenset({Label.ORGANIZATION}))
    progress.start("读取机构")
    for nodes in node_pages(store, where, _PAGE):
        ids = [node.id for node in nodes]
        hops = store.neighbours(ids, types=_TYPES, limit=_EDGES)
        for node in nodes:
            if node.title != node.id:  # else nothing is known of it
                yield profile(node, hops.get(node.id, ()))
        progress.advance(len(ids))
    progress.finish()


def _write(
    store: Store, likely: Sequence[Comparison], titles: Mapping[str, str]
) -> tuple[int, int]:
    """Bring the open pairs up to date; how many are new, and how many were taken off."""
    held = {record.id: record for record in _records(store, {})}
    puts: list[Put] = []
    new = 0
    for one in rank(likely):
        id_ = pair_id(one.a, one.b)
        before = held.pop(id_, None)
        data = pair_data(one, titles)
        if before is None:
            new += 1
            puts.append(Put(PAIR, id_, data, expected=0))
        elif before.data["status"] == OPEN and dict(before.data) != data:
            puts.append(Put(PAIR, id_, data, expected=before.version))
    stale = [record for record in held.values() if record.data["status"] == OPEN]
    puts += [Put(PAIR, record.id, None, record.version) for record in stale]
    for start in range(0, len(puts), _UNIT):
        store.commit(UnitOfWork(puts[start : start + _UNIT]))
    return new, len(stale)


def _records(store: Store, where: Mapping[str, Collection[str]]) -> Iterator[Record]:
    for records in record_pages(store, PAIR, _PAGE, where):
        yield from records


def _get(store: Store, id_: str) -> Record:
    found = store.get(PAIR, [id_])
    if id_ not in found:
        raise NotFoundError(
            f"没有编号为 {id_} 的待核对的一对。",
            hint="编号列在核对清单里。",
            id=id_,
        )
    return found[id_]


def _open(store: Store, id_: str) -> Record:
    record = _get(store, id_)
    if record.data["status"] != OPEN:
        raise PairStateError("这一对已经处理过了。", hint="要改，先撤销原来的决定。", id=id_)
    return record


def _place(record: Record) -> tuple[float, str]:
    """Where a pair stands in the list."""
    return -record.data["score"], record.id


def _worth(node: Node) -> tuple[bool, int, str]:
    """The order in which one of two is kept: with a code, with more known, by id."""
    return "uscc" not in node.props, -len(node.props), node.id
