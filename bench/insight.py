"""Speed of communities and their layout on synthetic chains.

    python -m bench.insight [10000 100000 1000000] [--store DIR] [--json FILE]

A chain has a firm for every five edges (SUPPLIES), in groups of some forty firms within which four
edges of five lie. Measured are the steps from facts to the first answer as JSON, and the opening of
the largest community; with ``--store`` the facts are read from an embedded store, which stays in
the folder and is used again (one of a million edges takes minutes to make). Beside it: one Louvain
of networkx on the same links, which gives up after ``--patience`` seconds. Each size and each peer
is measured in a process of its own, with the processor's time beside the clock's.
"""

import argparse
import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from rich.console import Console
from rich.table import Table

from graph_service.insight import answers
from graph_service.insight.judging import Progress
from graph_service.insight.leiden import hierarchy
from graph_service.insight.network import project
from graph_service.insight.opened import opened
from graph_service.insight.picturing import picture
from graph_service.insight.scope import Facts, Scope, read
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.store import open_store

NOW = datetime(2026, 11, 23, tzinfo=UTC)
_GROUP, _WITHIN, _PER_FIRM, _SEED, _BATCH = 40, 0.8, 5, 20261123, 5000


def _firms(edges: int) -> dict[str, Node]:
    return {
        id_: Node(id_, Label.ORGANIZATION, {"name": f"企业{id_[4:]}"}, "bench", "2026-01-01")
        for id_ in (f"org:{i:07d}" for i in range(edges // _PER_FIRM))
    }


def _edges(edges: int) -> Iterator[Edge]:
    rng = np.random.default_rng(_SEED)
    n = edges // _PER_FIRM
    start = rng.integers(0, n, edges)
    near = start // _GROUP * _GROUP + rng.integers(0, _GROUP, edges)
    end = np.where(rng.random(edges) < _WITHIN, near, rng.integers(0, n, edges)) % n
    for number, (a, b) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        ends = f"org:{a:07d}", f"org:{b:07d}"
        yield Edge(EdgeType.SUPPLIES, *ends, f"p{number % 50}", {}, "bench", "2026-01-01")


def _store(folder: Path, edges: int) -> Path:
    """An embedded store of a chain, made where there is none."""
    place = folder / str(edges)
    if not (place / "whole").exists():
        with open_store(str(place)) as store:
            batch: list[Edge] = []
            firms = list(_firms(edges).values())
            for first in range(0, len(firms), _BATCH):
                store.apply(Batch(firms[first : first + _BATCH]))
            for edge in _edges(edges):
                batch.append(edge)
                if len(batch) == _BATCH:
                    store.apply(Batch(edges=batch))
                    batch = []
            store.apply(Batch(edges=batch))
            store.refresh()
        (place / "whole").touch()
    return place


def measure(edges: int, folder: Path | None) -> dict[str, Any]:
    """Seconds of each step: by the clock, and of the processor."""
    figures: dict[str, Any] = {"edges": edges}

    def timed(name: str, make: Callable[[], Any]) -> Any:
        clock, cpu = time.perf_counter(), time.process_time()
        made = make()
        figures[name] = round(time.perf_counter() - clock, 2)
        figures[f"{name}_cpu"] = round(time.process_time() - cpu, 2)
        return made

    scope = Scope()
    place = _store(folder, edges) if folder else None
    with open_store(str(place), read_only=True) if place else nullcontext() as store:
        if store is None:
            facts = Facts(_firms(edges), {EdgeType.SUPPLIES: list(_edges(edges))})
        else:
            facts = timed("read", lambda: read(store, scope))
    network = timed("project", lambda: project(facts, scope))
    division, _ = timed("leiden", lambda: hierarchy(network.matrix()))
    made = timed(
        "picture",  # Leiden again, the layout and all that is told
        lambda: picture(
            facts,
            network,
            scope,
            1.0,
            read=lambda _: {},
            demands={},
            before=None,
            change=1,
            now=NOW,
            today=date(2026, 11, 23),
        ),
    )
    told = timed("answer", lambda: orjson.dumps(answers.picture_dict(made, {}, Progress(0, 0))))
    top = made.children(None)
    largest = max(top, key=lambda one: len(one.members))
    inside = timed("open", lambda: opened(made, largest.id, largest.circle, None, NOW))
    return figures | {
        "firms": len(network.ids),
        "pairs": len(network.pairs),
        "modularity": round(division.modularity, 4),
        "communities": len(top),
        "answer_kb": len(told) // 1000,
        "largest": len(inside.members),
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def louvain(edges: int) -> dict[str, Any]:
    """The peer: one run of networkx on the same links (ours is the best of five)."""
    import networkx as nx
    from networkx.algorithms import community

    facts = Facts(_firms(edges), {EdgeType.SUPPLIES: list(_edges(edges))})
    graph: nx.Graph[int] = nx.Graph()
    graph.add_weighted_edges_from(
        (one.a, one.b, one.weight) for one in project(facts, Scope()).pairs
    )
    del facts
    clock, cpu = time.perf_counter(), time.process_time()
    found = community.louvain_communities(graph, seed=_SEED)
    return {
        "louvain": round(time.perf_counter() - clock, 2),
        "louvain_cpu": round(time.process_time() - cpu, 2),
        "louvain_modularity": round(community.modularity(graph, found), 4),
        "louvain_peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
    }


def _child(edges: int, *words: str, patience: float | None = None) -> dict[str, Any]:
    command = [sys.executable, "-m", "bench.insight", str(edges), *words]
    try:
        done = subprocess.run(
            command, check=True, stdout=subprocess.PIPE, text=True, timeout=patience
        )
    except subprocess.TimeoutExpired:
        return {"louvain": f"> {patience:.0f}"}
    told: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return told


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("edges", nargs="*", type=int, default=[10_000, 100_000, 1_000_000])
    parser.add_argument("--store")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--patience", type=float, default=600, metavar="SECONDS")
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--peer", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.peer:
        print(json.dumps(louvain(asked.edges[0])))
        return
    if asked.one:
        folder = Path(asked.store) if asked.store else None
        print(json.dumps(measure(asked.edges[0], folder)))
        return
    store = ["--store", asked.store] if asked.store else []
    figures = [
        _child(edges, "--one", *store) | _child(edges, "--peer", patience=asked.patience)
        for edges in asked.edges
    ]
    if asked.json:
        asked.json.write_text(json.dumps(figures, indent=2))
    shown = Table("", *(f"{one['edges']:,}" for one in figures))
    for name in dict.fromkeys(name for one in figures for name in one):
        shown.add_row(name, *(f"{one.get(name, '')}" for one in figures))
    Console().print(shown)


if __name__ == "__main__":
    main()
