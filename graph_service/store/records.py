"""The ``Records`` port in the embedded record: rows of JSON by kind and id, with versions."""

import re
import sqlite3
from collections.abc import Collection, Mapping, Sequence

import orjson

from graph_service.errors import ConflictError, InputError
from graph_service.model import Put, Record, RecordPage
from graph_service.ports import Scalar
from graph_service.store.record import json_array

_GIVEN = re.compile(r"[0-9]{16}")
_FIELD = re.compile(r"[A-Za-z0-9_]+")
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
    named = [(one.kind, one.id) for one in puts if one.id is not None]
    if len(set(named)) < len(named) or not all(kind and id_ for kind, id_ in named):
        raise InputError(
            "一次提交里的记录编号为空或重复。", hint="每条记录在一次提交里只能写一次。"
        )
    return [record for one in puts if (record := _put_one(connection, one)) is not None]


def _put_one(connection: sqlite3.Connection, one: Put) -> Record | None:
    id_ = _next_id(connection, one.kind) if one.id is None else one.id
    if _GIVEN.fullmatch(id_):
        _given(connection, one.kind, id_)
    row = connection.execute(
        "SELECT version FROM records WHERE kind = ? AND id = ?", (one.kind, id_)
    ).fetchone()
    stored = int(row[0]) if row else 0
    if one.expected is not None and one.expected != stored:
        raise ConflictError(
            f"记录 {id_} 已被别人改动。",
            hint="请重新读取后再试。",
            kind=one.kind,
            id=id_,
            expected=one.expected,
            stored=stored,
        )
    if one.data is None:
        connection.execute("DELETE FROM records WHERE kind = ? AND id = ?", (one.kind, id_))
        return None
    try:
        text = orjson.dumps(dict(one.data)).decode()
    except orjson.JSONEncodeError as error:
        raise InputError(
            f"记录 {id_} 的内容不能存为 JSON。",
            hint="内容只能是文字、数字、真假、列表和对象，文字须是有效的 Unicode。",
            kind=one.kind,
            id=id_,
            reason=error,
        ) from error
    version = one.version or stored + 1
    connection.execute(
        "INSERT INTO records VALUES (?, ?, ?, ?) ON CONFLICT (kind, id) "
        "DO UPDATE SET version = excluded.version, data = excluded.data",
        (one.kind, id_, version, text),
    )
    return Record(one.kind, id_, version, orjson.loads(text))


def _next_id(connection: sqlite3.Connection, kind: str) -> str:
    """The next id of a kind; never given twice. Sixteen digits: text order is number order."""
    (number,) = connection.execute(
        "INSERT INTO meta VALUES (?, '1') ON CONFLICT (key) "
        "DO UPDATE SET value = CAST(value AS INTEGER) + 1 RETURNING CAST(value AS INTEGER)",
        (f"{_LAST}:{kind}",),
    ).fetchone()
    return f"{number:016d}"


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
        if not _FIELD.fullmatch(field):
            raise InputError(
                f"字段名 {field!r} 不能用。", hint="字段名只能是英文字母、数字和下划线。"
            )
        # Type and value: in SQLite's own eyes true is 1.
        parts.append(
            f"EXISTS (SELECT 1 FROM json_each(?) w WHERE w.value = r.data ->> '$.{field}' "
            f"AND (w.type IN ('true', 'false')) = "
            f"(json_type(r.data, '$.{field}') IN ('true', 'false')))"
        )
        values.append(json_array(wanted))
    return " AND ".join(parts), values
