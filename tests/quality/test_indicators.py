"""How well indicators are read: precision and recall against labels made by reading whole texts.

A mention counts as found when its span overlaps a label's; value, relation and unit are told apart
among those. ``whole`` asks for all of them at once. Labels: see ``test_indicator_labels.py``.
"""

import csv
import json
import re
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from graph_service.understanding.indicators import Indicator, indicators

HERE = Path(__file__).parent
SHARED = HERE.parents[1].parent / "shared" / "data"
FILES = {"demand": "demands/demands.jsonl", "patent": "patents/patents.jsonl"}
FIELDS = {"demand": ("title", "content"), "patent": ("abstract",)}

#: A little below what is reached: source, then figure.
FLOORS: dict[str, dict[str, float]] = {
    "demand": {
        "precision": 0.96,
        "recall": 0.85,
        "recall of indicator": 0.94,
        "value": 0.98,
        "relation": 0.95,
        "unit": 0.945,
        "whole": 0.825,
    },
    "patent": {
        "precision": 0.975,
        "recall": 0.905,
        "recall of indicator": 0.905,
        "value": 0.98,
        "relation": 0.98,
        "unit": 0.955,
        "whole": 0.895,
    },
}

Row = dict[str, str]


def _rows(name: str) -> list[Row]:
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


@dataclass
class Tally:
    """Counts of one source."""

    labels: int = 0
    read: int = 0
    found: int = 0
    right: Counter[str] = field(default_factory=Counter)
    told: Counter[str] = field(default_factory=Counter)
    found_of: Counter[str] = field(default_factory=Counter)

    @property
    def figures(self) -> dict[str, float]:
        """Precision and recall of spans; of those found the shares with each part right; F1 of
        mentions right in all parts."""
        shares = {
            name: self.right[name] / (self.found or 1)
            for name in ("value", "relation", "unit", "kind")
        }
        return {
            "precision": self.found / (self.read or 1),
            "recall": self.found / (self.labels or 1),
            **shares,
            **{
                f"recall of {kind}": self.found_of[kind] / self.told[kind]
                for kind in sorted(self.told)
            },
            "whole": 2 * self.right["whole"] / ((self.labels + self.read) or 1),
        }


def _close(one: float, two: float) -> bool:
    return abs(one - two) <= 1e-9 * max(abs(one), abs(two))


#: How labels write units; things that are counted, times and folds are 1 there.
_LABELLED = {
    "CNY": "元", "degC": "°C", "mu": "亩", "deg": "°", "class": "级", "month": "月", "um": "μm",
    "decade": "数量级", "part": "份", "ohm": "Ω", "mesh": "目", "mA*h": "mAh", "W*h": "Wh",
}  # fmt: skip
_COUNTED = frozenset(["次", "个", "人", "家", "户", "项", "倍", "1"])


def _plain(symbol: str) -> tuple[float, tuple[str, ...]]:
    """Scale of a normal form, and its units in one notation."""
    head, _, rest = symbol.rpartition(" ") if re.match(r"1e-?\d+ ", symbol) else ("1", "", symbol)
    if re.fullmatch(r"1e-?\d+(?:/.*)?", rest):
        head, _, under = rest.partition("/")
        rest = f"1/{under}" if under else "1"
    for theirs, ours in _LABELLED.items():
        rest = re.sub(rf"(?<![A-Za-z]){re.escape(theirs)}(?![A-Za-z])", ours, rest)
    rest = re.sub(r"(?<=[a-z])(?=[234])", "^", rest).replace("*", "·")
    rest = re.sub(r"/\(([^()]*)\)", lambda found: "/" + found[1].replace("·", "/"), rest)
    return float(head), tuple("1" if one in _COUNTED else one for one in rest.split("/"))


def _value_right(label: Row, one: Indicator) -> bool:
    theirs, _ = _plain(label["unit_normalised"])
    ours, _ = _plain(one.unit_normalised)
    told = [float(label[name]) * theirs if label[name] else None for name in ("value", "value2")]
    read = [one.value * ours, None if one.value2 is None else one.value2 * ours]
    return all(
        (a is None and b is None) or (a is not None and b is not None and _close(a, b))
        for a, b in zip(told, read, strict=True)
    )


def _unit_right(label: Row, one: Indicator) -> bool:
    return _plain(label["unit_normalised"])[1] == _plain(one.unit_normalised)[1]


def _measured() -> tuple[dict[str, Tally], list[str]]:
    texts = {}
    for source, name in FILES.items():
        with (SHARED / name).open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                texts[source, row["id"]] = row
    labels: defaultdict[tuple[str, str, str], list[Row]] = defaultdict(list)
    for row in _rows("indicator_labels.tsv"):
        labels[row["source"], row["document"], row["field"]].append(row)
    tallies: defaultdict[str, Tally] = defaultdict(Tally)
    wrong: list[str] = []
    for document in _rows("indicator_documents.tsv"):
        source, id_ = document["source"], document["document"]
        for name in FIELDS[source]:
            _compare(
                tallies[source],
                wrong,
                labels[source, id_, name],
                texts[source, id_].get(name) or "",
            )
    return tallies, wrong


def _compare(tally: Tally, wrong: list[str], told: list[Row], text: str) -> None:
    read = indicators(text)
    tally.labels += len(told)
    tally.told.update(row["kind"] for row in told)
    tally.read += len(read)
    left = sorted(told, key=lambda row: int(row["start"]))
    for one in read:
        label = next(
            (
                row
                for row in left
                if int(row["start"]) < one.span[1] and one.span[0] < int(row["end"])
            ),
            None,
        )
        if label is None:
            wrong.append(f"+ {_around(text, *one.span)} | {_told(one)}")
            continue
        left.remove(label)
        right = {
            "value": _value_right(label, one),
            "relation": label["relation"] == one.relation,
            "unit": _unit_right(label, one),
        }
        tally.found += 1
        tally.found_of[label["kind"]] += 1
        tally.right.update(name for name, good in right.items() if good)
        tally.right["kind"] += label["kind"] == one.kind
        tally.right["whole"] += all(right.values())
        bad = [
            name for name, good in {**right, "kind": label["kind"] == one.kind}.items() if not good
        ]
        if bad:
            wrong.append(
                f"{','.join(bad)}: {_around(text, *one.span)} | {_told(one)} | {_said(label)}"
            )
    wrong.extend(
        f"- {_around(text, int(row['start']), int(row['end']))} | {_said(row)}" for row in left
    )


def _told(one: Indicator) -> str:
    return f"{one.kind} {one.relation} {one.value} {one.value2} {one.unit_normalised}"


def _said(row: Row) -> str:
    return " ".join(
        row[name] for name in ("kind", "relation", "value", "value2", "unit_normalised")
    )


def _around(text: str, start: int, end: int) -> str:
    return f"{text[max(0, start - 12) : start]}[{text[start:end]}]{text[end : end + 8]}".replace(
        "\n", "⏎"
    )


@pytest.mark.shared
def test_indicators_are_read_as_people_read_them(capsys: pytest.CaptureFixture[str]) -> None:
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not there: nothing to read indicators from")
    tallies, wrong = _measured()
    with capsys.disabled():
        print()
        for source, tally in tallies.items():
            shown = "  ".join(f"{name} {value:.3f}" for name, value in tally.figures.items())
            print(f"{source}: {tally.labels} labels, {tally.read} read: {shown}")
    for source, floors in FLOORS.items():
        figures = tallies[source].figures
        below = {name: figures[name] for name, floor in floors.items() if figures[name] < floor}
        assert not below, "\n".join(wrong)
