"""How well the recipes find the right solvers of the fictional city, and how decoys stand.

    python -m bench.city [--recipe NAME ...] [--json FILE]

Loads ``examples/city`` into a store of its own with the model of the settings. A demand counts as
solved where a right solver of its key stands among the first; a decoy is passed where a right
solver stands before it.
"""

import argparse
import csv
import json
import tempfile
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from api.bootstrap import Services
from api.settings import load_settings
from embeddings.fill import fill
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Node
from loaders.service import load

CITY = Path(__file__).parents[1] / "examples" / "city"
RECIPES = ("bm25", "dense", "rrf", "hybrid", "full")
TARGETS = (Target.RESULTS, Target.ORGANIZATIONS)
#: How far is looked: every candidate that is asked for is explained, which takes most of the time.
_DEPTH = 20

#: Demand id → candidates as the key tells them: a result's number, an organisation's name.
Key = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Standing:
    """Of how many demands a right solver is among the first 1, 5, 10; of how many decoys a right
    solver stands before."""

    demands: int
    first: int
    five: int
    ten: int
    decoys: int
    passed: int


def key(name: str) -> Key:
    """``answers`` or ``decoys`` of the city."""
    told: dict[str, list[str]] = defaultdict(list)
    with (CITY / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            told[f"demand:{row['demand']}"].append(row["candidate"])
    return told


def standing(matcher: Matcher, recipe: str, to: Target, right: Key, decoys: Key) -> Standing:
    """Where the right solvers stand when every demand of the key is matched."""
    ranks, passed, tempting = [], 0, 0
    for demand, candidates in right.items():
        found = matcher.match(
            Query.of_node(demand), to=to, recipe=recipe, top=_DEPTH, group=False, viewer=EVERYONE
        )
        place = {_told(one.node, to): one.rank for one in found.candidates}
        best = min(place.get(one, _DEPTH + 1) for one in candidates)
        ranks.append(best)
        for decoy in decoys.get(demand, ()):
            if decoy.startswith("R-") == (to == Target.RESULTS):
                tempting += 1
                passed += best < place.get(decoy, _DEPTH + 1)
    within = [sum(rank <= depth for rank in ranks) for depth in (1, 5, 10)]
    return Standing(len(ranks), *within, tempting, passed)


def _told(node: Node, to: Target) -> str:
    return node.id.partition(":")[2] if to == Target.RESULTS else str(node.props["name"])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--recipe", action="append", choices=RECIPES)
    parser.add_argument("--json", type=Path)
    args = parser.parse_args()
    right, decoys = key("answers"), key("decoys")
    rows: dict[str, dict[str, int]] = {}
    with (
        tempfile.TemporaryDirectory() as folder,
        Services(load_settings({"store": f"{folder}/store"})) as services,
    ):
        load([CITY], services.store)
        fill(services.store, services.embedder)
        for to in TARGETS:
            for recipe in args.recipe or RECIPES:
                stands = standing(services.matcher(), recipe, to, right, decoys)
                rows[f"{to} {recipe}"] = asdict(stands)
    if args.json:
        args.json.write_text(json.dumps(rows, indent=2))
    table = Table("to, recipe", "demands", "@1", "@5", "@10", "decoys", "passed")
    for name, row in rows.items():
        table.add_row(name, *map(str, row.values()))
    Console().print(table)


if __name__ == "__main__":
    main()
