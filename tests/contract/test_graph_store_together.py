"""Reads sent together are answered as each alone, whatever else goes with them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

from graph_service.errors import FingerprintError
from graph_service.model import ANY, Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import GraphStore
from graph_service.reads import (
    DocumentWords,
    Lexical,
    Neighbours,
    Nodes,
    Onward,
    Paths,
    Read,
    Scan,
    TextSearch,
    Vectors,
    VectorSearch,
    WithNodes,
    together,
)
from tests.contract.graph_builders import PRINT, firm, makes, product

MAKES, NEEDS, SUBTYPE_OF = EdgeType.MAKES, EdgeType.NEEDS, EdgeType.SUBTYPE_OF
FIRMS = Filter(labels=frozenset({Label.ORGANIZATION}))


def _vector(*values: float) -> Any:
    return lambda: np.array(values, np.float32)


READS: Sequence[Read[Any]] = [
    Nodes(["f2", "nobody", "gone", "f1"]),
    Nodes([]),
    Scan(FIRMS, limit=2),
    Scan(Filter(ids=frozenset({"gone", "p1"}))),
    Scan(ANY, after="f1", limit=100),
    Neighbours(["f1", "gone", "p1"], limit=2),
    WithNodes(Neighbours(["f1", "p1"], types=(MAKES,), direction="out")),
    WithNodes(Neighbours(["nobody"])),
    Neighbours([]),
    Onward(["p1", "gone"], [(SUBTYPE_OF, "out"), (SUBTYPE_OF, "in")], (MAKES, "in")),
    Onward(["p1"], [(SUBTYPE_OF, "out")], (MAKES, "in"), limit=1, direct=False),
    Onward(["f1", "gone"], [], (MAKES, "out")),
    WithNodes(Onward(["f1", "gone"], [(MAKES, "out")], (SUBTYPE_OF, "out"))),
    WithNodes(Onward(["p1"], [(SUBTYPE_OF, "in")], (MAKES, "in"), direct=False)),
    WithNodes(Onward([], [], (MAKES, "out"))),
    Onward([], [(SUBTYPE_OF, "out")], (MAKES, "in")),
    Paths("f1", "f2", max_hops=2, k=1),
    WithNodes(Paths("f1", "f2", max_hops=2, k=1)),
    WithNodes(Paths("f1", "f3", max_hops=2, k=1)),
    WithNodes(Paths("gone", "f3", max_hops=5, k=3)),
    Paths("f1", "nobody"),
    Paths("f1", "f2", types=(NEEDS,), direction="out"),
    TextSearch({"轴承": 1.0, "阀": 2.0}, FIRMS, limit=2),
    WithNodes(TextSearch({"轴承": 1.0}, ANY)),
    WithNodes(TextSearch({"轴": 1.0}, ANY, names=True)),
    WithNodes(TextSearch({"甲轴承厂的滚子轴承": 1.0}, ANY, names="within")),
    WithNodes(TextSearch({"滚子轴承": 1.0}, FIRMS, names="within")),
    TextSearch({}, ANY),
    TextSearch({}, ANY, names="within"),
    VectorSearch(_vector(1, 0), PRINT, ANY, limit=2),
    WithNodes(VectorSearch(_vector(0, 1), PRINT, FIRMS, passages="whole")),
    VectorSearch(_vector(1, 0), "another", ANY),
    Lexical(["轴承", "没有"], Label.ORGANIZATION, ["f2", "gone"]),
    Lexical(["轴承"], Label.PRODUCT),
    Lexical(["轴承", "滚子"], Label.PRODUCT, ["p1", "nobody", "gone"]),
    DocumentWords(["p1", "nobody", "gone"]),
    DocumentWords(["f2", "gone"]),
    DocumentWords(["f1"]),
    DocumentWords([]),
    Vectors(["p1", "nobody", "gone"], PRINT),
    Vectors(["p1"], "another", whole_documents=True),
]


@pytest.fixture
def city(store: GraphStore) -> GraphStore:
    store.apply(
        Batch(
            [
                firm("f1", name="甲轴承厂", text="轴承"),
                firm("f2", name="乙阀厂", text="阀 轴承 轴承"),
                firm("f3", name="丙"),
                firm("gone", name="甲轴"),
                *(product(id_, name=name) for id_, name in (("p1", "轴承"), ("p2", "滚子轴承"))),
                Node("d1", Label.DEMAND, {"text": "轴承寿命"}),
            ],
            [
                *(makes(*ends) for ends in (("f1", "p1"), ("f2", "p2"), ("gone", "p2"))),
                Edge(NEEDS, "f2", "p1", confidence=0.5),
                Edge(SUBTYPE_OF, "p2", "p1"),
                Edge(EdgeType.SUPPLIES, "f3", "f2", "p2", inferred=True),
            ],
        )
    )
    store.apply(Batch(merges=[("gone", "f1")]))
    texts = store.pending_texts(PRINT)
    angles = np.linspace(0, 1, len(texts), dtype=np.float32)
    vectors = np.stack([np.cos(angles), np.sin(angles)], axis=1)
    store.put_vectors(PRINT, [text.hash for text in texts], vectors)
    return store


def _plain(answer: Any) -> Any:
    """An answer that can be compared: arrays as lists."""
    if isinstance(answer, np.ndarray):
        return answer.tolist()
    if hasattr(answer, "__slots__") and hasattr(answer, "matrix"):
        return [list(answer.node_ids), list(answer.ordinals), answer.matrix.tolist()]
    if hasattr(answer, "lengths"):
        return [_plain(getattr(answer, name)) for name in type(answer).__slots__]
    return answer


def test_reads_together_are_answered_as_each_alone(city: GraphStore) -> None:
    found = together(city, READS)
    for read, answer in zip(READS, found, strict=True):
        alone = _plain(read.ask(city))
        assert _plain(answer) == alone, read
        assert _plain(together(city, [read])[0]) == alone, read


def test_nothing_together_is_nothing(store: GraphStore) -> None:
    assert together(store, []) == []


def test_one_that_fails_fails_all(city: GraphStore) -> None:
    with pytest.raises(FingerprintError):
        together(city, [Nodes(["f1"]), VectorSearch(_vector(1, 0, 0), PRINT, ANY)])
