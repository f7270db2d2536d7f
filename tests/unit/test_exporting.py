"""What is exported loads back to the same graph; nothing in it is a formula or hides a guess."""

import csv
import tempfile
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import networkx as nx
import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings

from api.words import EDGES, LABELS, PROPS
from graph_service.errors import InputError, StoreUnavailableError
from graph_service.exporting import cells
from graph_service.exporting.service import Format, export, format_of
from graph_service.exporting.tables import Words
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Filter, Label, Node, Tally
from graph_service.ports import GraphStore
from graph_service.store import open_store
from loaders.service import load

WORDS = Words(LABELS, EDGES, PROPS)
FAST = settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
OUT = {
    Format.JSONL: "图.jsonl",
    Format.XLSX: "图.xlsx",
    Format.CSV: "图",
    Format.GRAPHML: "图.graphml",
}
TABLES = [Format.JSONL, Format.XLSX, Format.CSV]

texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12) | st.sampled_from(
    ["=1+1", "+86 571", "-5", "@x", "\tx", "'x", "''", "12", "1.0", "null", "[1]", '"x"', "", " x ",
     "a\nb", "a\r\nb", "_x0041_", "\x01", "a;b|c,d", "２０２５", "x" * 40_000, "😀" * 20_000]
)  # fmt: skip
values = st.recursive(
    texts | st.integers(-(2**63), 2**63 - 1) | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner | st.none(), max_size=3)
    | st.dictionaries(texts.filter(lambda text: len(text) < 100), inner, max_size=2),
    max_leaves=4,
)  # fmt: skip
names = st.sampled_from(["name", "text", "tiers", "x（y）", "来源", "=a", "注册资本"]) | st.text(
    st.characters(exclude_categories=["Cs"]), max_size=5
)
props = st.dictionaries(names, values, max_size=4)
sources = st.sampled_from([None, "名录.csv", "=cmd|x", "年报", "2021"])
dates = st.sampled_from(["2021", "2021-10", "2021-10-03"])
ids = st.sampled_from(["org:甲", "p 1", "=x", "007", "'q", "d"])


@st.composite
def graphs(draw: st.DrawFn) -> Batch:
    labels = draw(st.fixed_dictionaries({id_: st.sampled_from(Label) for id_ in ("org:甲", "=x")}))
    nodes = [
        Node(
            id_, labels.get(id_, Label.DEMAND), draw(props), source, draw(dates)
        )
        for id_, source in draw(st.sets(st.tuples(ids, sources), max_size=6))
    ]  # fmt: skip
    nodes += [Node("bare", Label.CHAIN)] if draw(st.booleans()) else []
    edges = [
        Edge(
            kind, *ends, key, draw(props), source, draw(dates),
            draw(st.sampled_from([0.0, 0.1, 0.5, 1.0])), draw(st.booleans()),
        )
        for kind, ends, key, source in draw(
            st.sets(
                st.tuples(
                    st.sampled_from([EdgeType.MAKES, EdgeType.SUPPLIES, EdgeType.MEMBER_OF]),
                    st.tuples(ids, ids | st.just("bare")),
                    st.sampled_from(["", "product:阀", "=k"]),
                    sources,
                ),
                max_size=5,
            )
        )
    ]  # fmt: skip
    return Batch(nodes, edges)


def said(store: GraphStore) -> tuple[list[Node], list[Edge]]:
    """Everything that a store was told, and in what words."""
    nodes = store.scan(Filter(), limit=10_000, stated=True).nodes
    hops = store.neighbours([node.id for node in nodes], direction="out", limit=10_000, stated=True)
    edges = {_place(hop.edge): hop.edge for found in hops.values() for hop in found}
    return sorted(nodes, key=lambda node: (node.id, node.source or "")), [
        edges[place] for place in sorted(edges)
    ]


def _place(edge: Edge) -> tuple[str, ...]:
    return edge.type, edge.from_id, edge.to_id, edge.key, edge.source or ""


def merged(store: GraphStore) -> list[tuple[Any, ...]]:
    """What is read, version aside."""
    return [
        (node.id, node.label, node.props, node.source, node.observed_at)
        for node in store.scan(Filter(), limit=10_000).nodes
    ]


@pytest.mark.parametrize("kind", TABLES)
@FAST
@given(batch=graphs())
def test_what_is_exported_loads_back_to_the_same_graph(kind: Format, batch: Batch) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            open_store(str(folder / "one"), today="2026-11-23") as one,
            open_store(str(folder / "other")) as other,
        ):
            one.apply(batch)
            out = folder / OUT[kind]
            export(one, out, kind, WORDS, viewer=EVERYONE)
            report = load([out], other)
            assert report.rejected == 0, report.errors
            assert said(other) == said(one)
            assert merged(other) == merged(one)


@pytest.mark.parametrize("kind", TABLES)
def test_loading_an_export_counts_each_node_once(kind: Format, tmp_path: Path) -> None:
    firms = [Node(id_, Label.ORGANIZATION, {"name": id_}, "名录") for id_ in "ab"]
    with open_store(str(tmp_path / "one")) as one, open_store(str(tmp_path / "two")) as two:
        one.apply(Batch(firms, [Edge(EdgeType.SUPPLIES, "a", "b", source="名录")]))
        export(one, tmp_path / OUT[kind], kind, WORDS, viewer=EVERYONE)
        for new, unchanged in ((2, 0), (0, 2)):
            changes = load([tmp_path / OUT[kind]], two).changes
            assert changes.nodes == Tally(new=new, unchanged=unchanged)
            assert changes.bare == 0


@given(values)
@FAST
def test_a_value_is_read_back_from_its_cell(value: Any) -> None:
    text = cells.encode(value)
    assert cells.decode(text) == value
    assert type(cells.decode(text)) is type(value)
    assert text
    if isinstance(value, str):
        assert text[0] not in "=+-@\t\r"


@pytest.fixture
def store(tmp_path: Path) -> Any:
    with open_store(str(tmp_path / "store"), today="2026-11-23") as opened:
        opened.apply(
            Batch(
                [
                    Node("f1", Label.ORGANIZATION, {"name": "=HYPERLINK(1)", "staff": 3}, "甲"),
                    Node("f1", Label.ORGANIZATION, {"name": "虚构甲", "district": "东区"}, "乙"),
                    Node("r1", Label.RESULT, {"title": "成果\x01", "tiers": [{"tier": "小巨人"}]}),
                ],
                [
                    Edge(EdgeType.MAKES, "f1", "p1", source="年报", confidence=0.9),
                    Edge(EdgeType.OWNS, "f1", "r1", source="猜", confidence=0.5, inferred=True),
                ],
            )
        )
        yield opened


def test_a_workbook_has_a_sheet_a_kind_and_marks_what_is_inferred(
    store: GraphStore, tmp_path: Path
) -> None:
    export(store, tmp_path / "图.xlsx", Format.XLSX, WORDS, viewer=EVERYONE)
    book = openpyxl.load_workbook(tmp_path / "图.xlsx")
    assert book.sheetnames == ["机构", "产品", "成果", "关系-生产", "关系-拥有"]
    header, first, second = book["机构"].iter_rows(values_only=True)
    assert header[:4] == cells.NODE
    assert "区县（district）" in header
    assert "'=HYPERLINK(1)" in second
    assert not any(cell.data_type == "f" for sheet in book for row in sheet for cell in row)
    assert first[:3] == ("f1", "Organization", "乙")
    for name, certainty in (("关系-生产", "观测"), ("关系-拥有", "推断")):
        assert [row[7] for row in book[name].iter_rows(min_row=2, values_only=True)] == [certainty]


def test_a_folder_of_csv_opens_in_excel_and_marks_what_is_inferred(
    store: GraphStore, tmp_path: Path
) -> None:
    export(store, tmp_path / "图", Format.CSV, WORDS, viewer=EVERYONE)
    files = {path.stem: path for path in (tmp_path / "图").iterdir()}
    assert set(files) == {"机构", "产品", "成果", "关系-生产", "关系-拥有"}
    assert files["机构"].read_bytes().startswith(b"\xef\xbb\xbf")
    with files["关系-拥有"].open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["观测或推断"], row["置信度"], row["关系种类"]) == ("推断", "0.5", "OWNS")


def test_graphml_is_read_by_networkx(store: GraphStore, tmp_path: Path) -> None:
    export(store, tmp_path / "图.graphml", Format.GRAPHML, WORDS, viewer=EVERYONE)
    graph = nx.read_graphml(tmp_path / "图.graphml", force_multigraph=True)
    assert set(graph) == {"f1", "r1", "p1"}
    assert graph.nodes["f1"]["prop:district"] == "东区"
    assert graph.nodes["r1"]["title"] == "成果"
    told = {data["type"]: data for *_, data in graph.edges(data=True)}
    assert (told["OWNS"]["inferred"], told["OWNS"]["confidence"]) == (True, 0.5)
    assert told["MAKES"]["inferred"] is False


@pytest.mark.parametrize("kind", list(Format))
def test_nothing_is_overwritten_and_no_half_is_left(
    store: GraphStore, tmp_path: Path, kind: Format, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out" / OUT[kind]
    with pytest.raises(StoreUnavailableError):
        export(store, out, kind, WORDS, viewer=EVERYONE)
    out.parent.mkdir()

    def fall(*_: object, **__: object) -> None:
        raise RuntimeError("half way")

    with monkeypatch.context() as patched:
        patched.setattr(type(store), "neighbours", fall)
        with pytest.raises(RuntimeError):
            export(store, out, kind, WORDS, viewer=EVERYONE)
    assert list(out.parent.iterdir()) == []
    export(store, out, kind, WORDS, viewer=EVERYONE)
    with pytest.raises(InputError):
        export(store, out, kind, WORDS, viewer=EVERYONE)
    assert list(out.parent.iterdir()) == [out]


def test_an_empty_graph_is_exported(tmp_path: Path) -> None:
    with open_store(str(tmp_path / "empty")) as store:
        for kind, name in OUT.items():
            export(store, tmp_path / name, kind, WORDS, viewer=EVERYONE)


def test_the_format_follows_the_name() -> None:
    assert {format_of(Path(name)) for name in OUT.values()} == set(Format)
    with pytest.raises(InputError) as caught:
        format_of(Path("图.pdf"))
    assert "--format" in caught.value.hint


def test_what_was_merged_is_merged_again_from_graph_jsonl(tmp_path: Path) -> None:
    firms = [
        Node(id_, Label.ORGANIZATION, {"name": name}, source, "2021")
        for id_, name, source in [("a", "甲", "名录"), ("b", "乙", "名录"), ("c", "丙", "年报")]
    ]
    with (
        open_store(str(tmp_path / "one")) as one,
        open_store(str(tmp_path / "two")) as two,
    ):
        one.apply(Batch(firms, [Edge(EdgeType.MAKES, "b", "p", source="名录")]))
        one.apply(Batch(merges=[("b", "a"), ("c", "b")]))
        out = tmp_path / "图.jsonl"
        export(one, out, Format.JSONL, WORDS, viewer=EVERYONE)
        for changed in (True, False):
            changes = load([out], two).changes
            assert bool(changes.nodes.new or changes.nodes.changed) is changed
            assert [node.id for node in two.nodes(["a", "b", "c"]).values()] == ["a"] * 3
            assert two.nodes(["a"])["a"].props == one.nodes(["a"])["a"].props
            assert two.stats()["edges"] == one.stats()["edges"]
        out.write_text('{"node": "x", "label": "Product"}\n{"merge": "x", "into": "nowhere"}\n')
        report = load([out], two)
        assert [(error.code, error.row) for error in report.errors] == [("refused", 2)]
