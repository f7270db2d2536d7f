"""Measures one store in a process of its own: ``python -m bench.scale.measure STORE``.

Prints JSON: milliseconds of the first call and percentiles of the warm ones, memory, start-up. The
start of the process is told by the parent, on the clock that both share.
"""

import argparse
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from api.bootstrap import Services
    from graph_service.model import Node

#: Calls in a row between which the machine may be disturbed; the calmest of three rounds counts.
_ROUNDS = 3


def timed(calls: Sequence[Callable[[], object]]) -> dict[str, float]:
    """The first call, and p50, p95, p99 of all, warm, in the calmest of some rounds (ms)."""
    first = _took(calls[0])
    rounds = [[_took(call) for call in calls] for _ in range(_ROUNDS)]
    calmest = min(rounds, key=sum)
    told = dict(zip(("p50", "p95", "p99"), np.percentile(calmest, (50, 95, 99)), strict=True))
    return {"first": first, **{name: float(value) for name, value in told.items()}}


def _took(call: Callable[[], object]) -> float:
    began = time.perf_counter()
    call()
    return (time.perf_counter() - began) * 1000


def memory() -> dict[str, float]:
    """Resident memory in MiB: own, and files mapped (which the system may take back)."""
    status = Path("/proc/self/status").read_text("ascii").splitlines()
    told = {line.split(":")[0]: line.split()[1] for line in status if line.endswith("kB")}
    return {
        "own": int(told["RssAnon"]) / 1024,
        "files": (int(told["RssFile"]) + int(told["RssShmem"])) / 1024,
        "peak": int(told["VmHWM"]) / 1024,
    }


def measure(folder: str, *, began: float, queries: int) -> dict[str, Any]:
    """All figures of one store."""
    from api.bootstrap import services
    from graph_service.matching.types import Query, Target
    from graph_service.model import EVERYONE, Filter, Label

    with services(folder, read_only=True) as made:
        matcher, store = made.matcher(), made.store
        opened = time.monotonic() - began
        demands = store.scan(Filter(labels=frozenset({Label.DEMAND})), limit=queries).nodes
        matcher.match(
            Query.of_node(demands[0].id), to=Target.RESULTS, recipe="hybrid", viewer=EVERYONE
        )
        answered = time.monotonic() - began
        rows = _rows(made, demands)
        return {
            "counts": store.stats()["nodes"],
            "seconds": {"opened": opened, "first answer": answered},
            "milliseconds": rows,
            "mebibytes": memory(),
            "recall@50": _recall(made, demands[:50]),
            "hybrid beside uncut and exact": _agreement(made, demands[:50]),
        }


def _rows(made: "Services", demands: Sequence["Node"]) -> dict[str, dict[str, float]]:
    from graph_service import text as texts
    from graph_service.matching.recipes import RECIPES
    from graph_service.matching.types import Query, Target
    from graph_service.model import EVERYONE

    matcher, store, embedder = made.matcher(), made.store, made.embedder
    said = [texts.document(node) for node in demands]
    heads = [text[: texts.QUERY_CHARS] for text in said]
    rows = {"embed a query": timed([lambda t=text: embedder.embed_queries([t]) for text in heads])}
    for to in (Target.RESULTS, Target.ORGANIZATIONS):
        for recipe in RECIPES:
            for kind in ("stored", "text"):
                asked = [
                    Query.of_node(node.id) if kind == "stored" else Query.of_text(text)
                    for node, text in zip(demands, said, strict=True)
                ]
                rows[f"match {recipe} → {to.value}, {kind}"] = timed(
                    [
                        lambda q=query, to=to, recipe=recipe: matcher.match(
                            q, to=to, recipe=recipe, viewer=EVERYONE
                        )
                        for query in asked
                    ]
                )
    rows["search"] = timed(
        [lambda n=node: matcher.search(n.title[:12], viewer=EVERYONE) for node in demands]
    )
    firms = [f"org:{number:07d}" for number in range(len(demands))]
    rows["neighbours"] = timed([lambda f=firm: store.neighbours([f]) for firm in firms])
    rows["paths, 4 hops"] = timed(
        [
            lambda f=firm, n=node: store.paths(n.id, f, max_hops=4, k=3)
            for firm, node in zip(firms, demands, strict=True)
        ]
    )
    return rows


def _recall(made: "Services", demands: Sequence["Node"]) -> float:
    """Of the 50 results nearest to a demand, how many the vector search finds."""
    from graph_service.model import Filter, Label

    store, fingerprint = made.store, made.embedder.fingerprint
    results = Filter(labels=frozenset({Label.RESULT}))
    vectors = store.passage_vectors(
        [node.id for node in demands], fingerprint, whole_documents=True
    ).matrix
    best: list[list[tuple[float, str]]] = [[] for _ in demands]
    after: str | None = None
    while True:
        page = store.scan(results, after=after, limit=20_000)
        some = store.passage_vectors(
            [node.id for node in page.nodes], fingerprint, whole_documents=True
        )
        scores = some.matrix @ vectors.T
        for column, kept in enumerate(best):
            top = np.argsort(-scores[:, column])[:50]
            kept += [(-float(scores[i, column]), some.node_ids[i]) for i in top.tolist()]
            kept.sort()
            del kept[50:]
        after = page.cursor
        if after is None:
            break
    found = [
        {
            hit.node_id
            for hit in store.search_vectors(
                vector, fingerprint, results, limit=300, passages="whole"
            )[:50]
        }
        for vector in vectors
    ]
    shares = [
        len(some & {node_id for _, node_id in kept}) / len(kept)
        for some, kept in zip(found, best, strict=True)
    ]
    return float(np.mean(shares))


def _agreement(made: "Services", demands: Sequence["Node"]) -> float:
    """Of ``hybrid``'s first ten, how many stand there too with lists 2,000 deep and no word cut."""
    from dataclasses import replace

    from graph_service.matching import recipes
    from graph_service.matching.types import Query, Target
    from graph_service.model import EVERYONE

    matcher = made.matcher()

    def ask() -> list[set[str]]:
        found = [
            matcher.match(
                Query.of_node(node.id), to=Target.RESULTS, recipe="hybrid", viewer=EVERYONE
            )
            for node in demands
        ]
        return [{one.node.id for one in some.candidates} for some in found]

    ours, own = ask(), recipes.RECIPES["hybrid"]
    whole = {**recipes.RECIPES, "hybrid": replace(own, depth=2_000, most_read=None)}
    recipes.RECIPES, before = whole, recipes.RECIPES
    try:
        uncut = ask()
    finally:
        recipes.RECIPES = before
    return float(np.mean([len(a & b) / len(b) for a, b in zip(ours, uncut, strict=True)]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("store")
    parser.add_argument("--queries", type=int, default=100)
    parser.add_argument("--began", type=float, default=time.monotonic())
    args = parser.parse_args()
    told = measure(args.store, began=args.began, queries=args.queries)
    print(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main()
