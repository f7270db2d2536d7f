"""What ends in the middle on a server: by Ctrl-C, or because it hangs and answers nobody."""

import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from api.bootstrap import server_options
from api.settings import load_settings
from graph_service.errors import JiebangError, QueryTimeoutError, StoreUnavailableError
from graph_service.model import Batch, Label, Node, Put, UnitOfWork
from graph_service.store.bolt import schema
from graph_service.store.neo4j import Neo4jStore
from tests.neo4j_server.running import Neo4jServer
from tests.stores import child, open_store

CONNECT = 1.0
#: Until a server is asked, then asked twice, and what is cut was tried again; as long again, for
#: the machine is busy.
MOST = 2 * (6 * CONNECT)


def opened(server: Neo4jServer, *, trial: bool = False, connect: float = CONNECT) -> Neo4jStore:
    """A store that is soon impatient."""
    options = server_options(load_settings({"store": server.uri}))
    assert options
    options = replace(options, connect_seconds=connect, retry_seconds=1, query_seconds=2)
    return Neo4jStore(server.uri, options, trial=trial)


def firm(id_: str, **props: str) -> Node:
    return Node(id_, Label.ORGANIZATION, props)


# --- a server that hangs --------------------------------------------------------------------------


def test_everything_ends_in_time_on_a_server_that_hangs_neo4j(emptied: Neo4jServer) -> None:
    vectors = np.ones((1, 4), np.float32)
    with opened(emptied) as store, opened(emptied, trial=True) as fresh:
        store.apply(Batch([firm("a")]))
        with opened(emptied, trial=True) as begun:
            begun.apply(Batch([firm("tried")]))  # it holds the lock
            asked: dict[str, Callable[[], object]] = {
                "apply": lambda: store.apply(Batch([firm("b")])),
                "commit": lambda: store.commit(UnitOfWork([Put("bid", "b", {})], Batch())),
                "put_vectors": lambda: store.put_vectors("test:4", [b"1" * 16], vectors),
                "refresh": lambda: store.refresh(rebuild=True),
                "migrate": lambda: schema.migrate(store._connection),
                "together": lambda: store.nodes(["a"]),
                "a trial's write": lambda: begun.apply(Batch([firm("tried too")])),
                "a trial's read": lambda: fresh.nodes(["a"]),
                "opening": lambda: opened(emptied),
            }
            with emptied.hanging(), ThreadPoolExecutor(len(asked)) as threads:
                told = dict(zip(asked, threads.map(_end, asked.values()), strict=True))
        for what, (error, seconds) in told.items():
            print(f"{what}: {type(error).__name__} after {seconds:.1f} s")
            assert isinstance(error, (StoreUnavailableError, QueryTimeoutError)), (what, error)
            assert error.hint
            assert seconds < MOST, what
        assert set(store.nodes(["a", "b", "tried", "tried too"])) == {"a"}
        assert store.count("bid") == 0
        assert store.apply(Batch([firm("a", name="甲")])).nodes.changed == 1


def test_stores_are_closed_on_a_server_that_hangs_neo4j(emptied: Neo4jServer) -> None:
    wrote, tried = opened(emptied), opened(emptied, trial=True)
    wrote.apply(Batch([firm("a")]))
    tried.apply(Batch([firm("b")]))
    with emptied.hanging():
        for store in (wrote, tried):
            error, seconds = _end(partial(store.__exit__, None, None, None))
            assert error is None
            assert seconds < MOST
    with opened(emptied) as store:
        assert store.apply(Batch([firm("b")])).nodes.new == 1  # the trial is undone


def test_a_write_may_take_long_on_a_server_that_answers_neo4j(emptied: Neo4jServer) -> None:
    with opened(emptied, connect=2) as store:
        asked = 0

        def work(tx: object) -> int:
            nonlocal asked
            ends = time.monotonic() + 5  # asked twice meanwhile
            while time.monotonic() < ends:
                tx.write("UNWIND range(1, 1000000) AS n RETURN sum(n)")  # type: ignore[attr-defined]
                asked += 1
            return asked

        assert store._connection.write(work) == asked > 0  # once, that is: not cut and done again


def _end(work: Callable[[], object]) -> tuple[JiebangError | None, float]:
    """The error that something ends with, and after how many seconds."""
    begun = time.monotonic()
    try:
        work()
    except JiebangError as error:
        return error, time.monotonic() - begun
    return None, time.monotonic() - begun


# --- Ctrl-C ---------------------------------------------------------------------------------------

PROGRAM = """
import signal, sys
from graph_service.model import ANY, Batch, Label, Node
from tests.stores import open_store

def stop(*_):
    global stopped
    stopped = True  # Python swallows what is raised while an object is destroyed
    raise KeyboardInterrupt

signal.signal(signal.SIGINT, stop)
location, times = sys.argv[1:]
trial = times == "1"
with open_store(location, trial=trial) as store:
    for time in range(int(times)):
        stopped = False
        try:
            print("at work", flush=True)
            while not stopped:
                if time % 3 == 2:
                    store.apply(Batch([Node("a", Label.ORGANIZATION, {"name": "甲"})]))
                store.scan(ANY, limit=2_000)
        except KeyboardInterrupt:
            pass
    if not trial:
        print(len(store.scan(ANY, limit=2_000).nodes), flush=True)
"""
NODES = 1_000


def test_ctrl_c_ends_a_call_and_nothing_else_neo4j(emptied: Neo4jServer) -> None:
    _fill(emptied)
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    for times in (30, 1):  # one that is on trial is over then
        with child(PROGRAM, emptied.uri, str(times)) as process:
            assert process.stdout
            for _ in range(times):
                assert process.stdout.readline() == "at work\n"
                time.sleep(chance.uniform(0, 0.1))
                process.send_signal(signal.SIGINT)
            if times > 1:
                assert process.stdout.readline() == f"{NODES}\n"
        assert process.returncode == 0


def test_a_command_that_is_interrupted_says_so_neo4j(emptied: Neo4jServer, tmp_path: Path) -> None:
    _fill(emptied)
    command = (Path(sys.executable).with_name("jiebang"), "store", "copy")
    with subprocess.Popen(
        [*command, emptied.uri, tmp_path / "copy"], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr
        process.stderr.readline()  # it is at work
        time.sleep(random.uniform(0, 0.1))
        process.send_signal(signal.SIGINT)
        lines = process.stderr.read().splitlines()
    assert process.returncode == 130
    assert "Traceback" not in "\n".join(lines)
    assert lines[-2] == "错误：已中断（interrupted）"


def _fill(server: Neo4jServer) -> None:
    """Nodes that take a while to be read."""
    with open_store(server.uri) as store:
        nodes = [firm(f"f{number:04}", note="很长的一段话" * 100) for number in range(NODES - 1)]
        store.apply(Batch([firm("a"), *nodes]))
