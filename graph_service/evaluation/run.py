"""Run recipes over a task and measure them."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from graph_service.errors import TaskError
from graph_service.evaluation.beir import Task
from graph_service.evaluation.metrics import (
    METRICS,
    Scale,
    bootstrap_interval,
    mean,
    query_metrics,
)
from graph_service.progress import Progress, Silent
from graph_service.text import tokens

#: (text, recipe, depth, excluded ids) → (document id, score), best first.
Rank = Callable[[str, str, int, frozenset[str]], Sequence[tuple[str, float]]]

#: How deep each list is asked for.
DEPTH = 1_000

#: How many of the first ids a per-query record keeps.
TOP = 100


@dataclass(frozen=True, slots=True)
class QueryRecord:
    """What one recipe did on one query: ``metrics`` as ``METRICS``, ``top`` the first ids."""

    task: str
    qrels: str
    query: str
    recipe: str
    metrics: dict[str, float | None]
    top: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """One line of a ``--per-query`` file."""
        return {
            "task": self.task,
            "qrels": self.qrels,
            "query": self.query,
            "recipe": self.recipe,
            **self.metrics,
            "top": list(self.top),
        }


@dataclass(frozen=True, slots=True)
class RecipeReport:
    """One recipe on one task: its records in query order, and the seconds spent on ranking."""

    recipe: str
    records: tuple[QueryRecord, ...]
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Means of ``METRICS`` (None where there are none), the 95 % ``interval`` of nDCG@10."""
        columns = {name: [record.metrics[name] for record in self.records] for name in METRICS}
        values = {name: [v for v in column if v is not None] for name, column in columns.items()}
        return {
            **{name: mean(column) for name, column in values.items()},
            "interval": list(bootstrap_interval(values["ndcg@10"])),
            "seconds": round(self.seconds, 3),
        }


@dataclass(frozen=True, slots=True)
class Report:
    """All recipes on one task."""

    task: str
    queries: int
    recipes: tuple[RecipeReport, ...]

    def as_dict(self) -> dict[str, Any]:
        """What ``jiebang evaluate --json`` prints."""
        return {
            "task": self.task,
            "queries": self.queries,
            "recipes": {report.recipe: report.as_dict() for report in self.recipes},
        }

    def write_per_query(self, path: Path) -> None:
        """Write every record as JSONL, replacing the file when all is written.

        Raises:
            TaskError: the file cannot be written.
        """
        records = (record for report in self.recipes for record in report.records)
        part = path.with_name(f"{path.name}.part")
        try:
            part.write_bytes(b"".join(orjson.dumps(r.as_dict()) + b"\n" for r in records))
            part.replace(path)
        except OSError as error:
            raise TaskError(
                f"无法写入“{path}”：{error.strerror}。", hint="换一个可写的文件名。", file=path
            ) from error


def evaluate(
    task: Task, rank: Rank, recipes: Sequence[str], *, progress: Progress | None = None
) -> Report:
    """Rank every judged query by every recipe and measure.

    What is ranked but not in the corpus (other nodes of the same label in graph.jsonl) or excluded
    is left out before measuring. Queries with judgements but without a relevant document count
    as 0, as trec_eval does; a query without words ranks nothing.
    """
    progress = progress or Silent()
    reports = []
    for recipe in recipes:
        progress.start(f"排序 {recipe}", len(task.queries))
        began = time.perf_counter()
        rankings = {}
        for query, text in task.queries.items():
            rankings[query] = _ranking(task, rank, recipe, query, text)
            progress.advance()
        seconds = time.perf_counter() - began
        progress.finish()
        reports.append(RecipeReport(recipe, _measure(task, recipe, rankings), seconds))
    return Report(task.name, len(task.queries), tuple(reports))


def _ranking(task: Task, rank: Rank, recipe: str, query: str, text: str) -> list[str]:
    if not tokens(text):
        return []
    excluded = task.excluded.get(query, frozenset())
    found = rank(text, recipe, DEPTH, excluded)
    return [
        document for document, _ in found if document in task.documents and document not in excluded
    ]


def _measure(task: Task, recipe: str, rankings: dict[str, list[str]]) -> tuple[QueryRecord, ...]:
    scale = Scale.of(task.judgements)
    return tuple(
        QueryRecord(
            task=task.name,
            qrels=task.qrels,
            query=query,
            recipe=recipe,
            metrics=query_metrics(ranking, task.judgements[query], scale),
            top=tuple(ranking[:TOP]),
        )
        for query, ranking in rankings.items()
    )
