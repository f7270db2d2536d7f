"""How the command line ends: words, codes, JSON, and never a traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from api.asking import choose
from api.cli import app
from api.cli.frame import Commands
from graph_service import errors
from graph_service.model import Label

RAISED = {
    "input": errors.InputError("文件不对", hint="换一个", path="a.xlsx"),
    "store": errors.StoreLockedError("库被占用", hint="稍等"),
    "model": errors.ModelMissingError("没有模型", hint="运行 make setup"),
    "bug": ZeroDivisionError("by zero"),
    "interrupt": KeyboardInterrupt(),
}
CODES = {"input": 2, "store": 4, "model": 5, "bug": 1, "interrupt": 130}

COMMANDS = (
    *("load", "search", "match", "show", "paths", "stats"),
    *("embed", "reindex", "evaluate", "demo", "settings"),
)
HEAVY = (
    *("numpy", "networkx", "pydantic_settings", "onnxruntime"),
    *("tantivy", "usearch", "rjieba", "torch"),
)

failing = typer.Typer(cls=Commands, add_completion=False)


@failing.command()
def fail(how: str, as_json: bool = typer.Option(False, "--json")) -> None:
    """Fail as asked."""
    raise RAISED[how]


@failing.command()
def other() -> None:
    """A second command, so that the first is named."""


def run(*arguments: str, using: typer.Typer = app, **env: str) -> Result:
    return CliRunner().invoke(using, list(arguments), env=env)


def process(*arguments: str | bytes) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("how", RAISED)
def test_errors_are_told_on_standard_error_with_hint_and_code(how: str) -> None:
    result = run("fail", how, using=failing)
    assert result.exit_code == CODES[how]
    assert result.stdout == ""
    assert result.stderr.startswith("错误：")
    assert "提示：" in result.stderr
    assert "Traceback" not in result.stderr


@pytest.mark.parametrize("how", RAISED)
def test_with_json_the_error_is_the_one_value_on_standard_output(how: str) -> None:
    result = run("fail", how, "--json", using=failing)
    assert result.exit_code == CODES[how]
    assert result.stderr == ""
    error = json.loads(result.stdout)["error"]
    assert set(error) == {"code", "message", "hint", "values"}
    assert error["message"]
    assert error["hint"]


def test_an_interrupted_command_says_how_to_go_on() -> None:
    assert "再次运行同一条命令" in run("fail", "interrupt", using=failing).stderr


def test_debugging_shows_where_the_program_failed() -> None:
    result = run("fail", "bug", using=failing, JIEBANG_DEBUG="1")
    assert result.exit_code == 1
    assert "ZeroDivisionError: by zero" in result.stderr
    assert "Traceback" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["no-such"], "没有命令 'no-such'"),
        (["stat"], "是不是 'stats'"),
        (["match", "--tow", "results"], "没有选项 --tow"),
        (["match"], "缺少 --to"),
        (["match", "--to"], "选项 --to 缺少取值"),
        (["match", "--to", "results"], "--demand、--result、--org、--text 中给出一个"),
        (["match", "--to", "results", "--text", "a", "--org", "b"], "且只给一个"),
        (["match", "--to", "nothing", "--text", "a"], "--to 的值 'nothing' 不能用"),
        (["match", "--to", "results", "--text", "a", "--recipe", "magic"], "magic"),
        (["match", "--to", "results", "--text", "a", "--top", "0"], "不能小于 1"),
        (["match", "--to", "results", "--text", "a", "--top", "x"], "应为整数"),
        (["match", "--to", "results", "--text", "a", "--since", "昨天"], "--since 的日期"),
        (["search", "a", "--until", "2024-13"], "--until 的日期"),
        (["search", "a", "--label", "Firm"], "--label 的值 'Firm' 不能用"),
        (["paths", "a"], "缺少 TO"),
        (["load"], "缺少 PATH"),
        (["load", "no-such-file.csv"], "找不到 no-such-file.csv"),
        (["stats", "a"], "多余的参数"),
        (["evaluate", "a", "b"], "一次只能评测一个任务目录"),
    ],
)
def test_bad_usage_is_told_in_chinese(arguments: list[str], said: str) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert said in result.stderr
    assert result.stdout == ""
    in_json = run(*arguments, "--json")
    assert in_json.exit_code == 2
    assert json.loads(in_json.stdout)["error"]["code"] == "input"


def test_a_bad_setting_is_named() -> None:
    result = run("stats", JIEBANG_THREADS="many")
    assert result.exit_code == 2
    assert "JIEBANG_THREADS" in result.stderr
    assert "（setting）" in result.stderr


def test_help_lists_commands_and_exit_codes() -> None:
    result = run("--help")
    assert result.exit_code == 0
    for name in COMMANDS:
        assert f"\n  {name} " in result.stdout
    for code in (0, 1, 2, 3, 4, 5, 130):
        assert f"\n    {code} " in result.stdout
    assert run().stdout.strip() == result.stdout.strip()


def test_settings_are_listed() -> None:
    listed = json.loads(run("settings", "--json", JIEBANG_THREADS="3").stdout)
    by_name = {row["name"]: row for row in listed}
    assert by_name["JIEBANG_THREADS"]["value"] == 3
    assert by_name["JIEBANG_EXAMPLES"]["value"] is None
    table = run("settings", JIEBANG_MODEL="hashing").stdout
    assert "hashing" in table
    assert all(name in table for name in by_name)


def test_choices_are_named_in_any_case() -> None:
    assert choose(Label, "demand", "--label") is Label.DEMAND
    with pytest.raises(errors.InputError, match="--label") as caught:
        choose(Label, "firm", "--label")
    assert "Organization" in caught.value.hint


def test_a_process_ends_without_traceback_or_colour() -> None:
    ended = process("stats", "--store", "no-such-folder")
    assert ended.returncode == 4
    assert ended.stderr.startswith("错误：")
    assert "Traceback" not in ended.stderr
    assert "\x1b[" not in ended.stderr + process("settings").stdout + process("--help").stdout


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_a_reader_that_goes_away_is_no_error(form: list[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    ended = subprocess.run(
        [sys.executable, "-c", "from api.cli import main; main()", "settings", *form],
        stdout=writing,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(writing)
    assert ended.stderr == b""
    assert ended.returncode == 0


@pytest.mark.parametrize("form", [[], ["--json"]], ids=["words", "json"])
def test_an_answer_that_cannot_be_written_is_told(form: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        ended = subprocess.run(
            [sys.executable, "-c", "from api.cli import main; main()", "settings", *form],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert ended.returncode == 1
    assert ended.stderr.startswith("错误：")
    assert "Traceback" not in ended.stderr


def test_closed_streams_are_no_error() -> None:
    command = 'exec "$0" -c "from api.cli import main; main()" settings >&- 2>&-'
    assert subprocess.run(["sh", "-c", command, sys.executable], check=False).returncode == 0


def test_bytes_that_are_no_text_are_refused() -> None:
    ended = process("show", b"a\xff", "--json")
    assert ended.returncode == 2
    assert json.loads(ended.stdout)["error"]["values"] == {"value": "a?"}


def test_help_needs_no_engine() -> None:
    code = (
        "import sys\n"
        "from api.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY} if name in sys.modules], file=sys.stderr)"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr.strip() == "[]"
