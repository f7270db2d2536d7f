"""``graph.jsonl``: every statement a line, which loads back to the same graph."""

from pathlib import Path
from typing import Any

import orjson

from graph_service.exporting import statements
from graph_service.model import Edge, Node
from graph_service.ports import GraphStore
from graph_service.progress import Progress


def write(store: GraphStore, path: Path, progress: Progress) -> None:
    """Write all nodes, then all edges, then which nodes were found to be one."""
    with path.open("wb") as file:
        for node in statements.nodes(store, progress):
            file.write(orjson.dumps(_node(node), option=orjson.OPT_APPEND_NEWLINE))
        for edge in statements.edges(store, progress):
            file.write(orjson.dumps(_edge(edge), option=orjson.OPT_APPEND_NEWLINE))
        for gone, kept in statements.merges(store):
            line = {"merge": gone, "into": kept}
            file.write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))


def _node(node: Node) -> dict[str, Any]:
    # An empty source is none; a line without one would be given the file's name.
    line: dict[str, Any] = {"node": node.id, "label": node.label, "source": node.source or ""}
    if node.observed_at:
        line |= {"props": node.props, "observed_at": node.observed_at}
    return line


def _edge(edge: Edge) -> dict[str, Any]:
    line: dict[str, Any] = {"edge": edge.type, "from": edge.from_id, "to": edge.to_id}
    if edge.key:
        line["key"] = edge.key
    return line | {
        "props": edge.props,
        "source": edge.source or "",
        "observed_at": edge.observed_at,
        "confidence": edge.confidence,
        "inferred": edge.inferred,
    }
