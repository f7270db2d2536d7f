"""All that a store was told, statement by statement, in pages: memory does not grow with it."""

from collections.abc import Iterator

from graph_service.model import ANY, Edge, Node
from graph_service.paging import node_pages
from graph_service.ports import GraphStore
from graph_service.progress import Progress

#: Nodes read at a time, with their edges.
PAGE = 500
_ALL = 1 << 31


def nodes(store: GraphStore, progress: Progress) -> Iterator[Node]:
    """What was said of each node, in id order; one of which nothing was said comes bare."""
    for some in node_pages(store, ANY, PAGE, stated=True):
        yield from some
        progress.advance(len({node.id for node in some}))


def edges(store: GraphStore, progress: Progress) -> Iterator[Edge]:
    """What was said of each edge, in the order of their starts."""
    for some in node_pages(store, ANY, PAGE):
        ids = [node.id for node in some]
        for hops in store.neighbours(ids, direction="out", limit=_ALL, stated=True).values():
            yield from (hop.edge for hop in hops)
        progress.advance(len(ids))


def merges(store: GraphStore) -> Iterator[tuple[str, str]]:
    """Each id that was merged, with that of the node which stands for it."""
    for some in node_pages(store, ANY, PAGE):
        for node in some:
            yield from ((gone, node.id) for gone in node.props.get("merged", ()))
