"""``bulk match``: every demand against every result and organisation, the best kept as edges.

Demands are matched in shards, on whatever engine; only when all of them are matched, so that all
are matched against the graph as it was, are the edges written, which replace those that the recipe
found before. ``graph_service.matching.kept`` says what edges, ``runs`` how a run is gone on with.
"""

import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from hashlib import sha256
from importlib.metadata import version
from typing import Any

import orjson

from api.bootstrap import Services
from api.bulk.engine import Engine, same_model
from api.bulk.runs import Phase, Run, Runs
from graph_service.errors import NotFoundError
from graph_service.matching.kept import matched, of_recipe, replacing
from graph_service.matching.recipes import recipe as named
from graph_service.matching.types import Query, Target
from graph_service.model import ANY, EVERYONE, EdgeType, Filter, Label, Tally
from graph_service.paging import node_pages
from graph_service.progress import Progress

#: Demands in a shard: seconds of work, which is what a kill can lose of each worker.
SHARD = 16

#: Whom a demand is matched with.
TARGETS = (Target.RESULTS, Target.ORGANIZATIONS)

#: The most that one demand keeps of a recipe's edges, before and after, with room to spare.
_MOST_EDGES = 10_000

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked of a run.

    Attributes:
        recipe: how to match.
        to: whom to find: of ``TARGETS``.
        top: how many edges to keep for each demand and target.
        where: the demands; whatever its labels.
    """

    recipe: str = "full"
    to: Sequence[Target] = TARGETS
    top: int = 50
    where: Filter = ANY


@dataclass(frozen=True, slots=True)
class Part:
    """A shard: some demands, and what to find for them."""

    number: int
    demands: Sequence[str]
    recipe: str
    to: Sequence[Target]
    top: int
    fingerprint: str | None


#: What a shard finds: for each demand and target, ids and scores, best first.
Found = dict[str, dict[str, list[tuple[str, float]]]]


def match_part(made: Services, part: Part) -> Found:
    """The task of a worker. A demand that is gone by now has no matches.

    Raises:
        FingerprintError: the worker has another model.
    """
    if part.fingerprint is not None:
        same_model(made, part.fingerprint)
    matcher = made.matcher(by_words=not named(part.recipe).needs_vectors)
    found: Found = {}
    for demand in part.demands:
        try:
            found[demand] = {
                to.value: matcher.rank(
                    Query.of_node(demand), to, part.recipe, depth=part.top, viewer=EVERYONE
                )
                for to in part.to
            }
        except NotFoundError:
            continue
    return found


@dataclass(frozen=True, slots=True)
class Report:
    """What a run did, in this process.

    Attributes:
        demands: how many demands there are in the run.
        gone_on: of which so many were matched before, by a process that could not end the run.
        anew: why a begun run was not gone on with: which of its terms have another value now.
        edges: what was written, and what stood already.
        seconds: wall time.
    """

    demands: int
    gone_on: int
    anew: Sequence[str]
    edges: Tally
    seconds: float


def match_all(made: Services, engine: Engine, wanted: Wanted, progress: Progress) -> Report:
    """Match, or go on with matching, and write the edges.

    Raises:
        InputError: no such recipe.
        EmbedderError: the model is missing, and the recipe needs it.
        EngineError: workers were lost.
        StoreLockedError: another process is at the same recipe.
        StoreError
    """
    began = time.perf_counter()
    fingerprint = made.embedder.fingerprint if named(wanted.recipe).needs_vectors else None
    demands = list(_demands(made, wanted.where))
    parts = [
        Part(number, demands[i : i + SHARD], wanted.recipe, wanted.to, wanted.top, fingerprint)
        for number, i in enumerate(range(0, len(demands), SHARD))
    ]
    runs = Runs(made.store, wanted.recipe)
    run, anew = _begun(runs, _terms(made, wanted, demands, fingerprint))
    gone_on = 0
    if run.phase is Phase.MATCHING:
        made.store.refresh()
        gone_on = _match(engine, runs, run, parts, progress)
        run = runs.turn(run, Phase.WRITING)
    edges = _write(made, runs, run, wanted, progress)
    runs.turn(run, Phase.ENDED)
    made.store.refresh()
    return Report(len(demands), gone_on, anew, edges, time.perf_counter() - began)


def _match(engine: Engine, runs: Runs, run: Run, parts: Sequence[Part], progress: Progress) -> int:
    """Match what is not matched yet; how many demands were."""
    before = {number for number, _ in runs.kept(run)}
    gone_on = sum(len(part.demands) for part in parts if part.number in before)
    progress.start("匹配", sum(len(part.demands) for part in parts))
    try:
        progress.advance(gone_on)
        left = (part for part in parts if part.number not in before)
        for part, found in engine.run(match_part, left):
            runs.keep(run, part.number, found)
            progress.advance(len(part.demands))
    finally:
        progress.finish()
    return gone_on


def _write(made: Services, runs: Runs, run: Run, wanted: Wanted, progress: Progress) -> Tally:
    """Write the edges of what is kept, shard by shard."""
    store, labels = made.store, {to.label for to in wanted.to}
    done = Tally()
    progress.start("写入匹配关系")
    try:
        for number, found in runs.kept(run):
            hops = store.neighbours(
                list(found), types=(EdgeType.MATCHED,), direction="out", limit=_MOST_EDGES
            )
            standing = of_recipe(
                (hop.edge for some in hops.values() for hop in some), wanted.recipe
            )
            edges = [
                edge
                for demand, targets in found.items()
                for ranked in targets.values()
                for edge in matched(demand, wanted.recipe, ranked)
            ]
            nodes = store.nodes([edge.to_id for edge in standing])
            batch = replacing(standing, edges, nodes, labels)
            written = runs.write(run, number, batch).edges
            done += written + Tally(unchanged=len(edges) - len(batch.edges))
            progress.advance(len(found))
    finally:
        progress.finish()
    return done


def _begun(runs: Runs, terms: Mapping[str, Any]) -> tuple[Run, list[str]]:
    """The run to go on with, or a new one, and for what of its terms a begun one was not."""
    run = runs.last()
    if run is None or run.phase is Phase.ENDED:
        return runs.begin(terms, _today()), []
    # What is matched already is written though this very writing changes the graph.
    free = {"change"} if run.phase is Phase.WRITING else set()
    other = [name for name in terms if name not in free and terms[name] != run.terms.get(name)]
    return (runs.begin(terms, _today()), other) if other else (run, [])


def _terms(
    made: Services, wanted: Wanted, demands: Sequence[str], fingerprint: str | None
) -> dict[str, Any]:
    """What the finds depend on."""
    stats = made.store.stats()
    edges = {name: by for name, by in stats["edges"].items() if name != EdgeType.MATCHED}
    return {
        "to": [to.value for to in wanted.to],
        "top": wanted.top,
        "demands": _digest(demands),
        "model": fingerprint,
        "change": stats["change"],
        "counts": _digest([stats["nodes"], edges, stats["passages"]]),
        "program": f"{version('jiebang')}/{SHARD}",
    }


def _digest(value: Any) -> str:
    return sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _demands(made: Services, where: Filter) -> Iterator[str]:
    where = replace(where, labels=frozenset({Label.DEMAND}))
    for nodes in node_pages(made.store, where, _PAGE):
        yield from (node.id for node in nodes)


def _today() -> str:
    return datetime.now(UTC).astimezone().date().isoformat()
