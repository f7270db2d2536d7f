"""``jiebang jobs`` and ``jiebang worker``: what is printed, and how they end."""

import json
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner, Result

from api.cli import app
from api.cli.jobs import STATES
from graph_service.jobs.model import State

NEEDS = (
    "编号,需求名称,需求描述\nX-1,柔轮疲劳寿命提升,柔轮在交变载荷下易产生疲劳裂纹\nX-2,,没有名称\n"
)


@pytest.fixture(autouse=True)
def _place(location: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", location)
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    monkeypatch.setenv("JIEBANG_CACHE", str(tmp_path / "cache"))
    (tmp_path / "需求.csv").write_text(NEEDS, encoding="utf-8")


def run(*arguments: object, code: int = 0) -> Result:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert result.exit_code == code, result.output
    return result


def answer(*arguments: object) -> Any:
    return json.loads(run(*arguments, "--json").stdout)


def test_a_job_from_submission_to_its_files(tmp_path: Path) -> None:
    job = answer("jobs", "run", "load", "--file", tmp_path / "需求.csv")
    assert (job["state"], job["attempt"], job["result"]) == ("queued", 0, None)
    assert "排队" in run("jobs", "list").stdout
    from api.bootstrap import services
    from api.jobs.worker import Worker

    with services() as made:
        assert Worker(made).run_one()
    ended = answer("jobs", "show", job["id"])
    assert ended["state"] == "succeeded"
    assert ended["result"]["rejected"] == 1
    assert answer("jobs", "list", "--state", "succeeded")["jobs"] == [ended]
    assert answer("jobs", "list", "--state", "failed", "--kind", "load")["jobs"] == []
    shown = run("jobs", "show", job["id"]).stdout
    assert "rejected.xlsx" in "".join(shown.split())  # a long path goes over several lines
    assert "完成" in shown
    lines = answer("jobs", "log", job["id"])["lines"]
    assert lines[-1]["text"] == "完成。"
    after = answer("jobs", "log", job["id"], "--after", lines[0]["number"])
    assert after["lines"] == lines[1:]
    refused = run("jobs", "cancel", job["id"], code=2)
    assert "已经结束" in refused.stderr


def test_a_waiting_job_is_cancelled_at_once() -> None:
    job = answer("jobs", "run", "reindex")
    assert "已取消" in run("jobs", "cancel", job["id"]).stdout
    assert answer("jobs", "show", job["id"])["state"] == "cancelled"
    assert answer("jobs", "cancel", job["id"])["state"] == "cancelled"


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("run", "dance"), "load、embed"),
        (("run", "export", "--params", "{"), "JSON"),
        (("run", "export", "--params", "[]"), "JSON 对象"),
        (("run", "export", "--params", '{"format": "doc"}'), "jsonl、xlsx、csv、graphml"),
        (("run", "load", "--file", "没有.csv"), "找不到"),
        (("run", "load"), "uploads"),
        (("list", "--state", "gone"), "queued"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(words: tuple[str, ...], said: str) -> None:
    run("jobs", "run", "reindex")  # a store is there
    result = run("jobs", *words, code=2)
    assert said in result.stderr


def test_an_unknown_job_is_said() -> None:
    run("jobs", "run", "reindex")
    for words in (("show",), ("log",), ("cancel",)):
        assert "没有编号为 x 的任务" in run("jobs", *words, "x", code=2).stderr


def test_every_state_has_its_chinese_name() -> None:
    assert list(STATES) == [state.value for state in State]
