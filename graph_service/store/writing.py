"""Writing batches of nodes and edges: what is to be written, whatever the engine.

Everything is looked up and written in bulk (``store.rows``).
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

import orjson

from graph_service.errors import InputError
from graph_service.model import ENDPOINTS, Batch, Changes, Edge, EdgeType, Label, Node, Props, Tally
from graph_service.store import passages
from graph_service.store.facts import (
    Merged,
    edge_statement,
    fact_key,
    merge,
    merge_node,
    node_statement,
    said_edges,
    said_nodes,
    says_nothing,
    stated,
)
from graph_service.store.rows import EdgeKey, EdgeRow, EdgeWrite, NodeRow, NodeWrite, Rows

#: Characters of an id: what an index of Neo4j can hold (8,167 bytes), whatever they are.
LONGEST_ID = 2_000

_SHOWN = 60  # characters of an id in a message


@dataclass(frozen=True, slots=True)
class _Said:
    """All that was said of a node and its edges, under the ids and by the sources that said it.

    ``version`` is the highest of the rows it was taken from.
    """

    label: Label
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    version: int


class BatchWriter:
    """Writes one batch inside the transaction of its caller; used once.

    Args:
        rows: of the engine, in a transaction.
        today: ISO date of statements that come without one.
    """

    def __init__(self, rows: Rows, today: str) -> None:
        self._rows = rows
        self._today = today
        self._kept: Mapping[str, str] = {}
        self._least = 0  # the versions of what is written are higher than this
        self._known: set[str] = set()  # ids met in this batch that have a node
        self._new: set[str] = set()  # those that had none before
        self._edgeless: set[str] = set()  # those of them that no edge was written to yet
        self._told: dict[str, Node] = {}  # nodes as they were last written
        self._retold: dict[str, None] = {}  # ids of nodes whose passages may be others now

    def write(self, batch: Batch) -> Changes:
        """Deletes, splits, merges, nodes, edges, then the passages that follow from them.

        Raises:
            InputError: as ``GraphStore.apply`` says.
        """
        ids = _checked(batch)
        try:
            self._kept = self._rows.kept(ids)
            deleted = self._delete(batch)
            for gone in batch.splits:
                self._split(gone, ids)
            for gone, kept in batch.merges:
                self._merge(gone, kept, ids)
            nodes = self._upsert_nodes(batch.nodes)
            edges, bare = self._upsert_edges(batch.edges)
        except orjson.JSONEncodeError as error:
            raise InputError(
                "有节点或关系的内容不能存为 JSON。",
                hint="属性只能是文字、数字、真假、列表和对象，文字须是有效的 Unicode。",
                reason=error,
            ) from error
        passages.follow(self._rows, self._retold, self._told, self._new)
        self._rows.finish()
        return deleted + Changes(nodes, edges, bare)

    # -- deletes ---------------------------------------------------------------------------------

    def _delete(self, batch: Batch) -> Changes:
        if not (batch.delete_nodes or batch.delete_edges):
            return Changes()
        edges = self._find_edges(batch.delete_edges)
        gone = self._rows.nodes(dict.fromkeys(map(self._home, batch.delete_nodes)))
        edges |= self._rows.edges_at(gone)
        self._rows.delete_edges(edges)
        self._rows.delete_nodes(gone)
        for key in edges:
            self._edge_changed(key)
        for id_ in gone:
            self._told.pop(id_, None)
        self._known -= gone.keys()
        self._new -= gone.keys()
        return Changes(Tally(deleted=len(gone)), Tally(deleted=len(edges)))

    def _find_edges(
        self, wanted: Sequence[tuple[EdgeType, str, str, str]]
    ) -> dict[EdgeKey, EdgeRow]:
        keys = {(type_, self._home(a), self._home(b), key) for type_, a, b, key in wanted}
        self._look_up(id_ for _, *ends, _ in keys for id_ in ends)
        return self._rows.edges([key for key in keys if self._known.issuperset(key[1:3])])

    # -- merges ----------------------------------------------------------------------------------

    def _merge(self, gone: str, kept: str, ids: Collection[str]) -> None:
        into = self._home(kept)
        said, other = self._said(gone), self._said(into)
        if said is None or other is None or said.label != other.label or gone == into:
            raise InputError(
                f"不能把 {gone} 并入 {kept}。",
                hint="二者须是图谱中同一类的两个节点；可能已经合并过了。",
                gone=gone,
                kept=kept,
            )
        self._delete_one(gone)
        self._rows.merge(gone, into)
        self._tell(said, ids)

    def _split(self, gone: str, ids: Collection[str]) -> None:
        kept = self._rows.split(gone)
        if kept is None:
            raise InputError(
                f"{gone} 没有并入别的节点。", hint="请核对编号；可能已经撤销过了。", id=gone
            )
        said = self._said(kept)
        if said is not None:
            self._delete_one(kept)
            self._tell(said, ids)
            self._look_up([gone, kept])
            self._insert_bare({id_: said.label for id_ in (gone, kept) if id_ not in self._known})
        else:
            self._kept = self._rows.kept(ids)

    def _delete_one(self, id_: str) -> None:
        edges = self._rows.edges_at([id_])
        self._rows.delete_edges(edges)
        self._rows.delete_nodes(self._rows.nodes([id_]))
        for key in edges:
            self._edge_changed(key)
        self._told.pop(id_, None)
        self._known.discard(id_)

    def _said(self, id_: str) -> _Said | None:
        """All that was said of a node; None where there is no such node."""
        row = self._rows.nodes([id_]).get(id_)
        if row is None:
            return None
        label = Label(row.label)
        edges = self._rows.edges_at([id_])
        return _Said(
            label,
            list(said_nodes(id_, label, row.facts)),
            [
                said
                for (type_, from_id, to_id, key), edge in edges.items()
                for said in said_edges(Edge(EdgeType(type_), from_id, to_id, key), edge.facts)
            ],
            max([row.version, *(edge.version for edge in edges.values())]),
        )

    def _tell(self, said: _Said, ids: Collection[str]) -> None:
        """Write again what was said, where it belongs now; versions go on."""
        named = {node.id for node in said.nodes}
        named |= {id_ for edge in said.edges for id_ in (edge.from_id, edge.to_id)}
        self._kept = self._rows.kept(named.union(ids))
        self._least = said.version
        self._upsert_nodes(said.nodes)
        self._upsert_edges(said.edges)
        self._least = 0

    def _home(self, id_: str) -> str:
        return self._kept.get(id_, id_)

    # -- nodes -----------------------------------------------------------------------------------

    def _upsert_nodes(self, nodes: Sequence[Node]) -> Tally:
        self._edgeless = set()
        if not nodes:
            return Tally()
        last = {self._place(node): node for node in nodes}  # the last word counts
        rows = self._rows.nodes({id_ for id_, _ in last})
        told: set[str] = set()
        for (id_, key), node in last.items():
            row = rows.get(id_)
            if row is None:
                row = rows[id_] = NodeRow(node.label)
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
        self._known.update(rows)
        fresh = sum(rows[id_].version == 0 for id_ in told)
        return Tally(fresh, len(told) - fresh, len(rows) - len(told))

    def _write_nodes(self, rows: Mapping[str, NodeRow]) -> None:
        writes: list[NodeWrite] = []
        renamed: list[str] = []
        for id_, row in rows.items():
            merged = merge_node(row.facts)
            before: Props = {}
            if row.version == 0:
                self._new.add(id_)
                self._edgeless.add(id_)
            else:
                before = orjson.loads(row.props)
                if _title(id_, before) != _title(id_, merged.props):
                    renamed.append(id_)
            version = max(row.version, self._least) + 1
            writes.append(NodeWrite(id_, row, merged, before, version))
            self._told[id_] = Node(id_, Label(row.label), merged.props)
        self._rows.write_nodes(writes)
        self._retold.update(dict.fromkeys(rows))
        if renamed:
            self._retold.update(dict.fromkeys(self._rows.makers(renamed)))

    # -- edges -----------------------------------------------------------------------------------

    def _upsert_edges(self, edges: Sequence[Edge]) -> tuple[Tally, int]:
        if not edges:
            return Tally(), 0
        self._look_up(self._home(id_) for edge in edges for id_ in (edge.from_id, edge.to_id))
        bare = self._make_bare(edges)
        last = {self._key(edge): edge for edge in edges}
        new = self._edgeless
        rows = self._rows.edges(  # new ends, new edge
            {key for key, _ in last if key[1] not in new and key[2] not in new}
        )
        told: set[EdgeKey] = set()
        for (key, told_by), edge in last.items():
            row = rows.get(key)
            if row is None:
                row = rows[key] = EdgeRow()
            facts = stated(row.facts, told_by, edge_statement(edge), self._today)
            if facts is not None:
                row.facts = facts
                told.add(key)
        self._write_edges({key: row for key, row in rows.items() if key in told})
        fresh = sum(rows[key].version == 0 for key in told)
        tally = Tally(fresh, len(told) - fresh, len(rows) - len(told))
        return tally, bare

    def _write_edges(self, rows: Mapping[EdgeKey, EdgeRow]) -> None:
        writes: list[EdgeWrite] = []
        for key, row in rows.items():
            version = max(row.version, self._least) + 1
            writes.append(EdgeWrite(key, row, merge(row.facts), version))
            self._edge_changed(key)
        self._rows.write_edges(writes)

    def _edge_changed(self, key: EdgeKey) -> None:
        if key[0] == EdgeType.MAKES:
            self._retold[key[1]] = None

    def _make_bare(self, edges: Sequence[Edge]) -> int:
        bare: dict[str, Label] = {}
        for edge in edges:
            for id_, label in zip((edge.from_id, edge.to_id), ENDPOINTS[edge.type], strict=True):
                home = self._home(id_)
                if home not in self._known:
                    bare.setdefault(home, label)
        self._insert_bare(bare)
        return len(bare)

    def _insert_bare(self, bare: Mapping[str, Label]) -> None:
        if bare:
            self._known.update(bare)
            self._new.update(bare)
            self._edgeless.update(bare)
            self._told.update((id_, Node(id_, label)) for id_, label in bare.items())
            self._rows.write_nodes(
                [
                    NodeWrite(id_, NodeRow(label), Merged(), {}, self._least + 1)
                    for id_, label in bare.items()
                ]
            )

    def _place(self, node: Node) -> tuple[str, str]:
        """The id of the node that a statement is about, and the statement's key there."""
        home = self._home(node.id)
        return home, fact_key(node.source) if home == node.id else fact_key(node.source, node.id)

    def _key(self, edge: Edge) -> tuple[EdgeKey, str]:
        """The edge that a statement is about, and the statement's key there."""
        from_id, to_id = edge.from_id, edge.to_id
        ends = self._home(from_id), self._home(to_id)
        under = (from_id, to_id) if ends != (from_id, to_id) else ()
        return (edge.type, *ends, edge.key), fact_key(edge.source, *under)

    def _look_up(self, ids: Iterable[str]) -> None:
        """Know of these ids those that have a node."""
        unknown = {id_ for id_ in ids if id_ not in self._known}
        if unknown:
            self._known.update(self._rows.there(unknown))


def _checked(batch: Batch) -> set[str]:
    """All ids that a batch names.

    Raises:
        InputError: one of them, a source or a confidence cannot be used.
    """
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
        if not id_ or "\0" in id_ or len(id_) > LONGEST_ID:
            shown = id_ if len(id_) <= _SHOWN else f"{id_[:_SHOWN]}…"
            raise InputError(
                f"节点编号 {shown!r} 不能用。",
                hint=f"节点编号不能为空，不能含空字符，也不能超过 {LONGEST_ID} 个字符。",
                id=shown,
            )
    named = {*ids, *batch.delete_nodes, *batch.splits}
    named.update(id_ for pair in batch.merges for id_ in pair)
    named.update(id_ for _, from_id, to_id, _ in batch.delete_edges for id_ in (from_id, to_id))
    return named


def _title(id_: str, props: Props) -> str:
    return Node(id_, Label.PRODUCT, props).title
