"""``jiebang train``: weights from judgements, the product's own signals in between.

Examples come from judged tasks (as ``evaluate`` reads them) and from the feedback of a store. What
is reported is cross-validated by demand: each demand is scored by weights that never saw it, in
whichever task it stands.
"""

import csv
import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from api.evaluate import TARGETS, prepared
from graph_service.errors import InputError, TaskError
from graph_service.evaluation.beir import read_task
from graph_service.evaluation.metrics import Scale, query_metrics
from graph_service.feedback.judgements import Judgement
from graph_service.matching.learned.common import centre, common_pairs, common_words, usual
from graph_service.matching.learned.figures import (
    abstention,
    best_threshold,
    reliability,
)
from graph_service.matching.learned.fitting import (
    DECLARED,
    HELD,
    Example,
    Start,
    cross_validated,
    fit,
)
from graph_service.matching.learned.weights import (
    FOREMOST,
    LEARNED,
    Learned,
    TargetWeights,
    shipped,
)
from graph_service.matching.pairs import rarity
from graph_service.matching.ranking import Ranking
from graph_service.matching.scores import Doubles, any_of, order
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Label, Node, Viewer
from graph_service.ports import Embedder, Store
from graph_service.progress import Progress, Silent
from graph_service.text import document, tokens

#: Candidates that an example keeps besides those that were judged, the best by the first weights.
_KEPT = 200
#: Fewer judged queries than this teach nothing that holds for others.
FEWEST_QUERIES = 8
#: Weights by which signals are got: each stands there, and none orders.
_PROBE = TargetWeights(0.0, dict.fromkeys(LEARNED, 1.0))


@dataclass(frozen=True, slots=True)
class Judged:
    """A judged query with everything that its figures need."""

    target: Target
    example: Example
    ids: Sequence[str]
    grades: Mapping[str, int]
    known: frozenset[str]  # documents that count: of feedback those that were decided on

    @property
    def fits(self) -> bool:
        """Whether anything that was judged is useful."""
        return bool((self.example.useful == 1).any())

    def ndcg(self, scores: Doubles) -> float:
        """nDCG@10 of the candidates by some scores."""
        ranked = [self.ids[i] for i in order(scores)]
        kept = [one for one in ranked if one in self.known]
        figure = query_metrics(kept, self.grades, Scale.of({"": dict(self.grades)}))["ndcg@10"]
        return float(figure or 0.0)


@dataclass(frozen=True, slots=True)
class Trained:
    """What was learned, and how good it is on demands that it never saw."""

    learned: Learned
    figures: Mapping[Target, Mapping[str, Any]] = field(default_factory=dict)


def background(path: Path) -> dict[str, str]:
    """Texts of demands by id, from a JSONL with ``id``, ``title`` and ``content`` or ``text``.

    Raises:
        TaskError: it cannot be read.
    """
    try:
        rows = [orjson.loads(line) for line in path.read_bytes().splitlines() if line.strip()]
        return {
            str(row["id"]): "\n".join(
                str(row.get(name) or "") for name in ("title", "content", "text")
            ).strip()
            for row in rows
        }
    except (OSError, orjson.JSONDecodeError, KeyError, TypeError, AttributeError) as error:
        raise TaskError(
            f"“{path}”读不出需求。", hint="应是 JSONL，每行有 id、title 和 content（或 text）。"
        ) from error


def more_judgements(path: Path) -> dict[str, dict[str, dict[str, int]]]:
    """Grades by task, demand and document, from a TSV with those columns and ``score``.

    Raises:
        TaskError: it cannot be read.
    """
    found: dict[str, dict[str, dict[str, int]]] = defaultdict(lambda: defaultdict(dict))
    try:
        with path.open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file, delimiter="\t"):
                found[row["task"]][row["demand"]][row["document"]] = int(row["score"])
    except (OSError, KeyError, TypeError, ValueError) as error:
        raise TaskError(
            f"“{path}”读不出判定。", hint="应是制表符分隔、首行为 task、demand、document、score。"
        ) from error
    return found


def train(
    judged: Sequence[Judged],
    learned: Learned,
    *,
    start: Mapping[Target, Start] | None = None,
    made: Mapping[str, Any],
) -> Trained:
    """Learn the weights of every target that enough queries were judged for.

    Args:
        judged: the examples.
        learned: what holds for the other targets; its words and centres are kept.
        start: what the weights are pulled towards, learned from other judgements than these, else
            the figures would flatter; a target that is not there begins with declared weights.
        made: what its record says of where it comes from.

    Raises:
        InputError: too few judged queries for any target.
    """
    targets, figures = dict(learned.targets), {}
    for target in Target:
        some = [one for one in judged if one.target is target]
        if len({one.example.query for one in some if one.fits}) < FEWEST_QUERIES:
            continue
        first = (start or {}).get(target, DECLARED)
        first = replace(first, held=HELD.get(target, frozenset()))
        found = _measured(some, cross_validated([one.example for one in some], start=first))
        if old := learned.targets.get(target):
            scored = [(one.example, one.example.scores(old)) for one in some]
            found["before"] = _measured(some, scored)
        figures[target] = found
        # Of other weights the threshold says nothing: it is learned with them, or unknown.
        abstained = found["abstention"]
        threshold = abstained["threshold"] if abstained else None
        fitted = fit([one.example for one in some], start=first)
        targets[target] = replace(fitted, threshold=threshold)
    if not figures:
        raise InputError(
            f"判定太少：至少要有 {FEWEST_QUERIES} 条需求有合适的候选。",
            hint="请先积累反馈，或给出评测任务目录。",
        )
    record = {
        **made,
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "figures": {target.value: found for target, found in figures.items()},
    }
    return Trained(replace(learned, targets=targets, record=record), figures)


def _measured(judged: Sequence[Judged], given: Sequence[tuple[Example, Doubles]]) -> dict[str, Any]:
    """Figures of some scores of the examples."""
    by_example = {id(one.example): one for one in judged}
    scored = [(by_example[id(example)], scores) for example, scores in given]
    ranked = [one.ndcg(scores) for one, scores in scored if one.fits]
    shown: list[tuple[Doubles, Doubles]] = []
    every: list[tuple[Doubles, Doubles]] = []
    for one, scores in scored:
        probability, useful = 1 / (1 + np.exp(-scores)), one.example.useful
        told = ~np.isnan(useful)
        every.append((probability[told], useful[told]))
        first = np.array(order(scores)[:FOREMOST], np.int64)
        first = first[told[first]]
        shown.append((probability[first], useful[first]))
    chance = np.array([any_of(np.sort(scores)[-FOREMOST:]) for _, scores in scored])
    fits = [one.fits for one, _ in scored]
    threshold = best_threshold(chance, fits)
    abstained = None if threshold is None else abstention(chance, fits, threshold).as_dict()
    return {
        "queries": len(judged),
        "fitting": len(ranked),
        "ndcg@10": round(float(np.mean(ranked)), 4),
        "reliability": _reliability(every),
        "reliability@10": _reliability(shown),
        "abstention": abstained,
    }


def _reliability(pairs: Iterable[tuple[Doubles, Doubles]]) -> dict[str, Any] | None:
    said, was = zip(*pairs, strict=True)
    found = reliability(np.concatenate(said), np.concatenate(was))
    return found.as_dict() if found else None


def of_tasks(
    folders: Sequence[Path],
    learned: Learned,
    *,
    more: Mapping[str, Mapping[str, Mapping[str, int]]] | None = None,
    texts: Mapping[str, str] | None = None,
    cache: Path,
    embedder: Embedder,
    progress: Progress | None = None,
) -> list[Judged]:
    """Examples from judged tasks.

    Args:
        folders: tasks as ``evaluate`` reads them.
        learned: its words and centres are used.
        more: further judgements by name of the task, see ``more_judgements``.
        texts: of the demands in ``more`` that the task does not have.
        cache: where the tasks' stores stand.
        embedder: the encoder.
        progress: who watches.

    Raises:
        TaskError, StoreError
    """
    progress = progress or Silent()
    found = []
    for folder in folders:
        task = read_task(folder)
        target = TARGETS[task.label]
        judged: dict[str, Mapping[str, int]] = dict(task.judgements)
        queries = dict(task.queries)
        for demand, grades in (more or {}).get(task.name, {}).items():
            judged[demand] = {**judged.get(demand, {}), **grades}
            queries.setdefault(demand, (texts or {}).get(demand, ""))
        with prepared(folder, task, cache, embedder, progress=progress) as store:
            matcher = Matcher(store, embedder, _probing(learned, target))
            progress.start(f"读依据 {task.name}", len(judged))
            for query, grades in judged.items():
                progress.advance()
                if not queries[query].strip():
                    continue
                ranking = matcher.ranking(
                    queries[query],
                    target,
                    "full",
                    exclude=task.excluded.get(query, frozenset()),
                    include=frozenset(grades) & frozenset(task.documents),
                    viewer=EVERYONE,
                )
                known = frozenset(task.documents)
                found.append(_judged(query, target, ranking, grades, known))
            progress.finish()
    return found


def of_feedback(
    store: Store,
    judgements: Iterable[Judgement],
    learned: Learned,
    *,
    embedder: Embedder | None,
    viewer: Viewer,
) -> list[Judged]:
    """Examples from what was decided on candidates: accepted is 2, rejected for want of fit is 0;
    rejections for other reasons say nothing of fit.

    Raises:
        StoreError, FingerprintError
    """
    decided: dict[str, dict[str, int]] = defaultdict(dict)
    for one in judgements:
        if one.accepted or one.about_fit:
            decided[one.demand][one.candidate] = 2 if one.accepted else 0
    candidates = sorted({candidate for grades in decided.values() for candidate in grades})
    labels = {id_: node.label for id_, node in store.nodes(candidates).items()}
    found = []
    for demand, grades in decided.items():
        for target, label in (
            (Target.RESULTS, Label.RESULT),
            (Target.ORGANIZATIONS, Label.ORGANIZATION),
        ):
            some = {it: grade for it, grade in grades.items() if labels.get(it) is label}
            if some:
                matcher = Matcher(store, embedder, _probing(learned, target))
                ranking = matcher.ranking(
                    Query.of_node(demand), target, "full", include=frozenset(some), viewer=viewer
                )
                found.append(_judged(demand, target, ranking, some, frozenset(some)))
    return found


def with_common(
    learned: Learned,
    demands: Sequence[str],
    embedder: Embedder,
    *,
    documents: Iterable[Node] = (),
) -> Learned:
    """With what some demands have in common, by words and for an encoder, and with what is rare in
    documents; where there are none, or too few demands, as learned before."""
    middle = centre(embedder, demands)
    centres, nearest = dict(learned.centres), dict(learned.usual)
    if middle is not None:
        centres[embedder.fingerprint] = middle
        if (near := usual(embedder, demands, middle)) is not None:
            nearest[embedder.fingerprint] = near
    told = (" ".join(tokens(document(node))) for node in documents)
    return replace(
        learned,
        words=common_words(demands) or learned.words,
        pairs=rarity(told, common_pairs(demands)) or learned.pairs,
        centres=centres,
        usual=nearest,
    )


def documents_of(folders: Iterable[Path]) -> Iterator[Node]:
    """All documents of judged tasks. Raises TaskError."""
    for folder in folders:
        yield from read_task(folder).documents.values()


def _probing(learned: Learned, target: Target) -> Learned:
    return replace(learned, targets={target: _PROBE})


def _judged(
    query: str,
    target: Target,
    ranking: Ranking,
    grades: Mapping[str, int],
    known: frozenset[str],
) -> Judged:
    pool = ranking.pool.ids
    values = {one.name: one.values for one in ranking.signals}
    matrix = np.column_stack([values[name] for name in LEARNED])
    others = [one.contribution for one in ranking.signals if one.name not in LEARNED]
    offset = np.sum(others, axis=0) if others else np.zeros(len(pool))
    first = shipped().targets.get(target)
    rough = np.nan_to_num(matrix) @ np.array(
        [first.weights[name] if first else 0.2 for name in LEARNED]
    )
    best = set(np.argsort(-rough, kind="stable")[:_KEPT].tolist())
    kept = sorted(best | {i for i, id_ in enumerate(pool) if id_ in grades})
    grade = np.array([grades.get(pool[i], math.nan) for i in kept], np.float64)
    return Judged(
        target,
        Example(query, matrix[kept], offset[kept], grade),
        [pool[i] for i in kept],
        grades,
        known,
    )
