"""SIGKILL of a real Neo4j in the middle of a load: it heals or says so, nothing is lost or half."""

import random
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from graph_service.model import Node
from tests.e2e.store_faults import (
    ENCODER,
    acknowledged,
    call,
    command,
    environment,
    missing_rows,
    run,
    write_rows,
)
from tests.neo4j_server.running import Neo4jServer, drop_vector_indexes, empty
from tests.stores import open_store

ROWS = 4_000
#: Lines of progress that a load prints; the first two are of reading the file.
LINES = 6
HOW = ("the server", "server and loader")
#: What is killed, and how often; once in ``make test``, the one or the other by chance.
KILLS = [
    pytest.param(random.choice(HOW), 1, id="1"),
    *(
        pytest.param(how, 13, id=f"{how}-13", marks=[pytest.mark.soak, pytest.mark.timeout(3600)])
        for how in HOW
    ),
]


@dataclass(frozen=True)
class Loaded:
    """What is loaded, and how it ends where nothing is killed."""

    rows: Path
    seconds: float
    end: dict[str, Any]
    nodes: dict[str, Node]


def _ended(location: str) -> tuple[dict[str, Any], dict[str, Node]]:
    with open_store(location, read_only=True) as store:
        counts = store.stats()
        told = {name: counts[name] for name in ("nodes", "edges", "passages", "vectors")}
        return told, store.nodes([f"d{number}" for number in range(ROWS)])


@pytest.fixture(scope="module")
def loaded(tmp_path_factory: pytest.TempPathFactory, server: Neo4jServer) -> Loaded:
    folder = tmp_path_factory.mktemp("loaded")
    rows = write_rows(folder / "rows.jsonl", ROWS)
    assert call("load", rows, "--store", folder / "embedded").exit_code == 0
    began = time.monotonic()
    run("load", rows, "--store", server.uri, check=True)
    seconds = time.monotonic() - began
    return Loaded(rows, seconds, *_ended(str(folder / "embedded")))


@pytest.mark.parametrize(("how", "kills"), KILLS)
def test_a_load_whose_server_is_killed_neo4j(
    how: str, kills: int, loaded: Loaded, server: Neo4jServer
) -> None:
    seed = random.randrange(10**9)
    print(f"{how}, seed {seed}, a load takes {loaded.seconds:.1f} s")
    chance = random.Random(seed)
    killed = 0
    while killed < kills:
        with server.driver() as driver:
            empty(driver)
            drop_vector_indexes(driver)
        place = server.uri
        steps = chance.randrange(2, LINES)
        moment = chance.uniform(0, loaded.seconds / (LINES - 2))
        with subprocess.Popen(
            command("load", loaded.rows, "--store", place),
            env=environment(),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stderr is not None
            lines = [process.stderr.readline() for _ in range(steps)]  # so far it came
            time.sleep(moment)
            in_the_middle = process.poll() is None
            server.kill()
            if how == "server and loader":
                process.kill()
            time.sleep(chance.uniform(0, 1))
            server.start()
            lines += process.stderr.read().splitlines()
        killed += in_the_middle
        rows, texts = (acknowledged(lines, name) for name in (loaded.rows.name, "生成向量"))
        print(
            f"killed {moment:.2f} s after line {steps}{'' if in_the_middle else ', too late'}: "
            f"{rows} rows, {texts} texts, exit {process.returncode}"
        )
        assert "Traceback" not in "\n".join(lines)
        if process.returncode == 4:
            print(*lines[-2:], sep="\n")
            assert "store_unavailable" in lines[-2]
        elif how == "the server":
            assert process.returncode == 0, lines[-5:]
        _check(place, rows, texts)
        again = call("load", loaded.rows, "--store", place)
        assert again.exit_code == 0, again.output
        assert _ended(place) == (loaded.end, loaded.nodes)
        _check(place, ROWS, 0)


def _check(place: str, rows: int, texts: int) -> None:
    """What was acknowledged is there, and nothing half."""
    with open_store(place) as store:
        assert missing_rows(store, rows) == []
        held = store.stats()["vectors"].get(ENCODER.fingerprint, {"texts": 0})
        assert held["texts"] >= texts
    done = call("store", "verify", "--store", place)
    assert done.exit_code == 0, done.output
