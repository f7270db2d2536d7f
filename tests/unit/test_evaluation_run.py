"""Running recipes over a task with a tiny ranker."""

import json
from pathlib import Path

import pytest

from graph_service.errors import TaskError
from graph_service.evaluation.beir import Task
from graph_service.evaluation.run import DEPTH, evaluate
from graph_service.model import Label, Node


def small_task(**changed) -> Task:
    values = {
        "name": "小任务",
        "qrels": "dev",
        "label": Label.DEMAND,
        "documents": {d: Node(d, Label.DEMAND, {"title": d}) for d in ("a", "b", "c")},
        "queries": {"q1": "甲", "q2": "乙"},
        "judgements": {"q1": {"a": 1, "b": 0}, "q2": {"c": 1}},
        "excluded": {"q2": frozenset({"b"})},
        "graph": None,
    }
    return Task(**values | changed)


def alphabetical(text, recipe, depth, exclude):
    """A ranker that knows nothing: by id, forwards or backwards, exclusions ignored."""
    assert depth == DEPTH == 1000
    ids = ["a", "b", "c", "not in the corpus"]
    return [(document, 0.0) for document in (ids if recipe == "forwards" else ids[::-1])]


def test_report_has_the_shape_of_the_issue():
    report = evaluate(small_task(), alphabetical, ["forwards", "backwards"]).as_dict()
    assert (report["task"], report["queries"]) == ("小任务", 2)
    assert list(report["recipes"]) == ["forwards", "backwards"]
    forwards = report["recipes"]["forwards"]
    assert set(forwards) == {
        "ndcg@10",
        "recall@10",
        "recall@100",
        "mrr@10",
        "judged@10",
        "condensed_ndcg@10",
        "interval",
        "seconds",
    }
    # q1: a first. q2: a, then c, as b is excluded.
    assert forwards["mrr@10"] == pytest.approx((1 + 1 / 2) / 2)
    assert forwards["judged@10"] == pytest.approx((2 / 3 + 1 / 2) / 2)
    assert forwards["condensed_ndcg@10"] == 1
    assert forwards["interval"][0] <= forwards["ndcg@10"] <= forwards["interval"][1]
    assert forwards["seconds"] >= 0
    json.dumps(report)


def test_other_nodes_of_the_label_do_not_take_places():
    report = evaluate(small_task(), alphabetical, ["backwards"])
    assert report.recipes[0].records[0].top == ("c", "b", "a")


def test_ranker_is_told_what_is_excluded():
    told = {}

    def rank(text, recipe, depth, exclude):
        told[text] = exclude
        return []

    evaluate(small_task(), rank, ["x"])
    assert told == {"甲": frozenset(), "乙": {"b"}}


@pytest.mark.parametrize("text", ["", "？！"])
def test_a_query_without_words_ranks_nothing(text):
    report = evaluate(small_task(queries={"q1": text, "q2": "乙"}), alphabetical, ["forwards"])
    assert report.recipes[0].records[0].top == ()
    assert report.recipes[0].records[0].metrics["ndcg@10"] == 0


def test_condensed_figure_is_null_where_every_judgement_is_positive():
    task = small_task(judgements={"q1": {"a": 1}, "q2": {"c": 1}})
    report = evaluate(task, alphabetical, ["forwards"]).as_dict()
    assert report["recipes"]["forwards"]["condensed_ndcg@10"] is None


def test_per_query_records(tmp_path: Path):
    file = tmp_path / "out.jsonl"
    report = evaluate(small_task(), alphabetical, ["forwards", "backwards"])
    report.write_per_query(file)
    records = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(r["recipe"], r["query"]) for r in records] == [
        ("forwards", "q1"),
        ("forwards", "q2"),
        ("backwards", "q1"),
        ("backwards", "q2"),
    ]
    assert records[0]["task"] == "小任务"
    assert records[0]["qrels"] == "dev"
    assert records[0]["mrr@10"] == 1
    assert records[0]["top"] == ["a", "b", "c"]
    mean = sum(r["ndcg@10"] for r in records[:2]) / 2
    assert report.as_dict()["recipes"]["forwards"]["ndcg@10"] == pytest.approx(mean)
    assert [path.name for path in tmp_path.iterdir()] == ["out.jsonl"]


def test_per_query_file_that_cannot_be_written(tmp_path: Path):
    report = evaluate(small_task(), alphabetical, ["forwards"])
    with pytest.raises(TaskError, match="无法写入"):
        report.write_per_query(tmp_path / "missing" / "out.jsonl")


def test_progress_counts_queries():
    seen = []

    class Count:
        def start(self, phase, total=None):
            seen.append((phase, total))

        def advance(self, count=1):
            seen.append(count)

        def finish(self):
            seen.append("done")

    evaluate(small_task(), alphabetical, ["forwards"], progress=Count())
    assert seen == [("排序 forwards", 2), 1, 1, "done"]
