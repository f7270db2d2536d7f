"""Latency of matching on a loaded store, beside bm25s on the same documents in the same run.

    python bench/match.py [--store FOLDER] [--rounds N] [--json FILE]

Prints p50 and p95 in milliseconds, warm, for every recipe: a stored demand (its own vector) and the
same demand as free text (its first 300 characters embedded), and the time from start to first
answer in a process of its own. bm25s ranks the same results with its defaults; its figure holds no
vectors and no reasons.
"""

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import bm25s
import numpy as np
from rich.console import Console
from rich.table import Table

from api.bootstrap import services
from graph_service import text as texts
from graph_service.matching.recipes import RECIPES
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Filter, Label

_RESULT = Filter(labels=frozenset({Label.RESULT}))
_DEMAND = Filter(labels=frozenset({Label.DEMAND}))


def _timed(calls: list[Callable[[], object]]) -> dict[str, float]:
    took = []
    for call in calls:
        began = time.perf_counter()
        call()
        took.append((time.perf_counter() - began) * 1000)
    return {"p50": float(np.percentile(took, 50)), "p95": float(np.percentile(took, 95))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--store")
    parser.add_argument("--rounds", type=int, default=100, help="demands asked")
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    rows: dict[str, dict[str, float]] = {}
    with services(args.store, read_only=True) as opened:
        store, matcher = opened.store, opened.matcher()
        demands = list(store.scan(_DEMAND, limit=args.rounds).nodes)
        results = list(store.scan(_RESULT, limit=1_000_000).nodes)
        for to in (Target.RESULTS, Target.ORGANIZATIONS):
            for recipe in RECIPES:
                for kind in ("stored", "text"):
                    queries = [
                        Query.of_node(node.id)
                        if kind == "stored"
                        else Query.of_text(texts.document(node))
                        for node in demands
                    ]
                    calls = [
                        lambda q=query, to=to, recipe=recipe: matcher.match(
                            q, to=to, recipe=recipe, viewer=EVERYONE
                        )
                        for query in queries
                    ]
                    _timed(calls[:5])
                    rows[f"{recipe} → {to.value}, {kind}"] = _timed(calls)
        peer = bm25s.BM25()
        peer.index([texts.tokens(texts.document(node)) for node in results], show_progress=False)
        rows["bm25s (peer) → results, text"] = _timed(
            [
                lambda n=node: peer.retrieve(
                    [texts.tokens(texts.document(n))], k=10, show_progress=False
                )
                for node in demands
            ]
        )
        command = [str(Path(sys.executable).with_name("jiebang")), "match"]
        command += ["--store", opened.settings.store]
        command += ["--demand", demands[0].id, "--to", "results", "--json"]

    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    first = (time.perf_counter() - began) * 1000
    rows["start to first answer (new process)"] = {"p50": first, "p95": first}

    table = Table("", "p50 ms", "p95 ms")
    for name, row in rows.items():
        table.add_row(name, f"{row['p50']:.1f}", f"{row['p95']:.1f}")
    Console().print(table)
    report = {"documents": len(results), "demands": len(demands), "milliseconds": rows}
    text = json.dumps(report, ensure_ascii=False)
    if args.json:
        args.json.write_text(text, encoding="utf-8")
    else:
        print(text)


if __name__ == "__main__":
    main()
