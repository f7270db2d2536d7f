"""The matcher: a query and a target in, ranked candidates with their reasons out."""

import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from graph_service import text as texts
from graph_service.lockstep import at_once, each, run
from graph_service.matching.comparison import Comparison, barred, comparable
from graph_service.matching.conflicts import excluded
from graph_service.matching.explain import explain
from graph_service.matching.factual import fact_signals, ties
from graph_service.matching.grouping import grouped
from graph_service.matching.pool import Pool, pool_of
from graph_service.matching.recipes import Recipe
from graph_service.matching.recipes import recipe as named
from graph_service.matching.retrieve import measure, own_vector, retrieve
from graph_service.matching.scores import Doubles, order, reciprocal_rank
from graph_service.matching.signals import Signal, prior, signals, total
from graph_service.matching.types import (
    Candidate,
    FoundBy,
    MatchResult,
    Query,
    SearchHit,
    Target,
)
from graph_service.matching.understand import Question, understand
from graph_service.model import ANY, Filter, Hit, Node, Viewer
from graph_service.names import BEGINNING, WHOLE, closeness, names
from graph_service.ports import Embedder, GraphStore
from graph_service.reads import Finding, Nodes, Scan, TextSearch, VectorSearch
from graph_service.visibility import seen


@dataclass(frozen=True, slots=True)
class _Ranking:
    """Positions of the pool in order, with the signals and scores that put them there."""

    question: Question
    target: Target
    recipe: Recipe
    pool: Pool
    signals: Sequence[Signal]
    scores: Doubles
    order: Sequence[int]

    async def explained(self, chosen: Sequence[int]) -> list[Candidate]:
        """Some positions of the pool with their reasons."""
        return await explain(
            self.question,
            self.pool,
            self.signals,
            self.target,
            prior=prior(self.recipe),
            chosen=chosen,
        )

    async def head(self, top: int) -> list[Candidate]:
        """The best, one of each organisation that owns any, with their reasons: see ``grouping``.

        Reasons are read beside the owners, as if everybody had an owner of his own.
        """
        places = {self.pool.ids[i]: rank for rank, i in enumerate(self.order, start=1)}
        groups, read = await at_once(grouped(list(places), top), self.explained(self.order[:top]))
        explained = {one.node.id: one for one in read}
        missing = [group.best for group in groups if places[group.best] > top]
        if missing:
            more = await self.explained([self.order[places[node_id] - 1] for node_id in missing])
            explained |= {one.node.id: one for one in more}
        return [
            replace(explained[group.best], rank=places[group.best], also=group.also)
            for group in groups
            if group.best in explained
        ]


class Matcher:
    """Finds and explains candidates.

    Args:
        store: the graph.
        embedder: the encoder of the store's active vectors; None matches by words and graph.
    """

    def __init__(self, store: GraphStore, embedder: Embedder | None) -> None:
        self._store = store
        self._embedder = embedder

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

        async def asking() -> Sequence[Candidate]:
            ranking = await self._rank(query, to, chosen, where)
            if group and to is Target.RESULTS:
                return await ranking.head(top)
            return await ranking.explained(ranking.order[:top])

        candidates = run(seen(self._store, viewer), asking())
        return MatchResult(recipe, to, (time.perf_counter() - began) * 1000, candidates)

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
            ranking = await self._rank(query, to, chosen, ANY, include=frozenset(ids))
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
        asked = Query.of_text(query) if isinstance(query, str) else query
        asking = self._rank(asked, to, named(recipe), ANY, exclude)
        ranking = run(seen(self._store, viewer), asking)
        return [(ranking.pool.ids[i], float(ranking.scores[i])) for i in ranking.order[:depth]]

    def search(
        self, text: str, *, where: Filter = ANY, limit: int = 20, viewer: Viewer
    ) -> list[SearchHit]:
        """Nodes by id, name, words and meaning: whose id or name is the text first, then by fused
        ranks. An organisation's id is also found by its bare 统一社会信用代码, a name by a part
        of it, its pinyin or its initials too."""
        return run(seen(self._store, viewer), self._search(text, where, limit))

    async def _search(self, text: str, where: Filter, limit: int) -> list[SearchHit]:
        terms = dict.fromkeys(texts.tokens(text), 1.0)
        if not terms:
            return []
        ids = frozenset({text.strip(), f"org:{text.strip().upper()}"})
        ids = ids & where.ids if where.ids else ids
        deep = max(100, limit)
        searches: dict[str, Finding[list[Hit]]] = {
            "name": TextSearch({text: 1.0}, where, limit, names=True),
            "text": TextSearch(terms, where, deep),
        }
        if self._embedder is not None:
            embed, asked = self._embedder.embed_queries, text[: texts.QUERY_CHARS]
            searches["dense"] = VectorSearch(
                lambda: embed([asked])[0], self._embedder.fingerprint, where, deep
            )
        named, hits = await at_once(_by_id(ids, where), each(searches.values()))
        found_by = _found_by({"id": named} | dict(zip(searches, hits, strict=True)))
        found = [
            SearchHit(
                node,
                _closeness(text, node, found_by[node_id])
                + sum(reciprocal_rank(found.rank) for found in found_by[node_id]),
                found_by[node_id],
            )
            for node_id, node in (await Nodes(sorted(found_by))).items()
        ]
        return sorted(found, key=lambda hit: (-hit.score, hit.node.id))[:limit]

    async def _rank(
        self,
        query: Query,
        to: Target,
        recipe: Recipe,
        where: Filter,
        exclude: frozenset[str] = frozenset(),
        include: frozenset[str] = frozenset(),
    ) -> _Ranking:
        question, own = await at_once(understand(query), own_vector(self._embedder, query, recipe))
        where = replace(where, labels=frozenset({to.label}))
        full = recipe.scoring == "full"
        out, retrieved, tied = await at_once(
            excluded(question, to),
            retrieve(
                self._embedder, question, own, to, recipe=recipe, where=where, include=include
            ),
            ties(question, wanted=full),
        )
        chosen = retrieved.candidates(to, include=include, exclude=out | exclude)
        if not set(chosen).issubset(retrieved.measured.ids):  # no partner is left of the walks
            again = measure(self._embedder, chosen, retrieved.words, retrieved.vector, to, recipe)
            retrieved = replace(retrieved, measured=await again)
        pool = pool_of(retrieved, chosen)
        found = signals(pool, recipe, to)
        scores = total(found, prior=prior(recipe))
        if full and pool.ids:
            today = date.today()  # noqa: DTZ011 - a status ends on a day of the office's calendar
            facts = fact_signals(question, to, pool.ids, scores, tied, include=include, today=today)
            found = [*found, *await facts]
            scores = total(found, prior=prior(recipe))
        return _Ranking(question, to, recipe, pool, found, scores, order(scores))


async def _by_id(ids: frozenset[str], where: Filter) -> list[Hit]:
    if not ids:
        return []
    return [Hit(node.id, 1.0) for node in (await Scan(replace(where, ids=ids))).nodes]


def _found_by(hits: Mapping[str, Sequence[Hit]]) -> dict[str, list[FoundBy]]:
    """Which lists held a node, and where."""
    found_by: dict[str, list[FoundBy]] = defaultdict(list)
    for retriever, some in hits.items():
        for rank, hit in enumerate(some, start=1):
            found_by[hit.node_id].append(FoundBy(retriever, rank))
    return found_by


def _closeness(text: str, node: Node, found_by: Sequence[FoundBy]) -> float:
    """3 where the text is the id, 2 where it is a name (also a short or another one, as of what was
    merged into the node), 1 where a name holds it or sounds so at its beginning, else 0."""
    if any(found.retriever == "id" for found in found_by):
        return 3.0
    near = [close for name in names(node.props) if (close := closeness(name, text))]
    if any(close.place == WHOLE for close in near):
        return 2.0
    return float(any(close.place == BEGINNING or close.way == "name" for close in near))
