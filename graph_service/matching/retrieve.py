"""The retrievers: what text, vectors and the graph find for a question, and its features.

Written as functions over reads: what does not wait for each other goes to the store together.
"""

from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass, replace

import numpy as np

from graph_service.lockstep import at_once, each
from graph_service.matching.asking import Asking, QueryVectors
from graph_service.matching.mentions import Words, likely, mentions, proposed, standing
from graph_service.matching.recipes import Recipe, Retriever
from graph_service.matching.types import Target
from graph_service.matching.understand import FUNCTION_WORDS, Question
from graph_service.matching.walk import Walked, reach, walk
from graph_service.model import Filter, Hit, Hop, Label, Node
from graph_service.ports import Embedder, LexicalFeatures, Passages, PassageVectors
from graph_service.reads import (
    DocumentWords,
    Finding,
    Lexical,
    Scan,
    TextSearch,
    Vectors,
    VectorSearch,
)

#: A word said n times in a reduced query counts n to this power. Of .5, .75 and 1 it is the one by
#: which both judged sets clear their floors with room: .5 favours results, 1 favours firms.
REPEATS = 0.75

#: So many of the rarest words are looked for, however many documents have them.
_FEWEST = 8


@dataclass(frozen=True, slots=True)
class Measured:
    """What scores candidates exactly, of nodes in order; ``stored`` are their vectors, None where
    no vectors are compared, ``documents`` their words, None where no pairs are."""

    ids: Sequence[str]
    features: LexicalFeatures
    stored: PassageVectors | None
    documents: Sequence[str] | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the retrievers found; nobody is excluded yet.

    Attributes:
        words: the query's words with their weights, in their order.
        pairs: the query's pairs of characters with theirs; none where none are compared.
        hits: what each retriever that searches found, best first.
        walked: what the graph says, by id, of nodes that pass the filter.
        vectors: of the query; None where no vectors are compared.
        measured: of those who are likely to be candidates, and ``words``.
    """

    words: Mapping[str, float]
    pairs: Mapping[str, float]
    hits: Mapping[Retriever, Sequence[Hit]]
    walked: Mapping[str, Walked]
    vectors: QueryVectors | None
    measured: Measured

    def candidates(
        self, target: Target, *, include: Collection[str] = (), exclude: Collection[str] = ()
    ) -> list[str]:
        """Who is found by anybody, and ``include``, without ``exclude``; in order."""
        walked = self.walked.keys() - exclude
        return sorted(_union(self.hits, walked, target).union(include).difference(exclude))


async def retrieve(
    embedder: Embedder | None,
    question: Question,
    asked: Asking | None,
    target: Target,
    *,
    recipe: Recipe,
    where: Filter,
    common: Mapping[str, float],
    pairs: Mapping[str, float],
    include: Collection[str] = (),
) -> Found:
    """Run the recipe's retrievers; read what scores the union of what they find and ``include``.

    Without an embedder the vector retrievers find nothing. ``asked`` gives the query's vectors.
    ``common`` are the words that count less because many demands say them, ``pairs`` the query's
    pairs of characters with their weights, none where they are not compared.
    """
    words = _words(question, recipe, common)
    counted, products = await at_once(
        _counted(question, target, recipe), _proposed(question, recipe)
    )
    hits, walked = await at_once(
        _searched(embedder, asked, _rarest(words, counted, question, recipe), recipe, where),
        _walked(question, products, counted, target, recipe),
    )
    likely = _union(hits, walked.keys(), target).union(include)
    vectors = asked() if asked else None
    compared = embedder if vectors else None
    measured, admitted = await at_once(
        measure(compared, sorted(likely), words, target, recipe, paired=bool(pairs)),
        _admitted(walked, where),
    )
    return Found(words, pairs, hits, admitted, vectors, measured)


async def measure(
    embedder: Embedder | None,
    ids: Sequence[str],
    words: Mapping[str, float],
    target: Target,
    recipe: Recipe,
    *,
    paired: bool,
) -> Measured:
    """Read what scores candidates for some words, with an encoder for its vectors, and if
    ``paired`` for pairs of characters."""
    features, stored, documents = await at_once(
        Lexical(list(words), target.label, ids),
        _vectors(embedder, ids, whole_documents=not recipe.reads_pieces),
        _documents(ids, wanted=paired),
    )
    return Measured(ids, features, stored, documents)


def _union(
    hits: Mapping[Retriever, Sequence[Hit]], walked: Set[str], target: Target
) -> frozenset[str]:
    """Who is found by any retriever; partners by the graph alone, where it leads to any."""
    if target is Target.PARTNERS and walked:
        return frozenset(walked)  # who is merely alike is a rival
    return frozenset(walked).union(hit.node_id for some in hits.values() for hit in some)


def _words(question: Question, recipe: Recipe, common: Mapping[str, float]) -> Mapping[str, float]:
    """The query's words with their weights, reduced where the recipe says so, in order."""
    kept = question.terms
    if recipe.reduces_query:
        told = question.weighed if recipe.reads_pieces else question.terms
        reduced = {
            term: n**REPEATS * common.get(term, 1.0)
            for term, n in told.items()
            if term not in FUNCTION_WORDS
        }
        kept = reduced or question.terms
    return dict(sorted(kept.items()))


async def _counted(question: Question, target: Target, recipe: Recipe) -> LexicalFeatures | None:
    """In how many documents the question's words stand, where somebody asks."""
    if recipe.most_read is None and "graph" not in recipe.retrievers:
        return None
    return await Lexical(list(question.terms), target.label)


async def _proposed(question: Question, recipe: Recipe) -> Sequence[Node]:
    """Products that the text may name; a firm states what it makes."""
    firm = question.node is not None and question.node.label is Label.ORGANIZATION
    return await proposed(question) if "graph" in recipe.retrievers and not firm else ()


def _rarest(
    words: Mapping[str, float],
    counted: LexicalFeatures | None,
    question: Question,
    recipe: Recipe,
) -> Mapping[str, float]:
    """The rarest of the words, as many as stand in ``most_read`` documents, counted once a word."""
    if recipe.most_read is None or counted is None:
        return words
    place = {term: i for i, term in enumerate(question.terms)}
    frequency = counted.frequency[[place[term] for term in words]]
    rarest = np.argsort(frequency, kind="stable")
    read = np.cumsum(frequency[rarest])
    kept = rarest[: max(int(np.searchsorted(read, recipe.most_read, side="right")), _FEWEST)]
    terms = list(words)
    return {terms[i]: words[terms[i]] for i in sorted(kept.tolist())}


async def _searched(
    embedder: Embedder | None,
    asked: Asking | None,
    rarest: Mapping[str, float],
    recipe: Recipe,
    where: Filter,
) -> Mapping[Retriever, Sequence[Hit]]:
    searches: dict[Retriever, Finding[list[Hit]]] = {}
    if "text" in recipe.retrievers:
        searches["text"] = TextSearch(rarest, where, recipe.depth)
    if embedder is not None and asked is not None:
        vectors = asked
        for retriever, passages in _BY_VECTOR.items():
            if retriever in recipe.retrievers:
                searches[retriever] = VectorSearch(
                    lambda: vectors().whole,
                    embedder.fingerprint,
                    where,
                    recipe.depth,
                    passages=passages,
                )
    return dict(zip(searches, await each(searches.values()), strict=True))


#: Retrievers that compare vectors, and with which passages.
_BY_VECTOR: Mapping[Retriever, Passages] = {"dense": "whole", "passage": "pieces"}


async def _walked(
    question: Question,
    products: Sequence[Node],
    counted: LexicalFeatures | None,
    target: Target,
    recipe: Recipe,
) -> dict[str, Walked]:
    """What the graph leads to from the products that the query states or names."""
    if "graph" not in recipe.retrievers or counted is None:
        return {}
    label = question.node.label if question.node else Label.DEMAND
    named = standing(question, products)
    words = Words.known(named, question, counted)

    def started(mentioned: Sequence[Hop]) -> list[Hop]:
        stated = {hop.end for hop in question.stated}
        return [*question.stated, *(hop for hop in mentioned if hop.end not in stated)]

    # Until all words are counted, more may be mentioned: what may be is read at once.
    seeds = likely(named, words) if words.unknown else mentions(named, words)
    words, reached = await at_once(
        words.completed(target.label), reach(label, started(seeds), target)
    )
    return walk(label, started(mentions(named, words)), target, reached)


async def _vectors(
    embedder: Embedder | None, ids: Sequence[str], *, whole_documents: bool
) -> PassageVectors | None:
    if embedder is None:
        return None
    return await Vectors(ids, embedder.fingerprint, whole_documents=whole_documents)


async def _documents(ids: Sequence[str], *, wanted: bool) -> Sequence[str] | None:
    return await DocumentWords(ids) if wanted else None


async def _admitted(walked: Mapping[str, Walked], where: Filter) -> dict[str, Walked]:
    """Walks that end at nodes which pass the filter."""
    ids = where.ids & walked.keys() if where.ids else frozenset(walked)
    if not ids:
        return {}
    page = await Scan(replace(where, ids=ids), limit=len(ids))
    return {node.id: walked[node.id] for node in page.nodes}
