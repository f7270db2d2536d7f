"""The ``Records`` port in the embedded record: rows of JSON by kind and id, with versions."""

import sqlite3
from collections.abc import Collection, Mapping, Sequence

import orjson

from graph_service.model import Put, Record, RecordPage
from graph_service.ports import Scalar
from graph_service.store import putting
from graph_service.store.record import json_array

_LAST = "last_record_id"  # with the kind: the key in ``meta`` of the last id given to an append


def get(connection: sqlite3.Connection, kind: str, ids: Sequence[str]) -> dict[str, Record]:
    """Records by id, in the order asked for."""
    rows = connection.execute(
        "SELECT r.id, r.version, r.data FROM json_each(?) w "
        "CROSS JOIN records r ON r.kind = ? AND r.id = w.value ORDER BY w.key",
        (json_array(dict.fromkeys(ids)), kind),
    )
    return {id_: Record(kind, id_, version, orjson.loads(data)) for id_, version, data in rows}


def query(
    connection: sqlite3.Connection,
    kind: str,
    where: Mapping[str, Collection[Scalar]],
    *,
    after: str | None,
    limit: int,
    newest_first: bool,
) -> RecordPage:
    """A page of the records of a kind that pass, in id order."""
    condition, values = _conditions(kind, where)
    if after is not None:
        condition += f" AND r.id {'<' if newest_first else '>'} ?"
        values.append(after)
    rows = connection.execute(
        f"SELECT r.id, r.version, r.data FROM records r WHERE {condition} "
        f"ORDER BY r.id {'DESC' if newest_first else 'ASC'} LIMIT ?",
        (*values, limit + 1),
    ).fetchall()
    found = [Record(kind, id_, version, orjson.loads(data)) for id_, version, data in rows[:limit]]
    return RecordPage(found, found[-1].id if found and len(rows) > limit else None)


def count(
    connection: sqlite3.Connection, kind: str, where: Mapping[str, Collection[Scalar]]
) -> int:
    """How many records of a kind pass."""
    condition, values = _conditions(kind, where)
    row = connection.execute(f"SELECT count(*) FROM records r WHERE {condition}", values).fetchone()
    return int(row[0])


def kinds(connection: sqlite3.Connection) -> dict[str, int]:
    """How many records of each kind there are."""
    rows = connection.execute("SELECT kind, number FROM record_kinds WHERE number ORDER BY kind")
    return dict(rows.fetchall())


def writes(connection: sqlite3.Connection) -> int:
    """A number that rises whenever a record is written."""
    row = connection.execute("SELECT coalesce(sum(writes), 0) FROM record_kinds").fetchone()
    return int(row[0])


def put(connection: sqlite3.Connection, puts: Sequence[Put]) -> list[Record]:
    """Write records inside the caller's transaction; those that stand then, in order.

    Raises:
        ConflictError: one is not at the version expected.
        InputError: as ``Records.commit`` says.
    """
    putting.check(puts)
    return [record for one in puts if (record := _put_one(connection, one)) is not None]


def _put_one(connection: sqlite3.Connection, one: Put) -> Record | None:
    id_ = _next_id(connection, one.kind) if one.id is None else one.id
    if putting.number_given(id_) is not None:
        _given(connection, one.kind, id_)
    row = connection.execute(
        "SELECT version FROM records WHERE kind = ? AND id = ?", (one.kind, id_)
    ).fetchone()
    stored = int(row[0]) if row else 0
    putting.check_version(one, id_, stored)
    if one.data is None:
        connection.execute("DELETE FROM records WHERE kind = ? AND id = ?", (one.kind, id_))
        return None
    text = putting.as_text(one, id_)
    version = one.version or stored + 1
    connection.execute(
        "INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) "
        "DO UPDATE SET version = excluded.version, data = excluded.data",
        (one.kind, id_, version, text),
    )
    return Record(one.kind, id_, version, orjson.loads(text))


def _next_id(connection: sqlite3.Connection, kind: str) -> str:
    """The next id of a kind; never given twice."""
    (number,) = connection.execute(
        "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) "
        "DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING CAST(value AS INTEGER)",
        (f"{_LAST}:{kind}",),
    ).fetchone()
    return putting.given_id(number)


def _given(connection: sqlite3.Connection, kind: str, id_: str) -> None:
    """Let no append give an id, or one before it, that was given elsewhere."""
    connection.execute(
        "INSERT INTO meta VALUES (?1, CAST(?2 AS INTEGER)) ON CONFLICT (key) DO UPDATE "
        "SET value = max(CAST(value AS INTEGER), CAST(excluded.value AS INTEGER))",
        (f"{_LAST}:{kind}", id_),
    )


def _conditions(kind: str, where: Mapping[str, Collection[Scalar]]) -> tuple[str, list[str]]:
    parts, values = ["r.kind = ?"], [kind]
    for field, wanted in where.items():
        putting.check_field(field)
        # Type and value: in SQLite's own eyes true is 1.
        parts.append(
            f"EXISTS (SELECT 1 FROM json_each(?) w WHERE w.value = r.data ->> '$.{field}' "
            f"AND (w.type IN ('true', 'false')) = "
            f"(json_type(r.data, '$.{field}') IN ('true', 'false')))"
        )
        values.append(json_array(wanted))
    return " AND ".join(parts), values
