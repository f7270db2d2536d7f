"""``jiebang demo``: three people, three commands and addresses, over the fictional city."""

import json
import re
import socket
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from api.cli import app
from api.cli.demo import SCENES

HOME = Path(__file__).parents[2] / "web/src/pages/home"
PEOPLE = ["企业", "高校院所", "专员"]


@pytest.fixture(autouse=True)
def _place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIEBANG_STORE", str(tmp_path / "mine"))
    monkeypatch.setenv("JIEBANG_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    monkeypatch.delenv("JIEBANG_EXAMPLES", raising=False)


def test_each_person_gets_a_command_and_its_answer(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["demo", "--no-serve"])
    assert result.exit_code == 0, result.output
    assert [scene.who for scene in SCENES] == PEOPLE
    assert "全部虚构" in result.stdout
    for scene in SCENES:
        assert f"【{scene.who}】{scene.wants}" in result.stdout
        assert f"$ jiebang {' '.join(scene.command)} --store " in result.stdout
        assert f"【{scene.who}】http://127.0.0.1:8000{scene.path}\n" in result.stdout
        assert f"　　网页 http://127.0.0.1:8000{scene.page}\n" in result.stdout
    assert result.stdout.count("得分") == sum(scene.top for scene in SCENES)
    assert (tmp_path / "cache" / "demo").is_dir()
    assert not (tmp_path / "mine").exists()


def test_answers_in_json_are_those_of_the_commands(tmp_path: Path) -> None:
    location = str(tmp_path / "given")
    result = CliRunner().invoke(app, ["demo", "--store", location, "--json"])
    assert result.exit_code == 0, result.output
    shown: dict[str, Any] = json.loads(result.stdout)
    assert shown["store"] == location
    assert shown["load"]["rejected"] == 0
    assert [step["who"] for step in shown["steps"]] == PEOPLE
    for step, scene in zip(shown["steps"], SCENES, strict=True):
        again = CliRunner().invoke(app, [*scene.command, "--store", location, "--json"])
        assert json.loads(again.stdout)["candidates"] == step["answer"]["candidates"]
        assert (step["path"], step["page"]) == (scene.path, scene.page)


def test_a_port_that_is_taken_is_told_before_any_work(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        result = CliRunner().invoke(app, ["demo", "--port", str(port)])
    assert result.exit_code == 2
    assert f"端口 {port}" in result.stderr
    assert "--port" in result.stderr
    assert result.stdout == ""
    assert not (tmp_path / "cache" / "demo").exists()


def test_a_missing_city_says_where_to_find_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_EXAMPLES", str(tmp_path / "nowhere"))
    result = CliRunner().invoke(app, ["demo"])
    assert result.exit_code == 2
    assert "JIEBANG_EXAMPLES" in result.stderr


def test_the_home_page_asks_what_the_demo_asks() -> None:
    page = (HOME / "examples.ts").read_text("utf-8")
    asked = re.findall(r'node: "(.+?)", to: "(.+?)"', page)
    assert asked == [(scene.node, scene.to) for scene in SCENES]
    words = json.loads((HOME / "locales/zh-CN.json").read_text("utf-8"))["wants"]
    assert list(words.values()) == [scene.wants for scene in SCENES]
