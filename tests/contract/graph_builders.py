"""Small nodes and edges for the contract of the graph store, and short ways to read them."""

from typing import Any

from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.ports import GraphStore

#: The day on which the stores of the contract believe to be.
TODAY = "2026-11-23"

PRINT = "model@1:2"


def firm(
    id_: str, source: str | None = "名录", observed_at: str | None = None, **props: Any
) -> Node:
    return Node(id_, Label.ORGANIZATION, props, source, observed_at)


def product(id_: str, **props: Any) -> Node:
    return Node(id_, Label.PRODUCT, props, "产品表")


def makes(from_id: str, to_id: str, **fields: Any) -> Edge:
    return Edge(EdgeType.MAKES, from_id, to_id, **fields)


def read(store: GraphStore, id_: str) -> Node:
    return store.nodes([id_])[id_]


def edges_at(store: GraphStore, id_: str) -> list[Edge]:
    return [hop.edge for hop in store.neighbours([id_])[id_]]


def pending(store: GraphStore) -> set[str]:
    return {waiting.text for waiting in store.pending_texts(PRINT)}
