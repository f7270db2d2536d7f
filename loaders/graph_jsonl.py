"""``graph.jsonl``: one node or edge a line, the graph's own exchange format.

``{"node": id, "label", "props"}`` or ``{"edge": type, "from", "to", "props", "source",
"observed_at", "confidence", "inferred"}``; nodes may carry ``source`` and ``observed_at`` too,
edges a ``key``. ``{"merge": id, "into": id}`` says that two nodes were found to be one. All but the
ids and the label or type are optional; the source of a line without one is the file, "" is none at
all. A node without source, date and props is a bare one. A line that is wrong is a row error.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from graph_service.model import Batch, Edge, EdgeType, Label, Node
from loaders import clean
from loaders.errors import CellError, ErrorLog, RowError, shown
from loaders.grid import Problem
from loaders.readers import json_lines


@dataclass(frozen=True, slots=True)
class Merge:
    """Two nodes are one: ``gone`` names the node ``into``. Holds once all lines are read."""

    gone: str
    into: str


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
) -> Iterator[tuple[int, Node | Edge | Merge]]:
    """The lines of a file as nodes, edges and merges, with their numbers; wrong ones go to the log.

    ``source`` stands for those that name none; the file's name without it.
    """
    log = log if log is not None else ErrorLog()
    file = source or path.name
    for number, record in json_lines(path):
        try:
            if isinstance(record, Problem):
                raise LineError(record.code, "", record.value)  # noqa: TRY301
            yield number, item(record, file)
        except LineError as error:
            log.add(RowError(file, error.code, "", number, error.column, shown(error.value)))
            log.rejected += 1


def batches(
    path: Path, *, source: str | None = None, log: ErrorLog | None = None, size: int = BATCH
) -> Iterator[Batch]:
    """The file's nodes and edges as batches of at most ``size``, for a store's ``apply``."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    for _, item in read(path, source=source, log=log):
        if isinstance(item, Node):
            nodes.append(item)
        elif isinstance(item, Edge):
            edges.append(item)
        if len(nodes) + len(edges) >= size:
            yield Batch(nodes, edges)
            nodes, edges = [], []
    if nodes or edges:
        yield Batch(nodes, edges)


class LineError(Exception):
    """A line cannot be used: an error code, and in which field which value."""

    def __init__(self, code: str, column: str, value: object) -> None:
        super().__init__(code)
        self.code, self.column, self.value = code, column, value


def item(record: Mapping[str, Any], file: str) -> Node | Edge | Merge:
    """A line as a node, an edge or a merge; ``file`` is the source of one that names none.

    Raises:
        LineError: it is none of them, or holds a value that cannot be used.
    """
    if "merge" in record:
        return Merge(_id(record, "merge"), _id(record, "into"))
    props = record.get("props")
    if props is not None and not isinstance(props, dict):
        raise LineError("bad_type", "props", props)
    given = record.get("source")
    source = (file if given is None else str(given)) or None
    observed = _date(record.get("observed_at"))
    if "node" in record:
        label = record.get("label")
        if label not in set(Label):
            raise LineError("unknown_label", "label", label)
        return Node(_id(record, "node"), Label(label), props or {}, source, observed)
    kind = record.get("edge")
    if kind not in set(EdgeType):
        raise LineError("unknown_edge", "edge", kind)
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
        raise LineError("missing_key", key, value)
    if "\0" in str(value):
        raise LineError("bad_key", key, value)
    return str(value)


def _date(value: Any) -> str | None:
    try:
        return clean.date(value) if value is not None else None
    except CellError as error:
        raise LineError(error.code, "observed_at", value) from error


def _confidence(value: Any) -> float:
    if value is None:
        return 1.0
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 1:
        raise LineError("bad_confidence", "confidence", value)
    return float(value)
