"""``verify`` on a server: whether all that lies there is whole, and fits together.

What must stand on a node, an edge or a record is derived by the code that writes it. Nothing is
changed; writers may go on, but what they change meanwhile can look like harm.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
import orjson

from graph_service.errors import StoreLockedError, StoreUnavailableError
from graph_service.model import EdgeType, Label, Record
from graph_service.store.bolt import counts, cypher_whole, schema, vectors
from graph_service.store.bolt.connection import Connection, Row
from graph_service.store.bolt.records import record_properties
from graph_service.store.bolt.rows import edge_properties, node_properties
from graph_service.store.bolt.texts import term_key
from graph_service.store.checks import Check, Found, Question, Verified, counted
from graph_service.store.facts import merge, merge_node
from graph_service.store.rows import EdgeRow, EdgeWrite, NodeRow, NodeWrite
from graph_service.text import EMBEDDED_LABELS, text_hash

#: Nodes, records, terms and vectors read at a time.
_PAGE = 1_000

#: Passages of a vector index that are looked for in it, and the share of them that such an index,
#: which is approximate, surely finds.
_SAMPLE, _FOUND = 50, 0.9

_RESTORE = (
    "请从先前的复制恢复：jiebang store copy 文件夹 空的Neo4j地址；或换一个空的 Neo4j 重新装入。"
)
_MIGRATE = "请运行 jiebang store migrate 补上约束与索引，再运行 jiebang reindex；数据本身完好。"
_REINDEX = "请运行 jiebang reindex 重建索引；数据本身完好。"

#: Raised by JSON that is torn, or not of the shape that it was written in.
_DAMAGED = (ValueError, KeyError, TypeError, AttributeError)

_LABELS, _TYPES = frozenset(Label), frozenset(EdgeType)
_WORDS = ("tokens", "length")


def verify(connection: Connection) -> Verified:
    """Look at everything that a store on a server holds.

    Raises:
        StoreUnavailableError: there is no store.
        StoreNewerError: it is one of a newer program.
        StoreLockedError: something seems wrong, but others wrote meanwhile.
        StoreError: it cannot be read.
    """
    if not schema.version(connection):
        raise StoreUnavailableError(
            f"图数据库 {connection.location} 上还没有图谱库。",
            hint="请先用 jiebang load 装入数据。",
            location=connection.location,
        )
    (state,) = connection.read(cypher_whole.STATE)
    models: list[tuple[str, str, int]] = state["models"]
    checks = [
        counted("约束与索引", _MIGRATE, _indexes(connection, models)),
        *_graph(connection),
        counted("段落的归属", _RESTORE, _loose_passages(connection)),
        counted("词的篇数", _REINDEX, _terms(connection)),
        *_vectors(connection, models),
        counted("合并", _RESTORE, _aliases(connection)),
        counted("记录", _RESTORE, _records(connection)),
        counted("数目", _REINDEX, _counts(connection, state["counts"])),
        counted("别的数据", _RESTORE, _strangers(connection)),
        counted("索引的内容", _REINDEX, _indexed(connection, models)),
    ]
    (after,) = connection.read(cypher_whole.STATE)
    found = Verified(int(state["change"]), checks)
    if not found.ok and after["writes"] != state["writes"]:
        raise StoreLockedError(
            "检查期间有别的程序在写入，看到的问题不能作数。",
            hint="请在没有写入时再检查。",
            problems=[check.title for check in checks if check.problems],
        )
    return found


# -- the schema ------------------------------------------------------------------------------------


def _indexes(connection: Connection, models: Sequence[tuple[str, str, int]]) -> Found:
    """Whether every constraint and index is there, of its shape, and in use."""
    wanted = dict(schema.SHAPES)
    for fingerprint, _, _ in models:
        name = vectors.property_name(fingerprint)
        for label in sorted(EMBEDDED_LABELS):
            for kind in vectors.KINDS:
                wanted[f"{name}_{label}{kind}"] = ("VECTOR", f"{label}{kind}", (name,))
    there = {row["name"]: row for row in connection.read(cypher_whole.INDEXES)}
    for name, shape in sorted(wanted.items()):
        row = there.get(name)
        if row is None:
            yield f"{name} 不在"
        elif (row["kind"], row["label"], tuple(row["properties"])) != shape:
            yield f"{name} 不是应有的样子"
        else:
            yield None if row["state"] == "ONLINE" else f"{name} 不可用（{row['state']}）"


def _indexed(connection: Connection, models: Sequence[tuple[str, str, int]]) -> Found:
    """Whether indexes hold what they index: words by their number, vectors by samples."""
    there = {row["name"] for row in connection.read(cypher_whole.INDEXES)}
    for name, (kind, label, (property_, *_)) in sorted(schema.SHAPES.items()):
        if kind == "FULLTEXT" and name in there:
            (held,) = connection.read(cypher_whole.INDEXED, name=name)
            (wanted,) = connection.read(cypher_whole.worded(label, property_))
            whole = held["number"] == wanted["number"]
            yield None if whole else f"{name}：有 {held['number']} 项，应有 {wanted['number']} 项"
    for fingerprint, _, _ in models:
        property_ = vectors.property_name(fingerprint)
        for index in vectors.index_names(fingerprint, EMBEDDED_LABELS):
            if index in there:
                sample = connection.read(
                    cypher_whole.sampled(index.removeprefix(f"{property_}_")),
                    name=index,
                    property=property_,
                    limit=_SAMPLE,
                )
                found = sum((row["near"] or 0) > 1 - 1e-4 for row in sample)
                whole = found >= _FOUND * len(sample)
                yield None if whole else f"{index}：{len(sample)} 段中只找得到 {found} 段"


# -- the graph -------------------------------------------------------------------------------------


def _graph(connection: Connection) -> list[Check]:
    """Nodes, edges and passages, page by page of nodes."""
    nodes = Question("节点与各来源的说法", _RESTORE)
    facets = Question("筛选与联想所用的属性", _RESTORE)
    edges = Question("关系与各来源的说法", _RESTORE)
    passages = Question("段落", _RESTORE)
    for page in _paged(connection, cypher_whole.NODES, "id"):
        ids = [row["id"] for row in page]
        told = {id_: list[Row]() for id_ in ids}
        for row in connection.read(cypher_whole.PASSAGES, ids=ids):
            told[row["id"]].append(row)
        for row in page:
            merged, derived = _node(row)
            nodes.look(merged)
            facets.look(derived)
            passages.look(_passages(row, told[row["id"]]))
        seen: set[tuple[str, ...]] = set()
        for row in connection.read(cypher_whole.EDGES, ids=ids):
            edges.look(_edge(row, seen))
    for row in connection.read(cypher_whole.LOOSE_EDGES):
        edges.look(f"{row['number']} 条关系（{row['type']}）不从节点出发")
    return [question.check() for question in (nodes, edges, facets, passages)]


def _node(row: Row) -> tuple[str | None, str | None]:
    """What is wrong with what is read of a node, and with what filters and names are made of."""
    id_, held = row["id"], dict(row["props"])
    labels = set(row["labels"]) - {"Node"}
    if len(labels) != 1 or not labels <= _LABELS:
        return f"{id_}：种类 {'、'.join(sorted(labels)) or '没有'}，不认得", None
    try:
        facts = orjson.loads(held["facts"])
        node = NodeRow(labels.pop(), held["version"], facts)
        wanted = node_properties(NodeWrite(id_, node, merge_node(facts), {}, held["version"]))
        wanted = {name: value for name, value in wanted.items() if value is not None}
        held, wanted = _read(held), _read(wanted)
    except _DAMAGED:
        return f"{id_}：内容已损坏", None
    told = ("id", "props", "source", "observed_at", "facts", "version")
    whole = all(held.get(name) == wanted.get(name) for name in told)
    rest = {name: value for name, value in held.items() if name not in (*told, *_WORDS)}
    derived = rest == {name: value for name, value in wanted.items() if name not in told}
    return (
        None if whole else f"{id_}：属性与各来源的说法不符",
        None if derived else f"{id_}：筛选用的类别、区县等，或名称，与属性不符",
    )


def _edge(row: Row, seen: set[tuple[str, ...]]) -> str | None:
    held = dict(row["props"])
    named = f"{row['id']} → {row['end']}（{row['type']}）"
    if row["type"] not in _TYPES:
        return f"{named}：种类不认得"
    if not row["whole"]:
        return f"{named}：终点不是节点"
    try:
        key = (row["type"], row["id"], row["end"], held["key"])
        facts = orjson.loads(held["facts"])
        edge = EdgeWrite(key, EdgeRow(held["version"], facts), merge(facts), held["version"])
        wanted = {name: v for name, v in edge_properties(edge).items() if v is not None}
        whole = _read(held) == _read(wanted)
    except _DAMAGED:
        return f"{named}：内容已损坏"
    if key in seen:
        return f"{named}：同一条关系有两份"
    seen.add(key)
    return None if whole else f"{named}：内容与各来源的说法不符"


def _passages(node: Row, rows: Sequence[Row]) -> str | None:
    """What is wrong with the passages of a node."""
    tokens, length = (node["props"].get(name) for name in _WORDS)
    ordinals = [row["ordinal"] for row in rows]
    if (len(tokens.split()) if tokens is not None else None) != length:
        return f"{node['id']}：词数不符"
    if len(set(ordinals)) < len(ordinals) or (0 in ordinals) is not (tokens is not None):
        return f"{node['id']}：段落不全，或有重复"
    label = next(iter(set(node["labels"]) - {"Node"}), "")
    for row in rows:
        text, kind = row["text"], label + vectors.KINDS[row["ordinal"] > 0]
        whole = set(row["labels"]) == {"Passage", kind}
        whole = whole and (text is not None) is (label in EMBEDDED_LABELS)
        if not whole or (text is not None and text_hash(text).hex() != row["hash"]):
            return f"{node['id']} 的第 {row['ordinal']} 段：种类、文字或哈希不符"
    return None


def _loose_passages(connection: Connection) -> Found:
    loose = connection.read(cypher_whole.LOOSE_PASSAGES)
    yield None
    for row in loose:
        yield f"{row['id']} 的第 {row['ordinal']} 段：没有节点，或不归它"


def _terms(connection: Connection) -> Found:
    """How many documents have a word, against the documents themselves."""
    right: Counter[str] = Counter()
    for page in _paged(connection, cypher_whole.NODES, "id"):
        for row in page:
            for label in set(row["labels"]) - {"Node"}:
                words = (row["props"].get("tokens") or "").split()
                right.update({term_key(label, word) for word in words})
    for page in _paged(connection, cypher_whole.TERMS, "key"):
        for row in page:
            number = right.pop(row["key"], 0)
            whole = number == row["df"]
            yield None if whole else f"{row['key']}：记着 {row['df']} 篇，实有 {number} 篇"
    for key, number in right.items():
        yield f"{key}：没有记着，实有 {number} 篇"


# -- beside the graph ------------------------------------------------------------------------------


def _vectors(connection: Connection, models: Sequence[tuple[str, str, int]]) -> list[Check]:
    """The vectors that are kept, and those on passages, which are the same."""
    kept, carried = Question("向量", _RESTORE), Question("段落上的向量", _REINDEX)
    for fingerprint, short, dimension in models:
        name = vectors.property_name(fingerprint)
        if short != vectors.short(fingerprint):
            kept.look(f"{fingerprint}：代号 {short} 不符")
        where = {"end": f"{short};", "property": name}
        for page in _paged(connection, cypher_whole.VECTORS_HELD, "key", f"{short}:", **where):
            for row in page:
                kept.look(problem := _kept(row, short, dimension))
                if problem is None:
                    carried.look(_carried(row))
        for row in connection.read(cypher_whole.UNKEPT, property=name, short=short):
            kept.look(f"{row['id']} 的段落带有没有存下的向量（{fingerprint}）")
    shorts = [short for _, short, _ in models]
    for row in connection.read(cypher_whole.LOOSE_VECTORS, shorts=shorts):
        kept.look(f"向量 {row['key']} 的模型不在")
    return [kept.check(), carried.check()]


def _kept(row: Row, short: str, dimension: int) -> str | None:
    key = row["key"]
    if key != f"{short}:{row['hash']}" or len(row["bytes"] or b"") != 4 * dimension:
        return f"向量 {key} 不是 {dimension} 维，或键不符"
    whole = np.isfinite(np.frombuffer(row["bytes"], np.float32)).all()
    return None if whole else f"向量 {key} 含有无效的数"


def _carried(row: Row) -> str | None:
    kept = np.frombuffer(row["bytes"], np.float32)
    whole = all(
        held is not None and np.array_equal(np.asarray(held, np.float32), kept)
        for held in row["held"]
    )
    return None if whole else f"向量 {row['key']} 与段落上的不同"


def _aliases(connection: Connection) -> Found:
    for row in connection.read(cypher_whole.ALIASES):
        stands = row["kept"] in (row["into"], row["into_kept"])
        whole = row["whole"] and stands
        yield None if whole else f"{row['id']}：并入的节点不在，或自己还在"


def _records(connection: Connection) -> Found:
    for (kind,) in connection.read(cypher_whole.KINDS):
        for page in _paged(connection, cypher_whole.RECORDS, "id", kind=kind):
            for row in page:
                yield _record(kind, row["id"], row["props"])


def _record(kind: str, id_: str, held: Mapping[str, Any]) -> str | None:
    try:
        wanted = record_properties(Record(kind, id_, held["version"], orjson.loads(held["data"])))
        whole = held["version"] > 0 and {**held, "data": ""} == {**wanted, "data": ""}
    except _DAMAGED:
        whole = False
    return None if whole else f"{kind} {id_}：内容已损坏，或与查找用的字段不符"


def _counts(connection: Connection, told: str) -> Found:
    kept = counts.counted(counts.unpacked(told))
    right = {(what, name): number for what, name, number in connection.read(cypher_whole.RECOUNT)}
    for what in sorted({*kept, *right}):
        number, real = kept[what], right.get(what, 0)
        yield None if number == real else f"{' '.join(what)}：记着 {number}，实有 {real}"


def _strangers(connection: Connection) -> Found:
    yield None
    for row in connection.read(cypher_whole.STRANGERS):
        yield f"{row['number']} 个不认得的节点（{'、'.join(row['labels']) or '没有种类'}）"


# -- reading ---------------------------------------------------------------------------------------


def _paged(
    connection: Connection, query: str, cursor: str, after: str = "", **params: Any
) -> Iterator[list[Row]]:
    """The rows of a query in pages, each after the last one's cursor."""
    while True:
        page = connection.read(query, after=after, limit=_PAGE, **params)
        if page:
            yield page
        if len(page) < _PAGE:
            return
        after = page[-1][cursor]


def _read(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties with what is kept as JSON read: the order of its keys does not count."""
    return {
        name: orjson.loads(value) if name in ("props", "facts") else value
        for name, value in properties.items()
    }
