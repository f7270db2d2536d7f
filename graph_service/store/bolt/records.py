"""The ``Records`` port on the server: nodes (:Record) by kind and id, with versions.

The data are JSON text; scalar fields at their top stand beside it as properties ``f_…``.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import orjson

from graph_service.model import Put, Record, RecordPage
from graph_service.ports import Scalar
from graph_service.store import putting
from graph_service.store.bolt import cypher_writing as cypher
from graph_service.store.bolt.connection import Connection, Tx

#: Numbers beyond are no numbers to the server.
_LARGEST = 2**63


def get(connection: Connection, kind: str, ids: Sequence[str]) -> dict[str, Record]:
    """Records by id, in the order asked for."""
    rows = connection.read(cypher.GET, kind=kind, ids=list(dict.fromkeys(ids)))
    return {id_: Record(kind, id_, version, orjson.loads(data)) for id_, version, data in rows}


def query(
    connection: Connection,
    kind: str,
    where: Mapping[str, Collection[Scalar]],
    *,
    after: str | None,
    limit: int,
    newest_first: bool,
) -> RecordPage:
    """A page of the records of a kind that pass, in id order."""
    asked = cypher.query(_fields(where), newest_first=newest_first, first=after is None)
    rows = connection.read(
        asked, kind=kind, after=after or "", limit=limit + 1, values=_values(where)
    )
    found = [Record(kind, id_, version, orjson.loads(data)) for id_, version, data in rows[:limit]]
    return RecordPage(found, found[-1].id if found and len(rows) > limit else None)


def count(connection: Connection, kind: str, where: Mapping[str, Collection[Scalar]]) -> int:
    """How many records of a kind pass."""
    rows = connection.read(cypher.count(_fields(where)), kind=kind, values=_values(where))
    return int(rows[0][0])


def put(tx: Tx, puts: Sequence[Put]) -> list[Record]:
    """Write records inside the caller's transaction; those that stand then, in order.

    Raises:
        ConflictError: one is not at the version expected.
        InputError: as ``Records.commit`` says.
    """
    putting.check(puts)
    if not puts:
        return []
    ids = _ids(tx, puts)
    rows = tx.run(
        cypher.VERSIONS, rows=[[one.kind, id_] for one, id_ in zip(puts, ids, strict=True)]
    )
    stored = {(kind, id_): int(version) for kind, id_, version in rows}
    written: list[Record] = []
    gone: list[list[str]] = []
    for one, id_ in zip(puts, ids, strict=True):
        before = stored.get((one.kind, id_), 0)
        putting.check_version(one, id_, before)
        if one.data is None:
            if before:
                gone.append([one.kind, id_])
                tx.counts["record", one.kind] -= 1
            continue
        data = orjson.loads(putting.as_text(one, id_))
        written.append(Record(one.kind, id_, one.version or before + 1, data))
        tx.counts["record", one.kind] += before == 0
    if written:
        tx.later(cypher.PUT, rows=[record_properties(record) for record in written])
    if gone:
        tx.later(cypher.REMOVE, rows=gone)
    return written


def _ids(tx: Tx, puts: Sequence[Put]) -> list[str]:
    """The id of each put: its own, or the next of its kind, never given twice."""
    last: dict[str, int] = {}
    if any(one.id is None or putting.number_given(one.id) is not None for one in puts):
        last = dict.fromkeys((one.kind for one in puts), 0)
        last |= {row[0]: row[1] for row in tx.run(cypher.COUNTERS, kinds=list(last))}
    before = dict(last)
    ids: list[str] = []
    for one in puts:
        id_ = one.id
        if id_ is None:
            last[one.kind] += 1
            id_ = putting.given_id(last[one.kind])
        elif (number := putting.number_given(id_)) is not None:
            last[one.kind] = max(last[one.kind], number)
        ids.append(id_)
    raised = [[kind, n] for kind, n in last.items() if n != before[kind]]
    if raised:
        tx.later(cypher.RAISE, rows=raised)
    return ids


def record_properties(record: Record) -> dict[str, Any]:
    """The properties of a record on the server."""
    fields = {
        f"f_{name}": value
        for name, value in record.data.items()
        if putting.is_field(name) and _scalar(value)
    }
    text = orjson.dumps(record.data).decode()
    return {**fields, "kind": record.kind, "id": record.id, "version": record.version, "data": text}


def _scalar(value: Any) -> bool:
    if isinstance(value, int):
        return -_LARGEST <= value < _LARGEST
    return isinstance(value, (str, float))


def _fields(where: Mapping[str, Collection[Scalar]]) -> list[str]:
    for name in where:
        putting.check_field(name)
    return list(where)


def _values(where: Mapping[str, Collection[Scalar]]) -> list[list[Scalar]]:
    return [[value for value in values if _scalar(value)] for values in where.values()]
