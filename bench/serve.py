"""Many clients of ``jiebang serve`` at once, also while a job loads: how fast, and how many.

    python -m bench.serve [--store FOLDER] [--clients N] [--seconds S] [--json FILE]

The store (else the fictional city, loaded here) is copied, for the job writes to it. Server and
worker run as ever. The clients share this one process and speak HTTP/1.1 over open connections by
hand: on a machine of two cores whatever a client library takes, the server loses. Each asks again
as soon as it is answered. Printed are answers a second and milliseconds by kind: of a route that
does nothing, of the mix, and of the mix while loads run one after another. Any 5xx is a failure.
"""

import argparse
import asyncio
import json
import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree
from typing import Any
from urllib.parse import quote

import numpy as np
import uvloop
from rich.console import Console
from rich.table import Column, Table

_PROGRAM = str(Path(sys.executable).with_name("jiebang"))
_CITY = Path(__file__).parents[1] / "examples" / "city"
_ADDRESS = re.compile(r"http://127\.0\.0\.1:(\d+)")
_API = "/api/v1"
#: Rows of a load, and requests before counting begins.
_ROWS, _WARM = 2_000, 200


@dataclass(frozen=True, slots=True)
class Request:
    """What is sent; ``kind`` is the row of the table in which it counts."""

    kind: str
    method: str
    target: str
    body: bytes = b""

    def written(self) -> bytes:
        head = f"{self.method} {self.target} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        if self.method == "POST":
            kind = "application/json" if self.body[:1] == b"{" else "application/octet-stream"
            head += f"Content-Type: {kind}\r\nContent-Length: {len(self.body)}\r\n"
        return head.encode() + b"\r\n" + self.body


class Client:
    """One open connection."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, request: Request) -> tuple[int, bytes]:
        """Status and body of the answer."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection("127.0.0.1", self._port)
        self._writer.write(request.written())
        head = (await self._reader.readuntil(b"\r\n\r\n")).lower()
        length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
        body = await self._reader.readexactly(length)
        if b"connection: close" in head:
            self._writer.close()
            self._reader = self._writer = None
        return int(head.split(b" ", 2)[1]), body

    async def get(self, target: str) -> Any:
        status, body = await self.ask(Request("", "GET", target))
        assert status == 200, body
        return json.loads(body)


@dataclass
class Tally:
    """What was answered in a phase."""

    seconds: float = 0
    statuses: Counter[int] = field(default_factory=Counter)
    took: defaultdict[str, list[float]] = field(default_factory=lambda: defaultdict(list))

    def as_dict(self) -> dict[str, Any]:
        took = dict(self.took) if len(self.took) == 1 else {**self.took, "all": self._all()}
        return {
            "per_second": round(sum(map(len, self.took.values())) / self.seconds, 1),
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "milliseconds": {kind: _percentiles(times) for kind, times in took.items()},
        }

    def _all(self) -> list[float]:
        return [one for times in self.took.values() for one in times]


def _percentiles(times: list[float]) -> dict[str, float]:
    points = np.percentile(times, (50, 95, 99))
    told = {
        f"p{point}": round(1000 * value, 1)
        for point, value in zip((50, 95, 99), points, strict=True)
    }
    return {"count": len(times), **told}


class Mix:
    """Requests as people send them, about what is in the store."""

    def __init__(self, demands: list[dict[str, Any]], firms: list[dict[str, Any]]) -> None:
        self.demands, self._firms = demands, firms
        self._makers: list[tuple[int, Callable[[random.Random], Request]]] = [
            (6, self._search), (5, self._match), (2, self._match_text), (5, self._neighbours),
            (4, self._suggestions),
        ]  # fmt: skip

    kinds = ("search", "match, stored", "match, text", "neighbours", "suggestions")

    def one(self, chance: random.Random) -> Request:
        makers = [maker for weight, maker in self._makers for _ in range(weight)]
        return chance.choice(makers)(chance)

    def _search(self, chance: random.Random) -> Request:
        words = quote(chance.choice(self.demands)["title"][:12])
        return Request("search", "GET", f"{_API}/search?q={words}")

    def _match(self, chance: random.Random) -> Request:
        node = quote(chance.choice(self.demands)["id"], safe="")
        return Request("match, stored", "GET", f"{_API}/nodes/{node}/matches?to=results")

    def _match_text(self, chance: random.Random) -> Request:
        text = f"{chance.randrange(1000)} {_text(chance.choice(self.demands))}"[:150]
        body = json.dumps({"text": text, "to": "organizations"}).encode()
        return Request("match, text", "POST", f"{_API}/match", body)

    def _neighbours(self, chance: random.Random) -> Request:
        node = quote(chance.choice(self._firms)["id"], safe="")
        return Request("neighbours", "GET", f"{_API}/nodes/{node}/neighbours")

    def _suggestions(self, chance: random.Random) -> Request:
        typed = quote(chance.choice(self._firms)["title"][: chance.randint(1, 4)])
        return Request("suggestions", "GET", f"{_API}/suggestions?q={typed}")


def _text(node: dict[str, Any]) -> str:
    return str(node["props"].get("text") or node["title"])


async def _phase(
    port: int, clients: int, seconds: float, one: Callable[[random.Random], Request]
) -> Tally:
    """Let so many clients ask for so long, after some requests that do not count."""
    tally = Tally()
    warm = _WARM
    began = until = 0.0

    async def client(number: int) -> None:
        nonlocal warm, began, until
        chance, connection = random.Random(number), Client(port)
        while not until or time.perf_counter() < until:
            request = one(chance)
            sent = time.perf_counter()
            status, _ = await connection.ask(request)
            now = time.perf_counter()
            warm -= 1
            if warm == 0:
                began, until = now, now + seconds
            if until and sent >= began:
                tally.statuses[status] += 1
                tally.took[request.kind].append(now - sent)

    await asyncio.gather(*(client(number) for number in range(clients)))
    tally.seconds = time.perf_counter() - began
    return tally


async def _load(port: int, mix: Mix, over: asyncio.Event) -> dict[str, int]:
    """Loads one after another, of new demands with texts of the store's, until all is over."""
    client, counts = Client(port), {"loads": 0, "rows": 0}
    while not over.is_set():
        lines = []
        for number in range(_ROWS):
            text = f"{_text(mix.demands[number % len(mix.demands)])} {counts['loads']}-{number}"
            node = f"bench:{counts['loads']}:{number}"
            lines.append(
                {"node": node, "label": "Demand", "props": {"title": text[:30], "text": text}}
            )
        content = "\n".join(json.dumps(line, ensure_ascii=False) for line in lines).encode()
        name = f"bench{counts['loads']}.jsonl"
        status, body = await client.ask(
            Request("", "POST", f"{_API}/uploads?name={name}", b"\n" + content)
        )
        assert status == 201, body
        asked = {"kind": "load", "params": {"uploads": [json.loads(body)["id"]]}}
        status, body = await client.ask(
            Request("", "POST", f"{_API}/jobs", json.dumps(asked).encode())
        )
        assert status == 202, body
        job = json.loads(body)
        while job["ended_at"] is None and not over.is_set():
            await asyncio.sleep(0.5)
            job = await client.get(f"{_API}/jobs/{job['id']}")
        assert job["state"] in {"queued", "running", "succeeded"}, job
        counts["loads"] += 1
        counts["rows"] += _ROWS if job["ended_at"] else job["progress"]["done"]
    return counts


async def _cold(client: Client, mix: Mix) -> dict[str, float]:
    """Milliseconds of the first answer of each kind; some more of each are asked for."""
    took: dict[str, float] = {}
    chance = random.Random(0)
    while len(took) < len(mix.kinds) or chance.random() > 0.02:
        request = mix.one(chance)
        sent = time.perf_counter()
        await client.ask(request)
        took.setdefault(request.kind, round(1000 * (time.perf_counter() - sent), 1))
    return took


async def _measure(port: int, clients: int, seconds: float) -> dict[str, Any]:
    first = Client(port)
    while (await first.ask(Request("", "GET", "/readyz")))[0] != 200:
        await asyncio.sleep(0.2)
    demands = (await first.get(f"{_API}/nodes?label=Demand&limit=200"))["nodes"]
    firms = (await first.get(f"{_API}/nodes?label=Organization&limit=200"))["nodes"]
    statistics = await first.get(f"{_API}/statistics")
    mix = Mix(demands, firms)
    cold = await _cold(first, mix)
    empty = Request("/healthz", "GET", "/healthz")
    phases = {"empty": await _phase(port, clients, seconds / 4, lambda _: empty)}
    phases["mixed"] = await _phase(port, clients, seconds, mix.one)
    over = asyncio.Event()
    loading = asyncio.create_task(_load(port, mix, over))
    phases["mixed, loading"] = await _phase(port, clients, seconds, mix.one)
    over.set()
    return {
        "clients": clients,
        "cores": os.cpu_count(),
        "nodes": sum(statistics["nodes"].values()),
        "passages": statistics["passages"],
        "first_ms": cold,
        "loaded": await loading,
        "phases": {name: tally.as_dict() for name, tally in phases.items()},
    }


@contextmanager
def serving(store: Path, log: Path) -> Iterator[int]:
    """The port of a server on a store, without a limit of requests; ``log`` takes what it says."""
    command = [_PROGRAM, "serve", "--port", "0", "--store", str(store)]
    environment = os.environ | {"JIEBANG_RATE": "0"}
    with (
        log.open("w") as errors,
        subprocess.Popen(
            command, env=environment, stdout=subprocess.PIPE, stderr=errors, text=True
        ) as server,
    ):
        assert server.stdout is not None
        try:
            found = _ADDRESS.search(server.stdout.readline())
            assert found, log.read_text()
            yield int(found[1])
        finally:
            server.terminate()
            server.wait()
            for line in log.read_text().splitlines():
                if "exception" in line:
                    print(line, file=sys.stderr)


def _shown(report: dict[str, Any]) -> Table:
    headers = ("", "", "a second", "p50 ms", "p95 ms", "p99 ms", "statuses")
    table = Table(*(Column(header, no_wrap=True) for header in headers))
    for name, phase in report["phases"].items():
        for kind, row in phase["milliseconds"].items():
            whole = kind in {"all", "/healthz"}
            statuses = ", ".join(f"{code}: {count}" for code, count in phase["statuses"].items())
            table.add_row(
                name,
                kind,
                str(phase["per_second"]) if whole else "",
                *(f"{row[point]:.1f}" for point in ("p50", "p95", "p99")),
                statuses if whole else "",
            )
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store", type=Path, help="copied; the fictional city otherwise")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=20, help="of each mixed phase")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="jiebang-bench-") as folder:
        store = Path(folder) / "store"
        if args.store:
            copytree(args.store, store)
        else:
            load = [_PROGRAM, "load", str(_CITY), "--store", str(store)]
            subprocess.run(load, check=True, stdout=subprocess.DEVNULL)
        with serving(store, Path(folder) / "log") as port:
            report = uvloop.run(_measure(port, args.clients, args.seconds))
    Console(width=110).print(_shown(report))
    print("first answers, ms:", report["first_ms"], "loads meanwhile:", report["loaded"])
    text = json.dumps(report, ensure_ascii=False)
    if args.json:
        args.json.write_text(text, encoding="utf-8")
    else:
        print(text)
    bad = [code for phase in report["phases"].values() for code in phase["statuses"] if code >= "5"]
    sys.exit(f"answers of {sorted(set(bad))}" if bad else 0)


if __name__ == "__main__":
    main()
