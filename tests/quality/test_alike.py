"""How well likeness tells demands that could be posted as one, on pairs labelled by reading.

``alike_labels.tsv``: ids of two real demands and a grade: 2 they could be posted as one, 1 they are
of one subject and might be after talking, 0 neither. The pairs are the first of several measures
(words, vectors of documents, of passages, and the two together), with some from further down; seven
are the same text posted twice, which are told apart here.
"""

import csv
import json
from pathlib import Path

import numpy as np
import pytest

from api.settings import load_settings
from embeddings.factory import open_embedder
from embeddings.fill import fill
from graph_service.matching.alike.service import like_demands
from graph_service.matching.alike.types import THRESHOLD
from graph_service.model import EVERYONE, Batch, Label, Node
from graph_service.store import open_store

HERE = Path(__file__).parent
DEMANDS = HERE.parents[1].parent / "shared" / "data" / "demands" / "demands.jsonl"


def _labels() -> dict[frozenset[str], int]:
    with (HERE / "alike_labels.tsv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    return {
        frozenset((f"demand:{row['demand']}", f"demand:{row['other']}")): int(row["grade"])
        for row in rows
    }


def test_labels_name_two_demands_each_and_no_pair_twice() -> None:
    lines = (HERE / "alike_labels.tsv").read_text("utf-8").splitlines()
    labels = _labels()
    assert len(labels) == len(lines) - 1 >= 60
    assert all(len(pair) == 2 for pair in labels)
    assert set(labels.values()) == {0, 1, 2}


@pytest.mark.shared
def test_pairs_over_the_threshold_are_alike(tmp_path: Path) -> None:
    if not DEMANDS.is_file():
        pytest.skip("../shared/data/demands is not here")
    settings = load_settings({"model": "default"})
    embedder = open_embedder(settings.model, settings.cache, threads=settings.threads)
    rows = [json.loads(line) for line in DEMANDS.read_text("utf-8").splitlines()]
    nodes = [
        Node(f"demand:{row['id']}", Label.DEMAND, {"title": row["title"], "text": row["content"]})
        for row in rows
    ]
    with open_store(str(tmp_path / "store")) as store:
        store.apply(Batch(nodes))
        fill(store, embedder)
        found = like_demands(store, embedder.fingerprint, limit=1000, viewer=EVERYONE)
    pairs, repeated = set(), set()
    for group in found.groups:
        ids = [member.node.id for member in group.members]
        assert group.least >= np.float32(THRESHOLD)
        some = {frozenset((one, other)) for one in ids for other in ids if one != other}
        (repeated if all(member.repeats for member in group.members[1:]) else pairs).update(some)
    labels = _labels()
    assert len(repeated) == 7
    assert all(labels[pair] == 2 for pair in repeated)
    unknown = pairs - labels.keys()
    assert not unknown, f"read these and label them: {[sorted(pair) for pair in unknown]}"
    grades = [labels[pair] for pair in pairs]
    asked = {pair: grade for pair, grade in labels.items() if pair not in repeated}
    figures = {
        "precision of 1 and 2": sum(grade > 0 for grade in grades) / len(grades),
        "precision of 2": sum(grade == 2 for grade in grades) / len(grades),
        "recall of 2": grades.count(2) / list(asked.values()).count(2),
        "recall of 1 and 2": sum(grade > 0 for grade in grades)
        / sum(grade > 0 for grade in asked.values()),
    }
    print(len(pairs), {name: round(figure, 3) for name, figure in figures.items()})
    assert figures["precision of 1 and 2"] >= 0.85
    assert figures["recall of 2"] >= 0.6
