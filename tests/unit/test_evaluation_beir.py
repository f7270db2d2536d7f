"""Reading task folders."""

import json
from pathlib import Path

import pytest

from graph_service.errors import TaskError
from graph_service.evaluation.beir import read_task
from graph_service.model import Label

CORPUS = [
    {"_id": "d1", "title": "激光焊接头", "text": "用于动力电池壳体的激光焊接头。", "year": 2020},
    {"_id": "d2", "title": "空文本", "text": ""},
    {"_id": 3, "text": "没有标题的文档"},
]
QUERIES = [
    {"_id": "q1", "text": "电池壳体焊接", "title": "电池"},
    {"_id": "q2", "text": "未判定的查询"},
]


def jsonl(rows: list[dict]) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    task = tmp_path / "小任务"
    (task / "qrels").mkdir(parents=True)
    (task / "corpus.jsonl").write_text(jsonl(CORPUS), encoding="utf-8")
    (task / "queries.jsonl").write_text(jsonl(QUERIES), encoding="utf-8")
    (task / "qrels" / "dev.tsv").write_text(
        "query-id\tcorpus-id\tscore\nq1\td1\t2\nq1\t3\t0\n", encoding="utf-8"
    )
    return task


def test_reads_a_task(folder):
    task = read_task(folder)
    assert (task.name, task.qrels, task.label, task.graph) == ("小任务", "dev", Label.RESULT, None)
    assert task.queries == {"q1": "电池壳体焊接"}  # the title is not added; q2 has no judgement
    assert task.judgements == {"q1": {"d1": 2, "3": 0}}
    assert list(task.documents) == ["d1", "d2", "3"]
    assert task.documents["d1"].props == {
        "title": "激光焊接头",
        "text": "用于动力电池壳体的激光焊接头。",
        "kind": "text",
    }
    assert task.excluded == {}


@pytest.mark.parametrize(
    ("to", "label", "extra"),
    [
        ("results", Label.RESULT, {}),
        ("organizations", Label.ORGANIZATION, {"name": "空文本"}),
        ("demands", Label.DEMAND, {}),
        ("text", Label.RESULT, {"kind": "text"}),
    ],
)
def test_task_json_says_what_the_documents_are(folder, to, label, extra):
    (folder / "task.json").write_text(json.dumps({"to": to, "note": 1}))
    task = read_task(folder)
    assert task.label == label
    assert task.documents["d2"].label == label
    assert task.documents["d2"].props == {"title": "空文本"} | extra


def test_graph_and_exclusions_are_optional(folder):
    (folder / "graph.jsonl").write_text("")
    (folder / "exclude.tsv").write_text("query-id\tcorpus-id\nq1\td1\nq1\td2\n")
    task = read_task(folder)
    assert task.graph == folder / "graph.jsonl"
    assert task.excluded == {"q1": {"d1", "d2"}}


def test_header_is_optional_and_windows_files_are_read(folder):
    (folder / "qrels" / "dev.tsv").write_bytes(b"\xef\xbb\xbfq1\td1\t1\r\n\r\nq1\td2\t0\r\n")
    (folder / "task.json").write_bytes(b'\xef\xbb\xbf{"to": "demands"}')
    task = read_task(folder)
    assert task.judgements == {"q1": {"d1": 1, "d2": 0}}
    assert task.label == Label.DEMAND


def test_ids_are_taken_as_they_stand(folder):
    (folder / "corpus.jsonl").write_text('{"_id": "某公司\\u00a0", "text": "x"}\n')
    (folder / "qrels" / "dev.tsv").write_text("q1\t某公司\u00a0\t 1 \n")
    task = read_task(folder)
    assert task.judgements["q1"].keys() == task.documents.keys() == {"某公司\u00a0"}


def test_several_judgements_must_be_chosen_from(folder):
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq2\td2\t1\n")
    with pytest.raises(TaskError, match="dev、test") as caught:
        read_task(folder)
    assert "qrels" in caught.value.hint
    assert read_task(folder, qrels="test").judgements == {"q2": {"d2": 1}}
    assert read_task(folder, qrels="dev.tsv").qrels == "dev"
    with pytest.raises(TaskError, match="没有名为“train”的判定") as caught:
        read_task(folder, qrels="train")
    assert "dev、test" in caught.value.hint


@pytest.mark.parametrize("missing", ["corpus.jsonl", "queries.jsonl"])
def test_folder_that_is_no_task(folder, missing):
    (folder / missing).unlink()
    with pytest.raises(TaskError, match="不是评测任务目录"):
        read_task(folder)


def test_no_judgements(folder):
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\n")
    with pytest.raises(TaskError, match="没有任何判定"):
        read_task(folder)
    (folder / "qrels" / "dev.tsv").unlink()
    with pytest.raises(TaskError, match="一份也没有"):
        read_task(folder)


@pytest.mark.parametrize(
    ("file", "content", "line", "what"),
    [
        ("corpus.jsonl", '{"_id": "d1"}\nnot json\n', 2, "不是 JSON"),
        ("corpus.jsonl", "[1]\n", 1, "不是 JSON 对象"),
        ("corpus.jsonl", '{"_id": "d1"}\n\n{"_id": "d1"}\n', 3, "“d1”重复"),
        ("corpus.jsonl", '{"text": "x"}\n', 1, "_id 缺失"),
        ("corpus.jsonl", '{"_id": true}\n', 1, "_id 缺失"),
        ("corpus.jsonl", '{"_id": "d1", "text": 5}\n', 1, "text 不是文字"),
        ("corpus.jsonl", b'{"_id": "\xd6\xd0"}\n', 1, "不是 UTF-8"),
        ("queries.jsonl", '{"_id": "q1"}\n{"_id": "q1"}\n', 2, "“q1”重复"),
        ("qrels/dev.tsv", "query-id\tcorpus-id\tscore\nq9\td1\t1\n", 2, "“q9”不在"),
        ("qrels/dev.tsv", "q9\td1\t1\n", 1, "“q9”不在"),
        ("qrels/dev.tsv", "q1\td1\t-1\n", 1, "等级“-1”无法识别"),
        ("qrels/dev.tsv", "q1\td1\t1\nq1\td2\t0.5\n", 2, "等级“0.5”无法识别"),
        ("qrels/dev.tsv", f"q1\td1\t{'9' * 5000}\n", 1, "无法识别"),
        ("qrels/dev.tsv", "q1\td1\t1\nq1\td1\t2\n", 2, "已有另一个等级"),
        ("qrels/dev.tsv", "q1 d1 1\n", 1, "实有 1 列"),
        ("exclude.tsv", "query-id\tcorpus-id\nq1\t\n", 2, "不为空"),
    ],
)
def test_bad_line_is_named_with_its_mend(folder, file, content, line, what):
    raw = content if isinstance(content, bytes) else content.encode()
    (folder / file).write_bytes(raw)
    with pytest.raises(TaskError, match=what) as caught:
        read_task(folder)
    assert f"{Path(file).name} 第 {line} 行" in caught.value.message
    assert caught.value.hint
    assert caught.value.values["line"] == line


@pytest.mark.parametrize("content", ["{", '{"to": "firms"}', '{"to": 1}', "[]"])
def test_bad_task_json(folder, content):
    (folder / "task.json").write_text(content)
    with pytest.raises(TaskError, match=r"task\.json") as caught:
        read_task(folder)
    assert "results" in caught.value.hint
