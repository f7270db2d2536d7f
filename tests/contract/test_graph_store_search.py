"""Search by words and by meaning, and the features of matching, as ``GraphStore`` promises them."""

import threading
from collections.abc import Sequence

import numpy as np
import pytest

from graph_service.errors import FingerprintError
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import Floats, GraphStore, Passages
from graph_service.text import document, tokens
from tests.stores import open_store

DEMANDS = Filter(labels=frozenset({Label.DEMAND}))
FP = "hash/1/4"


def node(id_: str, text: str, label: Label = Label.DEMAND, **props: object) -> Node:
    return Node(id_, label, {"text": text, **props})


def found(store: GraphStore, words: str, where: Filter = DEMANDS, limit: int = 100) -> list[str]:
    terms = dict.fromkeys(tokens(words), 1.0)
    return [hit.node_id for hit in store.search_text(terms, where, limit=limit)]


def vector(text: str) -> Floats:
    """A vector told by a text's first letters: a…d are the axes, weighted by how often."""
    counts = np.array([text.count(letter) for letter in "abcd"], dtype=np.float32) + 0.01
    return counts / np.linalg.norm(counts)


def embed(store: GraphStore, fingerprint: str = FP) -> None:
    while pending := store.pending_texts(fingerprint):
        store.put_vectors(
            fingerprint,
            [text.hash for text in pending],
            np.stack([vector(text.text) for text in pending]),
        )


def near(
    store: GraphStore,
    text: str,
    where: Filter = DEMANDS,
    *,
    limit: int = 100,
    passages: Passages = "all",
) -> list[str]:
    hits = store.search_vectors(vector(text), FP, where, limit=limit, passages=passages)
    return [hit.node_id for hit in hits]


@pytest.fixture
def demands(store: GraphStore) -> GraphStore:
    store.apply(
        Batch(
            nodes=[
                node("d1", "轴承 钢材", district="东区"),
                node("d2", "轴承 轴承 电机", district="西区"),
                node("d3", "传感器", district="东区"),
                node("r1", "轴承", Label.RESULT, district="东区"),
                node("o1", "轴承", Label.ORGANIZATION),
                node("x1", "轴承", Label.POLICY),
            ]
        )
    )
    return store


# Words


def test_documents_with_any_of_the_words_are_found_best_first(demands: GraphStore) -> None:
    assert found(demands, "轴承") == ["d2", "d1"]
    assert set(found(demands, "轴承 传感器")) == {"d1", "d2", "d3"}
    assert found(demands, "没有的词") == []
    hits = demands.search_text({"轴承": 1.0, "钢材": 1.0}, DEMANDS)
    assert [hit.node_id for hit in hits] == ["d1", "d2"]
    assert hits[0].score > hits[1].score > 0


def test_weights_tell_which_words_matter(demands: GraphStore) -> None:
    terms = {"钢材": 1.0, "传感器": 1.0}
    for word, first in (("钢材", "d1"), ("传感器", "d3")):
        hits = demands.search_text({**terms, word: 5.0}, DEMANDS)
        assert hits[0].node_id == first


def test_a_search_keeps_to_its_labels_and_filters(demands: GraphStore) -> None:
    assert set(found(demands, "轴承", Filter())) == {"d1", "d2", "r1", "o1", "x1"}
    two = frozenset({Label.RESULT, Label.POLICY})
    assert set(found(demands, "轴承", Filter(labels=two))) == {"r1", "x1"}
    east = Filter(labels=frozenset({Label.DEMAND}), districts=frozenset({"东区"}))
    assert found(demands, "轴承 传感器 电机", east) == ["d3", "d1"]
    assert set(found(demands, "轴承", Filter(districts=frozenset({"东区"})))) == {"d1", "r1"}
    assert found(demands, "轴承", Filter(districts=frozenset({"南区"}))) == []


def test_the_limit_cuts_and_ties_go_by_id(store: GraphStore) -> None:
    names = [f"d{i}" for i in range(30, 0, -1)]
    store.apply(Batch(nodes=[node(name, "轴承") for name in names]))
    for _ in range(2):
        assert found(store, "轴承", limit=7) == sorted(names)[:7]
        store.refresh()
    assert found(store, "轴承", limit=0) == []


@pytest.mark.parametrize("text", ['c++ "x" AND (', "a:b^2 -c* ~", "\\ / [1 TO 2] {", "'; DROP"])
def test_signs_in_words_mean_nothing(store: GraphStore, text: str) -> None:
    store.apply(Batch(nodes=[node("d1", text), node("d2", "轴承")]))
    for _ in range(2):
        assert found(store, text) == ["d1"]
        assert store.search_text({text: 1.0, "": 1.0}, DEMANDS) == []  # not a word of tokens()
        assert found(store, "轴承") == ["d2"]
        store.refresh()


def test_a_very_long_word_is_found(store: GraphStore) -> None:
    long = "a1" * 60_000
    store.apply(Batch(nodes=[node("d1", f"轴承 {long}"), node("d2", "轴承 " + "a1" * 59_999)]))
    word = max(tokens(long), key=len)
    for _ in range(2):
        assert "d1" in [hit.node_id for hit in store.search_text({word: 1.0}, DEMANDS)]
        assert found(store, "轴承") == ["d1", "d2"] or found(store, "轴承") == ["d2", "d1"]
        store.refresh()


def test_a_query_may_have_any_number_of_words(demands: GraphStore) -> None:
    terms = {f"词{i}": 1.0 for i in range(3000)} | {"轴承": 1.0, "电机": 1e-7}
    assert {hit.node_id for hit in demands.search_text(terms, DEMANDS)} == {"d1", "d2"}


# Features


def test_counts_lengths_and_statistics_are_exact(demands: GraphStore) -> None:
    terms, ids = ["轴承", "没有", "电机", "轴承"], ["d2", "nobody", "d1", "d3"]
    features = demands.lexical_features(terms, Label.DEMAND, ids)
    assert features.documents == 3
    long = len(tokens("传感器"))
    assert features.average_length == pytest.approx((2 + 3 + long) / 3)
    assert features.frequency.tolist() == [2, 0, 1, 2]
    assert features.counts.tolist() == [[2, 0, 1, 2], [0] * 4, [1, 0, 0, 1], [0] * 4]
    assert features.lengths.tolist() == [3, 0, 2, long]


def test_documents_give_their_words_in_order(demands: GraphStore) -> None:
    assert demands.document_words(["d2", "nobody", "d1"]) == [
        " ".join(tokens(document(demands.nodes([id_])[id_]))) if id_ != "nobody" else ""
        for id_ in ("d2", "nobody", "d1")
    ]
    assert demands.document_words([]) == []


def test_features_without_documents_terms_or_ids(store: GraphStore) -> None:
    empty = store.lexical_features(["轴承"], Label.DEMAND, ["d1"])
    assert (empty.documents, empty.average_length) == (0, 0)
    assert (empty.frequency.tolist(), empty.counts.tolist()) == ([0], [[0]])
    store.apply(Batch(nodes=[node("d1", "轴承")]))
    assert store.lexical_features([], Label.DEMAND, ["d1"]).counts.shape == (1, 0)
    assert store.lexical_features(["轴承"], Label.DEMAND, []).counts.shape == (0, 1)


def test_features_follow_changes(demands: GraphStore) -> None:
    for refresh in (False, True):
        if refresh:
            demands.refresh()
        demands.apply(Batch(nodes=[node("d2", "电机 电机")], delete_nodes=["d3"]))
        features = demands.lexical_features(["轴承", "电机"], Label.DEMAND, ["d1", "d2", "d3"])
        assert (features.documents, features.average_length) == (2, 2.0)
        assert features.frequency.tolist() == [1, 1]
        assert features.counts.tolist() == [[1, 0], [0, 2], [0, 0]]
        demands.apply(Batch(nodes=[node("d2", "轴承 轴承 电机"), node("d3", "传感器")]))


def test_a_firm_is_found_by_what_it_makes(store: GraphStore) -> None:
    store.apply(
        Batch(
            nodes=[
                Node("o", Label.ORGANIZATION, {"name": "甲公司"}),
                Node("p", Label.PRODUCT, {"name": "滚珠丝杠"}),
            ]
        )
    )
    firms = Filter(labels=frozenset({Label.ORGANIZATION}))
    assert found(store, "丝杠", firms) == []
    store.apply(Batch(edges=[Edge(EdgeType.MAKES, "o", "p")]))
    assert found(store, "丝杠", firms) == ["o"]


# Vectors


def test_the_nearest_passage_of_a_node_counts(store: GraphStore) -> None:
    store.apply(Batch(nodes=[node("d1", "a" * 20), node("d2", "ab" * 10), node("d3", "b" * 20)]))
    embed(store)
    assert near(store, "a") == ["d1", "d2", "d3"]
    assert near(store, "b", limit=2) == ["d3", "d2"]
    (hit,) = store.search_vectors(7 * vector("a"), FP, DEMANDS, limit=1)
    assert hit.score == pytest.approx(1.0, abs=1e-3)


def test_whole_documents_and_pieces_can_be_looked_at_alone(store: GraphStore) -> None:
    long = "a" * 219 + "。" + "b" * 219 + "。"
    store.apply(Batch(nodes=[node("d1", long), node("d2", "ab" * 10)]))
    embed(store)
    assert near(store, "b") == ["d1", "d2"]
    assert near(store, "b", passages="whole") == ["d2", "d1"]
    assert near(store, "b", passages="pieces") == ["d1"]
    one = Filter(ids=frozenset({"d1"}))
    assert near(store, "b", one, passages="pieces") == ["d1"]
    assert near(store, "b", Filter(ids=frozenset({"d2"})), passages="pieces") == []
    every = store.passage_vectors(["d1"], FP)
    assert len(every.ordinals) > 1
    assert list(every.ordinals) == sorted(every.ordinals)
    assert list(store.passage_vectors(["d1"], FP, whole_documents=True).ordinals) == [0]


def test_vector_searches_keep_to_labels_and_filters(store: GraphStore) -> None:
    store.apply(
        Batch(
            nodes=[
                node("d1", "aaab", district="东区"),
                node("d2", "aab", district="西区"),
                node("r1", "aaaab", Label.RESULT, district="东区"),
                node("x1", "aaab", Label.POLICY, district="东区"),
            ]
        )
    )
    embed(store)
    assert near(store, "a", Filter()) == ["r1", "d1", "d2"]  # a policy has no vector
    assert near(store, "a") == ["d1", "d2"]
    assert near(store, "a", Filter(districts=frozenset({"东区"}))) == ["r1", "d1"]
    assert near(store, "a", Filter(labels=frozenset({Label.POLICY}))) == []


def test_equal_vectors_go_by_id(store: GraphStore) -> None:
    names = [f"d{i}" for i in range(40)]
    store.apply(Batch(nodes=[node(name, "aab") for name in reversed(names[:20])]))
    embed(store)
    store.refresh()
    store.apply(Batch(nodes=[node(name, "aab") for name in names[20:]]))
    for _ in range(2):
        assert near(store, "ab", limit=25) == sorted(names)[:25]
        store.refresh()


def test_nodes_without_a_vector_are_not_found(store: GraphStore) -> None:
    store.apply(Batch(nodes=[node("d1", "a")]))
    assert near(store, "a") == []
    embed(store)
    assert near(store, "a") == ["d1"]
    store.apply(Batch(nodes=[node("d1", "bb"), node("d2", "a")]))
    assert near(store, "a") == ["d2"]  # its text has a vector already, that of d1 has none yet
    assert store.search_vectors(vector("a"), "another", DEMANDS) == []
    assert list(store.passage_vectors(["d1"], "another").node_ids) == []


def test_a_vector_of_another_dimension_is_refused(store: GraphStore) -> None:
    store.apply(Batch(nodes=[node("d1", "a")]))
    embed(store)
    with pytest.raises(FingerprintError) as caught:
        store.search_vectors(np.ones(5, dtype=np.float32), FP, DEMANDS)
    assert caught.value.hint


def test_fingerprints_are_kept_apart(store: GraphStore) -> None:
    store.apply(Batch(nodes=[node("d1", "a"), node("d2", "b")]))
    embed(store)
    pending = store.pending_texts("wide")
    store.put_vectors("wide", [text.hash for text in pending], np.eye(2, 9, dtype=np.float32))
    embed(store)
    assert near(store, "a") == ["d1", "d2"]
    assert store.passage_vectors(["d1"], "wide").matrix.shape == (1, 9)
    assert len(store.search_vectors(np.ones(9, dtype=np.float32), "wide", DEMANDS)) == 2


def test_stored_vectors_come_in_the_order_asked_for(store: GraphStore) -> None:
    texts = {"d1": "aab", "d2": "abb", "r1": "ccd"}
    store.apply(
        Batch(
            nodes=[
                node(id_, text, Label.RESULT if id_ == "r1" else Label.DEMAND)
                for id_, text in texts.items()
            ]
        )
    )
    embed(store)

    def check(ids: Sequence[str]) -> None:
        stored = store.passage_vectors(ids, FP)
        known = [id_ for id_ in ids if id_ in texts]
        assert list(stored.node_ids) == known
        assert stored.matrix.dtype == np.float32
        assert np.allclose(stored.matrix, np.array([vector(texts[id_]) for id_ in known]))

    for _ in range(2):
        check(["r1", "nobody", "d2", "d1"])
        check(["d1", "r1"])
        store.refresh()
    assert store.passage_vectors([], FP).matrix.shape == (0, 4)


# Every state


def test_searches_see_every_committed_batch(location: str) -> None:
    with open_store(location) as writer, open_store(location) as reader:
        for step in range(6):
            writer.apply(Batch(nodes=[node(f"d{step}", "轴承 aab")], delete_nodes=[f"d{step - 2}"]))
            embed(writer)
            if step % 2:
                writer.refresh(rebuild=step == 3)
            expected = sorted(f"d{i}" for i in (step - 1, step) if i >= 0)
            for store in (writer, reader):
                assert found(store, "轴承") == expected
                assert near(store, "a") == expected
                assert store.lexical_features(["轴承"], Label.DEMAND, []).documents == len(expected)


def test_several_threads_search_while_one_writes(store: GraphStore) -> None:
    store.apply(Batch(nodes=[node(f"d{i}", "轴承 aab") for i in range(20)]))
    embed(store)
    errors: list[BaseException] = []
    done = threading.Event()

    def search() -> None:
        try:
            while not done.is_set():
                assert len(found(store, "轴承")) >= 20
                assert len(near(store, "a")) >= 20
                assert store.lexical_features(["轴承"], Label.DEMAND, ["d1"]).counts[0, 0] == 1
                assert len(store.passage_vectors(["d1", "d2"], FP).node_ids) == 2
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=search) for _ in range(3)]
    for thread in threads:
        thread.start()
    for step in range(20, 40):
        store.apply(Batch(nodes=[node(f"d{step}", "轴承 aab")]))
        if step % 5 == 0:
            store.refresh()
    done.set()
    for thread in threads:
        thread.join()
    assert errors == []
    assert len(found(store, "轴承")) == 40
