"""Who sees what: the one place that says it.

Every service reads through ``seen``. A viewer who may not see all sees nothing until accounts
exist: what is to be seen must be allowed here, and cannot be let out by forgetting it there.
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, NoReturn, cast, overload

import numpy as np

from graph_service.errors import ForbiddenError
from graph_service.model import Label, Page, RecordPage, Viewer
from graph_service.ports import GraphStore, LexicalFeatures, PassageVectors, Store

if TYPE_CHECKING:
    import networkx as nx


@overload
def seen(store: Store, viewer: Viewer) -> Store: ...
@overload
def seen(store: GraphStore, viewer: Viewer) -> GraphStore: ...
def seen(store: GraphStore, viewer: Viewer) -> GraphStore:
    """The store as the viewer sees it."""
    return store if viewer.sees_all else cast("Store", _Nothing())


def _gives(make: Callable[[], Any]) -> Any:
    def answer(*_: Any, **__: Any) -> Any:
        return make()

    return staticmethod(answer)


def _refuse() -> NoReturn:
    raise ForbiddenError("没有权限改动图谱。", hint="请用有权限的账号。")


def _graph() -> "nx.MultiDiGraph[str]":
    import networkx as nx

    return nx.MultiDiGraph(more_nodes=False, more_edges=False)


class _Nothing:
    """A ``Store`` in which there is nothing, and into which nothing can be put."""

    nodes = neighbours = get = _gives(dict)
    scan = _gives(lambda: Page([], None))
    query = _gives(lambda: RecordPage([], None))
    paths = search_text = search_vectors = pending_texts = _gives(list)
    subgraph = _gives(_graph)
    count = _gives(int)
    stats = _gives(
        lambda: {
            "nodes": {},
            "edges": {},
            "passages": 0,
            "vectors": {},
            "records": {},
            "change": 0,
        }
    )
    passage_vectors = _gives(lambda: PassageVectors([], [], np.empty((0, 0), np.float32)))
    apply = commit = put_vectors = refresh = _gives(_refuse)

    def lexical_features(
        self, terms: Sequence[str], label: Label, ids: Sequence[str]
    ) -> LexicalFeatures:
        _ = label
        none = np.zeros((len(ids), len(terms)), np.int32)
        return LexicalFeatures(0, 0.0, np.zeros(len(terms), np.int32), none, none.sum(1, np.int32))

    def document_words(self, ids: Sequence[str]) -> list[str]:
        return [""] * len(ids)

    def __enter__(self) -> "_Nothing":
        return self

    def __exit__(self, *exc: object) -> None: ...
