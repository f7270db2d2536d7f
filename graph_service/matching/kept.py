"""What bulk matching keeps: MATCHED edges 匹配（推断）, and what to write so that they stand. Pure.

An edge's ``key`` is the recipe, so that recipes do not overwrite each other; its source is
``SOURCE`` with the recipe, its props are recipe, rank and score. It has the date of the day on
which it was first found to be so: who finds it again changes nothing.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

from graph_service.model import Batch, Edge, EdgeType, Label, Node

SOURCE = "jiebang:bulk:"

#: What is found for a demand: ids and scores, best first.
Ranked = Sequence[tuple[str, float]]

#: What is kept of a score, and by how much two may differ that say the same: so much may come from
#: the order in which a machine adds.
_DECIMALS, _SAME = 4, 2e-4


def matched(demand: str, recipe: str, ranked: Ranked) -> list[Edge]:
    """The edges that say what was found for a demand.

    Scores of different recipes have different units, and are no probabilities: ``confidence`` is
    1 / (1 + rank), which tells no more than the order.
    """
    return [
        Edge(
            EdgeType.MATCHED,
            demand,
            candidate,
            recipe,
            props={"recipe": recipe, "rank": rank, "score": round(score, _DECIMALS)},
            source=SOURCE + recipe,
            confidence=round(1 / (1 + rank), _DECIMALS),
            inferred=True,
        )
        for rank, (candidate, score) in enumerate(ranked, start=1)
    ]


def of_recipe(edges: Iterable[Edge], recipe: str) -> list[Edge]:
    """Those of the edges that a recipe found."""
    return [edge for edge in edges if edge.type is EdgeType.MATCHED and edge.key == recipe]


def replacing(
    standing: Iterable[Edge],
    wanted: Iterable[Edge],
    nodes: Mapping[str, Node],
    labels: Collection[Label],
) -> Batch:
    """What to write so that, among candidates of some labels, just the wanted edges stand.

    Args:
        standing: the edges of the recipe and of the demands, as they are now.
        wanted: those that are to be.
        nodes: the candidates of the standing ones.
        labels: of the candidates that were looked for; edges to others stay.
    """
    before = {(edge.from_id, edge.to_id): edge for edge in standing}
    after = {(edge.from_id, edge.to_id): edge for edge in wanted}
    return Batch(
        edges=[edge for ends, edge in after.items() if not _says(before.get(ends), edge)],
        delete_edges=[
            (edge.type, edge.from_id, edge.to_id, edge.key)
            for ends, edge in before.items()
            if ends not in after and edge.to_id in nodes and nodes[edge.to_id].label in labels
        ],
    )


def _says(edge: Edge | None, wanted: Edge) -> bool:
    """Whether an edge says already what is wanted, since whatever day."""
    if edge is None or (edge.source, edge.inferred) != (wanted.source, True):
        return False
    differs = abs(edge.props.get("score", math.inf) - wanted.props["score"])
    return differs < _SAME and {**edge.props, "score": wanted.props["score"]} == wanted.props
