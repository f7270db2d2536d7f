"""A base with a tail of changes answers as one made anew, whatever was written in which order."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings

from graph_service.errors import StoreUnavailableError
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import Passages
from graph_service.store import text_index, vector_index
from graph_service.store.embedded import EmbeddedStore
from graph_service.store.snapshots import Snapshots
from graph_service.store.verify import verify

DIMENSION = 6
WORDS = ["轴承", "钢材", "冲击", "韧性", "电机", "传感器", "c++", "a:b"]
QUERY = {"轴承": 1.0, "钢材": 0.5, "韧性": 2.0, "a:b": 1.0, "c++": 1.0}
TYPED = dict.fromkeys(["轴", "gangc", "cgq", "c+"], 1.0)
PASSAGES: tuple[Passages, ...] = ("all", "whole", "pieces")
WHERES = [
    Filter(),
    Filter(labels=frozenset({Label.DEMAND})),
    Filter(labels=frozenset({Label.DEMAND, Label.RESULT}), districts=frozenset({"东区"})),
]


def vector(hash_: bytes) -> np.ndarray:
    found = np.frombuffer(hash_[:DIMENSION], np.uint8).astype(np.float32) - 127.5
    return found / np.linalg.norm(found)


def embed(store: EmbeddedStore, limit: int = 1000) -> None:
    if pending := store.pending_texts("fp", limit=limit):
        hashes = [text.hash for text in pending]
        store.put_vectors("fp", hashes, np.stack([vector(hash_) for hash_ in hashes]))


def answers(store: EmbeddedStore) -> list[object]:
    """All that the projections tell, as plain values."""
    ids = [f"n{i}" for i in range(12)]
    told: list[object] = []
    for where in WHERES:
        for limit in (3, 50):
            told.append(store.search_text(QUERY, where, limit=limit))
            told.append(store.search_text(TYPED, where, limit=limit, names=True))
            for passages in PASSAGES:
                asked = np.arange(1, DIMENSION + 1, dtype=np.float32)
                told.append(
                    store.search_vectors(asked, "fp", where, limit=limit, passages=passages)
                )
    for label in (Label.DEMAND, Label.RESULT, Label.ORGANIZATION):
        found = store.lexical_features([*QUERY, "没有"], label, [*ids, "nobody"])
        told.append((found.documents, round(found.average_length, 9), found.frequency.tolist()))
        told.append((found.counts.tolist(), found.lengths.tolist()))
    for whole in (True, False):
        stored = store.passage_vectors(ids, "fp", whole_documents=whole)
        told.append((stored.node_ids, stored.ordinals, stored.matrix.round(5).tolist()))
    told.extend(store.paths("n0", end, max_hops=3, k=4) for end in ids[1:])
    return told


numbers = st.integers(0, 5)
texts = st.lists(st.sampled_from(WORDS), max_size=4).map(" ".join)
long_texts = texts.map(lambda text: (text + "。") * 60)


def node(num: int, text: str, *, east: bool) -> Node:
    label = (Label.DEMAND, Label.RESULT, Label.ORGANIZATION)[num % 3]
    props = {"text": text, "aliases": text[:100].split(), "district": "东区" if east else "西区"}
    return Node(f"n{num}", label, props)


steps = st.one_of(
    st.builds(node, numbers, texts | long_texts, east=st.booleans()),
    st.builds(
        Edge,
        st.sampled_from([EdgeType.ABOUT, EdgeType.PARTNERED]),
        numbers.map("n{}".format),
        numbers.map("n{}".format),
        confidence=st.sampled_from([0.5, 1.0]),
        inferred=st.booleans(),
    ),
    numbers.map("n{}".format),
    st.sampled_from(["embed", "embed some", "refresh", "look"]).map(lambda word: (word,)),
)


def take(store: EmbeddedStore, step: object) -> None:
    match step:
        case Node():
            store.apply(Batch(nodes=[step]))
        case Edge():
            store.apply(Batch(edges=[step]))
        case str():
            store.apply(Batch(delete_nodes=[step]))
        case ("embed",):
            embed(store)
        case ("embed some",):
            embed(store, limit=2)
        case ("refresh",):
            store.refresh()
        case ("look",):
            answers(store)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
@given(before=st.lists(steps, min_size=3, max_size=15), after=st.lists(steps, max_size=10))
def test_a_tail_answers_as_a_rebuild(before: list[object], after: list[object]) -> None:
    with tempfile.TemporaryDirectory() as name, EmbeddedStore(Path(name)) as store:
        for step in before:
            take(store, step)
        store.refresh()
        answers(store)
        for step in after:
            take(store, step)
        tailed = answers(store)
        with EmbeddedStore(Path(name), read_only=True) as reader:
            assert answers(reader) == tailed
        store.refresh()
        assert answers(store) == tailed
        store.refresh(rebuild=True)
        assert answers(store) == tailed
        shutil.rmtree(Path(name) / "projections")
        assert answers(store) == tailed
        (counted,) = (check for check in verify(Path(name)).checks if check.title == "数目")
        assert counted.examples == []


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with texts, vectors and edges, refreshed."""
    with EmbeddedStore(tmp_path / "store") as store:
        for num in range(12):
            store.apply(Batch(nodes=[node(num, WORDS[num % 8] + " 轴承" * num, east=num % 2 == 0)]))
        store.apply(
            Batch(edges=[Edge(EdgeType.PARTNERED, f"n{i}", f"n{i + 1}") for i in range(11)])
        )
        embed(store)
        store.refresh()
    return tmp_path / "store"


@pytest.fixture
def expected(folder: Path) -> Iterator[list[object]]:
    with EmbeddedStore(folder) as store:
        yield answers(store)


def parts(folder: Path) -> dict[str, str]:
    found: dict[str, str] = json.loads((folder / "projections/pointer.json").read_text())["parts"]
    return found


def _harmed(content: bytes, harm: str) -> bytes:
    if harm == "flipped" and content:
        middle = len(content) // 2
        return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]
    if harm == "garbage" and content:
        return np.random.default_rng(len(content)).bytes(len(content))
    return content[: 40 if harm == "cut" else 0]


@pytest.mark.parametrize(
    "part", ["forward", "adjacency", "text-Demand", "names", "vectors-1-Demand"]
)
@pytest.mark.parametrize("harm", ["removed", "cut", "emptied", "flipped", "garbage"])
def test_torn_parts_are_told_from_the_record_and_mended(
    folder: Path, expected: list[object], part: str, harm: str
) -> None:
    path = folder / "projections" / parts(folder)[part]
    if harm == "removed":
        shutil.rmtree(path)
    for file in list(path.rglob("*")):
        if file.is_file():
            file.write_bytes(_harmed(file.read_bytes(), harm))
    with EmbeddedStore(folder, read_only=True) as reader:
        assert answers(reader) == expected
    with EmbeddedStore(folder) as store:
        store.refresh()
        assert answers(store) == expected
        assert all((folder / "projections" / place).is_dir() for place in parts(folder).values())


def test_any_single_torn_file_is_noticed(folder: Path, expected: list[object]) -> None:
    files = [
        path
        for path in sorted((folder / "projections").rglob("*"))
        if path.is_file() and not path.name.startswith(".") and path.name != "lock.sqlite"
    ]
    for harm in ("cut", "flipped"):
        for file in files:
            whole = file.read_bytes()
            if not whole:
                continue
            file.write_bytes(_harmed(whole, harm) if harm == "flipped" else whole[:-1])
            with EmbeddedStore(folder, read_only=True) as reader:
                assert answers(reader) == expected, file
            file.write_bytes(whole)


def test_an_older_record_put_in_place_is_told_as_it_is(folder: Path, tmp_path: Path) -> None:
    copied = tmp_path / "older.sqlite"
    shutil.copy(folder / "record.sqlite", copied)
    with EmbeddedStore(folder) as store:
        older = answers(store)
        store.apply(Batch(delete_nodes=["n3", "n4"]))
        store.refresh()
        assert answers(store) != older
    shutil.copy(copied, folder / "record.sqlite")
    with EmbeddedStore(folder) as store:
        assert answers(store) == older
        store.refresh()
        assert answers(store) == older


@pytest.mark.parametrize("text", ["", "{", "[]", '{"format": 999, "change": 3, "parts": {}}'])
def test_a_pointer_that_cannot_be_read_is_no_error(
    folder: Path, expected: list[object], text: str
) -> None:
    (folder / "projections/pointer.json").write_text(text)
    with EmbeddedStore(folder) as store:
        assert answers(store) == expected
        store.refresh()
        assert answers(store) == expected


def test_projections_of_another_record_are_not_used(folder: Path, tmp_path: Path) -> None:
    with EmbeddedStore(tmp_path / "other") as store:
        store.apply(Batch(nodes=[Node("x", Label.DEMAND, {"text": "钢材"})]))
        embed(store)
        store.refresh()
        right = answers(store)
    shutil.rmtree(tmp_path / "other/projections")
    shutil.copytree(folder / "projections", tmp_path / "other/projections")
    with EmbeddedStore(tmp_path / "other") as store:
        assert answers(store) == right


def test_a_reader_follows_another_that_writes_and_refreshes(folder: Path) -> None:
    with EmbeddedStore(folder) as writer, EmbeddedStore(folder, read_only=True) as reader:
        answers(reader)
        writer.apply(Batch(delete_nodes=["n4"], nodes=[node(7, "钢材 韧性", east=True)]))
        seen = answers(reader)
        assert seen == answers(writer)
        writer.refresh()
        assert answers(reader) == seen
        writer.apply(Batch(nodes=[node(4, "新 轴承", east=True)]))
        writer.refresh(rebuild=True)
        assert answers(reader) == answers(writer)
        assert answers(reader) != seen


def test_an_old_state_stays_readable_while_new_ones_are_written(folder: Path) -> None:
    with EmbeddedStore(folder) as store:
        before = store.search_text({"轴承": 1.0}, Filter(labels=frozenset({Label.DEMAND})))
        index = text_index.TextIndex(folder / "projections" / parts(folder)["text-Demand"])
        vectors = vector_index.Vectors.load(
            folder / "projections" / parts(folder)["vectors-1-Demand"]
        )
        kept = vectors.matrix.copy()
        for num in range(3):
            store.apply(Batch(nodes=[node(0, f"电机 {num}", east=True)]))
            embed(store)
            store.refresh(rebuild=True)
        assert len(index.best({"轴承": 1.0}, 100)[0]) == len(before)
        assert np.array_equal(vectors.matrix, kept)


def test_refreshing_leaves_what_did_not_change_and_removes_what_is_old(folder: Path) -> None:
    before = parts(folder)
    with EmbeddedStore(folder) as store:
        store.apply(Batch(edges=[Edge(EdgeType.PARTNERED, "n0", "n5")]))
        store.refresh()
    after = parts(folder)
    assert {name for name in before if before[name] != after[name]} == {"adjacency"}
    places = {path.name for path in (folder / "projections").iterdir() if path.is_dir()}
    assert places == set(after.values())


def test_a_read_only_store_writes_nothing(folder: Path) -> None:
    shutil.rmtree(folder / "projections")
    with EmbeddedStore(folder, read_only=True) as reader:
        answers(reader)
        with pytest.raises(StoreUnavailableError):
            reader.refresh()
    assert not (folder / "projections").exists()


def test_ids_made_again_are_found_under_their_new_number(folder: Path) -> None:
    with EmbeddedStore(folder) as store, EmbeddedStore(folder) as other:
        assert store.lexical_features(["轴承"], Label.DEMAND, ["n3"]).counts.tolist() == [[3]]
        other.apply(Batch(delete_nodes=["n3"]))
        other.apply(Batch(nodes=[node(3, "轴承", east=True)]))
        other.refresh()
        assert store.lexical_features(["轴承"], Label.DEMAND, ["n3"]).counts.tolist() == [[1]]


def test_the_approximate_index_finds_what_the_exact_search_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(7)

    def write(store: EmbeddedStore, first: int, last: int, word: str) -> None:
        nodes = [
            Node(
                f"n{i}",
                Label.DEMAND,
                {"text": f"{word} {i} 号" * (30 if i % 5 == 0 else 1), "district": str(i % 4)},
            )
            for i in range(first, last)
        ]
        store.apply(Batch(nodes=nodes))
        while pending := store.pending_texts("fp"):
            vectors = rng.standard_normal((len(pending), 16)).astype(np.float32)
            vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
            store.put_vectors("fp", [text.hash for text in pending], vectors)

    queries = rng.standard_normal((8, 16)).astype(np.float32)
    wheres = [Filter(), Filter(districts=frozenset({"1", "2", "3"}))]

    def ask(store: EmbeddedStore) -> list[set[str]]:
        return [
            {
                hit.node_id
                for hit in store.search_vectors(query, "fp", where, limit=20, passages=passages)
            }
            for query in queries
            for where in wheres
            for passages in PASSAGES
        ]

    with EmbeddedStore(tmp_path) as store:
        write(store, 0, 1500, "旧")
        store.refresh()
        write(store, 1400, 1600, "新")
        store.apply(Batch(delete_nodes=[f"n{i}" for i in range(50)]))
        exact = ask(store)
        store.refresh()
        assert ask(store) == exact
        monkeypatch.setattr(vector_index, "APPROXIMATE_FROM", 1000)
        store.refresh(rebuild=True)
        place = tmp_path / "projections" / parts(tmp_path)["vectors-1-Demand"]
        assert vector_index.Vectors.load(place).graphs[0] is not None
        write(store, 300, 500, "更新")
        store.apply(Batch(delete_nodes=[f"n{i}" for i in range(50, 90)]))
        tailed = ask(store)
        store.refresh()  # brings the graph up to date
        near = ask(store)
        monkeypatch.setattr(vector_index, "APPROXIMATE_FROM", 10**9)
        store.refresh(rebuild=True)
        exact = ask(store)
    for found in (tailed, near):
        assert sum(len(a & b) for a, b in zip(found, exact, strict=True)) >= 0.97 * sum(
            map(len, exact)
        )


def test_a_filter_or_a_tie_makes_the_text_search_look_further(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(text_index, "ALL_BELOW", 10)
    with EmbeddedStore(tmp_path) as store:
        nodes = [
            Node(f"n{i:03}", Label.DEMAND, {"text": "轴承" + " 钢材" * (i % 3), "kind": str(i % 7)})
            for i in range(300)
        ]
        store.apply(Batch(nodes=nodes))
        wheres = [Filter(), Filter(kinds=frozenset({"3", "5"}))]
        cases = [({"轴承": 1.0}, 5), ({"钢材": 1.0}, 5), ({"轴承": 1.0, "钢材": 1.0}, 40)]
        asked = [(terms, where, limit) for terms, limit in cases for where in wheres]
        exact = [store.search_text(terms, where, limit=limit) for terms, where, limit in asked]
        store.refresh()
        for most in (10, 200, 2000):  # gives up at once, half way, never
            monkeypatch.setattr(text_index, "ALL_BELOW", most)
            found = [store.search_text(terms, where, limit=limit) for terms, where, limit in asked]
            assert found == exact


def test_the_text_search_weighs_words_within_a_label(tmp_path: Path) -> None:
    """Words that every result has say nothing, however few of the other nodes have them."""
    rng = np.random.default_rng(11)
    common, rare = [f"common{i}" for i in range(40)], [f"rare{i}" for i in range(100)]

    def result(num: int) -> Node:
        told = [*np.repeat(common, rng.geometric(0.3, 40)), *rng.choice(rare, 5)]
        return Node(f"r{num:04}", Label.RESULT, {"text": " ".join(told)})

    others = [Node(f"p{i}", Label.PRODUCT, {"text": f"品{i}"}) for i in range(6000)]
    query = dict.fromkeys([*common, *rare[:10]], 1.0)
    results = Filter(labels=frozenset({Label.RESULT}))
    with EmbeddedStore(tmp_path) as store:
        store.apply(Batch(nodes=[*map(result, range(1500)), *others]))
        exact = store.search_text(query, results, limit=1500)  # no index yet: all are scored
        every = store.search_text(query, Filter(), limit=200)
        store.refresh()
        assert store.search_text(query, results, limit=200)[:50] == exact[:50]
        assert store.search_text(query, Filter(), limit=200)[:50] == every[:50]


@pytest.mark.parametrize("links", [True, False])
def test_text_indexes_follow_one_another_and_do_not_pile_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, links: bool
) -> None:
    def refused(*_: object) -> None:
        raise OSError

    if not links:
        monkeypatch.setattr(Path, "hardlink_to", refused)
    snapshots = Snapshots(tmp_path)
    place = snapshots.new("text-Demand")
    none = np.empty(0, np.int32)
    text_index.TextIndex.write(place, none, ((num, f"旧 {num}") for num in range(200)))
    for first in range(0, 120, 10):
        before = {file: file.read_bytes() for file in place.iterdir()}
        after = snapshots.new("text-Demand", after=place.name)
        stale = np.arange(first, first + 30, dtype=np.int32)
        index = text_index.TextIndex.write(after, stale, ((num, "新") for num in stale.tolist()))
        assert sorted(index.nums().tolist()) == list(range(200))
        assert sorted(index.best({"新": 1.0}, 200)[0].tolist()) == list(range(first + 30))
        assert before == {file: file.read_bytes() for file in place.iterdir()}
        place = after
    assert len(list(place.iterdir())) < 80


def test_only_the_text_indexes_of_labels_that_changed_are_written(folder: Path) -> None:
    before = parts(folder)
    with EmbeddedStore(folder) as store:
        store.apply(Batch(nodes=[node(0, "韧性", east=True)], delete_nodes=["n3"]))  # demands
        store.refresh()
        after = parts(folder)
        texts = {name for name in before if name.startswith("text-")}
        assert texts == {"text-Demand", "text-Result", "text-Organization"}
        assert {name for name in texts if before[name] != after[name]} == {"text-Demand"}
        store.apply(Batch(delete_nodes=["n0", "n6", "n9"]))
        store.refresh()
        assert "text-Demand" not in parts(folder)


def test_projections_with_one_text_index_for_all_labels_are_mended(
    folder: Path, expected: list[object]
) -> None:
    pointer = json.loads((folder / "projections/pointer.json").read_text())
    names = [name for name in pointer["parts"] if name.startswith("text-")]
    pointer["parts"]["text"] = pointer["parts"].pop(names[0])
    for name in names[1:]:
        del pointer["parts"][name]
    (folder / "projections/pointer.json").write_text(json.dumps(pointer))
    kept = {name for name in pointer["parts"] if name != "text"}
    with EmbeddedStore(folder, read_only=True) as reader:
        assert answers(reader) == expected
    with EmbeddedStore(folder) as store:
        store.refresh()
        assert answers(store) == expected
    after = parts(folder)
    assert {*names, *kept} == after.keys()
    assert all(after[name] == pointer["parts"][name] for name in kept)  # all else is as it was


def test_refresh_beside_another_that_is_at_it(folder: Path) -> None:
    import sqlite3

    from graph_service.errors import StoreLockedError

    with EmbeddedStore(folder) as store:
        lock = sqlite3.connect(folder / "projections/lock.sqlite", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        before = parts(folder)
        store.apply(Batch(delete_nodes=["n1"]))
        store.refresh()
        assert parts(folder) == before
        with pytest.raises(StoreLockedError):
            store.refresh(rebuild=True)
        lock.close()
        store.refresh()
        assert parts(folder) != before
