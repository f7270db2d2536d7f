"""All that a store was told, statement by statement, in pages: memory does not grow with it."""

from collections.abc import Iterator

from graph_service.model import ANY, Edge, Node
from graph_service.ports import GraphStore
from graph_service.progress import Progress

#: Nodes read at a time, with their edges.
PAGE = 500
_ALL = 1 << 31


def nodes(store: GraphStore, progress: Progress) -> Iterator[Node]:
    """What was said of each node, in id order; one of which nothing was said comes bare."""
    after: str | None = None
    while True:
        page = store.scan(ANY, after=after, limit=PAGE, stated=True)
        yield from page.nodes
        progress.advance(len({node.id for node in page.nodes}))
        if (after := page.cursor) is None:
            return


def edges(store: GraphStore, progress: Progress) -> Iterator[Edge]:
    """What was said of each edge, in the order of their starts."""
    after: str | None = None
    while True:
        page = store.scan(ANY, after=after, limit=PAGE)
        ids = [node.id for node in page.nodes]
        for hops in store.neighbours(ids, direction="out", limit=_ALL, stated=True).values():
            yield from (hop.edge for hop in hops)
        progress.advance(len(ids))
        if (after := page.cursor) is None:
            return


def merges(store: GraphStore) -> Iterator[tuple[str, str]]:
    """Each id that was merged, with that of the node which stands for it."""
    after: str | None = None
    while True:
        page = store.scan(ANY, after=after, limit=PAGE)
        for node in page.nodes:
            yield from ((gone, node.id) for gone in node.props.get("merged", ()))
        if (after := page.cursor) is None:
            return
