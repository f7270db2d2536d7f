"""The vectors of a query: of the whole, of its title and of its pieces.

``full`` takes away from each what all demands have in common (the mean of their vectors): encoders
put every demand near the texts that sound like a demand, whatever they are about. This is the
centring of Suzuki et al. 2013, "Centering Similarity Measures to Reduce Hubs", on the query's side.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np

from graph_service import text as texts
from graph_service.matching.learned.weights import Usual
from graph_service.matching.recipes import Recipe
from graph_service.matching.types import Query
from graph_service.matching.understand import Question
from graph_service.model import Label
from graph_service.ports import Embedder, Floats, PassageVectors
from graph_service.reads import Vectors

#: Of what all demands have in common so much is taken away: best of 0, .3, .5, .7 and 1 on both
#: judged sets.
CENTRING = 0.5

#: Pieces of a free text that are embedded, those that say most of what is wanted first.
_PIECES = 6


@dataclass(frozen=True, slots=True)
class QueryVectors:
    """What is compared with the candidates' vectors.

    Attributes:
        whole: of the beginning of the text, or the stored one, shape (d,).
        title: of the title alone, shape (d,); None where there is none, or none is compared.
        pieces: of its pieces, the whole for a text that has none, shape (n, d).
        centred: whether what all demands have in common was taken away.
        usual: how near the nearest usually come to such a vector, mean and deviation; None where
            that was not learned.
    """

    whole: Floats
    title: Floats | None
    pieces: Floats
    centred: bool = False
    usual: tuple[float, float] | None = None


#: Gives the vectors of a query; made when they are first asked for.
Asking = Callable[[], QueryVectors]


async def own_vectors(
    embedder: Embedder | None, query: Query, recipe: Recipe
) -> PassageVectors | None:
    """The stored vectors of a query that is a node; None where there are none, or none is needed.

    ``full`` reads those of its pieces too.
    """
    if embedder is None or query.node_id is None or not recipe.needs_vectors:
        return None
    whole = not recipe.reads_pieces
    stored = await Vectors([query.node_id], embedder.fingerprint, whole_documents=whole)
    return stored if 0 in stored.ordinals else None


def asking(
    embedder: Embedder | None,
    question: Question,
    own: PassageVectors | None,
    recipe: Recipe,
    centre: Floats | None,
    usual: Usual | None,
    *,
    titled: bool,
) -> Asking | None:
    """How the vectors of a query are got; None without an encoder, or where none are compared.

    Args:
        embedder: the encoder.
        question: as understood.
        own: its stored vectors.
        recipe: which of them are compared.
        centre: what all demands have in common, shape (d,).
        usual: how near the nearest usually come.
        titled: whether the title is compared; embedding it takes time.
    """
    if embedder is None or not recipe.needs_vectors:
        return None
    if not recipe.reads_pieces:
        if own is not None:
            stored = own.matrix[own.ordinals.index(0)]
            return lambda: QueryVectors(stored, None, stored[None])
        return cache(lambda: _plain(embedder, question))
    centred = centre is not None
    away = 0.0 if centre is None else (CENTRING * centre).astype(np.float32)

    @cache
    def made() -> QueryVectors:
        title = _title(question) if titled else ""
        if own is None:
            pieces = _pieces(question)
            said = [question.text[: texts.QUERY_CHARS], *pieces, *([title] if title else [])]
            matrix = embedder.embed_queries(said) - away
            whole, rest = matrix[0], matrix[1 : 1 + len(pieces)]
            heading = matrix[-1] if title else None
            near = usual.asked if usual else None
            return QueryVectors(whole, heading, _or_whole(rest, whole), centred, near)
        matrix = own.matrix - away
        first = list(own.ordinals).index(0)
        rest = np.delete(matrix, first, axis=0)
        heading = embedder.embed_queries([title])[0] - away if title else None
        whole, near = matrix[first], usual.stored if usual else None
        return QueryVectors(whole, heading, _or_whole(rest, whole), centred, near)

    return made


def _plain(embedder: Embedder, question: Question) -> QueryVectors:
    vector = embedder.embed_queries([question.text[: texts.QUERY_CHARS]])[0]
    return QueryVectors(vector, None, vector[None])


def _or_whole(pieces: Floats, whole: Floats) -> Floats:
    return pieces if len(pieces) else whole[None]


def _title(question: Question) -> str:
    """A firm's name says nothing of what it makes."""
    if question.node is not None and question.node.label is Label.ORGANIZATION:
        return ""
    return question.title[: texts.QUERY_CHARS]


def _pieces(question: Question) -> list[str]:
    """The pieces of a free text, in order, those that say most of what is wanted."""
    if len(question.text) <= texts.DOC_CHARS:
        return []
    found = [one for one in question.reading.passages if one.field == "text"]
    chosen = sorted(found, key=lambda one: (-one.weight, one.start))[:_PIECES]
    return [question.reading.passage(one) for one in sorted(chosen, key=lambda one: one.start)]
