"""A copy is what its source is, whatever engines hold them, and goes on where it was killed."""

import signal
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service import store as stores
from graph_service.copying import portions
from graph_service.copying.service import Copied, copy, sketch
from graph_service.errors import (
    ForbiddenError,
    InputError,
    StoreCorruptError,
    StoreLockedError,
)
from graph_service.model import (
    EVERYONE,
    Batch,
    Edge,
    EdgeType,
    Filter,
    Label,
    Node,
    Put,
    UnitOfWork,
    Viewer,
)
from graph_service.ports import Whole
from graph_service.progress import Silent
from graph_service.text import text_hash
from tests.conftest import ENGINES
from tests.contract.graph_builders import TODAY
from tests.neo4j_server.running import empty
from tests.stores import child, open_store

SERVER = ENGINES[1].marks
PAIRS = [
    "embedded-embedded",
    pytest.param("embedded-neo4j", marks=SERVER),
    pytest.param("neo4j-embedded", marks=SERVER),
]
MODEL = "甲模型|3"


@pytest.fixture(params=PAIRS)
def places(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[str, str]:
    """Where a source and a target lie, both empty."""
    one, other = str(request.param).split("-")
    uri = request.getfixturevalue("emptied").uri if "neo4j" in (one, other) else ""
    return (
        uri if one == "neo4j" else str(tmp_path / "source"),
        uri if other == "neo4j" else str(tmp_path / "target"),
    )


@pytest.fixture
def both(places: tuple[str, str]) -> Iterator[tuple[Whole, Whole]]:
    """A source with something of everything in it, and an empty target."""
    with open_store(places[0], today=TODAY) as source, open_store(places[1]) as target:
        written(source)
        yield source, target


@pytest.fixture
def folders(tmp_path: Path) -> Iterator[tuple[Whole, Whole]]:
    """As ``both``, in folders: for what is the same whatever engines there are."""
    one, other = str(tmp_path / "one"), str(tmp_path / "other")
    with open_store(one, today=TODAY) as source, open_store(other) as target:
        written(source)
        yield source, target


def written(store: Whole, firms: int = 12) -> None:
    nodes = [
        Node(f"org:{i}", Label.ORGANIZATION, {"name": f"企业{i}", "n": i}, f"名录{i % 2}", "2024")
        for i in range(firms)
    ]
    nodes += [
        Node("org:1", Label.ORGANIZATION, {"district": "东区"}, "年报", "2025-03"),
        Node("d:1", Label.DEMAND, {"title": "柔轮寿命", "text": "疲劳断裂"}),
        Node("bare", Label.CHAIN),
    ]
    edges = [
        Edge(EdgeType.SUPPLIES, f"org:{i}", f"org:{i + 1}", "p", source="表")
        for i in range(firms - 1)
    ]
    share = {"revenue_share": 0.5}
    edges += [
        Edge(EdgeType.MAKES, "org:2", "p:轴承", "", share, source, "2023", 0.25, guess)
        for source, guess in (("年报", False), ("猜", True), (None, False))
    ]
    store.apply(Batch(nodes, edges))
    store.apply(Batch(merges=[("org:3", "org:2"), ("org:2", "org:0"), ("org:5", "org:0")]))
    for number in range(3):
        store.commit(UnitOfWork([Put("bid", "b1", {"step": number, "名": ["a", None, 1.5]})]))
    store.commit(UnitOfWork([Put("line", None, {"text": f"第{i}行"}) for i in range(4)]))
    texts = [pending.text for pending in store.pending_texts(MODEL)] + ["没有段落的文字"]
    matrix = np.random.default_rng(3).normal(size=(len(texts), 3))
    matrix /= np.linalg.norm(matrix, axis=1)[:, None]
    store.put_vectors(MODEL, [*map(text_hash, texts)], matrix.astype(np.float32))


def said(store: Whole) -> dict[str, Any]:
    """All that can be read of a store, versions of nodes and edges aside."""
    graph = store.subgraph(Filter())
    ids = sorted(graph.nodes)
    stated = store.scan(Filter(), limit=10_000, stated=True).nodes
    hops = store.neighbours(ids, direction="out", limit=10_000, stated=True)
    counts = store.stats()
    counts["records"].pop(portions.COPY, None)
    counts.pop("change")
    return {
        "nodes": {
            id_: (node.label, dict(node.props), node.source, node.observed_at)
            for id_, node in graph.nodes.data("node")
        },
        "edges": {
            (e.type, e.from_id, e.to_id, e.key): (
                dict(e.props), e.source, e.observed_at, e.confidence, e.inferred,
            )
            for _, _, e in graph.edges.data("edge")
        },
        "stated": sorted(map(repr, stated)),
        "stated edges": sorted(repr(hop.edge) for found in hops.values() for hop in found),
        "merges": sorted(store.merges()),
        "records": {kind: store.query(kind).records for kind in counts["records"]},
        "kept": {
            name: store.kept_vectors(name).matrix.tobytes() for name in counts["vectors"]
        },
        "counts": counts,
    }  # fmt: skip


def test_a_copy_holds_all_that_its_source_holds(both: tuple[Whole, Whole]) -> None:
    source, target = both
    before = source.mark()
    done = copy(source, target, viewer=EVERYONE)
    assert source.mark() == before
    assert said(target) == said(source)
    assert {name: part.count for name, part in done.parts.items()} == {
        "nodes": 15 + 1,  # of p:轴承 nothing was said
        "edges": 11 + 3,
        "merges": 3,
        "records": 1 + 4,
        "vectors": len(source.kept_vectors(MODEL).hashes),
    }
    read = [store.passage_vectors(["org:0", "d:1"], MODEL) for store in both]
    assert (read[0].node_ids, read[0].ordinals) == (read[1].node_ids, read[1].ordinals)
    np.testing.assert_allclose(read[1].matrix, read[0].matrix, atol=1e-6)
    assert not done.resumed
    assert target.search_text({"疲劳": 1.0}, Filter()) or target.search_text(
        {"断裂": 1.0}, Filter()
    )
    for store in both:  # what was merged into what is known, too
        store.apply(Batch(splits=["org:2"]))
        assert {id_: node.id for id_, node in store.nodes(["org:3", "org:2", "org:5"]).items()} == {
            "org:3": "org:2", "org:2": "org:2", "org:5": "org:0",
        }  # fmt: skip
    (line,) = target.commit(UnitOfWork([Put("line", None, {})])).records
    assert int(line.id) > 4
    assert target.get("bid", ["b1"])["b1"].version == 3


def test_the_same_copy_again_writes_nothing(folders: tuple[Whole, Whole]) -> None:
    source, target = folders
    source.put_vectors("none yet", [], np.empty((0, 4), np.float32))
    first = copy(source, target, viewer=EVERYONE)
    assert target.stats()["vectors"] == source.stats()["vectors"]
    before = target.mark()
    again = copy(source, target, viewer=EVERYONE)
    assert again == Copied(first.parts, resumed=True)
    assert target.mark() == before
    source.apply(Batch([Node("new", Label.PRODUCT, {"name": "阀"})]))
    with pytest.raises(InputError, match="又有改动"):
        copy(source, target, viewer=EVERYONE)
    assert target.mark() == before


class Watching(Silent):
    """Progress that does something when a number of advances was told."""

    def __init__(self, after: int, act: Callable[[], Any]) -> None:
        self.left, self.act = after, act

    def advance(self, count: int = 1) -> None:
        self.left -= 1
        if self.left == 0:
            self.act()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Portions of a few things."""
    for name in ("_NODES", "_MERGES", "_RECORDS", "_VECTORS", "_STARTS", "_EDGES"):
        monkeypatch.setattr(portions, name, 2)


KILLED = """
import os, signal, sys
from graph_service.copying import portions
from graph_service.copying.service import copy
from graph_service.model import EVERYONE
from tests.contract.test_copying import Watching
from tests.stores import open_store
for name in ("_NODES", "_MERGES", "_RECORDS", "_VECTORS", "_STARTS", "_EDGES"):
    setattr(portions, name, 2)
source, target, after = sys.argv[1:]
watching = Watching(int(after), lambda: os.kill(os.getpid(), signal.SIGKILL))
with open_store(source, read_only=True) as one, open_store(target) as other:
    copy(one, other, viewer=EVERYONE, progress=watching)
"""


def test_what_was_killed_goes_on(places: tuple[str, str]) -> None:
    with open_store(places[0], today=TODAY) as source:
        written(source)
    reached = []
    for after in (4, 12) if stores.is_folder(places[1]) else (12,):
        with child(KILLED, *places, str(after)) as killed:
            assert killed.wait(120) == -signal.SIGKILL
        with open_store(places[1], read_only=True) as target:
            state = target.get(portions.COPY, ["copy"])["copy"].data
            reached.append((state["phase"], state.get("place")))
    assert len(set(reached)) == len(reached), reached
    assert reached[-1][0] != "nodes", reached
    with open_store(places[0], read_only=True) as source, open_store(places[1]) as target:
        assert copy(source, target, viewer=EVERYONE).resumed
        assert said(target) == said(source)


@pytest.mark.usefixtures("small")
@pytest.mark.parametrize("after", [1, 8, 16, 24])
def test_a_writer_at_the_source_is_told_and_then_made_up_for(
    folders: tuple[Whole, Whole], after: int
) -> None:
    source, target = folders

    def write() -> None:
        told = Node("d:1", Label.DEMAND, {"title": "另一个"})
        valve = Node("a", Label.PRODUCT, {"name": "阀"})
        made = Edge(EdgeType.MAKES, "org:7", "a")
        source.apply(Batch([told, valve], [made], merges=[("org:8", "org:7")]))
        source.commit(UnitOfWork([Put("bid", "b1", {"step": 9})]))

    with pytest.raises(StoreLockedError, match="写了来源"):
        copy(source, target, viewer=EVERYONE, progress=Watching(after, write))
    assert copy(source, target, viewer=EVERYONE).resumed
    assert said(target) == said(source)


@pytest.mark.usefixtures("small")
def test_a_record_alone_that_is_written_meanwhile_is_noticed(folders: tuple[Whole, Whole]) -> None:
    source, target = folders
    bid = UnitOfWork([Put("bid", "b1", {"step": 9})])
    with pytest.raises(StoreLockedError):
        copy(source, target, viewer=EVERYONE, progress=Watching(5, lambda: source.commit(bid)))


@pytest.mark.parametrize(
    ("part", "harm"),
    [
        ("节点", Batch([Node("org:1", Label.ORGANIZATION, {"name": "x"}, "年报", "2025-03")])),
        ("节点", Batch([Node("extra", Label.PRODUCT)])),
        ("关系", Batch(delete_edges=[(EdgeType.SUPPLIES, "org:6", "org:7", "p")])),
        ("合并", Batch(splits=["org:3"])),
        ("记录", UnitOfWork([Put("bid", "b1", {"step": 9}, version=3)])),
        ("向量", None),
    ],
)
def test_a_copy_that_is_another_is_told(
    folders: tuple[Whole, Whole], part: str, harm: Batch | UnitOfWork | None
) -> None:
    source, target = folders
    copy(source, target, viewer=EVERYONE)
    match harm:
        case Batch():
            target.apply(harm)
        case UnitOfWork():
            target.commit(harm)
        case _:
            target.put_vectors(MODEL, [text_hash("x")], np.ones((1, 3), np.float32))
    with pytest.raises(StoreCorruptError, match=part):
        copy(source, target, viewer=EVERYONE)


@pytest.mark.usefixtures("small")
def test_what_is_lost_before_the_end_is_copied_by_the_next_run(
    folders: tuple[Whole, Whole],
) -> None:
    source, target = folders
    lose = Watching(12, lambda: target.apply(Batch(delete_nodes=["org:1"])))
    with pytest.raises(StoreCorruptError):
        copy(source, target, viewer=EVERYONE, progress=lose)
    copy(source, target, viewer=EVERYONE)
    assert said(target) == said(source)


@pytest.mark.usefixtures("small")
def test_two_copies_into_one_store_do_not_mix(folders: tuple[Whole, Whole]) -> None:
    source, target = folders
    other = Watching(5, lambda: copy(source, target, viewer=EVERYONE))
    with pytest.raises(StoreLockedError, match="同一个目标"):
        copy(source, target, viewer=EVERYONE, progress=other)
    assert said(target) == said(source)


def test_nothing_but_an_empty_store_or_its_own_copy_is_written_to(
    folders: tuple[Whole, Whole], tmp_path: Path
) -> None:
    source, target = folders
    with pytest.raises(InputError, match="同一个"):
        copy(source, source, viewer=EVERYONE)
    with open_store(str(tmp_path / "third")) as other:
        copy(other, target, viewer=EVERYONE)
        with pytest.raises(InputError, match="另一个库"):
            copy(source, target, viewer=EVERYONE)
        assert target.stats()["nodes"] == {}
        other.commit(UnitOfWork([Put("k", "1", {})]))
        before = other.mark()
        with pytest.raises(InputError, match="不是空的"):
            copy(source, other, viewer=EVERYONE)
        assert other.mark() == before


def test_a_stranger_copies_nothing(folders: tuple[Whole, Whole]) -> None:
    for how in (copy, sketch):
        with pytest.raises(ForbiddenError):
            how(*folders, viewer=Viewer("某人", sees_all=False))
    assert folders[1].stats()["nodes"] == {}


def test_a_sketch_has_graph_and_records_and_minds_no_writers(folders: tuple[Whole, Whole]) -> None:
    source, target = folders
    bid = UnitOfWork([Put("bid", "b2", {})])
    sketch(source, target, viewer=EVERYONE, progress=Watching(1, lambda: source.commit(bid)))
    one, other = said(source), said(target)
    for part in ("nodes", "edges", "stated", "merges"):
        assert one[part] == other[part]
    assert other["kept"] == {}


# -- any graph -------------------------------------------------------------------------------------

IDS = ["a", "b", "c", "😀", "\ud7ff", "\ufffd"]
texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=6)
values = st.recursive(
    texts | st.integers(-(2**63), 2**63 - 1) | st.booleans()
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner | st.none(), max_size=2)
    | st.dictionaries(texts, inner, max_size=2),
    max_leaves=3,
)  # fmt: skip
props = st.dictionaries(
    st.sampled_from(["name", "text", "kind", "x（y）"]) | texts, values, max_size=3
)
sources = st.sampled_from([None, "甲表", "乙表"])
dates = st.sampled_from([None, "2021", "2023-05", "2026-01-02"])
ids = st.sampled_from(IDS)
kinds = st.sampled_from([EdgeType.SUPPLIES, EdgeType.CONTROLS])
steps = st.one_of(
    st.builds(
        Batch,
        st.lists(
            st.builds(Node, ids, st.just(Label.ORGANIZATION), props, sources, dates), max_size=4
        ),
        st.lists(
            st.builds(Edge, kinds, ids, ids, st.sampled_from(["", "p"]), props, sources, dates,
                      st.sampled_from([0.0, 0.1, 1.0]), st.booleans()),
            max_size=4,
        ),
    ),
    st.tuples(ids, ids).map(lambda pair: Batch(merges=[pair])),
    st.tuples(ids, ids).map(lambda pair: Batch(merges=[pair])),
    ids.map(lambda id_: Batch(splits=[id_])),
    ids.map(lambda id_: Batch(delete_nodes=[id_])),
    st.builds(UnitOfWork, st.lists(
        st.builds(Put, st.sampled_from(["a", "ab", "bid"]), texts.filter(bool) | st.none(),
                  props | st.none()),
        max_size=3, unique_by=lambda put: put.id or object(),
    )),
)  # fmt: skip


@pytest.mark.parametrize("examples", [5, pytest.param(40, marks=pytest.mark.soak)])
@pytest.mark.parametrize("pair", PAIRS)
def test_any_graph_with_merges_and_records_is_copied(
    pair: str, examples: int, request: pytest.FixtureRequest
) -> None:
    uri = request.getfixturevalue("emptied").uri if "neo4j" in pair else ""

    @settings(
        max_examples=examples if uri else 3 * examples,  # a server takes longer
        deadline=None,
        derandomize=True,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(steps=st.lists(steps, max_size=8))
    def holds(steps: list[Batch | UnitOfWork]) -> None:
        if uri:
            empty(request.getfixturevalue("neo4j_driver"))
        _check_copied([uri if one == "neo4j" else mkdtemp() for one in pair.split("-")], steps)

    holds()


def _check_copied(places: list[str], steps: list[Batch | UnitOfWork]) -> None:
    with ExitStack() as stack:
        source, target = (stack.enter_context(open_store(one, today=TODAY)) for one in places)
        for step in steps:
            try:
                if isinstance(step, Batch):
                    source.apply(step)
                elif all(put.id is not None or put.data is not None for put in step.puts):
                    source.commit(step)
            except InputError:
                assert isinstance(step, Batch)
        copy(source, target, viewer=EVERYONE)
        one, other = said(source), said(target)
        assert other == one
        for gone, _ in reversed(source.merges()):
            for store in (source, target):
                store.apply(Batch(splits=[gone]))
        assert said(target) == said(source)
