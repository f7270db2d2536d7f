"""Is a store whole? The file, what hangs together in the record, and the projections against it.

Reads one state of the record, whoever writes meanwhile; nothing is changed.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from graph_service.model import EdgeType, Label
from graph_service.store import changed, schema
from graph_service.store.adjacency import Graph
from graph_service.store.changed import Changed
from graph_service.store.checks import Check, Found, Verified, counted
from graph_service.store.facts import Merged, merge, merge_node
from graph_service.store.filters import facets
from graph_service.store.forward_index import CODE, Documents
from graph_service.store.name_index import Segment
from graph_service.store.record import Record
from graph_service.store.snapshots import Snapshots
from graph_service.store.vector_index import Vectors
from graph_service.store.view import Base, vector_part
from graph_service.text import EMBEDDED_LABELS, text_hash

_RESTORE = "请从备份恢复（jiebang store restore），或换一个新的图谱库重新装入数据。"
_REINDEX = "请运行 jiebang reindex 重建索引；记录本身完好。"
_EMBED = "请换一个新的图谱库重新装入并计算向量，或从备份恢复。"


#: Raised by JSON that is torn, or not of the shape that it was written in.
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError)


def verify(folder: Path) -> Verified:
    """Look at everything that an embedded store holds.

    Raises:
        StoreError: it cannot be opened or read at all.
    """
    record = Record(folder, read_only=True)
    try:
        with record.reading() as connection:
            change = record.change()
            checks = [counted("记录文件", _RESTORE, _file(connection))]
            if not checks[0].problems:  # else what follows would fall over it
                checks += [
                    counted(title, hint, look(connection)) for title, hint, look in _QUESTIONS
                ]
                whole = not any(check.problems for check in checks)
                snapshots = Snapshots(folder / "projections")
                checks += _projections(snapshots, connection, change, whole=whole)
            return Verified(change, checks)
    finally:
        record.close()


# -- the record ----------------------------------------------------------------------------------


def _file(connection: sqlite3.Connection) -> Found:
    for (said,) in connection.execute("PRAGMA integrity_check(100)"):
        yield None if said == "ok" else str(said)


def _nodes(connection: sqlite3.Connection) -> Found:
    known = set(Label)
    for id_, label, facts, *columns in connection.execute(
        "SELECT id, label, facts, props, source, observed_at FROM nodes"
    ):
        if label not in known:
            yield f"{id_}：种类 {label} 不认得"
        else:
            yield None if _node_holds(facts, *columns) else f"{id_}：属性与各来源的说法不符"


def _node_holds(facts: str, props: str, source: str | None, observed_at: str | None) -> bool:
    try:
        return merge_node(orjson.loads(facts)) == Merged(orjson.loads(props), source, observed_at)
    except _DAMAGED:
        return False


def _edges(connection: sqlite3.Connection) -> Found:
    known = set(EdgeType)
    for num, type_, facts, *columns in connection.execute(
        "SELECT num, type, facts, props, source, observed_at, confidence, inferred FROM edges"
    ):
        if type_ not in known:
            yield f"关系 {num}：种类 {type_} 不认得"
        else:
            yield (
                None
                if _edge_holds(facts, *columns)
                else (f"关系 {num}（{type_}）：内容与各来源的说法不符")
            )


def _edge_holds(facts: str, props: str, *columns: Any) -> bool:
    try:
        return merge(orjson.loads(facts)) == Merged(orjson.loads(props), *columns)
    except _DAMAGED:
        return False


def _ends(connection: sqlite3.Connection) -> Found:
    for num, type_, whole in connection.execute(
        "SELECT e.num, e.type, a.num IS NOT NULL AND b.num IS NOT NULL FROM edges e "
        "LEFT JOIN nodes a ON a.num = e.from_num LEFT JOIN nodes b ON b.num = e.to_num"
    ):
        yield None if whole else f"关系 {num}（{type_}）：一端的节点不在"


def _facets(connection: sqlite3.Connection) -> Found:
    held: dict[int, set[tuple[str, str]]] = {}
    for num, facet, value in connection.execute("SELECT node_num, facet, value FROM facets"):
        held.setdefault(num, set()).add((facet, value))
    for num, id_, label, props in connection.execute("SELECT num, id, label, props FROM nodes"):
        right = _facets_hold(held.pop(num, set()), label, props)
        yield None if right else f"{id_}：筛选用的类别、区县等与属性不符"
    for num in held:
        yield f"节点 {num} 已不在，筛选用的类别还在"


def _facets_hold(held: set[tuple[str, str]], label: str, props: str) -> bool:
    try:
        return held == facets(label, orjson.loads(props))
    except _DAMAGED:
        return False


def _passages(connection: sqlite3.Connection) -> Found:
    for num, there, hash_, text, tokens, length in connection.execute(
        "SELECT p.node_num, n.num IS NOT NULL, p.hash, p.text, p.tokens, p.length "
        "FROM passages p LEFT JOIN nodes n ON n.num = p.node_num"
    ):
        whole = there and (text is None or text_hash(text) == hash_)
        whole = whole and (tokens is None or len(tokens.split()) == length)
        yield None if whole else f"节点 {num} 的段落已损坏，或节点不在"


def _vectors(connection: sqlite3.Connection) -> Found:
    for name, dimension, hash_, vector in connection.execute(
        "SELECT f.name, f.dimension, v.hash, v.vector FROM vectors v "
        "LEFT JOIN fingerprints f ON f.num = v.fingerprint_num"
    ):
        if name is None:
            yield f"向量 {hash_.hex()} 的模型不在"
        elif len(vector) != 4 * dimension:
            yield f"向量 {hash_.hex()}（{name}）不是 {dimension} 维"
        elif not np.isfinite(np.frombuffer(vector, np.float32)).all():
            yield f"向量 {hash_.hex()}（{name}）含有无效的数"
        else:
            yield None


def _records(connection: sqlite3.Connection) -> Found:
    for kind, id_, whole in connection.execute("SELECT kind, id, json_valid(data) FROM records"):
        yield None if whole else f"{kind} {id_}：内容不是有效的 JSON"
    for id_, whole in connection.execute(
        "SELECT a.id, n.num IS NOT NULL AND o.num IS NULL FROM aliases a "
        "LEFT JOIN nodes n ON n.id = a.kept_id LEFT JOIN nodes o ON o.id = a.id"
    ):
        yield None if whole else f"{id_}：并入的节点不在，或自己还在"


def _counts(connection: sqlite3.Connection) -> Found:
    kept = {(w, n): number for w, n, number in connection.execute("SELECT * FROM counts")}
    right = {(w, n): number for w, n, number in connection.execute(schema.RECOUNT)}
    for what in sorted(kept.keys() | right.keys()):
        whole = kept.get(what, 0) == right.get(what, 0)
        yield None if whole else f"{' '.join(what)}：记着 {kept.get(what)}，实有 {right.get(what)}"
    records = [
        dict(connection.execute(query).fetchall())
        for query in (
            "SELECT kind, number FROM record_kinds",
            "SELECT kind, count(*) FROM records GROUP BY kind",
        )
    ]
    for kind in sorted({*records[0], *records[1]}):
        number, real = (held.get(kind, 0) for held in records)
        yield None if number == real else f"记录 {kind}：记着 {number}，实有 {real}"


_QUESTIONS: tuple[tuple[str, str, Callable[[sqlite3.Connection], Found]], ...] = (
    ("节点与各来源的说法", _RESTORE, _nodes),
    ("关系与各来源的说法", _RESTORE, _edges),
    ("关系的两端", _RESTORE, _ends),
    ("筛选用的类别", _RESTORE, _facets),
    ("段落", _RESTORE, _passages),
    ("向量", _EMBED, _vectors),
    ("记录与合并", _RESTORE, _records),
    ("数目", _RESTORE, _counts),
)


# -- the projections -----------------------------------------------------------------------------


def _projections(
    snapshots: Snapshots, connection: sqlite3.Connection, change: int, *, whole: bool
) -> Iterator[Check]:
    """The files by their checksums, then what they tell against the record, if that is whole."""
    pointer = snapshots.read()
    torn = set(snapshots.torn(pointer))
    names = sorted({*pointer.files, *torn})
    files = ("文件损坏：" + name if name in torn else None for name in names)
    yield counted("索引文件", _REINDEX, files)
    base = Base.open(snapshots, schema.identity(connection), change)
    if whole and base.pointer.change:  # else there is none yet, or none that is used
        yield counted("索引与记录", _REINDEX, _compared(base, connection))


def _compared(base: Base, connection: sqlite3.Connection) -> Found:
    """What of the base still holds, part by part, against the same made anew."""
    everything = Changed(everything=True)
    stale = changed.since(connection, base.pointer.change)

    def documents(told: Documents) -> list[Any]:
        return _words(told.replaced(stale.documents, Documents.build(())))

    fresh = Documents.build(changed.documents(connection, everything))
    yield None if _same(documents(base.documents), documents(fresh)) else "正排索引与记录不符"
    for label, index in sorted(base.texts.items()):
        indexed = np.sort(index.nums())
        own = fresh.nums[fresh.labels == CODE[label]]
        held = own[~np.isin(own, stale.documents)]
        whole = np.isin(held, indexed).all() and len(np.unique(indexed)) == len(indexed)
        gone = indexed[~np.isin(indexed, own) & ~np.isin(indexed, stale.documents)]
        yield None if whole and not len(gone) else f"文字索引（{label}）与记录不符"

    def edges(told: Graph) -> list[Any]:
        kept = told.replaced(stale.edges, Graph.build(()))
        return [getattr(kept.out, name) for name in ("near", "far", "types", "edges")] + [
            getattr(kept.into, name) for name in ("near", "far", "types", "edges")
        ]

    if base.names.change:
        later = set(changed.since(connection, base.names.change).documents.tolist())
        told_names, right_names = (
            [pair for pair in segment.told() if pair[0] not in later]
            for segment in (base.names.base, Segment.build(changed.names(connection, everything)))
        )
        yield None if told_names == right_names else "名称索引与记录不符"

    graph = Graph.build(changed.links(connection, everything))
    yield None if _same(edges(base.graph), edges(graph)) else "邻接数组与记录不符"

    for num, dimension in connection.execute("SELECT num, dimension FROM fingerprints").fetchall():
        for label in sorted(EMBEDDED_LABELS):
            none = Vectors.build((), dimension)
            rows = changed.stored_vectors(connection, num, label, everything)
            right, told = (
                one.replaced(stale.vectors, none)
                for one in (
                    Vectors.build(rows, dimension),
                    base.vectors.get(vector_part((num, label)), none),
                )
            )
            whole = _same([right.nums, right.ordinals], [told.nums, told.ordinals])
            whole = whole and np.allclose(right.matrix, told.matrix, atol=1e-5)
            yield None if whole else f"向量索引（{label}）与记录不符"


def _words(documents: Documents) -> list[Any]:
    """Documents as columns that do not depend on the order in which their words were met."""
    names = np.array([*documents.vocabulary], dtype=object)
    order = np.argsort(names, kind="stable")
    place = np.empty(len(names), np.int64)
    place[order] = np.arange(len(names))
    sizes = np.diff(documents.starts)
    owner = np.repeat(np.arange(len(documents.nums)), sizes)
    used, terms = np.unique(place[documents.terms], return_inverse=True)
    entries = np.lexsort((terms, owner))
    return [
        documents.nums,
        documents.labels,
        documents.lengths,
        sizes,
        terms[entries],
        documents.counts[entries],
        names[order][used],
    ]


def _same(one: Sequence[Any], other: Sequence[Any]) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, other, strict=True))
