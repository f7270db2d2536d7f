"""What copies of everything count on: the mark of a state, merges in order, vectors as kept."""

import numpy as np

from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node, Put, UnitOfWork
from graph_service.ports import Whole
from graph_service.text import text_hash
from tests.stores import open_store

MODEL = "模型|3"


def test_a_mark_tells_stores_apart_and_rises_with_whatever_is_written(location: str) -> None:
    with open_store(location) as store:
        begun = store.mark()
        assert begun.identity
        seen = [begun.writes]
        firm = Node("org:甲", Label.ORGANIZATION, {"name": "甲"})
        for write in (
            lambda: store.apply(Batch([firm], [Edge(EdgeType.SUPPLIES, "org:甲", "org:乙")])),
            lambda: store.apply(Batch(merges=[("org:乙", "org:甲")])),
            lambda: store.apply(Batch(splits=["org:乙"])),
            lambda: store.commit(UnitOfWork([Put("bid", "1", {})])),
            lambda: store.commit(UnitOfWork([Put("bid", "1", {"step": 2})])),
            lambda: store.commit(UnitOfWork([Put("bid", "1", None)])),
            lambda: store.apply(Batch(delete_nodes=["org:乙"])),
        ):
            write()
            seen.append(store.mark().writes)
        assert seen == sorted(set(seen))
        store.nodes(["org:甲"])
        store.refresh()
        assert store.mark().writes == seen[-1]
    with open_store(location, read_only=True) as store:
        assert (store.mark().identity, store.mark().writes) == (begun.identity, seen[-1])


def test_another_process_sees_the_same_mark(location: str) -> None:
    with open_store(location) as one, open_store(location) as other:
        one.commit(UnitOfWork([Put("bid", "1", {})]))
        assert other.mark() == one.mark()


def test_merges_can_be_repeated_in_their_order(store: Whole) -> None:
    store.apply(Batch([Node(id_, Label.ORGANIZATION, {"name": id_}) for id_ in "abcdefg"]))
    merges = [("c", "b"), ("e", "d"), ("b", "a"), ("d", "c"), ("g", "f")]  # c is b's, then a's
    for pair in merges:
        store.apply(Batch(merges=[pair]))
    told = store.merges()
    # What was merged into an id that was gone already went to what stood for it.
    assert sorted(told) == [("b", "a"), ("c", "b"), ("d", "a"), ("e", "d"), ("g", "f")]
    for place, (gone, _) in enumerate(told):
        assert gone not in [into for _, into in told[place + 1 :]]
    store.apply(Batch(splits=["b"]))
    assert sorted(store.merges()) == [("c", "b"), ("d", "a"), ("e", "d"), ("g", "f")]


def test_vectors_are_read_as_they_are_kept_page_by_page(store: Whole) -> None:
    store.apply(Batch([Node("d", Label.DEMAND, {"title": "柔轮", "text": "疲劳"})]))
    texts = [one.text for one in store.pending_texts(MODEL)] + ["没有段落的", "也没有的"]
    matrix = np.arange(3 * len(texts), dtype=np.float32).reshape(-1, 3) / 7
    before = store.mark().writes
    store.put_vectors(MODEL, [*map(text_hash, texts)], matrix)
    assert store.mark().writes > before
    told: dict[bytes, bytes] = {}
    after = b""
    while (page := store.kept_vectors(MODEL, after=after, limit=2)).hashes:
        assert len(page.hashes) <= 2
        assert page.matrix.shape == (len(page.hashes), 3)
        assert page.matrix.dtype == np.float32
        told |= {hash_: row.tobytes() for hash_, row in zip(page.hashes, page.matrix, strict=True)}
        assert page.hashes[0] > after
        after = page.hashes[-1]
    assert page.matrix.shape == (0, 3)
    right = {text_hash(text): row.tobytes() for text, row in zip(texts, matrix, strict=True)}
    assert told == right
    assert store.kept_vectors("nobody").hashes == []


def test_a_put_may_name_its_version_and_appends_go_on_after_given_ids(store: Whole) -> None:
    (put,) = store.commit(UnitOfWork([Put("bid", "b", {"n": 1}, version=7)])).records
    assert put.version == store.get("bid", ["b"])["b"].version == 7
    (put,) = store.commit(UnitOfWork([Put("bid", "b", {"n": 2}, expected=7)])).records
    assert put.version == 8
    store.commit(UnitOfWork([Put("line", f"{12:016d}", {})]))
    (line,) = store.commit(UnitOfWork([Put("line", None, {})])).records
    assert line.id == f"{13:016d}"


def test_kinds_of_records_are_counted(store: Whole) -> None:
    assert store.stats()["records"] == {}
    store.commit(UnitOfWork([Put("a", "1", {}), Put("a", "2", {}), Put("b", "1", {})]))
    store.commit(UnitOfWork([Put("a", "1", {"again": True}), Put("b", "1", None)]))
    assert store.stats()["records"] == {"a": 2}


def test_one_fingerprint_is_dropped_and_another_stays(store: Whole, location: str) -> None:
    other = "别的模型|2"
    texts = ["柔轮疲劳断裂", "轴承润滑不足"]
    store.apply(
        Batch([Node(f"d{n}", Label.DEMAND, {"title": text}) for n, text in enumerate(texts)])
    )
    pending = [one.hash for one in store.pending_texts(MODEL)]
    store.put_vectors(MODEL, pending, np.eye(3, dtype=np.float32)[: len(pending)])
    store.put_vectors(other, pending, np.eye(2, dtype=np.float32)[: len(pending)])
    store.refresh()
    at_x = np.array([1, 0, 0], np.float32)
    everything = Filter()
    assert len(store.search_vectors(at_x, MODEL, everything)) == 2
    before = store.stats()

    with open_store(location) as elsewhere:
        assert elsewhere.pending_texts(MODEL) == []
        assert elsewhere.drop_vectors(MODEL) == len(pending)
        assert elsewhere.drop_vectors(MODEL) == 0
    for state in ("in memory", "on disk"):
        after = store.stats()
        assert list(after["vectors"]) == [other], state
        assert after["vectors"][other] == before["vectors"][other]
        assert after["change"] > before["change"]
        assert store.search_vectors(at_x, MODEL, everything) == []
        assert store.passage_vectors(["d0"], MODEL).node_ids == []
        assert store.kept_vectors(MODEL).hashes == []
        assert [one.hash for one in store.pending_texts(MODEL)] == pending
        assert len(store.search_vectors(at_x[:2], other, everything)) == 2
        store.refresh(rebuild=state == "on disk")

    # Filled again in another order, and in another dimension: nothing is left of before.
    store.put_vectors(MODEL, pending[:1], np.array([[0, 1, 0, 0]], np.float32))
    found = store.search_vectors(np.array([0, 1, 0, 0], np.float32), MODEL, everything)
    assert [round(hit.score, 3) for hit in found] == [1.0]
    assert store.stats()["vectors"][MODEL] == {"dimension": 4, "texts": 1, "pending": 1}
    assert store.drop_vectors("nobody") == 0
