"""Is one recipe better than another? A paired randomisation test over per-query files.

Under the null hypothesis the two recipes' figures of a query are exchangeable, so the sign of their
difference may be flipped (Fisher; Smucker, Allan and Carterette, CIKM 2007). Queries of the same id
in several tasks are one demand asked twice: their differences flip together, as one cluster.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import orjson

from graph_service.errors import TaskError
from graph_service.evaluation.metrics import METRICS

#: Up to this many clusters (that differ at all) every flip is tried: at most 8,192.
EXACT_CLUSTERS = 13

#: (task, qrels name): the same queries under the same judgements.
TaskKey = tuple[str, str]
Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Comparison:
    """B against A.

    Attributes:
        metric: which figure is compared.
        a, b: recipes of the two sides.
        tasks: names of the tasks, in the order given.
        queries: pairs of figures.
        clusters: different query ids among them.
        mean_a, mean_b: means over the pairs.
        difference: mean_b - mean_a.
        wins, losses, ties: pairs in which B is better, worse, equal.
        p: two-sided p-value.
        permutations: how many sign flips were looked at.
        exact: whether these were all there are.
    """

    metric: str
    a: str
    b: str
    tasks: tuple[str, ...]
    queries: int
    clusters: int
    mean_a: float
    mean_b: float
    difference: float
    wins: int
    losses: int
    ties: int
    p: float
    permutations: int
    exact: bool

    def as_dict(self) -> dict[str, Any]:
        """What ``jiebang evaluate --compare --json`` prints."""
        return asdict(self)


@dataclass(frozen=True, slots=True)
class _Run:
    """One recipe on one task, read from one file: the figure of each query."""

    file: Path
    task: TaskKey
    recipe: str
    figures: Figures


def compare(
    files: Sequence[Path], *, metric: str = "ndcg@10", permutations: int = 10_000, seed: int = 0
) -> Comparison:
    """Compare two recipes, or two versions of one, by their ``--per-query`` files.

    Args:
        files: of each task one file for either side; a file may hold several tasks, but one
            recipe. Where both sides have the same recipe, A's file of a task comes before B's.
        metric: one of ``METRICS``.
        permutations: random flips where there are too many to try them all.
        seed: of these flips.

    Raises:
        TaskError: a file cannot be read, holds several recipes, or the sides do not pair up.
    """
    if metric not in METRICS:
        raise TaskError(f"没有名为“{metric}”的指标。", hint=f"可选：{'、'.join(METRICS)}。")
    if len(files) < 2:
        raise TaskError("比较至少需要两个文件。", hint="给出两份 --per-query 文件，每份一个方案。")
    runs = [run for file in files for run in _read(file, metric)]
    pairs = _pair(runs)
    differences: dict[str, float] = {}
    figures: list[tuple[float, float]] = []
    for a, b in pairs:
        for query, figure in a.figures.items():
            figures.append((figure, b.figures[query]))
            differences[query] = differences.get(query, 0.0) + b.figures[query] - figure
    of_a, of_b = np.asarray(figures).T
    p, tried, exact = _randomise(
        np.asarray(list(differences.values())), permutations=permutations, seed=seed
    )
    return Comparison(
        metric=metric,
        a=pairs[0][0].recipe,
        b=pairs[0][1].recipe,
        tasks=tuple(a.task[0] for a, _ in pairs),
        queries=len(figures),
        clusters=len(differences),
        mean_a=float(of_a.mean()),
        mean_b=float(of_b.mean()),
        difference=float((of_b - of_a).mean()),
        wins=int((of_b > of_a).sum()),
        losses=int((of_b < of_a).sum()),
        ties=int((of_b == of_a).sum()),
        p=p,
        permutations=tried,
        exact=exact,
    )


def _randomise(
    differences: npt.NDArray[np.float64], *, permutations: int, seed: int
) -> tuple[float, int, bool]:
    """Two-sided p-value of the sum of differences (one a cluster), flips tried, whether all.

    Clusters without a difference change no sum and are left out.
    """
    differing = differences[differences != 0]
    # Sums of the same numbers in another order differ in the last bits: those count as equal.
    threshold = abs(differing.sum()) - 1e-9
    if len(differing) <= EXACT_CLUSTERS:
        count = 2 ** len(differing)
        bits = np.arange(count)[:, None] >> np.arange(len(differing)) & 1
        extreme = int((np.abs((1 - 2 * bits) @ differing) >= threshold).sum())
        return extreme / count, count, True
    draw = np.random.default_rng(seed)
    extreme = sum(
        bool(abs(differing @ draw.choice((-1.0, 1.0), size=len(differing))) >= threshold)
        for _ in range(permutations)
    )
    # The observed labelling is one of the permutations (Phipson and Smyth, 2010).
    return (extreme + 1) / (permutations + 1), permutations, False


def _pair(runs: Sequence[_Run]) -> list[tuple[_Run, _Run]]:
    """Runs by task as (A, B): by recipe where there are two, else in the order given."""
    recipes = list(dict.fromkeys(run.recipe for run in runs))
    if len(recipes) > 2:
        raise TaskError(
            f"文件中有 {len(recipes)} 个方案：{'、'.join(recipes)}。", hint="一次只能比较两个方案。"
        )
    by_task: dict[TaskKey, list[_Run]] = {}
    for run in sorted(runs, key=lambda run: recipes.index(run.recipe)):
        by_task.setdefault(run.task, []).append(run)
    pairs = []
    for task, of_task in by_task.items():
        if len(of_task) != 2 or len({run.recipe for run in of_task}) != len(recipes):
            found = "、".join(f"{run.file}（{run.recipe}）" for run in of_task)
            raise TaskError(
                f"任务“{task[0]}”（判定 {task[1]}）不成对：{found}。",
                hint="每个任务恰好给出两份文件，两边各一份。",
            )
        a, b = of_task
        _same_queries(a, b)
        pairs.append((a, b))
    return pairs


def _same_queries(a: _Run, b: _Run) -> None:
    for here, there in ((a, b), (b, a)):
        missing = sorted(here.figures.keys() - there.figures.keys())
        if missing:
            raise TaskError(
                f"{there.file} 中任务“{here.task[0]}”缺 {len(missing)} 个查询，如“{missing[0]}”。",
                hint="用同一份任务和判定重新运行 jiebang evaluate --per-query。",
            )


def _read(file: Path, metric: str) -> Iterator[_Run]:
    """The runs of a file, one for each task in it."""
    recipes: set[str] = set()
    by_task: dict[TaskKey, dict[str, float]] = {}
    for line, record in _records(file):
        try:
            task = (str(record["task"]), str(record["qrels"]))
            query, recipe, figure = str(record["query"]), str(record["recipe"]), record[metric]
        except KeyError as error:
            raise _bad(file, line, f"缺少 {error}") from error
        recipes.add(recipe)
        if figure is None:
            raise TaskError(
                f"{file} 第 {line} 行没有指标 {metric}。", hint="换一个每个查询都有的指标。"
            )
        if not isinstance(figure, int | float) or not 0 <= figure <= 1:
            raise _bad(file, line, f"{metric} 不是 0 到 1 之间的数：{figure!r}")
        if len(recipes) > 1:
            raise TaskError(
                f"{file} 中有多个方案：{'、'.join(sorted(recipes))}。",
                hint="用 --recipe 选一个方案重新运行，每份文件只写一个。",
            )
        figures = by_task.setdefault(task, {})
        if query in figures:
            raise _bad(file, line, f"任务“{task[0]}”的查询“{query}”重复")
        figures[query] = float(figure)
    if not by_task:
        raise TaskError(f"{file} 中没有记录。", hint="用 jiebang evaluate --per-query 写出它。")
    yield from (_Run(file, task, min(recipes), figures) for task, figures in by_task.items())


def _records(file: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise TaskError(
            f"无法读取“{file}”：{error.strerror}。", hint="检查文件名和权限。", file=file
        ) from error
    for line, raw in enumerate(lines, start=1):
        if not raw.strip():
            continue
        try:
            record = orjson.loads(raw)
        except orjson.JSONDecodeError as error:
            raise _bad(file, line, "不是 JSON") from error
        if not isinstance(record, dict):
            raise _bad(file, line, "不是 JSON 对象")
        yield line, record


def _bad(file: Path, line: int, what: str) -> TaskError:
    return TaskError(
        f"{file} 第 {line} 行：{what}。",
        hint="这不像 jiebang evaluate --per-query 写出的文件，请重新生成。",
        file=file,
        line=line,
    )
