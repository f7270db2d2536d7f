"""Page after page of a listing, to its end, each read when it is asked for."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from graph_service.model import Filter, Node, Record
from graph_service.ports import GraphStore, Records, Scalar


def node_pages(
    store: GraphStore, where: Filter, size: int, *, stated: bool = False
) -> Iterator[Sequence[Node]]:
    """The nodes that pass, ``size`` at a time, as ``GraphStore.scan`` lists them; at least one
    page."""
    cursor: str | None = None
    while True:
        page = store.scan(where, after=cursor, limit=size, stated=stated)
        yield page.nodes
        if (cursor := page.cursor) is None:
            return


def record_pages(
    store: Records, kind: str, size: int, where: Mapping[str, Collection[Scalar]] | None = None
) -> Iterator[Sequence[Record]]:
    """The records of a kind that pass, ``size`` at a time, in id order; at least one page."""
    cursor: str | None = None
    while True:
        page = store.query(kind, where, after=cursor, limit=size)
        yield page.records
        if (cursor := page.cursor) is None:
            return
