"""What exploring answers; each has ``as_dict``, JSON-ready data as the command line and the API
give it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.model import Edge, Node, PathStep


@dataclass(frozen=True, slots=True)
class Neighbours:
    """A node and some of its relations, the surest first; ``cursor`` continues, None at the end."""

    node: Node
    relations: Sequence[PathStep]
    cursor: str | None

    def as_dict(self) -> dict[str, Any]:
        return {
            "node": self.node.as_dict(),
            "edges": [
                {**step.as_dict(), "key": step.hop.edge.key, "props": dict(step.hop.edge.props)}
                for step in self.relations
            ],
        }


@dataclass(frozen=True, slots=True)
class FoundPaths:
    """The shortest ways between two nodes. ``took_ms`` is wall time of the search."""

    start: str
    end: str
    took_ms: float
    paths: Sequence[Sequence[PathStep]]

    def as_dict(self) -> dict[str, Any]:
        return {
            "from": self.start,
            "to": self.end,
            "took_ms": round(self.took_ms, 2),
            "paths": [
                {"hops": len(steps), "path": [step.as_dict() for step in steps]}
                for steps in self.paths
            ],
        }


@dataclass(frozen=True, slots=True)
class Subgraph:
    """A part of the graph: nodes in id order, and edges between them.

    ``more_nodes`` and ``more_edges`` say what was cut off: there are more nodes that pass, or more
    edges between the nodes that are here.
    """

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    more_nodes: bool
    more_edges: bool

    def as_dict(self) -> dict[str, Any]:
        return {
            "nodes": [node.as_dict() for node in self.nodes],
            "edges": [edge.as_dict() for edge in self.edges],
            "more_nodes": self.more_nodes,
            "more_edges": self.more_edges,
        }


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A node whose name is near to what is typed.

    Attributes:
        node: the node.
        name: which of its names that is.
        way: how it was typed: name, pinyin, initials.
    """

    node: Node
    name: str
    way: str

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.node.id,
            "label": self.node.label.value,
            "title": self.node.title,
            "name": self.name,
            "by": self.way,
        }
