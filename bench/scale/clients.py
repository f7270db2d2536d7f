"""Answers a second of ``jiebang serve`` on one store: ``python -m bench.scale.clients STORE``.

1, 8 and 64 clients ask for the matches of stored demands, each again as soon as it is answered.
Clients and server share the machine. Prints JSON.
"""

import argparse
import http.client
import json
import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import quote

import numpy as np

from graph_service.model import Filter, Label
from graph_service.store import open_store

CLIENTS = (1, 8, 64)


@contextmanager
def served(folder: str) -> Iterator[int]:
    """The port of a server of the store, ready."""
    program = str(Path(sys.executable).with_name("jiebang"))
    command = [program, "serve", "--port", "0", "--no-worker", "--store", folder]
    # The queue holds all clients: what is measured is how fast, not whom the gate turns away.
    settings = {"JIEBANG_RATE": "0", "JIEBANG_QUEUE": "100", "JIEBANG_QUEUE_SECONDS": "60"}
    process = subprocess.Popen(
        command,
        env=os.environ | settings,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        for line in process.stdout:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)", line):
                port = int(found[1])
                break
        else:
            raise RuntimeError("the server did not start")
        while _get(http.client.HTTPConnection("127.0.0.1", port), "/readyz") != 200:
            time.sleep(0.2)
        yield port
    finally:
        process.terminate()
        process.wait()


def _get(connection: http.client.HTTPConnection, path: str) -> int:
    connection.request("GET", path)
    answer = connection.getresponse()
    answer.read()
    return answer.status


def throughput(port: int, paths: list[str], *, clients: int, seconds: float) -> dict[str, float]:
    """Answers a second, and milliseconds from question to answer."""
    took: list[float] = []
    bad: list[int] = []
    turn, until = count(), time.monotonic() + seconds

    def client() -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port)
        while time.monotonic() < until:
            began = time.perf_counter()
            status = _get(connection, paths[next(turn) % len(paths)])
            took.append((time.perf_counter() - began) * 1000)
            if status != 200:
                bad.append(status)

    threads = [threading.Thread(target=client) for _ in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    told = dict(zip(("p50", "p95", "p99"), np.percentile(took, (50, 95, 99)), strict=True))
    figures = {"a second": len(took) / seconds, "failed": float(len(bad))}
    return figures | {name: float(value) for name, value in told.items()}


def measure(folder: str, *, recipe: str, seconds: float) -> dict[str, Any]:
    """Throughput with each number of clients."""
    with open_store(folder, read_only=True) as store:
        demands = store.scan(Filter(labels=frozenset({Label.DEMAND})), limit=200).nodes
    paths = [
        f"/api/v1/nodes/{quote(node.id, safe='')}/matches?to=results&recipe={recipe}"
        for node in demands
    ]
    with served(folder) as port:
        throughput(port, paths, clients=2, seconds=3)
        return {
            str(clients): throughput(port, paths, clients=clients, seconds=seconds)
            for clients in CLIENTS
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("--recipe", default="hybrid")
    parser.add_argument("--seconds", type=float, default=10)
    args = parser.parse_args()
    print(json.dumps(measure(args.store, recipe=args.recipe, seconds=args.seconds)))


if __name__ == "__main__":
    main()
