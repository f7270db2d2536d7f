"""``graph.jsonl``: one node or edge a line, the graph's own exchange format.

``{"node": id, "label", "props"}`` or ``{"edge": type, "from", "to", "props", "source",
"observed_at", "confidence", "inferred"}``; nodes may carry ``source`` and ``observed_at`` too,
edges a ``key``. All but the ids and the label or type are optional. A line that is wrong is a row
error.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from graph_service.model import Batch, Edge, EdgeType, Label, Node
from loaders import clean
from loaders.errors import CellError, ErrorLog, RowError, shown
from loaders.grid import Problem
from loaders.readers import json_lines

#: Nodes and edges a batch.
BATCH = 2000


def is_graph(path: Path) -> bool:
    """Whether the first readable line of a JSONL file is a node or an edge of this format."""
    for _, record in json_lines(path):
        if not isinstance(record, Problem):
            return ("node" in record and "label" in record) or (
                "edge" in record and "from" in record and "to" in record
            )
    return False


def read(
    path: Path, *, source: str | None = None, log: ErrorLog | None = None
) -> Iterator[tuple[int, Node | Edge]]:
    """The lines of a file as nodes and edges, with their numbers; wrong lines go to the log.

    ``source`` stands for those that name none; the file's name without it.
    """
    log = log if log is not None else ErrorLog()
    file = source or path.name
    for number, record in json_lines(path):
        try:
            if isinstance(record, Problem):
                raise _LineError(record.code, "", record.value)  # noqa: TRY301
            yield number, _item(record, file)
        except _LineError as error:
            log.add(RowError(file, error.code, "", number, error.column, shown(error.value)))
            log.rejected += 1


def batches(
    path: Path, *, source: str | None = None, log: ErrorLog | None = None, size: int = BATCH
) -> Iterator[Batch]:
    """The file as batches of at most ``size`` nodes and edges, for a store's ``apply``."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for _, item in read(path, source=source, log=log):
        if isinstance(item, Node):
            nodes.append(item)
        else:
            edges.append(item)
        if len(nodes) + len(edges) >= size:
            yield Batch(nodes, edges)
            nodes, edges = [], []
    if nodes or edges:
        yield Batch(nodes, edges)


class _LineError(Exception):
    def __init__(self, code: str, column: str, value: object) -> None:
        super().__init__(code)
        self.code, self.column, self.value = code, column, value


def _item(record: Mapping[str, Any], file: str) -> Node | Edge:
    props = record.get("props")
    if props is not None and not isinstance(props, dict):
        raise _LineError("bad_type", "props", props)
    source = str(record.get("source") or file)
    observed = _date(record.get("observed_at"))
    if "node" in record:
        label = record.get("label")
        if label not in set(Label):
            raise _LineError("unknown_label", "label", label)
        return Node(_id(record, "node"), Label(label), props or {}, source, observed)
    kind = record.get("edge")
    if kind not in set(EdgeType):
        raise _LineError("unknown_edge", "edge", kind)
    return Edge(
        EdgeType(kind),
        _id(record, "from"),
        _id(record, "to"),
        str(record.get("key") or ""),
        props or {},
        source,
        observed,
        _confidence(record.get("confidence")),
        bool(record.get("inferred")),
    )


def _id(record: Mapping[str, Any], key: str) -> str:
    value = record.get(key)
    if not isinstance(value, (str, int)) or isinstance(value, bool) or not str(value).strip():
        raise _LineError("missing_key", key, value)
    if "\0" in str(value):
        raise _LineError("bad_key", key, value)
    return str(value)


def _date(value: Any) -> str | None:
    try:
        return clean.date(value) if value is not None else None
    except CellError as error:
        raise _LineError(error.code, "observed_at", value) from error


def _confidence(value: Any) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise _LineError("bad_confidence", "confidence", value)
    return float(value)
