"""Evaluation composed of real parts: an embedded store, the hashing embedder, the matcher."""

import json
from pathlib import Path

import pytest

from api import evaluate
from graph_service.errors import InputError, TaskError
from graph_service.evaluation.beir import read_task
from graph_service.matching.recipes import RECIPES
from graph_service.model import Batch, Label, Node
from graph_service.store import open_store

TEXTS = {
    "f1": ("恒焊激光（虚构）", "做动力电池壳体的激光焊接设备"),
    "f2": ("蓝湖纺织（虚构）", "生产涤纶面料和印染布"),
    "f3": ("东岭水泵（虚构）", "制造矿用耐磨离心泵"),
    "f4": ("青禾农机（虚构）", "水稻插秧机与收割机"),
}
QUERIES = {"q1": "电池壳体激光焊接", "q2": "耐磨离心泵", "q3": "水稻收割机"}
RELEVANT = {"q1": "f1", "q2": "f3", "q3": "f4"}
GRAPH = [
    {"node": "f1", "label": "Organization", "props": {"name": "别的名字", "district": "虎丘区"}},
    {"node": "p1", "label": "Product", "props": {"name": "激光焊接头"}},
    {"edge": "MAKES", "from": "f1", "to": "p1", "source": "虚构"},
    {"edge": "SUPPLIES", "from": "outside", "to": "f1"},
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    task = tmp_path / "虚构任务"
    (task / "qrels").mkdir(parents=True)
    write_jsonl(
        task / "corpus.jsonl",
        [{"_id": id_, "title": title, "text": text} for id_, (title, text) in TEXTS.items()],
    )
    write_jsonl(
        task / "queries.jsonl", [{"_id": id_, "text": text} for id_, text in QUERIES.items()]
    )
    write_jsonl(task / "graph.jsonl", GRAPH)
    lines = [f"{query}\t{document}\t1" for query, document in RELEVANT.items()]
    (task / "qrels" / "dev.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *lines]))
    (task / "task.json").write_text('{"to": "organizations"}')
    return task


def write_jsonl(path: Path, rows: list[dict]) -> None:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))


def run(folder: Path, **options):
    return evaluate.run(folder, cache=folder.parent / "cache", model="hashing", **options)


def stores(folder: Path) -> list[Path]:
    return sorted((folder.parent / "cache" / "evaluate").iterdir())


def test_every_recipe_finds_the_plain_answers(folder):
    report = run(folder).as_dict()
    assert (report["task"], report["queries"]) == ("虚构任务", 3)
    assert list(report["recipes"]) == list(RECIPES)
    for name, figures in report["recipes"].items():
        assert figures["mrr@10"] == 1, name
        assert figures["condensed_ndcg@10"] is None


def test_the_store_is_built_once_and_holds_corpus_and_graph(folder, monkeypatch):
    run(folder, recipes=["bm25", "dense"])
    (store_folder,) = stores(folder)
    with open_store(str(store_folder), read_only=True) as store:
        nodes = store.nodes(["f1", "p1", "outside"])
        stats = store.stats()
    assert nodes["f1"].title == "恒焊激光（虚构）"
    assert nodes["f1"].props["district"] == "虎丘区"
    assert nodes["p1"].label == Label.PRODUCT
    assert nodes["outside"].label == Label.ORGANIZATION
    assert all(vectors["pending"] == 0 for vectors in stats["vectors"].values())
    monkeypatch.setattr(evaluate, "compose", None)
    monkeypatch.setattr(evaluate, "fill", None)
    first = run(folder, recipes=["hybrid"]).as_dict()
    assert first["recipes"]["hybrid"]["mrr@10"] == 1


def test_a_named_store_holds_one_task(folder, tmp_path):
    with open_store(str(tmp_path / "named")) as store:
        first = run(folder, on=store).as_dict()
        change = store.stats()["change"]
        again = run(folder, on=store).as_dict()
        assert store.stats()["change"] == change
        write_jsonl(folder / "graph.jsonl", GRAPH[:1])
        with pytest.raises(InputError, match="别的任务"):
            run(folder, on=store)
    here = run(folder).as_dict()
    assert not stores(folder)[1:]
    for name, figures in first["recipes"].items():
        assert figures["mrr@10"] == again["recipes"][name]["mrr@10"] == 1
        assert here["recipes"][name]["ndcg@10"] == figures["ndcg@10"]


def test_a_store_with_other_contents_is_left_alone(folder, tmp_path):
    with open_store(str(tmp_path / "named")) as store:
        store.apply(Batch([Node("x", Label.PRODUCT, {"name": "阀"})]))
        with pytest.raises(InputError, match="已有别的内容"):
            run(folder, on=store)
        assert store.stats()["nodes"] == {"Product": 1}


def test_an_interrupted_build_goes_on(folder, monkeypatch):
    def interrupted(path, *, log):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(evaluate.graph_jsonl, "batches", interrupted)
        with pytest.raises(KeyboardInterrupt):
            run(folder, recipes=["bm25"])
    assert [path.suffix for path in stores(folder)] == [".part"]
    assert run(folder, recipes=["bm25"]).as_dict()["recipes"]["bm25"]["mrr@10"] == 1
    assert [path.suffix for path in stores(folder)] == [""]


def test_a_wrong_line_of_the_graph_is_named_and_leaves_nothing_behind(folder):
    write_jsonl(folder / "graph.jsonl", [*GRAPH, {"edge": "LIKES", "from": "f1", "to": "p1"}])
    with pytest.raises(TaskError, match=r"graph\.jsonl 第 5 行.*LIKES") as caught:
        run(folder, recipes=["bm25"])
    assert caught.value.hint
    assert stores(folder) == []


def test_other_files_make_another_store_and_other_judgements_do_not(folder):
    run(folder, recipes=["bm25"])
    (folder / "qrels" / "test.tsv").write_text("q1\tf1\t1\n")
    run(folder, recipes=["bm25"], qrels="test")
    assert len(stores(folder)) == 1
    (folder / "task.json").unlink()
    run(folder, recipes=["bm25"], qrels="test")
    assert len(stores(folder)) == 2


def test_a_text_task_takes_graph_nodes_of_any_label(folder):
    (folder / "task.json").unlink()
    task = read_task(folder)
    with open_store(str(folder.parent / "store")) as store:
        evaluate.compose(task, store)
        assert store.nodes(["f1"])["f1"].label == Label.RESULT


def test_excluded_documents_are_not_ranked(folder):
    (folder / "exclude.tsv").write_text("q1\tf1\n")
    records = run(folder, recipes=["bm25", "dense"]).recipes[1].records
    assert "f1" not in records[0].top
    assert "f1" in records[1].top


def test_words_alone_need_no_model(folder):
    options = {"cache": folder.parent / "cache", "model": "no such model"}
    report = evaluate.run(folder, recipes=["bm25"], **options)
    assert report.as_dict()["recipes"]["bm25"]["mrr@10"] == 1


def test_wrong_requests_fail_before_any_work(folder, tmp_path):
    with pytest.raises(InputError, match="没有名为“magic”的匹配方案"):
        run(folder, recipes=["magic"])
    with pytest.raises(TaskError, match="没有目录"):
        run(folder, per_query=tmp_path / "missing" / "out.jsonl")
    assert not (tmp_path / "cache").exists()
