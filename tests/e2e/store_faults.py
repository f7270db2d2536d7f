"""What the tests of kills and faults share: a graph of known rows, the program, what it left."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from typer.testing import CliRunner, Result

from api.cli import app
from embeddings.hashing import HashingEmbedder
from graph_service.model import EdgeType, Filter, Label
from graph_service.ports import GraphStore

PROGRAM = Path(sys.executable).with_name("jiebang")
WORDS = ("轴承", "钢材", "冲击", "韧性", "电机", "传感器", "疲劳", "寿命", "润滑", "密封")
ENCODER = HashingEmbedder()
LINE = re.compile(r"进度 (\d+)(?:/\d+)? (.+)")


def write_rows(path: Path, rows: int, first: int = 0) -> Path:
    """A graph.jsonl whose line i is demand first + i, or an edge of the demand before it.

    ``first`` is a multiple of 4: an edge refers to the two lines before it.
    """
    with path.open("wb") as file:
        for row in range(first, first + rows):
            file.write(orjson.dumps(_row(row)) + b"\n")
    return path


def _row(row: int) -> dict[str, Any]:
    if row % 4 == 3:
        ends = {"from": f"d{row - 1}", "to": f"d{row - 2}"}
        return {"edge": "PARTNERED", **ends, "confidence": 0.5, "inferred": row % 8 == 3}
    words = [WORDS[(row * step) % len(WORDS)] for step in (1, 3, 7)]
    return {
        "node": f"d{row}",
        "label": "Demand",
        "props": {"title": f"需求{row}", "text": " ".join(words)},
        "source": f"表{row % 3}",
        "observed_at": "2025-01",
    }


def command(*words: object) -> list[str]:
    return [str(word) for word in (PROGRAM, *words)]


def environment() -> dict[str, str]:
    return os.environ | {"JIEBANG_MODEL": "hashing", "JIEBANG_THREADS": "1"}


def run(*words: object, **options: Any) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*words),
        env=environment(),
        capture_output=True,
        text=True,
        check=options.pop("check", False),
        **options,
    )


def call(*words: object) -> Result:
    """As ``run``, in this process: for what no process is needed for."""
    return CliRunner(env={"JIEBANG_MODEL": "hashing"}).invoke(app, [str(word) for word in words])


def acknowledged(lines: Iterator[str] | list[str], phase: str) -> int:
    """The last count that was printed for a phase."""
    found = [LINE.match(line) for line in lines]
    return max((int(one[1]) for one in found if one and one[2] == phase), default=0)


def missing_rows(store: GraphStore, rows: int, first: int = 0) -> list[int]:
    """Which of so many rows the store does not hold as they were written."""
    expected = [_row(row) for row in range(first, first + rows)]
    nodes = store.nodes([row["node"] for row in expected if "node" in row])
    hops = store.neighbours(
        [row["from"] for row in expected if "edge" in row],
        types=[EdgeType.PARTNERED],
        direction="out",
    )
    missing = []
    for number, row in enumerate(expected, first):
        if "node" in row:
            found = nodes.get(row["node"])
            if found is None or found.props != row["props"] or found.source != row["source"]:
                missing.append(number)
        else:
            ends = {(hop.end, hop.edge.inferred) for hop in hops.get(row["from"], [])}
            if (row["to"], row["inferred"]) not in ends:
                missing.append(number)
    return missing


def answers(store: GraphStore) -> list[object]:
    """What searches and walks tell, as plain values."""
    told: list[object] = []
    labels = Filter(labels=frozenset({Label.DEMAND}))
    for asked in (WORDS[0], " ".join(WORDS[1:3]), " ".join(WORDS[4:8])):
        terms = dict.fromkeys(asked.split(), 1.0)
        told.append(store.search_text(terms, labels, limit=50))
        vector = ENCODER.embed_queries([asked])[0]
        told.append(store.search_vectors(vector, ENCODER.fingerprint, labels, limit=50))
        found = store.lexical_features([*terms], Label.DEMAND, ["d0", "d1", "d2000", "nobody"])
        told.append((found.documents, found.frequency.tolist(), found.counts.tolist()))
    stored = store.passage_vectors(["d0", "d5", "d4001"], ENCODER.fingerprint)
    told.append((list(stored.node_ids), np.round(stored.matrix, 5).tolist()))
    told.append(store.paths("d1", "d2", max_hops=3))
    return told
