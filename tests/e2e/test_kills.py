"""SIGKILL and Ctrl-C at random moments of ``load``, ``embed`` and ``reindex``: nothing is lost.

What was acknowledged by a progress line is there, the store opens, its answers are those of a
store whose projections are made anew, and the same command run again comes to the same end.
"""

import random
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from graph_service.store import open_store
from tests.e2e.store_faults import (
    ENCODER,
    acknowledged,
    answers,
    command,
    environment,
    missing_rows,
    run,
    write_rows,
)

ROWS = 8_000
COMMANDS = ("load", "embed", "reindex")
KILLS = [
    pytest.param(3, id="3"),
    pytest.param(50, id="50", marks=[pytest.mark.soak, pytest.mark.timeout(3600)]),
]


@dataclass(frozen=True)
class Prepared:
    """For each command a store on which it has everything to do, and how long that takes."""

    folder: Path
    rows: Path
    seconds: dict[str, float]
    end: list[object]

    def start(self, name: str) -> Path:
        return self.folder / f"before-{name}"

    def words(self, name: str, store: Path) -> list[str]:
        return [name, *([str(self.rows)] if name == "load" else []), "--store", str(store)]


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Prepared:
    folder = tmp_path_factory.mktemp("kills")
    rows = write_rows(folder / "rows.jsonl", ROWS)
    seconds: dict[str, float] = {}
    store = folder / "store"
    (folder / "before-load").mkdir()
    for name in COMMANDS:
        if name == "embed":
            run("load", rows, "--no-embed", "--store", folder / "before-embed", check=True)
            shutil.rmtree(store)
            shutil.copytree(folder / "before-embed", store)
        if name == "reindex":
            shutil.copytree(store, folder / "before-reindex")
        began = time.perf_counter()
        words = [name, *([rows] if name == "load" else []), "--store", store]
        run(*words, check=True)
        seconds[name] = time.perf_counter() - began
    with open_store(str(store)) as whole:
        return Prepared(folder, rows, seconds, answers(whole))


@pytest.fixture
def seed() -> int:
    chosen = random.randrange(10**9)
    print(f"seed {chosen}")
    return chosen


def _interrupted(words: list[str], moment: float, sign: signal.Signals) -> tuple[int, list[str]]:
    """Run a command and send it a signal at a moment: its exit status and what it had printed."""
    with subprocess.Popen(
        command(*words),
        env=environment(),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        timer = threading.Timer(moment, process.send_signal, (sign,))
        timer.start()
        assert process.stderr is not None
        lines = process.stderr.read().splitlines()
        timer.cancel()
    return process.returncode, lines


def _vectors(store_location: Path) -> int:
    with open_store(str(store_location), read_only=True) as store:
        held = store.stats()["vectors"].get(ENCODER.fingerprint)
    return held["texts"] if held else 0


def _check(name: str, store: Path, lines: list[str], prepared: Prepared) -> None:
    """Everything acknowledged is there, and the projections tell what the record holds."""
    if not (store / "record.sqlite").exists():
        assert lines == []
        return
    done = ROWS if name != "load" else acknowledged(lines, prepared.rows.name)
    with open_store(str(store)) as opened:
        assert missing_rows(opened, done) == []
        told = answers(opened)
        opened.refresh()
        assert answers(opened) == told
    assert _vectors(store) >= acknowledged(lines, "生成向量")
    fresh = store.with_name("fresh")
    shutil.copytree(store, fresh, ignore=shutil.ignore_patterns("projections"))
    with open_store(str(fresh)) as anew:
        anew.refresh(rebuild=True)
        assert answers(anew) == told
    shutil.rmtree(fresh)
    if name == "reindex":
        assert told == prepared.end


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "store"
    shutil.rmtree(tmp_path, ignore_errors=True)


@pytest.mark.parametrize("kills", KILLS)
@pytest.mark.parametrize("name", COMMANDS)
def test_a_kill_loses_nothing_acknowledged_embedded(
    name: str, kills: int, prepared: Prepared, store: Path, seed: int
) -> None:
    chance = random.Random(seed)
    counts = {"runs": 0, "killed": 0, "lines": 0}
    longest = prepared.seconds[name]
    while counts["killed"] < kills:
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(prepared.start(name), store)
        moment = chance.uniform(0.1, 1.0) * longest
        code, lines = _interrupted(prepared.words(name, store), moment, signal.SIGKILL)
        assert code in {0, -signal.SIGKILL}, lines
        if code == 0:  # it had ended: the machine has become faster
            longest = max(0.9 * longest, 0.1)
        counts["runs"] += 1
        counts["killed"] += code != 0
        counts["lines"] += len(lines)
        _check(name, store, lines, prepared)
    # Again, on what the last kill left: the same end as without any.
    run(*prepared.words(name, store), check=True)
    if name == "load":
        assert _vectors(store) == ROWS * 3 // 4
    with open_store(str(store), read_only=True) as whole:
        assert answers(whole) == prepared.end
    print(f"{name}: {counts}")


@pytest.mark.parametrize("name", ["load", "embed"])
def test_ctrl_c_stops_cleanly_and_says_how_to_go_on_embedded(
    name: str, prepared: Prepared, store: Path, seed: int
) -> None:
    chance = random.Random(seed)
    words = prepared.words(name, store)
    for longest in (0.2, 0.02, 0):  # seconds after its first line: it may be over before
        shutil.rmtree(store, ignore_errors=True)
        shutil.copytree(prepared.start(name), store)
        with subprocess.Popen(
            command(*words),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            lines = [process.stderr.readline()]  # it is at work
            time.sleep(chance.uniform(0, longest))
            process.send_signal(signal.SIGINT)
            lines += process.stderr.read().splitlines()
        if process.returncode:
            break
    assert process.returncode == 130, lines
    assert "Traceback" not in "\n".join(lines)
    assert lines[-2] == "错误：已中断（interrupted）"
    assert "再次运行同一条命令" in lines[-1]
    _check(name, store, lines, prepared)
    run(*words, check=True)
    with open_store(str(store), read_only=True) as whole:
        assert answers(whole) == prepared.end
