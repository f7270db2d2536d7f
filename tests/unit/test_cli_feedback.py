"""``jiebang feedback``: what was decided on candidates, by hand and by file."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from graph_service.feedback.model import REASONS
from graph_service.model import Batch, Label, Node
from graph_service.store import open_store

D, R, F = "demand:1", "result:1", "org:甲"
LINE = {"demand": D, "candidate": R, "decision": "accepted", "date": "2026-01-02"}


@pytest.fixture
def store(tmp_path: Path) -> str:
    location = str(tmp_path / "store")
    text = "柔轮在交变载荷下疲劳断裂"
    with open_store(location) as opened:
        nodes = [
            Node(D, Label.DEMAND, {"title": "柔轮寿命提升", "text": text}),
            Node(R, Label.RESULT, {"title": "柔轮表面强化", "text": text}),
            Node(F, Label.ORGANIZATION, {"name": "虚构精密传动有限公司"}),
        ]
        opened.apply(Batch(nodes=nodes))
        opened.refresh()
    return location


def run(store: str, *words: str) -> Result:
    return CliRunner().invoke(app, ["feedback", *words, "--store", store])


def told(store: str, *words: str) -> Any:
    result = run(store, *words, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def read(result: Result) -> str:
    assert result.exit_code == 0, result.output
    return " ".join(result.stdout.split())


def test_a_decision_is_said_listed_shown_and_withdrawn(store: str) -> None:
    said = run(store, "add", D, R, "rejected", "--reason", "指标不达", "--note", "寿命不够")
    for part in ("拒绝：指标不达 · 20", f"候选 柔轮表面强化（{R}）", "说明 寿命不够"):
        assert part in read(said)
    (one,) = told(store, "add", D, F, "Accepted")["feedback"]
    assert (one["decision"], one["candidate"]["title"]) == ("accepted", "虚构精密传动有限公司")

    whole = told(store, "list")
    assert (whole["page"], whole["total"]) == (1, 2)
    second = told(store, "list", "--page", "2", "--limit", "1")["feedback"]
    assert second == whole["feedback"][1:]
    for options in (["--reason", "indicators"], ["--candidate", R], ["--decision", "rejected"]):
        assert told(store, "list", "--demand", D, *options)["feedback"] == second
    assert "共 2 条" in read(run(store, "list"))

    asked = ["match", "--demand", D, "--to", "results", "--recipe", "bm25", "--store", store]
    assert "反馈 已拒绝：指标不达（20" in read(CliRunner().invoke(app, asked))
    assert "已撤回" in read(run(store, "withdraw", second[0]["id"]))
    assert "反馈 已" not in read(CliRunner().invoke(app, asked))
    assert told(store, "list", "--candidate", R)["total"] == 0
    assert "没有符合条件的反馈" in read(run(store, "list", "--candidate", R))


@pytest.mark.parametrize(
    ("words", "hint"),
    [
        (["add", D, R, "maybe"], "accepted、rejected"),
        (["add", D, R, "rejected"], "field、indicators"),
        (["add", D, R, "rejected", "--reason", "x"], "indicators（指标不达）"),
        (["add", D, "result:无", "accepted"], "查找"),
        (["list", "--reason", "x"], "indicators（指标不达）"),
        (["withdraw", "f0"], "反馈的清单"),
        (["import", "没有.jsonl"], "路径"),
    ],
)
def test_what_is_wrong_is_told_with_a_hint(store: str, words: list[str], hint: str) -> None:
    result = run(store, *words)
    assert (result.exit_code, hint in result.stderr) == (2, True), result.stderr


def test_a_file_is_read_told_of_and_written(store: str, tmp_path: Path) -> None:
    path, out = tmp_path / "feedback.jsonl", tmp_path / "out.jsonl"
    rejected = LINE | {"candidate": F, "decision": "rejected", "reason": "已有合作", "note": "好"}
    lines = [LINE, rejected, LINE | {"candidate": "无"}, LINE | {"date": "某天"}]
    path.write_text("\n".join(map(json.dumps, lines)) + "\nx\n", "utf-8")
    report = told(store, "import", str(path))
    assert [report[key] for key in ("new", "changed", "unchanged", "rejected")] == [2, 0, 0, 3]
    assert [(one["row"], one["code"]) for one in report["errors"]] == [
        (3, "refused"), (4, "bad_date"), (5, "bad_json"),
    ]  # fmt: skip
    again = run(store, "import", str(path), "--strict")
    assert (again.exit_code, "未变 2 条，拒收 3 行" in again.stdout) == (3, True)
    assert "第 4 行“date”" in again.stdout
    path.write_text("{}\n", "utf-8")
    nothing = run(store, "import", str(path))
    assert (nothing.exit_code, "什么也没有读入" in nothing.stderr) == (2, True)
    unreadable = run(store, "import", str(tmp_path))
    assert (unreadable.exit_code, "文件打不开" in unreadable.stderr) == (2, True)

    assert told(store, "export", str(out)) == {"path": str(out), "lines": 2}
    written = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    wanted = [LINE, rejected | {"reason": "partnered"}]
    assert sorted(written, key=str) == sorted((one | {"by": "everyone"} for one in wanted), key=str)
    assert told(store, "import", str(out))["unchanged"] == 2
    assert run(store, "export", str(out)).exit_code == 2
    assert run(store, "export", str(tmp_path / "no" / "out.jsonl")).exit_code == 4


def test_reasons_are_told_as_they_are_documented() -> None:
    result = CliRunner().invoke(app, ["feedback", "reasons", "--json"])
    reasons = json.loads(result.stdout)["reasons"]
    assert reasons == [reason.as_dict() for reason in REASONS.values()]
    formats = (Path(__file__).parents[2] / "docs" / "data-formats.md").read_text("utf-8")
    for reason in REASONS.values():
        about = "是" if reason.about_fit else "否"
        assert f"| `{reason.code.value}` | {reason.title} | {about} |" in formats
        assert reason.title in CliRunner().invoke(app, ["feedback", "reasons"]).stdout
