"""Search on a server by words, names and vectors; each function is a read (``asking``).

An index gives its best; a filter lets some of them pass, and several passages may be of one node.
So more is read than wanted, and again more where that was too little: until the wanted ones are
surely the best, whatever comes after them, ties included, which go by id.
"""

import math
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import chain, repeat
from typing import Any

import numpy as np
import orjson

from graph_service.model import Filter, Hit, Label
from graph_service.names import INSIDE
from graph_service.ports import Floats, LexicalFeatures, Passages, PassageVectors
from graph_service.store.bolt import counts, cypher, cypher_reading, naming
from graph_service.store.bolt.asking import Ask, Asking, Rows, only
from graph_service.store.bolt.filters import Passing, passing
from graph_service.store.bolt.kept import Kept
from graph_service.store.bolt.reading import Nodes, node
from graph_service.store.bolt.texts import term_key
from graph_service.store.bolt.vectors import index_names, property_name
from graph_service.store.dimensions import require_asked
from graph_service.text import EMBEDDED_LABELS

#: What a search gives: hits, best first, and the nodes found where they are asked for.
Found = tuple[list[Hit], Nodes]

#: Score, id, and the row of the node where it was asked for.
_Scored = tuple[float, str, Sequence[Any] | None]

#: Clauses of a query that Lucene takes are 1,024; more words than this are cut to the rarest.
_MOST_WORDS = 1_000

#: Lucene cuts words into pieces of 255 characters; so many of a word are looked for.
_LONGEST_WORD = 10 * 255

#: Vectors that are looked at, at least: of the fifty nearest of the shared data's, .99 are found.
_LOOKED_AT = 400

#: At least so many are read where a filter lets but some of them pass; then all there are.
_FILTERED = 2_000
_ALL = 1_000_000_000

_ROUNDED = 6  # digits of a cosine that single precision can tell


def search_text(
    terms: Mapping[str, float], where: Filter, limit: int, *, nodes: bool = False
) -> Asking[Found]:
    """Documents that have any of the terms, best first by the server's own BM25."""
    weights = {
        term: weight
        for term, weight in terms.items()
        if weight > 0 and term and not any(map(str.isspace, term))
    }
    if not weights or limit <= 0:
        return [], {}
    labels = sorted(one for one in Label if one in (where.labels or Label))
    if len(weights) > _MOST_WORDS:
        weights = yield from _rarest(weights, labels)
    query = " ".join(f'"{_quoted(term)}"^{weight:.9f}' for term, weight in weights.items())
    searches = [[cypher.words_name(label), query] for label in labels]
    chosen = passing(where)
    asked = cypher_reading.search_text(chosen, nodes=nodes)
    for k in _depths(limit, chosen):
        rows = yield Ask(asked, {**chosen.values, "searches": searches, "k": k})
        best = _best(rows, limit)
        if all(read < k or least < _worst(best, limit) for read, least, _ in rows):
            return _found(best)
    raise AssertionError  # depths end by an answer


def search_names(
    terms: Collection[str], where: Filter, limit: int, *, nodes: bool = False
) -> Asking[Found]:
    """Nodes one of whose names is near to a term as typed, nearest first."""
    chosen = passing(where)
    found: list[_Scored] = []
    for typed in terms if limit > 0 else ():
        tiers = naming.tiers(typed)
        near: list[_Scored] = []
        for some in (
            [tier for tier in tiers if tier.place != INSIDE],
            [tier for tier in tiers if tier.place == INSIDE],
        ):
            if some and len(near) < limit:
                near = yield from _in_tiers(some, typed, chosen, limit, near, nodes=nodes)
        found = _merged([*found, *near], limit)
    return _found(found)


def search_vectors(
    vector: Floats,
    fingerprint: str,
    where: Filter,
    limit: int,
    passages: Passages,
    *,
    nodes: bool = False,
    trial: bool = False,
) -> Asking[Found]:
    """Nodes whose nearest passage of those compared is nearest to the vector.

    Where a filter lets too few pass of what an index gives, all that pass are looked at; on trial
    at once, since no index has what its transaction wrote.
    """
    labels = frozenset(EMBEDDED_LABELS & (where.labels or EMBEDDED_LABELS))
    if limit <= 0 or not labels:
        return [], {}
    chosen = passing(replace(where, labels=labels))
    values = {**chosen.values, "fingerprint": fingerprint, "vector": vector.tolist()}
    pointing = bool(vector.any())  # a vector of zeros is near to nothing; no index takes one
    searches = index_names(fingerprint, labels, passages) if pointing and not trial else []
    asked = cypher_reading.search_vectors(chosen, nodes=nodes)
    for k in (0, _ALL) if trial else _depths(limit, chosen, least=_LOOKED_AT):
        if k == _ALL:
            asked = cypher_reading.every_vector(
                chosen, property_name(fingerprint), passages, nodes=nodes
            )
            rows = yield Ask(asked, {**values, "limit": limit})
            return _found(_best([[0, 0.0, rows]], limit, shown=_cosine))
        ((dimension, told),) = yield Ask(asked, {**values, "searches": searches, "k": k})
        if dimension is None:
            return [], {}
        require_asked(fingerprint, dimension, vector.shape)
        if not pointing:
            return [], {}
        best = _best(told, limit, shown=_cosine)
        worst = _worst(best, limit)
        if searches and all(read < k or _cosine(least) < worst for read, least, _ in told):
            return _found(best)
    raise AssertionError  # depths end by an answer


def lexical_features(
    terms: Sequence[str], label: Label, ids: Sequence[str], kept: Kept
) -> Asking[tuple[LexicalFeatures, list[str]]]:
    """Exact counts for BM25, and the words of the documents that they were counted in."""
    distinct = {term: column for column, term in enumerate(dict.fromkeys(terms))}
    keys = {term_key(label, term): column for term, column in distinct.items()}
    before, known = kept.documents.now()
    asked = _asked(ids, [id_ for id_ in ids if id_ not in known], before)
    rows = yield Ask(cypher_reading.LEXICAL, {"keys": list(keys), **asked})
    as_of, told, frequencies, documents = only(rows)
    fresh = dict.fromkeys(asked["missing" if as_of == before else "ids"], ("", 0))
    fresh |= {id_: (tokens, length) for id_, tokens, length in documents if tokens}
    kept.documents.add(before, as_of, fresh)
    read = {id_: fresh[id_] if id_ in fresh else known[id_] for id_ in ids}
    number = counts.unpacked(told)
    frequency = np.zeros(len(distinct), np.int32)
    for key, count in frequencies:
        frequency[keys[key]] = count
    split = [read[id_][0].split() for id_ in ids]
    words = chain.from_iterable(split)
    sizes = list(map(len, split))
    met = np.fromiter(map(distinct.get, words, repeat(-1)), np.int64, sum(sizes))
    cells = np.repeat(np.arange(len(ids)) * len(distinct), sizes) + met
    found = np.bincount(cells[met >= 0], minlength=len(ids) * len(distinct))
    columns = np.array([distinct[term] for term in terms], np.int64)
    documents_of_label = number["document", label]
    features = LexicalFeatures(
        documents=documents_of_label,
        average_length=number["length", label] / max(documents_of_label, 1),
        frequency=frequency[columns],
        counts=found.reshape(len(ids), len(distinct))[:, columns].astype(np.int32),
        lengths=np.array([read[id_][1] for id_ in ids], np.int32),
    )
    return features, [read[id_][0] for id_ in ids]


def document_words(ids: Sequence[str]) -> Asking[list[str]]:
    """The words of documents, in the order asked for; "" where there is none."""
    rows = yield Ask(cypher_reading.WORDS, {"ids": list(dict.fromkeys(ids))})
    told: dict[str, str | None] = {asked: tokens for asked, tokens in rows}  # noqa: C416 - typed
    return [told.get(id_) or "" for id_ in ids]


def passage_vectors(
    ids: Sequence[str], fingerprint: str, kept: Kept, *, whole: bool
) -> Asking[PassageVectors]:
    """Stored vectors of the nodes' passages, in the order asked for, then by ordinal."""
    before, known = kept.vectors.now()
    keys = {id_: (fingerprint, whole, id_) for id_ in ids}
    asked = _asked(ids, [id_ for id_ in ids if keys[id_] not in known], before)
    rows = yield Ask(cypher_reading.vectors(whole=whole), {"fingerprint": fingerprint, **asked})
    as_of, dimension, told = only(rows)
    if dimension is None:
        return PassageVectors([], [], np.empty((0, 0), np.float32))
    fresh: dict[tuple[str, bool, str], list[tuple[int, bytes]]]
    fresh = {keys[id_]: [] for id_ in asked["missing" if as_of == before else "ids"]}
    for id_, *one in told:
        fresh[keys[id_]].append((one[0], one[1]))
    for some in fresh.values():
        some.sort()
    kept.vectors.add(before, as_of, fresh)
    of = {id_: fresh[key] if key in fresh else known[key] for id_, key in keys.items()}
    found = [(id_, *one) for id_ in ids for one in of[id_]]
    matrix = np.frombuffer(b"".join(stored for _, _, stored in found), np.float32)
    return PassageVectors(
        [id_ for id_, _, _ in found],
        [ordinal for _, ordinal, _ in found],
        matrix.reshape(len(found), dimension),
    )


def _asked(ids: Sequence[str], missing: Sequence[str], as_of: str) -> dict[str, Any]:
    """Ids, those of them not known, and as of which state the others are."""
    return {
        "ids": list(dict.fromkeys(ids)),
        "missing": list(dict.fromkeys(missing)),
        "as_of": as_of,
    }


def _depths(limit: int, chosen: Passing, *, least: int = 0) -> Iterator[int]:
    """How many to read of an index: at first, and again where that was too few."""
    depth = max(limit + limit // 4 + 50, least)
    if chosen.condition:
        yield max(4 * depth, _FILTERED)
        yield _ALL
    while True:
        yield depth
        depth *= 4


def _best(rows: Rows, limit: int, *, shown: Callable[[float], float] = float) -> list[_Scored]:
    """The best of what several searches gave, each node once; ties by id."""
    every = [
        (shown(score), id_, row[0] if row else None)
        for _, _, hits in rows
        for id_, score, *row in hits
    ]
    return _merged(every, limit)


def _merged(every: Sequence[_Scored], limit: int) -> list[_Scored]:
    ranked = sorted(every, key=lambda one: (-one[0], one[1]))
    first = {one[1]: one for one in reversed(ranked)}
    return [one for one in ranked if first[one[1]] is one][:limit]


def _worst(best: Sequence[_Scored], limit: int) -> float:
    """Whatever scores less than this is not among the best."""
    return best[limit - 1][0] if len(best) >= limit else -math.inf


def _found(best: Sequence[_Scored]) -> Found:
    return [Hit(id_, score) for score, id_, _ in best], {
        id_: node(row) for _, id_, row in best if row is not None
    }


def _cosine(score: float) -> float:
    """What an index of vectors calls a score, as a cosine."""
    return round(2 * score - 1, _ROUNDED)


def _in_tiers(
    tiers: Sequence[naming.Tier],
    typed: str,
    chosen: Passing,
    limit: int,
    near: Sequence[_Scored],
    *,
    nodes: bool,
) -> Asking[list[_Scored]]:
    """The nearest in these tiers and of those that are near already."""
    asked = cypher_reading.search_names(chosen, nodes=nodes)
    searches = [[cypher.NAMES, tier.query] for tier in tiers]
    whole = not naming.is_shown(typed)
    for k in _depths(limit, chosen):
        rows = yield Ask(asked, {**chosen.values, "searches": searches, "k": k, "whole": whole})
        met = [
            (score, id_, row[0] if row else None)
            for tier, (_, _, hits) in zip(tiers, rows, strict=True)
            for id_, told, props, *row in hits
            if (score := _closeness(tier, told, props, typed)) is not None
        ]
        best = _merged([*near, *met], limit)
        if all(
            read < k or tier.most(least) < _worst(best, limit)
            for tier, (read, least, _) in zip(tiers, rows, strict=True)
        ):
            return best
    raise AssertionError  # depths end by an answer


def _closeness(tier: naming.Tier, told: float, props: str | None, typed: str) -> float | None:
    return tier.scored(told) if props is None else naming.nearest(orjson.loads(props), typed)


def _rarest(weights: Mapping[str, float], labels: Sequence[Label]) -> Asking[dict[str, float]]:
    keys = {term_key(label, term): term for label in labels for term in weights}
    rows = yield Ask(cypher_reading.FREQUENCY, {"keys": list(keys)})
    often: Counter[str] = Counter()
    for key, frequency in rows:
        often[keys[key]] += frequency
    known = sorted((number, term) for term, number in often.items())
    return {term: weights[term] for _, term in known[:_MOST_WORDS]}


def _quoted(term: str) -> str:
    """A word inside quotation marks, where it has no meaning but itself."""
    return term[:_LONGEST_WORD].replace("\\", "\\\\").replace('"', '\\"')
