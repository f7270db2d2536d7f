"""The paired randomisation test."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from graph_service.errors import TaskError
from graph_service.evaluation.compare import compare


def write(folder: Path, name: str, recipe: str, **tasks: dict[str, float | None]) -> Path:
    """A per-query file of one recipe on some tasks: task → query → nDCG@10."""
    file = folder / f"{name}.jsonl"
    file.write_text(
        "".join(
            json.dumps(
                {"task": task, "qrels": "dev", "query": query, "recipe": recipe, "ndcg@10": value}
            )
            + "\n"
            for task, figures in tasks.items()
            for query, value in figures.items()
        )
    )
    return file


def numbered(values) -> dict[str, float]:
    return {f"q{number:03}": float(value) for number, value in enumerate(values)}


def test_few_queries_are_tested_exactly(tmp_path):
    a, b = [0.1, 0.2, 0.5, 0.4, 0.9], [0.3, 0.25, 0.4, 0.8, 0.9]
    result = compare(
        [
            write(tmp_path, "a", "bm25", t=numbered(a)),
            write(tmp_path, "b", "hybrid", t=numbered(b)),
        ]
    )
    differences = np.subtract(b, a)
    flips = np.array(list(itertools.product((1, -1), repeat=5)))
    expected = np.mean(np.abs(flips @ differences) >= abs(differences.sum()) - 1e-12)
    assert result.exact
    assert result.p == pytest.approx(expected)
    assert (result.a, result.b) == ("bm25", "hybrid")
    assert (result.wins, result.losses, result.ties) == (3, 1, 1)
    assert result.difference == pytest.approx(differences.mean())
    assert result.mean_b - result.mean_a == pytest.approx(result.difference)
    json.dumps(result.as_dict())


def test_many_queries_are_sampled_and_agree_with_the_exact_value(tmp_path):
    # 20 equal differences, 15 for and 5 against: the p-value is a sign test's, 0.0414.
    a = numbered([0.5] * 20)
    b = numbered([0.6] * 15 + [0.4] * 5)
    files = [write(tmp_path, "a", "bm25", t=a), write(tmp_path, "b", "hybrid", t=b)]
    result = compare(files)
    assert not result.exact
    assert result.permutations == 10_000
    assert result.p == pytest.approx(0.0414, abs=0.008)
    assert compare(files) == result


def test_the_test_is_symmetric_and_finds_no_difference_where_there_is_none(tmp_path):
    a = write(tmp_path, "a", "bm25", t=numbered([0.1, 0.5, 0.3]))
    b = write(tmp_path, "b", "dense", t=numbered([0.4, 0.1, 0.9]))
    assert compare([a, b]).p == compare([b, a]).p
    assert compare([a, b]).difference == -compare([b, a]).difference
    same = write(tmp_path, "same", "dense", t=numbered([0.1, 0.5, 0.3]))
    assert compare([a, same]).p == 1
    assert compare([a, same]).ties == 3


def test_same_query_in_two_tasks_flips_together(tmp_path):
    gain = numbered([0.2] * 6)
    nothing = numbered([0.0] * 6)
    one = compare([write(tmp_path, "a", "bm25", t=nothing), write(tmp_path, "b", "dense", t=gain)])
    two = compare(
        [
            write(tmp_path, "a2", "bm25", t=nothing, u=nothing),
            write(tmp_path, "b2", "dense", t=gain, u=gain),
        ]
    )
    assert (two.queries, two.clusters, two.tasks) == (12, 6, ("t", "u"))
    assert two.p == one.p == 2 / 2**6  # twelve independent queries would give 2 / 2**12


def test_files_of_several_tasks_in_any_order(tmp_path):
    a1 = write(tmp_path, "a1", "bm25", t=numbered([0.1, 0.2]))
    a2 = write(tmp_path, "a2", "bm25", u=numbered([0.3]))
    b1 = write(tmp_path, "b1", "dense", t=numbered([0.2, 0.3]))
    b2 = write(tmp_path, "b2", "dense", u=numbered([0.9]))
    both = compare([a1, b1, a2, b2])
    assert both.queries == 3
    assert compare([a1, a2, b1, b2]) == both
    assert compare([a1, b2, b1, a2]) == both


def test_two_versions_of_one_recipe_are_told_apart_by_order(tmp_path):
    before = write(tmp_path, "before", "hybrid", t=numbered([0.1, 0.2]))
    after = write(tmp_path, "after", "hybrid", t=numbered([0.2, 0.4]))
    assert compare([before, after]).difference == pytest.approx(0.15)
    assert compare([after, before]).difference == pytest.approx(-0.15)


def test_other_queries_are_an_error(tmp_path):
    a = write(tmp_path, "a", "bm25", t={"q1": 0.1, "q2": 0.2})
    b = write(tmp_path, "b", "dense", t={"q1": 0.1, "q3": 0.2})
    with pytest.raises(TaskError, match="缺 1 个查询，如“q2”"):
        compare([a, b])


def test_several_recipes_in_a_file_are_an_error(tmp_path):
    a = write(tmp_path, "a", "bm25", t={"q1": 0.1})
    b = write(tmp_path, "b", "dense", t={"q1": 0.1})
    a.write_text(a.read_text() + b.read_text().replace("q1", "q2"))
    with pytest.raises(TaskError, match="多个方案：bm25、dense") as caught:
        compare([a, b])
    assert "--recipe" in caught.value.hint


def test_three_recipes_are_an_error(tmp_path):
    files = [write(tmp_path, name, name, t={"q1": 0.1}) for name in ("bm25", "dense", "rrf")]
    with pytest.raises(TaskError, match="3 个方案"):
        compare(files)


@pytest.mark.parametrize("count", [3, 4], ids=["three", "twice"])
def test_task_without_its_other_side_is_an_error(tmp_path, count):
    a = write(tmp_path, "a", "bm25", t={"q1": 0.1})
    b = write(tmp_path, "b", "dense", t={"q1": 0.1})
    with pytest.raises(TaskError, match="不成对"):
        compare([a, b, a, b][:count])
    other = write(tmp_path, "other", "dense", u={"q1": 0.1})
    with pytest.raises(TaskError, match=r"任务“t”.*不成对"):
        compare([a, other])


def test_one_file_or_an_unknown_metric_is_an_error(tmp_path):
    a = write(tmp_path, "a", "bm25", t={"q1": 0.1})
    with pytest.raises(TaskError, match="至少需要两个文件"):
        compare([a])
    with pytest.raises(TaskError, match="没有名为“map”的指标") as caught:
        compare([a, a], metric="map")
    assert "ndcg@10" in caught.value.hint


def test_figure_that_a_task_does_not_have(tmp_path):
    a = write(tmp_path, "a", "bm25", t={"q1": None})
    with pytest.raises(TaskError, match="没有指标"):
        compare([a, a])


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("", "没有记录"),
        ("{\n", "第 1 行：不是 JSON"),
        ("[]\n", "不是 JSON 对象"),
        ('{"task": "t"}\n', "缺少"),
        ('{"task":"t","qrels":"d","query":"q","recipe":"r","ndcg@10":"x"}\n', "不是 0 到 1"),
        ('{"task":"t","qrels":"d","query":"q","recipe":"r","ndcg@10":0}\n' * 2, "“q”重复"),
    ],
)
def test_other_files_are_refused(tmp_path, content, what):
    file = tmp_path / "x.jsonl"
    file.write_text(content)
    with pytest.raises(TaskError, match=what) as caught:
        compare([file, file])
    assert caught.value.hint


def test_missing_file(tmp_path):
    with pytest.raises(TaskError, match="无法读取"):
        compare([tmp_path / "a", tmp_path / "b"])
