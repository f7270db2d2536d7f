"""Candidates from every retriever, with exact scores for each, whoever found it.

Engines choose candidates by their own, approximate scores; here all of them get BM25 from one set
of statistics and the cosine of their stored vectors, so that every engine ranks alike.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass, replace

import numpy as np

from graph_service import text as texts
from graph_service.matching.recipes import Recipe
from graph_service.matching.scores import Doubles, bm25_parts, order
from graph_service.matching.types import Target
from graph_service.matching.understand import FUNCTION_WORDS, Question
from graph_service.matching.walk import Walked, walk
from graph_service.model import Filter, Hit
from graph_service.ports import Embedder, Floats, GraphStore

#: A word said n times in a reduced query counts n to this power. Of .5, .75 and 1 it is the one by
#: which both judged sets clear their floors with room: .5 favours results, 1 favours firms.
REPEATS = 0.75

#: So many of the rarest words are looked for, however many documents have them.
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates in id order; arrays are aligned with ``ids``.

    Attributes:
        ids: candidate ids.
        ranks: for each retriever, the rank (from 1) of each candidate that it found.
        terms: the query's words, in the order of ``word_parts``' columns.
        word_parts: BM25 by word, shape (ids, terms).
        bm25: BM25, shape (ids,).
        cosine: cosine of the whole document, shape (ids,), NaN without a vector.
        passage: best cosine of any passage, shape (ids,), NaN without a vector.
        ordinal: which passage that is.
        walked: what the graph says, by id.
    """

    ids: list[str]
    ranks: Mapping[str, Mapping[str, int]]
    terms: Sequence[str]
    word_parts: Doubles
    bm25: Doubles
    cosine: Doubles
    passage: Doubles
    ordinal: Sequence[int]
    walked: Mapping[str, Walked]


def gather(
    store: GraphStore,
    embedder: Embedder | None,
    question: Question,
    target: Target,
    *,
    recipe: Recipe,
    where: Filter,
    include: frozenset[str] = frozenset(),
    beside: Executor | None = None,
) -> Pool:
    """Run the recipe's retrievers and score the union of what they find, and of ``include``.

    ``beside`` looks for words while vectors are made and compared: neither holds Python's lock.
    Without an embedder, or for a query that has no vector, the vector retrievers find nothing.
    """
    words = _words(question, recipe)

    def by_words() -> list[Hit]:
        rare = _rarest(store, words, target, recipe.most_read)
        return store.search_text(rare, where, limit=recipe.depth)

    told = _begun(by_words, beside) if "text" in recipe.retrievers else None
    vector = _query_vector(store, embedder, question) if recipe.needs_vectors else None
    near: dict[str, list[Hit]] = {}
    if vector is not None and embedder is not None:
        for retriever, whole in (("dense", True), ("passage", False)):
            if retriever in recipe.retrievers:
                near[retriever] = store.search_vectors(
                    vector,
                    embedder.fingerprint,
                    where,
                    limit=recipe.depth,
                    whole_documents=whole,
                )
    hits = {"text": told(), **near} if told else near
    walked: dict[str, Walked] = {}
    if "graph" in recipe.retrievers:
        walked = _admitted(store, walk(store, question, target), where)
    found = {hit.node_id for some in hits.values() for hit in some} | set(walked)
    if target is Target.PARTNERS and walked:
        found = set(walked)  # who is merely alike is a rival
    ids = sorted((found | include) - question.excluded)

    terms = sorted(words)
    features = store.lexical_features(terms, target.label, ids)
    parts = bm25_parts(features, np.array([words[term] for term in terms], np.float64))
    bm25 = parts.sum(axis=1)
    cosine, passage, ordinal = _cosines(
        store, embedder, vector, ids, whole_documents="passage" not in recipe.retrievers
    )
    return Pool(
        ids=ids,
        ranks=_ranks(ids, hits, walked, {"text": bm25, "dense": cosine, "passage": passage}),
        terms=terms,
        word_parts=parts,
        bm25=bm25,
        cosine=cosine,
        passage=passage,
        ordinal=ordinal,
        walked=walked,
    )


def _begun(ask: Callable[[], list[Hit]], beside: Executor | None) -> Callable[[], list[Hit]]:
    """What gives the answer, which is sought from now on where there is an executor."""
    if beside is None:
        return ask
    return beside.submit(copy_context().run, ask).result  # the request's time limit goes along


def _words(question: Question, recipe: Recipe) -> Mapping[str, float]:
    """The query's words with their weights, reduced where the recipe says so."""
    if not recipe.reduces_query:
        return question.terms
    kept = {term: n**REPEATS for term, n in question.terms.items() if term not in FUNCTION_WORDS}
    return kept or question.terms


def _rarest(
    store: GraphStore, words: Mapping[str, float], target: Target, most_read: int | None
) -> Mapping[str, float]:
    """The rarest of the words, as many as stand in ``most_read`` documents, counted once a word."""
    terms = sorted(words)
    if most_read is None:
        return words
    frequency = store.lexical_features(terms, target.label, []).frequency
    rarest = np.argsort(frequency, kind="stable")
    read = np.cumsum(frequency[rarest])
    kept = rarest[: max(int(np.searchsorted(read, most_read, side="right")), _FEWEST)]
    return {terms[i]: words[terms[i]] for i in sorted(kept.tolist())}


def _query_vector(
    store: GraphStore, embedder: Embedder | None, question: Question
) -> Floats | None:
    """A stored node's own vector; else the first ``QUERY_CHARS`` characters, embedded."""
    if embedder is None:
        return None
    if question.node is not None:
        stored = store.passage_vectors([question.id], embedder.fingerprint, whole_documents=True)
        if len(stored.matrix):
            vector: Floats = stored.matrix[0]
            return vector
    embedded: Floats = embedder.embed_queries([question.text[: texts.QUERY_CHARS]])[0]
    return embedded


def _cosines(
    store: GraphStore,
    embedder: Embedder | None,
    vector: Floats | None,
    ids: Sequence[str],
    *,
    whole_documents: bool,
) -> tuple[Doubles, Doubles, list[int]]:
    cosine = np.full(len(ids), np.nan)
    passage = np.full(len(ids), np.nan)
    ordinal = np.zeros(len(ids), np.int64)
    if embedder is None or vector is None or not ids:
        return cosine, passage, ordinal.tolist()
    stored = store.passage_vectors(ids, embedder.fingerprint, whole_documents=whole_documents)
    if not len(stored.matrix):
        return cosine, passage, ordinal.tolist()
    position = {node_id: i for i, node_id in enumerate(ids)}
    at = np.fromiter(map(position.__getitem__, stored.node_ids), np.int64, len(stored.node_ids))
    ordinals = np.asarray(stored.ordinals, np.int64)
    similar = (stored.matrix @ vector).astype(np.float64)
    if whole_documents:
        cosine[at] = passage[at] = similar
        return cosine, passage, ordinal.tolist()
    whole = ordinals == 0
    cosine[at[whole]] = similar[whole]
    best_first = np.lexsort((ordinals, -similar, at))
    owners, first = np.unique(at[best_first], return_index=True)
    passage[owners] = similar[best_first][first]
    ordinal[owners] = ordinals[best_first][first]
    return cosine, passage, ordinal.tolist()


def _ranks(
    ids: list[str],
    hits: Mapping[str, Sequence[Hit]],
    walked: Mapping[str, Walked],
    exact: Mapping[str, Doubles],
) -> dict[str, dict[str, int]]:
    """Ranks by the exact scores, among what each retriever found."""
    position = {node_id: i for i, node_id in enumerate(ids)}
    ranks: dict[str, dict[str, int]] = {}
    for retriever, some in hits.items():
        mine = sorted({position[hit.node_id] for hit in some if hit.node_id in position})
        scores = exact[retriever][mine]
        ranks[retriever] = {ids[mine[i]]: rank for rank, i in enumerate(order(scores), start=1)}
    strongest = sorted(walked, key=lambda node_id: (-walked[node_id].strength, node_id))
    if strongest:
        ranks["graph"] = {node_id: rank for rank, node_id in enumerate(strongest, start=1)}
    return ranks


def _admitted(store: GraphStore, walked: Mapping[str, Walked], where: Filter) -> dict[str, Walked]:
    """Walks that end at nodes which pass the filter."""
    if not walked:
        return {}
    page = store.scan(replace(where, ids=frozenset(walked)), limit=len(walked))
    return {node.id: walked[node.id] for node in page.nodes}
