"""Reasons: for the few candidates that are shown, the words, the passage, the path, the owners."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from graph_service import text as texts
from graph_service.matching.pool import Pool
from graph_service.matching.signals import Signal
from graph_service.matching.types import Candidate, Contribution, FoundBy
from graph_service.matching.understand import TEXT_ID, Question
from graph_service.model import EdgeType, Hop, Label, Node, PathStep
from graph_service.ports import GraphStore

#: Words shown as evidence of the signal ``text``.
_WORDS = 12

#: Edges that tie a stored query to a candidate that no walk reached.
_TELLING = (
    EdgeType.ABOUT,
    EdgeType.MAKES,
    EdgeType.NEEDS,
    EdgeType.SUPPLIES,
    EdgeType.UPSTREAM_OF,
    EdgeType.SUBTYPE_OF,
    EdgeType.OWNS,
    EdgeType.POSTED,
    EdgeType.WON,
    EdgeType.PARTNERED,
)


def explain(
    store: GraphStore,
    question: Question,
    pool: Pool,
    signals: Sequence[Signal],
    *,
    prior: float,
    chosen: Sequence[int],
) -> list[Candidate]:
    """The chosen positions of the pool as candidates, in that order.

    ``chosen`` is the ranking's head; rank 1 is its first.
    """
    ids = [pool.ids[i] for i in chosen]
    nodes = store.nodes(ids)
    passages = _passages(store, [nodes[i] for i in ids if i in nodes])
    owners = owners_of(store, ids)
    paths = {i: _path(store, question, pool, i) for i in ids}
    titles = _titles(store, question, [hop for hops in paths.values() for hop in hops])
    return [
        Candidate(
            node=nodes[pool.ids[i]],
            rank=rank,
            prior=prior,
            contributions=[
                Contribution(
                    signal.name,
                    None if np.isnan(signal.values[i]) else float(signal.values[i]),
                    signal.weight,
                    _evidence(signal, pool, i, passages.get(pool.ids[i], [])),
                )
                for signal in signals
            ],
            found_by=[
                FoundBy(retriever, ranks[pool.ids[i]])
                for retriever, ranks in pool.ranks.items()
                if pool.ids[i] in ranks
            ],
            path=[
                PathStep(hop, titles.get(hop.start, hop.start), titles.get(hop.end, hop.end))
                for hop in paths[pool.ids[i]]
            ],
            owners=owners.get(pool.ids[i], []),
        )
        for rank, i in enumerate(chosen, start=1)
        if pool.ids[i] in nodes
    ]


def owners_of(store: GraphStore, ids: Sequence[str]) -> dict[str, list[Node]]:
    """The organisations that own a result or posted a demand, as observed, by the id of it."""
    hops = store.neighbours(ids, types=(EdgeType.OWNS, EdgeType.POSTED), direction="in", limit=20)
    nodes = store.nodes(sorted({hop.end for some in hops.values() for hop in some}))
    return {
        node_id: [nodes[hop.end] for hop in some if hop.end in nodes and not hop.edge.inferred]
        for node_id, some in hops.items()
    }


def _evidence(
    signal: Signal, pool: Pool, i: int, passages: Sequence[texts.Passage]
) -> Mapping[str, Any]:
    name = signal.name
    if name == "text":
        return {"bm25": round(float(pool.bm25[i]), 4), **signal.scale, "words": _words(pool, i)}
    if name in ("dense", "passage"):
        ordinal = pool.ordinal[i] if name == "passage" else 0
        cosine = pool.passage[i] if name == "passage" else pool.cosine[i]
        if np.isnan(cosine):
            return {}
        text = next((p.embed_text for p in passages if p.ordinal == ordinal), "")
        return {"cosine": round(float(cosine), 4), **signal.scale, "passage": text}
    if name in ("products", "chain") and (walked := pool.walked.get(pool.ids[i])):
        best = walked.best_direct if name == "products" else walked.best_chain
        guessed = any(hop.edge.inferred for hop in best)
        return {"over": [hop.end for hop in best[:-1]], "inferred": guessed} if best else {}
    return {}


def _words(pool: Pool, i: int) -> list[dict[str, Any]]:
    parts = pool.word_parts[i]
    best = sorted(np.flatnonzero(parts > 0).tolist(), key=lambda t: (-parts[t], pool.terms[t]))
    return [{"word": pool.terms[t], "bm25": round(float(parts[t]), 4)} for t in best[:_WORDS]]


def _passages(store: GraphStore, nodes: Sequence[Node]) -> dict[str, list[texts.Passage]]:
    firms = [node.id for node in nodes if node.label is Label.ORGANIZATION]
    hops = store.neighbours(firms, types=(EdgeType.MAKES,), direction="out", limit=1000)
    ends = store.nodes(sorted({hop.end for some in hops.values() for hop in some}))
    return {
        node.id: texts.passages(
            node,
            texts.made_products(
                (hop.edge, ends[hop.end]) for hop in hops.get(node.id, ()) if hop.end in ends
            ),
        )
        for node in nodes
    }


def _path(store: GraphStore, question: Question, pool: Pool, candidate: str) -> tuple[Hop, ...]:
    """The strongest walk; where none arrived, a stored query's direct tie to the candidate.

    A longer path exists between almost any two nodes, and explains nothing.
    """
    walked = pool.walked.get(candidate)
    if walked:
        return walked.best
    if question.id == TEXT_ID:
        return ()
    found = store.paths(question.id, candidate, types=_TELLING, max_hops=2, k=1)
    return found[0].hops if found else ()


def _titles(store: GraphStore, question: Question, hops: Sequence[Hop]) -> dict[str, str]:
    ids = sorted({end for hop in hops for end in (hop.start, hop.end)} - {TEXT_ID})
    titles = {node_id: node.title for node_id, node in store.nodes(ids).items()}
    return {**titles, TEXT_ID: question.text[:30]} if question.id == TEXT_ID else titles
