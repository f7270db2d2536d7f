"""The tasks that bench/make_tasks.py writes."""

from pathlib import Path

import pytest

from bench.make_tasks import DATA, csl_task, make, names_task, patents_task, write
from graph_service.evaluation.beir import Task, read_task
from graph_service.model import Label

PAPERS = [
    {
        "id": f"p{number}",
        "title": f"第{number}号焊机的研究",
        "abstract": f"第{number}号焊机的研究。本文研究{number}号设备。",
        "keywords": ["焊机", f"{number}号"],
    }
    for number in range(40)
]
PATENTS = [
    {
        "id": f"z{n}",
        "title": f"装置{n}",
        "abstract": f"一种装置{n}",
        "class_label": c,
    }
    for n, c in enumerate([0, 0, 0, 1, 1, 2, None])
]
PRODUCTS = [
    {"company_code": firm, "product": product}
    for firm, products in {
        "1": ["轴承", "齿轮", "平衡项目", "名字长得不像查询的减速机产品"],
        "2": ["轴承", "（轴 承）", "分部间抵销"],
        "3": ["泵"],
        "4": ["液压泵", "液压阀"],
    }.items()
    for product in products
]


def written(task, folder: Path) -> dict[str, Task]:
    """The task as ``evaluate`` reads it, by qrels name; sides without a query are left out."""
    return {
        side: read_task(folder / task.name, qrels=side)
        for side, count in write(task, folder).items()
        if count
    }


def test_csl_asks_for_abstracts_by_keywords_and_by_title(tmp_path):
    tasks = written(csl_task(PAPERS, limit=60), tmp_path)
    queries = {query: text for task in tasks.values() for query, text in task.queries.items()}
    assert len(queries) == 60
    number = next(n for n in range(40) if {f"p{n}#title", f"p{n}#keywords"} <= queries.keys())
    assert queries[f"p{number}#title"] == f"第{number}号焊机的研究"
    assert queries[f"p{number}#keywords"] == f"焊机 {number}号"
    document = tasks["dev"].documents["p7"]
    assert document.label == Label.RESULT
    assert document.props == {"text": "。本文研究7号设备。", "kind": "text"}
    assert all(
        task.judgements[query] == {query.split("#")[0]: 1}
        for task in tasks.values()
        for query in task.queries
    )
    papers = [{query.split("#")[0] for query in task.queries} for task in tasks.values()]
    assert papers[0].isdisjoint(papers[1])


def test_patents_ask_for_the_rest_of_their_class(tmp_path):
    tasks = written(patents_task(PATENTS), tmp_path)
    judgements = {q: set(j) for task in tasks.values() for q, j in task.judgements.items()}
    assert judgements == {
        "z0": {"z1", "z2"},
        "z1": {"z0", "z2"},
        "z2": {"z0", "z1"},
        "z3": {"z4"},
        "z4": {"z3"},
    }
    some = next(iter(tasks.values()))
    assert set(some.documents) == {f"z{number}" for number in range(6)}
    assert some.excluded == {query: {query} for query in judgements}


def test_names_ask_for_the_other_products_of_the_one_firm(tmp_path):
    tasks = written(names_task(PRODUCTS), tmp_path)
    judgements = {q: set(j) for task in tasks.values() for q, j in task.judgements.items()}
    assert judgements == {
        "product:齿轮": {"product:轴承", "product:名字长得不像查询的减速机产品"},
        "product:液压泵": {"product:液压阀"},
        "product:液压阀": {"product:液压泵"},
    }
    some = next(iter(tasks.values()))
    assert len(some.documents) == 6  # no accounting rows; 轴承 and （轴 承） are one
    assert some.documents["product:泵"].title == "泵"
    assert some.excluded == {query: {query} for query in judgements}


def test_a_rerun_writes_the_same_files_whatever_the_order(tmp_path):
    write(csl_task(PAPERS, limit=30), tmp_path / "a")
    write(csl_task(PAPERS[::-1], limit=30), tmp_path / "b")
    for name in ("queries.jsonl", "qrels/dev.tsv", "qrels/test.tsv"):
        first, second = ((tmp_path / side / "csl" / name).read_text() for side in "ab")
        assert first == second


@pytest.mark.shared
def test_the_shared_data_gives_tasks_of_the_size_asked_for(tmp_path):
    if not DATA.is_dir():
        pytest.skip("../shared/data is not here")
    sizes = make(DATA, tmp_path)
    assert {name: size["dev"] + size["test"] for name, size in sizes.items()} == {
        "csl": 2000,
        "patents": 958,
        "names": 2000,
    }
    for name, size in sizes.items():
        assert abs(size["dev"] - size["test"]) < 150
        task = read_task(tmp_path / name, qrels="dev")
        assert len(task.queries) == size["dev"]
        for query, judged in task.judgements.items():
            assert judged.keys() <= task.documents.keys() - task.excluded.get(query, frozenset())
    csl = read_task(tmp_path / "csl", qrels="test")
    for query, text in csl.queries.items():
        if query.endswith("#title"):
            assert text not in csl.documents[query.removesuffix("#title")].props["text"]
