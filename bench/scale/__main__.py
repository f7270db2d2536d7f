"""Speed on synthetic stores of many documents, beside the usual libraries.

    python -m bench.scale [10000 100000 1000000] [--like STORE] [--folder DIR] [--json FILE]

``--like`` names a loaded store (``make bench`` leaves one in bench/results/store) whose texts and
vectors the synthetic ones resemble; without it their figures are declared. The stores stay in the
folder and are used again: one of a million documents takes some twenty minutes and 15 GB. Each
store, each peer and the server are measured in a process of their own, one after the other; for
figures that mean something nothing else should run meanwhile.
"""

import argparse
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from api.bootstrap import services
from bench.scale.build import store_of
from bench.scale.likeness import Likeness, declared, measured
from bench.scale.peers import PEERS

_FOLDER = Path(__file__).parents[1] / "results" / "scale"


def _likeness(folder: Path, like: str | None) -> Likeness:
    """The likeness kept in the folder, measured or declared first where there is none."""
    path = folder / "likeness.npz"
    if not path.is_file():
        made = declared()
        if like:
            with services(like, read_only=True) as opened:
                made = measured(opened.store, opened.embedder.fingerprint)
        made.save(path)
    return Likeness.load(path)


def _child(module: str, *words: object) -> dict[str, Any]:
    """What a module of this package prints, run in a process of its own."""
    command = [sys.executable, "-m", f"bench.scale.{module}", *map(str, words)]
    done = subprocess.run(command, check=False, stdout=subprocess.PIPE, text=True)
    if done.returncode:
        return {"missing": f"ended with {done.returncode}"}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def _figures(store: Path, queries: int) -> dict[str, Any]:
    return {
        "store": _child("measure", store, "--queries", queries, "--began", time.monotonic()),
        "clients": _child("clients", store),
        "peers": {peer: _child("peers", store, peer, "--queries", queries) for peer in PEERS},
    }


def _print(report: dict[str, dict[str, Any]]) -> None:
    table = Table("", "first", "p50", "p95", "p99", title="毫秒")
    for size, told in report.items():
        rows = dict(told["store"].get("milliseconds", {}))
        for name, found in told["peers"].items():
            rows[f"{name}（对照）"] = found.get("milliseconds", found.get("missing"))
        for name, row in rows.items():
            if isinstance(row, dict):
                shown = [f"{row[point]:.1f}" for point in ("first", "p50", "p95", "p99")]
            else:
                shown = [str(row)]
            table.add_row(f"{int(size):,} {name}", *shown)
        table.add_section()
    Console().print(table)
    for size, told in report.items():
        rest = {key: value for key, value in told["store"].items() if key != "milliseconds"}
        peers = {
            name: {key: found[key] for key in ("seconds", "mebibytes") if key in found}
            for name, found in told["peers"].items()
        }
        Console().print(size, rest, told["clients"], peers)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("results", type=int, nargs="*", default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--like", metavar="STORE")
    parser.add_argument("--folder", type=Path, default=_FOLDER)
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    args.folder.mkdir(parents=True, exist_ok=True)
    likeness = _likeness(args.folder, args.like)
    with services() as made:
        fingerprint = made.embedder.fingerprint
    report = {
        str(results): _figures(store_of(args.folder, results, likeness, fingerprint), args.queries)
        for results in args.results
    }
    _print(report)
    if args.json:
        args.json.write_text(json.dumps(report, ensure_ascii=False), encoding="utf-8")


if __name__ == "__main__":
    main()
