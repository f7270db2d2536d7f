"""A Neo4j server beside the embedded store: the same files loaded, the same demands matched.

    JIEBANG_STORE=neo4j://… python -m bench.engines [--data FOLDER] [--vectors STORE]
        [--demands N] [--json FILE]

The server of ``JIEBANG_STORE`` must be empty. In one run both engines load the files of FOLDER
(without vectors), then take the vectors of STORE (an embedded store of the same files; without it
they are embedded once) and answer the same stored demands. Printed are

- rows and vectors a second of each engine;
- milliseconds and round trips of a match, after as many other demands;
- how often the first ten are the same, and for each difference the first rank and the scores there;
- how many of the nearest fifty results, by exact cosine, the server's index of vectors finds.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from api.bootstrap import Services, services
from embeddings.fill import fill
from graph_service.matching.types import MatchResult, Query, Target
from graph_service.model import EVERYONE, Filter, Label
from graph_service.ports import Whole
from graph_service.store import open_store
from graph_service.store.bolt.connection import Connection

_PROGRAM = str(Path(sys.executable).with_name("jiebang"))
_DATA = Path(__file__).parents[2] / "shared" / "data"
_DEMANDS = Filter(labels=frozenset({Label.DEMAND}))
_RESULTS = Filter(labels=frozenset({Label.RESULT}))
_RECIPES = ("bm25", "dense", "rrf", "hybrid", "full")
_TARGETS = (Target.RESULTS, Target.ORGANIZATIONS)
_ENGINES = ("embedded", "neo4j")


def load(location: str, data: Path) -> dict[str, float]:
    """Load files by the command, in a process of its own: rows and seconds."""
    began = time.perf_counter()
    done = subprocess.run(
        [_PROGRAM, "load", str(data), "--no-embed", "--store", location, "--json"],
        check=True,
        capture_output=True,
        text=True,
    )
    took = time.perf_counter() - began
    rows = json.loads(done.stdout)["rows"]
    return {"rows": rows, "seconds": took, "rows a second": rows / took}


def give_vectors(source: str | None, opened: Services) -> dict[str, float]:
    """Put the vectors of another store, or else embed."""
    began = time.perf_counter()
    store, put = opened.store, 0
    if source is None:
        fill(store, opened.embedder)
        put = int(store.stats()["passages"])
    else:
        fingerprint, after = opened.embedder.fingerprint, b""
        with open_store(source, read_only=True) as other:
            while (some := other.kept_vectors(fingerprint, after=after, limit=1000)).hashes:
                store.put_vectors(fingerprint, some.hashes, some.matrix)
                put, after = put + len(some.hashes), some.hashes[-1]
        store.refresh()
    took = time.perf_counter() - began
    return {"vectors": put, "seconds": took, "vectors a second": put / took}


@contextmanager
def counted() -> Iterator[list[int]]:
    """The statements that are sent to a server meanwhile, as one number."""
    number, read = [0], Connection.read

    def counting(self: Connection, query: str, /, **params: Any) -> Any:
        number[0] += 1
        return read(self, query, **params)

    Connection.read = counting  # type: ignore[method-assign]
    try:
        yield number
    finally:
        Connection.read = read  # type: ignore[method-assign]


def matched(
    opened: Services, warming: list[str], demands: list[str], to: Target, recipe: str
) -> tuple[dict[str, MatchResult], dict[str, float]]:
    """The answers by demand; p50 and p95 in milliseconds, round trips of the longest. Others are
    asked first: a server plans each new question, and a process reads names once."""
    matcher, took, trips, answers = opened.matcher(), [], [], {}
    for id_ in [*warming, *demands]:
        with counted() as number:
            began = time.perf_counter()
            answers[id_] = matcher.match(
                Query.of_node(id_), to=to, recipe=recipe, top=10, viewer=EVERYONE
            )
            took.append((time.perf_counter() - began) * 1000)
        trips.append(number[0])
    warm = len(warming)
    p50, p95 = (float(np.percentile(took[warm:], q)) for q in (50, 95))
    told = {id_: answers[id_] for id_ in demands}
    return told, {"p50": p50, "p95": p95, "trips": max(trips[warm:])}


def different(a: dict[str, MatchResult], b: dict[str, MatchResult]) -> list[dict[str, Any]]:
    """Where the first ten are not the same nodes in the same order."""
    found = []
    for id_, one in a.items():
        pairs = zip(one.candidates, b[id_].candidates, strict=False)
        for rank, (here, there) in enumerate(pairs, start=1):
            if here.node.id != there.node.id:
                found.append(
                    {
                        "demand": id_,
                        "rank": rank,
                        "same ten": {c.node.id for c in one.candidates}
                        == {c.node.id for c in b[id_].candidates},
                        **{
                            name: {"id": c.node.id, "score": round(c.score, 6)}
                            for name, c in zip(_ENGINES, (here, there), strict=True)
                        },
                    }
                )
                break
    return found


def recall(store: Whole, fingerprint: str, demands: list[str]) -> float:
    """Of the nearest fifty results by exact cosine, those that the engine finds among fifty."""
    nodes, after = [], None
    while True:
        page = store.scan(_RESULTS, after=after, limit=5_000)
        nodes += [node.id for node in page.nodes]
        if (after := page.cursor) is None:
            break
    exact = store.passage_vectors(nodes, fingerprint, whole_documents=True)
    queries = store.passage_vectors(demands, fingerprint, whole_documents=True)
    shares = []
    for vector in queries.matrix:
        near = exact.matrix @ vector
        fiftieth = np.sort(near)[-50] - 1e-5
        found = store.search_vectors(vector, fingerprint, _RESULTS, limit=50, passages="whole")
        place = {id_: i for i, id_ in enumerate(exact.node_ids)}
        shares.append(np.mean([near[place[hit.node_id]] >= fiftieth for hit in found]))
    return float(np.mean(shares))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=_DATA)
    parser.add_argument("--vectors")
    parser.add_argument("--demands", type=int, default=50)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    report: dict[str, Any] = {"load": {}, "vectors": {}, "match": {}, "differences": {}}
    with tempfile.TemporaryDirectory(prefix="engines-") as folder, services() as server:
        if any(server.store.stats()["nodes"].values()):
            sys.exit("JIEBANG_STORE must be an empty Neo4j server.")
        places = dict(zip(_ENGINES, (f"{folder}/store", server.settings.store), strict=True))
        for engine, place in places.items():
            report["load"][engine] = load(place, args.data)
        with services(places["embedded"]) as here:
            both = dict(zip(_ENGINES, (here, server), strict=True))
            for engine, opened in both.items():
                report["vectors"][engine] = give_vectors(args.vectors, opened)
            some = [node.id for node in here.store.scan(_DEMANDS, limit=2 * args.demands).nodes]
            demands, warming = some[: args.demands], some[args.demands :]
            for to in _TARGETS:
                for recipe in _RECIPES:
                    name = f"{recipe} → {to.value}"
                    told = {
                        engine: matched(opened, warming, demands, to, recipe)
                        for engine, opened in both.items()
                    }
                    report["match"][name] = {engine: speed for engine, (_, speed) in told.items()}
                    report["differences"][name] = different(*(one for one, _ in told.values()))
            report["recall@50"] = {
                engine: recall(opened.store, opened.embedder.fingerprint, demands)
                for engine, opened in both.items()
            }
    _show(report, len(demands))
    text = json.dumps(report, ensure_ascii=False)
    if args.json:
        args.json.write_text(text, encoding="utf-8")
    else:
        print(text)


def _show(report: dict[str, Any], demands: int) -> None:
    table = Table("", *_ENGINES)
    for what, unit in (("load", "rows a second"), ("vectors", "vectors a second")):
        table.add_row(unit, *(f"{report[what][engine][unit]:.0f}" for engine in _ENGINES))
    table.add_row("recall@50", *(f"{report['recall@50'][engine]:.3f}" for engine in _ENGINES))
    for name, row in report["match"].items():
        cells = [
            f"{row[one]['p50']:.1f} / {row[one]['p95']:.1f}"
            + (f", {row[one]['trips']} trips" if one == "neo4j" else "")
            for one in _ENGINES
        ]
        same = demands - len(report["differences"][name])
        table.add_row(f"{name}, p50 / p95 ms ({same}/{demands} same ten)", *cells)
    Console().print(table)


if __name__ == "__main__":
    main()
