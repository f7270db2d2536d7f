"""Recipes: named, immutable ways of finding and scoring candidates.

``bm25``, ``dense`` and ``rrf`` are the plain peers that everything else is measured against: the
unit is the whole document, dense sees a document's first 220 and a query's first 300 characters,
no word is cut, lists are 1,000 deep. They never change. ``hybrid`` is our fusion of two such
lists, 200 deep, the words of the query reduced; ``full`` adds what the graph and the passages know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from graph_service.errors import InputError

Retriever = Literal["text", "dense", "passage", "graph"]
Scoring = Literal["bm25", "dense", "rrf", "hybrid", "full"]

#: Constant of reciprocal rank fusion (Cormack, Clarke, Büttcher 2009).
RRF_K = 60

#: In ``full`` a standard score beyond these says no more: one odd word must not outweigh all else.
LEAST, MOST = -6.0, 8.0

#: So many deviations, up or down, is as near or far as a whole list counts: other stores come
#: nearer, or less near.
FAR = 3.0


@dataclass(frozen=True, slots=True)
class Recipe:
    """How candidates are found and scored.

    Attributes:
        name: what users call it.
        retrievers: which lists are made.
        scoring: which score orders their union.
        depth: length of each list.
        reduces_query: leave out what only joins words (的, 与, 不 …), and let a word that is said n
            times count n^.75: long demands repeat themselves.
        most_read: documents whose words are compared when candidates are looked for by words, each
            counted once a word: the commonest words are left out until no more are left. They
            count again in the scores.
    """

    name: str
    retrievers: tuple[Retriever, ...]
    scoring: Scoring
    depth: int = 1000
    reduces_query: bool = False
    most_read: int | None = None

    @property
    def reads_pieces(self) -> bool:
        """Whether the pieces of the query and of documents are compared, not only the whole."""
        return "passage" in self.retrievers

    @property
    def needs_vectors(self) -> bool:
        """Whether it asks for the cosine of vectors: whether an encoder must be there."""
        return not {"dense", "passage"}.isdisjoint(self.retrievers)


#: Documents read for the words of one query by ``hybrid`` and ``full``.
_MOST_READ = 200_000

_FULL: tuple[Retriever, ...] = ("text", "dense", "passage", "graph")

RECIPES: Mapping[str, Recipe] = {
    recipe.name: recipe
    for recipe in (
        Recipe("bm25", ("text",), "bm25"),
        Recipe("dense", ("dense",), "dense"),
        Recipe("rrf", ("text", "dense"), "rrf"),
        Recipe(
            "hybrid", ("text", "dense"), "hybrid", 200, reduces_query=True, most_read=_MOST_READ
        ),
        Recipe("full", _FULL, "full", 200, reduces_query=True, most_read=_MOST_READ),
    )
}


def recipe(name: str) -> Recipe:
    """The recipe of a name.

    Raises:
        InputError: there is none.
    """
    try:
        return RECIPES[name]
    except KeyError:
        known = "、".join(RECIPES)
        raise InputError(
            f"没有名为“{name}”的匹配方案", hint=f"可用的方案：{known}", recipe=name
        ) from None
