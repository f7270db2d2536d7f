"""The commands of the README run, in the order in which a reader types them."""

import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from api.cli import app

REPOSITORY = Path(__file__).parents[2]
BLOCKS = re.findall(r"```bash\n(.*?)```", (REPOSITORY / "README.md").read_text("utf-8"), re.DOTALL)
WRITTEN = [shlex.split(line, comments=True) for block in BLOCKS for line in block.splitlines()]
LINES = [words for words in WRITTEN if words]
SERVE = ["jiebang", "serve"]  # answers until it is stopped
COMMANDS = [words[1:] for words in LINES if words[0] == "jiebang" and words != SERVE]
TARGETS = sorted({words[1] for words in LINES if words[0] == "make"})


def test_nothing_else_is_asked_of_the_reader() -> None:
    assert {words[0] for words in LINES} == {"make", "jiebang"}
    assert COMMANDS[0][0] == "load"


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target(target: str) -> None:
    subprocess.run(["make", "--dry-run", target], cwd=REPOSITORY, check=True, capture_output=True)


def test_the_commands_answer_embedded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process, as starting one takes as long as the answer; the server in its own."""
    monkeypatch.chdir(REPOSITORY)
    monkeypatch.setenv("JIEBANG_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("JIEBANG_MODEL", "hashing")
    for words in COMMANDS:
        answer = CliRunner().invoke(app, words)
        assert answer.exit_code == 0, (words, answer.stderr)
        assert answer.stdout.strip(), words
        assert [
            line for line in answer.stderr.splitlines() if not line.startswith("进度 ")
        ] == [], words
    program = Path(sys.executable).with_name("jiebang")
    with subprocess.Popen(
        [program, *SERVE[1:], "--port", "0"], stdout=subprocess.PIPE, text=True
    ) as server:
        assert server.stdout is not None
        said = server.stdout.readline()
        server.send_signal(signal.SIGINT)
        said += server.stdout.read()
    assert SERVE in LINES
    assert "http://127.0.0.1:" in said
    assert server.returncode == 0
