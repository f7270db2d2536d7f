"""Rows of the embedded record, for writing."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from graph_service.model import EdgeType, Label, Node
from graph_service.store.filters import facets
from graph_service.store.record import json_array
from graph_service.store.rows import (
    EdgeKey,
    EdgeRow,
    EdgeWrite,
    NodeRow,
    NodeWrite,
    PassageRow,
)

_EDGE = "e.num, e.type, e.from_num, e.to_num, e.key, e.version, e.facts"
# made_products leaves inferred edges out; here they need not even be read.
_MADE = f"""
    SELECT e.from_num, CASE WHEN json_type(e.props, '$.revenue_share') IN ('integer', 'real')
        THEN e.props ->> '$.revenue_share' END, p.id, p.props
    FROM json_each(?) w
    CROSS JOIN edges e ON e.from_num = w.value AND e.type = '{EdgeType.MAKES}' AND NOT e.inferred
    CROSS JOIN nodes p ON p.num = e.to_num"""


class SqliteRows:
    """``Rows`` inside the caller's transaction; used for one batch.

    Ids are known by their numbers; ``ref`` of a row is its number.

    Args:
        connection: the write connection, in a transaction.
    """

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._db = connection
        self._nums: dict[str, int] = {}  # of ids met in this batch
        self._last_node = _last_num(connection, "nodes")
        self._changed_nodes: set[int] = set()
        self._changed_edges: set[int] = set()

    # -- aliases ---------------------------------------------------------------------------------

    def kept(self, ids: Collection[str]) -> Mapping[str, str]:  # noqa: ARG002 - all are few
        return dict(self._db.execute("SELECT id, kept_id FROM aliases").fetchall())

    def merge(self, gone: str, into: str) -> None:
        self._db.execute("INSERT INTO aliases VALUES (?, ?, ?)", (gone, into, into))
        self._db.execute("UPDATE aliases SET kept_id = ? WHERE kept_id = ?", (into, gone))

    def split(self, gone: str) -> str | None:
        row = self._db.execute("SELECT kept_id FROM aliases WHERE id = ?", (gone,)).fetchone()
        if row is None:
            return None
        self._db.execute(
            """
            WITH RECURSIVE below(id) AS (
                SELECT id FROM aliases WHERE into_id = :gone
                UNION SELECT a.id FROM aliases a JOIN below ON a.into_id = below.id)
            UPDATE aliases SET kept_id = :gone WHERE id IN (SELECT id FROM below)""",
            {"gone": gone},
        )
        self._db.execute("DELETE FROM aliases WHERE id = ?", (gone,))
        return str(row[0])

    # -- reading ---------------------------------------------------------------------------------

    def there(self, ids: Collection[str]) -> Collection[str]:
        found = dict(
            self._db.execute(
                "SELECT n.id, n.num FROM json_each(?) w JOIN nodes n ON n.id = w.value",
                (json_array(ids),),
            ).fetchall()
        )
        self._nums.update(found)
        return found

    def nodes(self, ids: Collection[str]) -> dict[str, NodeRow]:
        found = {
            id_: NodeRow(label, version, orjson.loads(facts), props, label, num)
            for id_, num, label, version, facts, props in self._db.execute(
                "SELECT n.id, n.num, n.label, n.version, n.facts, n.props "
                "FROM json_each(?) w JOIN nodes n ON n.id = w.value",
                (json_array(ids),),
            )
        }
        self._nums.update((id_, row.ref) for id_, row in found.items())
        return found

    def told(self, ids: Collection[str]) -> dict[str, Node]:
        rows = self._db.execute(
            "SELECT n.id, n.num, n.label, n.props "
            "FROM json_each(?) w JOIN nodes n ON n.id = w.value",
            (json_array(ids),),
        ).fetchall()
        self._nums.update((id_, num) for id_, num, _, _ in rows)
        return {id_: Node(id_, Label(label), orjson.loads(props)) for id_, _, label, props in rows}

    def edges(self, keys: Collection[EdgeKey]) -> dict[EdgeKey, EdgeRow]:
        if not keys:
            return {}
        nums = self._nums
        wanted = {(key[0], nums[key[1]], nums[key[2]], key[3]): key for key in keys}
        self._db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS wanted (type TEXT, from_num, to_num, key TEXT)"
        )
        self._db.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?)", wanted)
        found = {
            wanted[type_, from_num, to_num, key]: EdgeRow(version, orjson.loads(facts), ref=num)
            for num, type_, from_num, to_num, key, version, facts in self._db.execute(
                f"SELECT {_EDGE} FROM wanted w CROSS JOIN edges e ON e.type = w.type "
                "AND e.from_num = w.from_num AND e.to_num = w.to_num AND e.key = w.key"
            )
        }
        self._db.execute("DELETE FROM wanted")
        return found

    def edges_at(self, ids: Collection[str]) -> dict[EdgeKey, EdgeRow]:
        nums = self._of(ids)
        found: dict[EdgeKey, EdgeRow] = {}
        for side in ("from_num", "to_num"):
            for num, type_, a, b, key, version, facts in self._db.execute(
                "SELECT e.num, e.type, a.id, b.id, e.key, e.version, e.facts FROM json_each(?) w "
                f"CROSS JOIN edges e ON e.{side} = w.value "
                "CROSS JOIN nodes a ON a.num = e.from_num CROSS JOIN nodes b ON b.num = e.to_num",
                (nums,),
            ):
                found[type_, a, b, key] = EdgeRow(version, orjson.loads(facts), ref=num)
        return found

    def makers(self, ids: Collection[str]) -> set[str]:
        return {
            id_
            for (id_,) in self._db.execute(
                "SELECT DISTINCT n.id FROM json_each(?) w CROSS JOIN edges e "
                f"ON e.to_num = w.value AND e.type = '{EdgeType.MAKES}' "
                "CROSS JOIN nodes n ON n.num = e.from_num",
                (self._of(ids),),
            )
        }

    def made(self, ids: Collection[str]) -> Iterator[tuple[str, object, Node]]:
        if not ids:
            return
        names = {self._nums[id_]: id_ for id_ in ids}
        for num, share, product, props in self._db.execute(_MADE, (json_array(names),)):
            yield names[num], share, Node(product, Label.PRODUCT, orjson.loads(props))

    def passages(self, ids: Collection[str]) -> dict[str, list[PassageRow]]:
        names = {self._nums[id_]: id_ for id_ in ids}
        found: dict[str, list[PassageRow]] = {}
        for num, *row in self._db.execute(
            "SELECT p.node_num, p.ordinal, p.hash, p.text, p.tokens, p.length FROM json_each(?) w "
            "JOIN passages p ON p.node_num = w.value ORDER BY p.node_num, p.ordinal",
            (json_array(names),),
        ):
            found.setdefault(names[num], []).append((row[0], row[1], row[2], row[3], row[4]))
        return found

    # -- writing ---------------------------------------------------------------------------------

    def write_nodes(self, writes: Sequence[NodeWrite]) -> None:
        inserts: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        gone: list[tuple[int, str, str]] = []
        come: list[tuple[int, str, str]] = []
        for write in writes:
            row, merged = write.row, write.merged
            columns = (
                row.label,
                _json(merged.props),
                merged.source,
                merged.observed_at,
                write.version,
                _json(row.facts),
            )
            after = facets(row.label, merged.props)
            if row.version == 0:
                self._last_node += 1
                num = self._nums[write.id] = self._last_node
                inserts.append((num, write.id, *columns))
            else:
                num = row.ref
                updates.append((*columns, num))
                before = facets(row.label, write.before)
                gone += [(num, *facet) for facet in before - after]
                after -= before
            self._changed_nodes.add(num)
            come += [(num, *facet) for facet in after]
        self._db.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", inserts)
        self._db.executemany(
            "UPDATE nodes SET label = ?, props = ?, source = ?, observed_at = ?, version = ?, "
            "facts = ? WHERE num = ?",
            updates,
        )
        self._db.executemany(
            "DELETE FROM facets WHERE node_num = ? AND facet = ? AND value = ?", gone
        )
        self._db.executemany("INSERT INTO facets VALUES (?, ?, ?)", sorted(come))

    def write_edges(self, writes: Sequence[EdgeWrite]) -> None:
        nums, last = self._nums, _last_num(self._db, "edges")
        inserts: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        for write in writes:
            type_, from_id, to_id, key = write.key
            merged = write.merged
            columns = (
                _json(merged.props),
                merged.source,
                merged.observed_at,
                merged.confidence,
                merged.inferred,
                write.version,
                _json(write.row.facts),
            )
            if write.row.version == 0:
                last += 1
                num = last
                inserts.append((num, type_, nums[from_id], nums[to_id], key, *columns))
            else:
                num = write.row.ref
                updates.append((*columns, num))
            self._changed_edges.add(num)
        self._db.executemany(
            "INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", inserts
        )
        self._db.executemany(
            "UPDATE edges SET props = ?, source = ?, observed_at = ?, confidence = ?, "
            "inferred = ?, version = ?, facts = ? WHERE num = ?",
            updates,
        )

    def delete_edges(self, edges: Mapping[EdgeKey, EdgeRow]) -> None:
        gone = [row.ref for row in edges.values()]
        self._changed_edges.update(gone)
        self._db.executemany("DELETE FROM edges WHERE num = ?", [(num,) for num in gone])

    def delete_nodes(self, nodes: Mapping[str, NodeRow]) -> None:
        self._db.executemany(
            "DELETE FROM facets WHERE node_num = ? AND facet = ? AND value = ?",
            [
                (row.ref, *facet)
                for row in nodes.values()
                for facet in facets(row.label, orjson.loads(row.props))
            ],
        )
        gone = [row.ref for row in nodes.values()]
        for table, column in (("passages", "node_num"), ("nodes", "num")):
            self._db.execute(
                f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))",
                (json_array(gone),),
            )
        self._changed_nodes.update(gone)
        for id_ in nodes:
            self._nums.pop(id_, None)

    def write_passages(
        self,
        nodes: Mapping[str, Node],  # noqa: ARG002 - a number is all that is needed of a node
        passages: Mapping[str, Sequence[PassageRow]],
        before: Mapping[str, Sequence[PassageRow]],
    ) -> None:
        changed = {self._nums[id_]: rows for id_, rows in passages.items()}
        self._db.executemany(
            "DELETE FROM passages WHERE node_num = ?",
            [(self._nums[id_],) for id_ in passages if id_ in before],
        )
        self._db.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
            [(num, *row) for num in sorted(changed) for row in changed[num]],
        )
        self._changed_nodes.update(changed)

    def finish(self) -> None:
        self._db.executemany(
            "INSERT INTO changes (kind, num) VALUES (?, ?)",
            [
                *(("node", num) for num in sorted(self._changed_nodes)),
                *(("edge", num) for num in sorted(self._changed_edges)),
            ],
        )

    def _of(self, ids: Iterable[str]) -> str:
        """The numbers of ids that are known already."""
        return json_array(self._nums[id_] for id_ in ids)


def _last_num(connection: sqlite3.Connection, table: str) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) if row else 0


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
