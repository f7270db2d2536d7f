"""Candidates from every retriever, with exact scores for each, whoever found it.

Engines choose candidates by their own, approximate scores; here all of them get BM25 from one set
of statistics and the cosine of their stored vectors, so that every engine ranks alike.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph_service.matching.asking import QueryVectors
from graph_service.matching.pairs import Shared, shared
from graph_service.matching.recipes import Retriever
from graph_service.matching.retrieve import Found, Measured
from graph_service.matching.scores import Doubles, bm25_parts, order
from graph_service.matching.walk import Walked
from graph_service.model import Hit
from graph_service.ports import LexicalFeatures, PassageVectors


@dataclass(frozen=True, slots=True)
class Pool:
    """Candidates in id order; arrays are aligned with ``ids``.

    Attributes:
        ids: candidate ids.
        ranks: for each retriever, the rank (from 1) of each candidate that it found.
        terms: the query's words, in the order of ``word_parts``' columns.
        word_parts: BM25 by word, shape (ids, terms).
        bm25: BM25, shape (ids,).
        shared: the pairs of characters that they share with the query; None where none is compared.
        cosine: of the whole document with the whole query, shape (ids,), NaN without a vector.
        title: of the whole document with the query's title, shape (ids,), NaN without either.
        passage: best cosine of any passage with any piece of the query, shape (ids,), NaN without a
            vector.
        ordinal: which passage that is.
        walked: what the graph says, by id.
        centred: whether the cosines are of a query from which what all demands have in common was
            taken away.
        usual: how near the nearest usually come to the query, mean and deviation; None where that
            is not known.
    """

    ids: list[str]
    ranks: Mapping[str, Mapping[str, int]]
    terms: Sequence[str]
    word_parts: Doubles
    bm25: Doubles
    shared: Shared | None
    cosine: Doubles
    title: Doubles
    passage: Doubles
    ordinal: Sequence[int]
    walked: Mapping[str, Walked]
    centred: bool
    usual: tuple[float, float] | None


def pool_of(found: Found, chosen: list[str]) -> Pool:
    """Score chosen ones (ids, in order) of what the retrievers found; all must be measured."""
    walked = {node_id: found.walked[node_id] for node_id in chosen if node_id in found.walked}
    features, stored = _narrowed(found.measured, chosen)

    parts = bm25_parts(features, np.array(list(found.words.values()), np.float64))
    bm25 = parts.sum(axis=1)
    near = _compared(found.vectors, stored, chosen)
    exact = {"text": bm25, "dense": near.cosine, "passage": near.passage}
    return Pool(
        ids=chosen,
        ranks=_ranks(chosen, found.hits, walked, exact),
        terms=list(found.words),
        word_parts=parts,
        bm25=bm25,
        shared=_shared(found, chosen),
        cosine=near.cosine,
        title=near.title,
        passage=near.passage,
        ordinal=near.ordinal,
        walked=walked,
        centred=found.vectors is not None and found.vectors.centred,
        usual=found.vectors.usual if found.vectors else None,
    )


def _shared(found: Found, chosen: Sequence[str]) -> Shared | None:
    documents = found.measured.documents
    if documents is None:
        return None
    told = dict(zip(found.measured.ids, documents, strict=True))
    return shared(found.pairs, [told[node_id] for node_id in chosen])


def _narrowed(
    measured: Measured, chosen: Sequence[str]
) -> tuple[LexicalFeatures, PassageVectors | None]:
    """What was read of some of those that were measured."""
    features, stored = measured.features, measured.stored
    if len(chosen) == len(measured.ids):
        return features, stored
    place = {node_id: i for i, node_id in enumerate(measured.ids)}
    rows = [place[node_id] for node_id in chosen]
    features = replace(features, counts=features.counts[rows], lengths=features.lengths[rows])
    if stored is not None:
        wanted = set(chosen)
        kept = [i for i, node_id in enumerate(stored.node_ids) if node_id in wanted]
        stored = PassageVectors(
            [stored.node_ids[i] for i in kept],
            [stored.ordinals[i] for i in kept],
            stored.matrix[kept],
        )
    return features, stored


@dataclass(frozen=True, slots=True)
class _Near:
    cosine: Doubles
    title: Doubles
    passage: Doubles
    ordinal: list[int]


def _compared(
    asked: QueryVectors | None, stored: PassageVectors | None, ids: Sequence[str]
) -> _Near:
    """How near the candidates' vectors are; see ``Pool``."""
    cosine, title, passage = (np.full(len(ids), np.nan) for _ in range(3))
    ordinal = np.zeros(len(ids), np.int64)
    if asked is None or stored is None or not len(stored.matrix):
        return _Near(cosine, title, passage, ordinal.tolist())
    position = {node_id: i for i, node_id in enumerate(ids)}
    at = np.fromiter(map(position.__getitem__, stored.node_ids), np.int64, len(stored.node_ids))
    ordinals = np.asarray(stored.ordinals, np.int64)
    whole = ordinals == 0
    cosine[at[whole]] = stored.matrix[whole] @ asked.whole
    if asked.title is not None:
        title[at[whole]] = stored.matrix[whole] @ asked.title
    similar = (stored.matrix @ asked.pieces.T).max(axis=1).astype(np.float64)
    best_first = np.lexsort((ordinals, -similar, at))
    owners, first = np.unique(at[best_first], return_index=True)
    passage[owners] = similar[best_first][first]
    ordinal[owners] = ordinals[best_first][first]
    return _Near(cosine, title, passage, ordinal.tolist())


def _ranks(
    ids: list[str],
    hits: Mapping[Retriever, Sequence[Hit]],
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
