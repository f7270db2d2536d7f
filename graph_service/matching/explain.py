"""Reasons: for the few candidates that are shown, the words, the passage, the path, the owners."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from graph_service import text as texts
from graph_service.lockstep import at_once, each
from graph_service.matching.pool import Pool
from graph_service.matching.scores import Doubles, sigmoid
from graph_service.matching.sentences import told
from graph_service.matching.signals import Signal, Weighing, total
from graph_service.matching.types import Candidate, Contribution, FoundBy, Target
from graph_service.matching.understand import TEXT_ID, Question
from graph_service.model import Edge, EdgeType, Hop, Label, Node, PathStep
from graph_service.reads import Neighbours, Nodes, Paths, WithNodes

#: Words shown as evidence of the signal ``text``.
_WORDS = 12

#: Runs of characters shown as evidence of the signal ``pairs``.
_PHRASES = 8

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


async def explain(
    question: Question,
    pool: Pool,
    signals: Sequence[Signal],
    target: Target,
    *,
    weighing: Weighing | None,
    chosen: Sequence[int],
) -> list[Candidate]:
    """The chosen positions of the pool as candidates, in that order.

    ``chosen`` is the ranking's head; rank 1 is its first. ``weighing`` is that of ``full``, None
    for other recipes; where it was learned, scores are log-odds and have a probability.
    """
    prior = weighing.prior if weighing else 0.0
    scores = total(signals, prior=prior) if weighing and weighing.learned else None
    ids = [pool.ids[i] for i in chosen]
    firms = ids if target.label is Label.ORGANIZATION else []
    nodes, owners, made, (paths, titles) = await at_once(
        Nodes(ids), owners_of(ids), _made(firms), _ways(question, pool, ids)
    )
    passages = {
        node.id: texts.passages(node, texts.made_products(made.get(node.id, ())))
        for node in nodes.values()
    }
    return [
        Candidate(
            node=nodes[pool.ids[i]],
            rank=rank,
            prior=prior,
            contributions=[
                told(
                    Contribution(
                        signal.name,
                        None if np.isnan(signal.values[i]) else float(signal.values[i]),
                        signal.weight,
                        _evidence(question, signal, pool, i, passages.get(pool.ids[i], []), titles),
                        signal.learned,
                    )
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
                for hop in paths.get(pool.ids[i], ())
            ],
            owners=owners.get(pool.ids[i], []),
            probability=None if scores is None else sigmoid(float(scores[i])),
        )
        for rank, i in enumerate(chosen, start=1)
        if pool.ids[i] in nodes
    ]


async def owners_of(ids: Sequence[str]) -> dict[str, list[Node]]:
    """The organisations that own a result or posted a demand, as observed, by the id of it."""
    hops, nodes = await WithNodes(Neighbours(ids, (EdgeType.OWNS, EdgeType.POSTED), "in", 20))
    return {
        node_id: [nodes[hop.end] for hop in some if hop.end in nodes and not hop.edge.inferred]
        for node_id, some in hops.items()
    }


#: Signals that compare vectors, by what they compare.
_COMPARED: Mapping[str, Callable[[Pool], Doubles]] = {
    "dense": lambda pool: pool.cosine,
    "title": lambda pool: pool.title,
    "passage": lambda pool: pool.passage,
}


def _evidence(
    question: Question,
    signal: Signal,
    pool: Pool,
    i: int,
    passages: Sequence[texts.Passage],
    titles: Mapping[str, str],
) -> Mapping[str, Any]:
    name = signal.name
    if name == "text":
        return {"bm25": round(float(pool.bm25[i]), 4), **signal.scale, "words": _words(pool, i)}
    if name == "pairs" and pool.shared is not None:
        return {
            "bm25": round(float(pool.shared.scores[i]), 4),
            **signal.scale,
            "phrases": [
                {"phrase": phrase, "bm25": round(part, 4)}
                for phrase, part in pool.shared.phrases(i, question.text, _PHRASES)
            ],
        }
    if name in _COMPARED:
        ordinal = pool.ordinal[i] if name == "passage" else 0
        cosine = _COMPARED[name](pool)[i]
        if np.isnan(cosine):
            return {}
        text = next((p.embed_text for p in passages if p.ordinal == ordinal), "")
        measured = {"cosine": round(float(cosine), 4), "centred": pool.centred}
        return {**measured, **signal.scale, "passage": text}
    if name in ("products", "chain") and (walked := pool.walked.get(pool.ids[i])):
        best = walked.best_direct if name == "products" else walked.best_chain
        guessed = any(hop.edge.inferred for hop in best)
        over = [hop.end for hop in best[:-1]]
        names = [titles.get(node_id, node_id) for node_id in over]
        return {"over": over, "names": names, "inferred": guessed} if best else {}
    return signal.evidence.get(pool.ids[i], {})


def _words(pool: Pool, i: int) -> list[dict[str, Any]]:
    parts = pool.word_parts[i]
    best = sorted(np.flatnonzero(parts > 0).tolist(), key=lambda t: (-parts[t], pool.terms[t]))
    return [{"word": pool.terms[t], "bm25": round(float(parts[t]), 4)} for t in best[:_WORDS]]


async def _made(firms: Sequence[str]) -> dict[str, list[tuple[Edge, Node]]]:
    """What firms make, by the id of each."""
    if not firms:
        return {}
    made, ends = await WithNodes(Neighbours(firms, (EdgeType.MAKES,), "out", 1000))
    return {
        node_id: [(hop.edge, ends[hop.end]) for hop in hops if hop.end in ends]
        for node_id, hops in made.items()
    }


async def _ways(
    question: Question, pool: Pool, ids: Sequence[str]
) -> tuple[dict[str, Sequence[Hop]], dict[str, str]]:
    """For each candidate the strongest walk; where none arrived, a stored query's direct tie to it.
    And the titles of the nodes on them.

    A longer path exists between almost any two nodes, and explains nothing.
    """
    ways: dict[str, Sequence[Hop]] = {
        node_id: pool.walked[node_id].best for node_id in ids if node_id in pool.walked
    }
    walks = [pool.walked[node_id] for node_id in ids if node_id in pool.walked]
    on_walks = {
        end
        for one in walks
        for hop in (*one.best, *one.best_direct, *one.best_chain)
        for end in (hop.start, hop.end)
    }
    apart = [node_id for node_id in ids if node_id not in ways] if question.node else []
    nodes, found = await at_once(
        Nodes(sorted(on_walks)),
        each(WithNodes(Paths(question.id, it, _TELLING, max_hops=2, k=1)) for it in apart),
    )
    for node_id, (paths, on_path) in zip(apart, found, strict=True):
        ways[node_id] = paths[0].hops if paths else ()
        nodes |= on_path
    titles = {node_id: node.title for node_id, node in nodes.items()}
    return ways, titles if question.node else {**titles, TEXT_ID: question.text[:30]}
