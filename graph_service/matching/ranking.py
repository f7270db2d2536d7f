"""Ranking: what is found for a query, scored and in order; reasons only for what is shown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from graph_service.lockstep import at_once
from graph_service.matching.asking import asking, own_vectors
from graph_service.matching.conflicts import excluded
from graph_service.matching.explain import explain
from graph_service.matching.factual import fact_signals, ties
from graph_service.matching.grouping import grouped
from graph_service.matching.learned.weights import FOREMOST, Learned
from graph_service.matching.nouns import counting
from graph_service.matching.pool import Pool, pool_of
from graph_service.matching.recipes import Recipe
from graph_service.matching.retrieve import measure, retrieve
from graph_service.matching.scores import Doubles, any_of, order
from graph_service.matching.signals import Signal, Weighing, signals, total
from graph_service.matching.types import Candidate, Query, Target
from graph_service.matching.understand import Question, understand
from graph_service.model import ANY, Filter
from graph_service.ports import Embedder


@dataclass(frozen=True, slots=True)
class Ranking:
    """Positions of the pool in order, with the signals and scores that put them there.

    ``weighing`` is that of ``full``, None for other recipes. ``owners`` are known of those whose
    facts were read: see ``grouping.grouped``.
    """

    question: Question
    target: Target
    weighing: Weighing | None
    pool: Pool
    signals: Sequence[Signal]
    scores: Doubles
    order: Sequence[int]
    owners: Mapping[str, str | None] = field(default_factory=dict)

    @property
    def nothing_fits(self) -> bool | None:
        """Whether probably none of the first ten is worth forwarding; None where that was not
        learned. What has no word in common with any candidate fits none: nonsense, another
        language."""
        if self.weighing is None or not self.weighing.learned:
            return None
        if not self.pool.bm25.any():
            return True
        if self.weighing.threshold is None:
            return None
        return any_of(self.scores[list(self.order[:FOREMOST])]) < self.weighing.threshold

    async def explained(self, chosen: Sequence[int]) -> list[Candidate]:
        """Some positions of the pool with their reasons."""
        return await explain(
            self.question,
            self.pool,
            self.signals,
            self.target,
            weighing=self.weighing,
            chosen=chosen,
        )

    async def head(self, top: int) -> list[Candidate]:
        """The best, one of each organisation that owns any, with their reasons: see ``grouping``.

        Where owners are not known, reasons are read beside them, as if everybody had his own.
        """
        places = {self.pool.ids[i]: rank for rank, i in enumerate(self.order, start=1)}
        if self.owners:
            groups = await grouped(list(places), top, self.owners)
            shown = [self.order[places[group.best] - 1] for group in groups]
            read = await self.explained(shown)
        else:
            groups, read = await at_once(
                grouped(list(places), top, {}), self.explained(self.order[:top])
            )
        explained = {one.node.id: one for one in read}
        missing = [group.best for group in groups if group.best not in explained]
        if missing:
            more = await self.explained([self.order[places[node_id] - 1] for node_id in missing])
            explained |= {one.node.id: one for one in more}
        return [
            replace(explained[group.best], rank=places[group.best], also=group.also)
            for group in groups
            if group.best in explained
        ]


async def rank(
    embedder: Embedder | None,
    learned: Learned,
    query: Query,
    to: Target,
    recipe: Recipe,
    *,
    where: Filter = ANY,
    exclude: frozenset[str] = frozenset(),
    include: frozenset[str] = frozenset(),
) -> Ranking:
    """Find candidates and score them.

    Args:
        embedder: the encoder; None finds by words and graph.
        learned: weights, common words and centres of ``full``.
        query: a stored node or free text.
        to: what to find.
        recipe: how.
        where: a filter on the candidates; their label comes from ``to``.
        exclude: ids that are no candidates.
        include: ids that are ranked whoever finds them.

    Raises:
        NotFoundError, InputError, FingerprintError
    """
    full = recipe.scoring == "full"
    question, own = await at_once(understand(query), own_vectors(embedder, query, recipe))
    centre = learned.centres.get(embedder.fingerprint) if embedder else None
    weighing = Weighing.of(to, learned.targets.get(to))
    usual = learned.usual.get(embedder.fingerprint) if embedder else None
    titled = weighing.weights["title"] != 0.0
    asked = asking(embedder, question, own, recipe, centre, usual, titled=titled)
    where = replace(where, labels=frozenset({to.label}))
    compares = full and weighing.weights["pairs"] != 0.0
    paired = learned.pairs.weigh(question.pairs) if compares else {}
    out, retrieved, tied = await at_once(
        excluded(question, to),
        retrieve(
            embedder,
            question,
            asked,
            to,
            recipe=recipe,
            where=where,
            common=counting(question.terms, to, learned.words) if full else {},
            pairs=paired,
            include=include,
        ),
        ties(question, wanted=full),
    )
    chosen = retrieved.candidates(to, include=include, exclude=out | exclude)
    if not set(chosen).issubset(retrieved.measured.ids):  # no partner is left of the walks
        compared = embedder if retrieved.vectors else None
        again = measure(compared, chosen, retrieved.words, to, recipe, paired=bool(paired))
        retrieved = replace(retrieved, measured=await again)
    pool = pool_of(retrieved, chosen)
    found = signals(pool, recipe, weighing)
    if not full:
        scores = total(found, prior=0.0)
        return Ranking(question, to, None, pool, found, scores, order(scores))
    scores = total(found, prior=weighing.prior)
    owners: dict[str, str | None] = {}
    if pool.ids:
        today = date.today()  # noqa: DTZ011 - a status ends on a day of the office's calendar
        facts = fact_signals(question, to, pool.ids, scores, tied, include=include, today=today)
        more, owners = await facts
        found = [*found, *more]
        scores = total(found, prior=weighing.prior)
    return Ranking(question, to, weighing, pool, found, scores, order(scores), owners)
