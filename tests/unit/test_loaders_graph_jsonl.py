"""graph.jsonl: the graph's own exchange format."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.model import Edge, EdgeType, Label, Node
from loaders import graph_jsonl
from loaders.errors import ErrorLog

IDS = st.text(st.characters(exclude_categories=("Cs", "Cc", "Z")), min_size=1, max_size=6)
PROPS = st.dictionaries(IDS, st.one_of(IDS, st.integers(-9, 9), st.booleans()), max_size=2)
DATES = st.one_of(st.none(), st.sampled_from(["2021", "2021-10", "2021-10-05"]))
NODES = st.builds(Node, IDS, st.sampled_from(Label), PROPS, IDS, DATES)
EDGES = st.builds(
    Edge,
    st.sampled_from(EdgeType),
    IDS,
    IDS,
    IDS,
    PROPS,
    IDS,
    DATES,
    st.floats(0, 1),
    st.booleans(),
)


def line(item: Node | Edge) -> dict[str, Any]:
    common = {"props": item.props, "source": item.source, "observed_at": item.observed_at}
    if isinstance(item, Node):
        return {"node": item.id, "label": item.label, **common}
    ends = {"edge": item.type, "from": item.from_id, "to": item.to_id, "key": item.key}
    return {**ends, **common, "confidence": item.confidence, "inferred": item.inferred}


def write(path: Path, records: list[Any]) -> Path:
    path.write_text("\n".join(r if isinstance(r, str) else json.dumps(r) for r in records), "utf-8")
    return path


@settings(deadline=None)
@given(items=st.lists(st.one_of(NODES, EDGES), max_size=6))
def test_any_graph_comes_back(
    items: list[Node | Edge], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = write(tmp_path_factory.mktemp("graph") / "g.jsonl", [line(item) for item in items])
    log = ErrorLog()
    assert [item for _, item in graph_jsonl.read(path, log=log)] == items
    assert not log.errors
    batches = list(graph_jsonl.batches(path, size=2))
    assert sum(len(batch.nodes) + len(batch.edges) for batch in batches) == len(items)
    assert all(len(batch.nodes) + len(batch.edges) <= 2 for batch in batches)


def test_all_but_ids_and_label_or_type_is_optional(tmp_path: Path) -> None:
    records = [{"node": "a", "label": "Product"}, {"edge": "MAKES", "from": "f", "to": "a"}]
    path = write(tmp_path / "g.jsonl", records)
    assert graph_jsonl.is_graph(path)
    assert [item for _, item in graph_jsonl.read(path)] == [
        Node("a", Label.PRODUCT, source="g.jsonl"),
        Edge(EdgeType.MAKES, "f", "a", source="g.jsonl"),
    ]


def test_wrong_lines_are_row_errors(tmp_path: Path) -> None:
    good = {"edge": "MAKES", "from": "f", "to": "a"}
    records = [
        "{",
        {"node": "", "label": "Product"},
        {"node": "a", "label": "Thing"},
        {"edge": "LIKES", "from": "a", "to": "b"},
        {"edge": "MAKES", "from": "a"},
        good | {"confidence": 2},
        good | {"observed_at": "soon"},
        good | {"props": []},
        {"node": "a\0b", "label": "Product"},
        good,
    ]
    log = ErrorLog()
    path = write(tmp_path / "g.jsonl", records)
    assert [number for number, _ in graph_jsonl.read(path, log=log)] == [10]
    assert log.rejected == 9
    assert [(error.row, error.code, error.column) for error in log.errors] == [
        (1, "bad_json", ""),
        (2, "missing_key", "node"),
        (3, "unknown_label", "label"),
        (4, "unknown_edge", "edge"),
        (5, "missing_key", "to"),
        (6, "bad_confidence", "confidence"),
        (7, "bad_date", "observed_at"),
        (8, "bad_type", "props"),
        (9, "bad_key", "node"),
    ]


def test_other_json_lines_are_no_graph(tmp_path: Path) -> None:
    assert not graph_jsonl.is_graph(write(tmp_path / "d.jsonl", [{"id": 1, "title": "甲"}]))
    assert not graph_jsonl.is_graph(write(tmp_path / "e.jsonl", ["", "{"]))
