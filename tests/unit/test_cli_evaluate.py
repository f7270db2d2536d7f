"""``jiebang evaluate``: figures and comparisons of a small judged task."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app

CORPUS = {
    "r1": ("柔轮激光强化", "以激光冲击提高柔轮疲劳寿命"),
    "r2": ("稻谷充氮储藏", "低温充氮减少稻米陈化"),
    "r3": ("叶片喷丸", "航空叶片喷丸强化"),
}
QUERIES = {"q1": "柔轮疲劳断裂", "q2": "稻米陈化变质"}
FIGURES = {
    *("ndcg@10", "recall@10", "recall@100", "mrr@10", "judged@10"),
    *("condensed_ndcg@10", "interval", "seconds"),
}


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")


@pytest.fixture
def task(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    (folder / "qrels").mkdir(parents=True)
    corpus = [{"_id": i, "title": title, "text": text} for i, (title, text) in CORPUS.items()]
    queries = [{"_id": i, "text": text} for i, text in QUERIES.items()]
    for name, rows in (("corpus", corpus), ("queries", queries)):
        lines = "\n".join(json.dumps(row, ensure_ascii=False) for row in rows)
        (folder / f"{name}.jsonl").write_text(lines, encoding="utf-8")
    (folder / "task.json").write_text('{"to": "results"}', encoding="utf-8")
    judged = "query-id\tcorpus-id\tscore\nq1\tr1\t3\nq1\tr2\t0\nq2\tr2\t3\nq2\tr1\t0\n"
    (folder / "qrels" / "test.tsv").write_text(judged, encoding="utf-8")
    return folder


def run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(argument) for argument in arguments])


def answer(*arguments: object) -> Any:
    result = run(*arguments, "--json")
    assert result.exit_code == 0, result.output
    assert result.stderr == ""
    return json.loads(result.stdout)


def test_figures_have_the_shape_of_the_issue(task: Path) -> None:
    report = answer("evaluate", task)
    assert (report["task"], report["queries"]) == ("small", 2)
    assert set(report["recipes"]) == {"bm25", "dense", "rrf", "hybrid", "full"}
    for figures in report["recipes"].values():
        assert set(figures) == FIGURES
        low, high = figures["interval"]
        assert low <= figures["ndcg@10"] <= high
    assert report["recipes"]["bm25"]["ndcg@10"] == 1.0


def test_only_the_recipes_asked_for_are_measured(task: Path) -> None:
    report = answer("evaluate", task, "--recipe", "bm25", "--recipe", "rrf")
    assert set(report["recipes"]) == {"bm25", "rrf"}
    words = run("evaluate", task, "--recipe", "bm25").stdout
    assert "nDCG@10" in words
    assert "1.0000" in words


def test_two_runs_are_compared(task: Path, tmp_path: Path) -> None:
    files = [tmp_path / f"{recipe}.jsonl" for recipe in ("bm25", "dense")]
    for file in files:
        answer("evaluate", task, "--recipe", file.stem, "--per-query", file)
    found = answer("evaluate", "--compare", *files)
    assert (found["a"], found["b"], found["queries"]) == ("bm25", "dense", 2)
    assert 0 < found["p"] <= 1
    words = run("evaluate", "--compare", *files, "--metric", "recall@10").stdout
    assert "乙减甲" in words


@pytest.mark.parametrize(
    "arguments", [("no-such-folder",), ("--compare", "a.jsonl", "b.jsonl"), ("--recipe", "magic")]
)
def test_what_cannot_be_measured_is_an_input_error(task: Path, arguments: tuple[str, ...]) -> None:
    folder = (task,) if arguments[0] == "--recipe" else ()
    result = run("evaluate", *folder, *arguments)
    assert result.exit_code == 2
    assert result.stderr.startswith("错误：")
