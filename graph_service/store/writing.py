"""Writing batches of nodes and edges into the embedded record.

Everything is looked up and written in bulk, a statement a table, so that SQLite is called a few
times a batch and not a few times a row.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from graph_service.errors import InputError
from graph_service.model import ENDPOINTS, Batch, Changes, Edge, EdgeType, Label, Node, Props, Tally
from graph_service.store import aliases, passages
from graph_service.store.facts import (
    Facts,
    edge_statement,
    fact_key,
    merge,
    merge_node,
    node_statement,
    says_nothing,
    stated,
)
from graph_service.store.filters import facets
from graph_service.store.record import json_array

#: (type, from_num, to_num, key): what an edge is, inside the record.
_EdgeKey = tuple[str, int, int, str]


@dataclass(slots=True)
class _NodeRow:
    num: int
    label: str
    version: int = 0  # 0 while it is not in the record
    facts: Facts = field(default_factory=dict)
    props: str = "{}"  # as in the record, before this batch


@dataclass(slots=True)
class _EdgeRow:
    num: int
    version: int = 0  # 0 while it is not in the record
    facts: Facts = field(default_factory=dict)


class BatchWriter:
    """Writes one batch inside the transaction of its caller; used once.

    Args:
        connection: the write connection, in a transaction.
        today: ISO date of statements that come without one.
    """

    def __init__(self, connection: sqlite3.Connection, today: str) -> None:
        self._db = connection
        self._today = today
        self._first_new = _last_num(connection, "nodes") + 1
        self._last_node = self._first_new - 1
        self._kept = aliases.all_kept(connection)
        self._least = 0  # the versions of what is written are higher than this
        self._known: dict[str, int] = {}  # ids met in this batch, as nums
        self._changed_nodes: set[int] = set()
        self._changed_edges: set[int] = set()
        self._retold: set[int] = set()  # nodes whose passages may be others now

    def write(self, batch: Batch) -> Changes:
        """Deletes, splits, merges, nodes, edges, then the passages that follow from them, then the
        log.

        Raises:
            InputError: as ``GraphStore.apply`` says.
        """
        _check(batch)
        try:
            deleted = self._delete(batch)
            for gone in batch.splits:
                self._split(gone)
            for gone, kept in batch.merges:
                self._merge(gone, kept)
            nodes = self._upsert_nodes(batch.nodes)
            edges, bare = self._upsert_edges(batch.edges)
        except orjson.JSONEncodeError as error:
            raise InputError(
                "有节点或关系的内容不能存为 JSON。",
                hint="属性只能是文字、数字、真假、列表和对象，文字须是有效的 Unicode。",
                reason=error,
            ) from error
        self._changed_nodes |= passages.follow(self._db, sorted(self._retold))
        self._db.executemany(
            "INSERT INTO changes (kind, num) VALUES (?, ?)",
            [
                *(("node", num) for num in sorted(self._changed_nodes)),
                *(("edge", num) for num in sorted(self._changed_edges)),
            ],
        )
        return deleted + Changes(nodes, edges, bare)

    # -- deletes ---------------------------------------------------------------------------------

    def _delete(self, batch: Batch) -> Changes:
        edges = self._find_edges_by_id(batch.delete_edges)
        gone = self._db.execute(
            "SELECT n.num, n.label, n.props FROM json_each(?) w JOIN nodes n ON n.id = w.value",
            (json_array(dict.fromkeys(map(self._home, batch.delete_nodes))),),
        ).fetchall()
        nums = json_array(num for num, _, _ in gone)
        for side in ("from_num", "to_num"):
            edges.update(
                self._db.execute(
                    f"SELECT e.num, e.type, e.from_num FROM json_each(?) w "
                    f"CROSS JOIN edges e ON e.{side} = w.value",
                    (nums,),
                )
            )
        for num, type_, from_num in edges:
            self._edge_changed(num, type_, from_num)
        self._db.executemany("DELETE FROM edges WHERE num = ?", [(num,) for num, _, _ in edges])
        self._db.executemany(
            "DELETE FROM facets WHERE node_num = ? AND facet = ? AND value = ?",
            [
                (num, *facet)
                for num, label, props in gone
                for facet in facets(label, orjson.loads(props))
            ],
        )
        for table, column in (("passages", "node_num"), ("nodes", "num")):
            self._db.execute(
                f"DELETE FROM {table} WHERE {column} IN (SELECT value FROM json_each(?))", (nums,)
            )
        self._changed_nodes.update(num for num, _, _ in gone)
        return Changes(Tally(deleted=len(gone)), Tally(deleted=len(edges)))

    def _find_edges_by_id(
        self, wanted: Sequence[tuple[EdgeType, str, str, str]]
    ) -> set[tuple[int, str, int]]:
        homes = [(type_, self._home(a), self._home(b), key) for type_, a, b, key in wanted]
        self._look_up(id_ for _, *ends, _ in homes for id_ in ends)
        keys = [
            (type_, self._known[from_id], self._known[to_id], key)
            for type_, from_id, to_id, key in homes
            if from_id in self._known and to_id in self._known
        ]
        self._known.clear()  # what is deleted next must not be taken for known
        return {(row[0], row[1], row[2]) for row in self._find_edges(keys)}

    # -- merges ----------------------------------------------------------------------------------

    def _merge(self, gone: str, kept: str) -> None:
        said, other = (aliases.said(self._db, id_) for id_ in (gone, self._home(kept)))
        if said is None or other is None or said.label != other.label or gone == self._home(kept):
            raise InputError(
                f"不能把 {gone} 并入 {kept}。",
                hint="二者须是图谱中同一类的两个节点；可能已经合并过了。",
                gone=gone,
                kept=kept,
            )
        self._delete(Batch(delete_nodes=[gone]))
        aliases.merge(self._db, gone, self._home(kept))
        self._tell(said)

    def _split(self, gone: str) -> None:
        kept = aliases.split(self._db, gone)
        said = aliases.said(self._db, kept)
        if said is not None:
            self._delete(Batch(delete_nodes=[kept]))
            self._tell(said)
            self._look_up([gone, kept])
            self._insert_bare({id_: said.label for id_ in (gone, kept) if id_ not in self._known})

    def _tell(self, said: aliases.Said) -> None:
        """Write again what was said, where it belongs now; versions go on."""
        self._kept = aliases.all_kept(self._db)
        self._least = said.version
        self._upsert_nodes(said.nodes)
        self._upsert_edges(said.edges)
        self._least = 0

    def _home(self, id_: str) -> str:
        return self._kept.get(id_, id_)

    # -- nodes -----------------------------------------------------------------------------------

    def _upsert_nodes(self, nodes: Sequence[Node]) -> Tally:
        self._first_new = self._last_node + 1
        last = {self._place(node): node for node in nodes}  # the last word counts
        rows = self._node_rows({id_ for id_, _ in last})
        told: set[str] = set()
        for (id_, key), node in last.items():
            row = rows.get(id_)
            if row is None:
                self._last_node += 1
                row = rows[id_] = _NodeRow(self._last_node, node.label)
            elif row.facts and row.label != node.label:
                raise InputError(
                    f"节点 {id_} 已是 {row.label}，不能改为 {node.label}。",
                    hint="请换一个编号，或先删除原来的节点。",
                    id=id_,
                    stored=row.label,
                    given=node.label,
                )
            if says_nothing(node):
                if row.version == 0 or row.label != node.label:  # where facts are, it was refused
                    row.label = node.label
                    told.add(id_)
                continue
            facts = stated(row.facts, key, node_statement(node), self._today)
            if facts is not None:
                row.facts, row.label = facts, node.label
                told.add(id_)
        self._write_nodes({id_: row for id_, row in rows.items() if id_ in told})
        self._known = {id_: row.num for id_, row in rows.items()}
        fresh = sum(rows[id_].version == 0 for id_ in told)
        return Tally(fresh, len(told) - fresh, len(rows) - len(told))

    def _write_nodes(self, rows: dict[str, _NodeRow]) -> None:
        inserts: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        gone: list[tuple[int, str, str]] = []
        come: list[tuple[int, str, str]] = []
        renamed: list[int] = []
        for id_, row in rows.items():
            merged = merge_node(row.facts)
            columns = (
                row.label,
                _json(merged.props),
                merged.source,
                merged.observed_at,
                max(row.version, self._least) + 1,
                _json(row.facts),
            )
            after = facets(row.label, merged.props)
            if row.version == 0:
                inserts.append((row.num, id_, *columns))
                self._retold.add(row.num)
            else:
                updates.append((*columns, row.num))
                props = orjson.loads(row.props)
                before = facets(row.label, props)
                gone += [(row.num, *facet) for facet in before - after]
                after -= before
                if _title(id_, props) != _title(id_, merged.props):
                    renamed.append(row.num)
                self._retold.add(row.num)
            come += [(row.num, *facet) for facet in after]
        self._changed_nodes.update(row.num for row in rows.values())
        self._insert_nodes(inserts)
        self._db.executemany(
            "UPDATE nodes SET label = ?, props = ?, source = ?, observed_at = ?, version = ?, "
            "facts = ? WHERE num = ?",
            updates,
        )
        self._db.executemany(
            "DELETE FROM facets WHERE node_num = ? AND facet = ? AND value = ?", gone
        )
        self._db.executemany("INSERT INTO facets VALUES (?, ?, ?)", sorted(come))
        self._retold.update(
            num
            for (num,) in self._db.execute(
                f"SELECT DISTINCT e.from_num FROM json_each(?) w "
                f"CROSS JOIN edges e ON e.to_num = w.value AND e.type = '{EdgeType.MAKES}'",
                (json_array(renamed),),
            )
        )

    def _insert_nodes(self, rows: list[tuple[Any, ...]]) -> None:
        self._db.executemany("INSERT INTO nodes VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def _node_rows(self, ids: Iterable[str]) -> dict[str, _NodeRow]:
        return {
            id_: _NodeRow(num, label, version, orjson.loads(facts), props)
            for id_, num, label, version, facts, props in self._db.execute(
                "SELECT n.id, n.num, n.label, n.version, n.facts, n.props "
                "FROM json_each(?) w JOIN nodes n ON n.id = w.value",
                (json_array(ids),),
            )
        }

    # -- edges -----------------------------------------------------------------------------------

    def _upsert_edges(self, edges: Sequence[Edge]) -> tuple[Tally, int]:
        self._look_up(self._home(id_) for edge in edges for id_ in (edge.from_id, edge.to_id))
        bare = self._make_bare(edges)
        last = {self._key(edge): edge for edge in edges}
        rows = self._edge_rows(
            {key for key, _ in last if max(key[1], key[2]) < self._first_new}  # new ends, new edge
        )
        last_num = _last_num(self._db, "edges")
        told: set[_EdgeKey] = set()
        for (key, told_by), edge in last.items():
            row = rows.get(key)
            if row is None:
                last_num += 1
                row = rows[key] = _EdgeRow(last_num)
            facts = stated(row.facts, told_by, edge_statement(edge), self._today)
            if facts is not None:
                row.facts = facts
                told.add(key)
        self._write_edges({key: row for key, row in rows.items() if key in told})
        fresh = sum(rows[key].version == 0 for key in told)
        tally = Tally(fresh, len(told) - fresh, len(rows) - len(told))
        return tally, bare

    def _write_edges(self, rows: dict[_EdgeKey, _EdgeRow]) -> None:
        inserts: list[tuple[Any, ...]] = []
        updates: list[tuple[Any, ...]] = []
        for key, row in rows.items():
            merged = merge(row.facts)
            columns = (
                _json(merged.props),
                merged.source,
                merged.observed_at,
                merged.confidence,
                merged.inferred,
                max(row.version, self._least) + 1,
                _json(row.facts),
            )
            if row.version == 0:
                inserts.append((row.num, *key, *columns))
            else:
                updates.append((*columns, row.num))
            self._edge_changed(row.num, key[0], key[1])
        self._db.executemany(
            "INSERT INTO edges VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)", inserts
        )
        self._db.executemany(
            "UPDATE edges SET props = ?, source = ?, observed_at = ?, confidence = ?, "
            "inferred = ?, version = ?, facts = ? WHERE num = ?",
            updates,
        )

    def _edge_changed(self, num: int, type_: str, from_num: int) -> None:
        self._changed_edges.add(num)
        if type_ == EdgeType.MAKES:
            self._retold.add(from_num)

    def _make_bare(self, edges: Sequence[Edge]) -> int:
        bare: dict[str, Label] = {}
        for edge in edges:
            for id_, label in zip((edge.from_id, edge.to_id), ENDPOINTS[edge.type], strict=True):
                if self._home(id_) not in self._known:
                    bare.setdefault(self._home(id_), label)
        self._insert_bare(bare)
        return len(bare)

    def _insert_bare(self, bare: Mapping[str, Label]) -> None:
        rows = []
        for id_, label in bare.items():
            self._last_node += 1
            self._known[id_] = self._last_node
            rows.append((self._last_node, id_, label, "{}", None, None, self._least + 1, "{}"))
        self._changed_nodes.update(num for num, *_ in rows)
        self._insert_nodes(rows)

    def _edge_rows(self, keys: Iterable[_EdgeKey]) -> dict[_EdgeKey, _EdgeRow]:
        return {
            (type_, from_num, to_num, key): _EdgeRow(num, version, orjson.loads(facts))
            for num, type_, from_num, to_num, key, version, facts in self._find_edges(keys)
        }

    def _find_edges(self, keys: Iterable[_EdgeKey]) -> list[tuple[Any, ...]]:
        self._db.execute(
            "CREATE TEMP TABLE IF NOT EXISTS wanted (type TEXT, from_num, to_num, key TEXT)"
        )
        self._db.executemany("INSERT INTO wanted VALUES (?, ?, ?, ?)", keys)
        found = self._db.execute(
            "SELECT e.num, e.type, e.from_num, e.to_num, e.key, e.version, e.facts "
            "FROM wanted w CROSS JOIN edges e ON e.type = w.type AND e.from_num = w.from_num "
            "AND e.to_num = w.to_num AND e.key = w.key"
        ).fetchall()
        self._db.execute("DELETE FROM wanted")
        return found

    def _place(self, node: Node) -> tuple[str, str]:
        """The id of the node that a statement is about, and the statement's key there."""
        home = self._home(node.id)
        return home, fact_key(node.source) if home == node.id else fact_key(node.source, node.id)

    def _key(self, edge: Edge) -> tuple[_EdgeKey, str]:
        """The edge that a statement is about, and the statement's key there."""
        stated_ends = edge.from_id, edge.to_id
        ends = self._home(edge.from_id), self._home(edge.to_id)
        key = edge.type, self._known[ends[0]], self._known[ends[1]], edge.key
        return key, fact_key(edge.source, *(stated_ends if ends != stated_ends else ()))

    def _look_up(self, ids: Iterable[str]) -> None:
        """Make the nums of these ids known, where the record has them."""
        unknown = {id_ for id_ in ids if id_ not in self._known}
        self._known.update(
            self._db.execute(
                "SELECT n.id, n.num FROM json_each(?) w JOIN nodes n ON n.id = w.value",
                (json_array(unknown),),
            )
        )


def _check(batch: Batch) -> None:
    ids = [node.id for node in batch.nodes]
    sources = {item.source for items in (batch.nodes, batch.edges) for item in items}
    if any("\0" in source for source in sources if source):
        raise InputError("来源的名称不能用。", hint="来源的名称不能含空字符。")
    for edge in batch.edges:
        ids += (edge.from_id, edge.to_id)
        if not 0 <= edge.confidence <= 1:
            raise InputError(
                f"关系的置信度 {edge.confidence} 不在 0 到 1 之间。",
                hint="请把置信度改为 0 到 1 的数。",
                type=edge.type,
                from_id=edge.from_id,
                to_id=edge.to_id,
                confidence=edge.confidence,
            )
    for id_ in ids:
        if not id_ or "\0" in id_:
            raise InputError(
                f"节点编号 {id_!r} 不能用。",
                hint="节点编号不能为空，也不能含空字符。",
                id=id_,
            )


def _last_num(connection: sqlite3.Connection, table: str) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (table,)).fetchone()
    return int(row[0]) if row else 0


def _title(id_: str, props: Props) -> str:
    return Node(id_, Label.PRODUCT, props).title


def _json(value: Any) -> str:
    return orjson.dumps(value).decode()
