"""The matcher: a query and a target in, ranked candidates with their reasons out."""

import time
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict, Unpack

from graph_service.lockstep import run
from graph_service.matching.comparison import Comparison, barred, comparable
from graph_service.matching.learned.weights import Learned, shipped
from graph_service.matching.ranking import Ranking, rank
from graph_service.matching.recipes import Recipe
from graph_service.matching.recipes import recipe as named
from graph_service.matching.searching import search
from graph_service.matching.types import Candidate, MatchResult, Query, SearchHit, Target
from graph_service.model import ANY, Filter, Viewer
from graph_service.ports import Embedder, GraphStore
from graph_service.reads import Nodes
from graph_service.visibility import seen


class _Options(TypedDict, total=False):
    where: Filter
    exclude: frozenset[str]
    include: frozenset[str]


class Matcher:
    """Finds and explains candidates.

    Args:
        store: the graph.
        embedder: the encoder of the store's active vectors; None matches by words and graph.
        learned: weights and what else was learned; None takes what comes with the product.
    """

    def __init__(
        self, store: GraphStore, embedder: Embedder | None, learned: Learned | None = None
    ) -> None:
        self._store = store
        self._embedder = embedder
        self._learned = learned or shipped()

    def match(
        self,
        query: Query,
        *,
        to: Target,
        recipe: str = "full",
        top: int = 10,
        where: Filter = ANY,
        group: bool = True,
        viewer: Viewer,
    ) -> MatchResult:
        """The best candidates, each with its reasons.

        Args:
            query: a stored node or free text.
            to: what to find.
            recipe: a name in ``recipes.RECIPES``.
            top: how many.
            where: a filter on the candidates; their label comes from ``to``.
            group: of results, show the best of each owner, and count the others (``top`` counts
                owners then); their rank stays that among all.
            viewer: who looks.

        Raises:
            NotFoundError, InputError, FingerprintError
        """
        began = time.perf_counter()
        chosen = named(recipe)
        chosen = replace(chosen, depth=max(chosen.depth, top))

        async def asking() -> tuple[Sequence[Candidate], bool | None]:
            ranking = await self._rank(query, to, chosen, where=where)
            if group and to is Target.RESULTS:
                return await ranking.head(top), ranking.nothing_fits
            return await ranking.explained(ranking.order[:top]), ranking.nothing_fits

        candidates, nothing_fits = run(seen(self._store, viewer), asking())
        took = (time.perf_counter() - began) * 1000
        return MatchResult(recipe, to, took, candidates, nothing_fits)

    def compare(
        self,
        query: Query,
        *,
        to: Target,
        candidates: Sequence[str],
        recipe: str = "full",
        viewer: Viewer,
    ) -> Comparison:
        """Two to four candidates beside each other, with the reasons that ``match`` gives.

        Candidates that no retriever finds are scored too: among all that are ranked.

        Args:
            query: a stored node or free text.
            to: what is looked for.
            candidates: ids.
            recipe: a name in ``recipes.RECIPES``.
            viewer: who looks.

        Raises:
            NotFoundError: no such node, no such candidate.
            InputError: too few or too many candidates, one twice, one of another kind, or one that
                may not be matched with who asks.
            FingerprintError
        """
        began = time.perf_counter()
        chosen = named(recipe)

        async def asking() -> tuple[int, Sequence[Candidate]]:
            ids = comparable(candidates, await Nodes(candidates), to)
            ranking = await self._rank(query, to, chosen, include=frozenset(ids))
            position = {node_id: i for i, node_id in enumerate(ranking.pool.ids)}
            barred(ids, position)
            places = {i: rank for rank, i in enumerate(ranking.order, start=1)}
            explained = await ranking.explained([position[node_id] for node_id in ids])
            beside = [replace(one, rank=places[position[one.node.id]]) for one in explained]
            return len(ranking.order), beside

        ranked, beside = run(seen(self._store, viewer), asking())
        took = (time.perf_counter() - began) * 1000
        return Comparison(recipe, to, took, ranked, beside)

    def rank(
        self,
        query: Query | str,
        to: Target,
        recipe: str,
        *,
        depth: int = 1000,
        exclude: frozenset[str] = frozenset(),
        viewer: Viewer,
    ) -> list[tuple[str, float]]:
        """Candidate ids with scores, best first, without their reasons: what ``evaluate`` measures
        for free texts (a bare str), and ``bulk match`` keeps for stored nodes.

        Raises:
            NotFoundError, InputError, FingerprintError
        """
        ranking = self.ranking(query, to, recipe, exclude=exclude, viewer=viewer)
        return [(ranking.pool.ids[i], float(ranking.scores[i])) for i in ranking.order[:depth]]

    def ranking(
        self,
        query: Query | str,
        to: Target,
        recipe: str,
        *,
        exclude: frozenset[str] = frozenset(),
        include: frozenset[str] = frozenset(),
        viewer: Viewer,
    ) -> Ranking:
        """As ``rank``, with the signals: what ``train`` learns from. Ids of ``include`` are ranked
        whoever finds them.

        Raises:
            NotFoundError, InputError, FingerprintError
        """
        asked = Query.of_text(query) if isinstance(query, str) else query
        asking = self._rank(asked, to, named(recipe), exclude=exclude, include=include)
        return run(seen(self._store, viewer), asking)

    def search(
        self, text: str, *, where: Filter = ANY, limit: int = 20, viewer: Viewer
    ) -> list[SearchHit]:
        """Nodes by id, name, words and meaning; see ``searching.search``."""
        return run(seen(self._store, viewer), search(self._embedder, text, where, limit))

    async def _rank(
        self, query: Query, to: Target, recipe: Recipe, **options: Unpack[_Options]
    ) -> Ranking:
        return await rank(self._embedder, self._learned, query, to, recipe, **options)
