"""The labels of indicators hold together: spans inside their fields, values that stand in them.

``indicator_labels.tsv`` was labelled by reading whole texts, before a parser of indicators existed;
it holds ids, offsets, numbers and units, no texts. One row is one mention, from its quantity's name
where that is adjacent (else from its relation or number) to its unit and bound (以上, 以内).
``indicator`` is a technical quantity; ``money``, ``count`` (people, patents, devices, land,
statistics of an industry) and ``term`` (periods of a project or firm) are labelled to be measured
apart. Unlabelled are dates, numbering, standards, model names, claims about structure (两个支架),
fractions that say a place, and ratios of three or more parts or with ranges. A test's number inside
a condition is no mention of its own, but for cycle lives. ``value`` is the number as written, its
万 or 亿 in the unit (1e4 t/a); ``better`` is a gain over something by that much; an empty cell says
that there is none. ``indicator_documents.tsv`` names every document read, those without a mention
too, so that what a parser finds there counts as false.
"""

import csv
import json
import re
import unicodedata
from collections import Counter
from math import isfinite
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SHARED = HERE.parents[1].parent / "shared" / "data"
FILES = {"demand": "demands/demands.jsonl", "patent": "patents/patents.jsonl"}
FIELDS = {"demand": {"title", "content"}, "patent": {"abstract"}}
KINDS = {"indicator", "money", "count", "term"}
RELATIONS = {"≥", ">", "≤", "<", "=", "±", "~", "range", "order", "better"}
DIGITS = {character: number for number, character in enumerate("零一二三四五六七八九")} | {"两": 2}
TENS = {"十": 10, "百": 100, "千": 1000}
WRITTEN = re.compile(r"(零下|[-‐-—−])?\s*(\d+(?:\.\d+)?)|([一二两三四五六七八九十百千]+|半)")


def _rows(name: str) -> list[dict[str, str]]:
    """Rows of a table beside this file; quotes in it are plain characters."""
    with (HERE / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))


def _spelt(numeral: str) -> float:
    """Value of a Chinese numeral below ten thousand."""
    if numeral == "半":
        return 0.5
    total, digit = 0, 0
    for character in numeral:
        if character in TENS:
            total += (digit or 1) * TENS[character]
            digit = 0
        else:
            digit = DIGITS[character]
    return float(total + digit)


def _numbers(span: str) -> set[float]:
    """Numbers that a span states, a bare 数万 or 上万 as one 万."""
    plain = re.sub(r"(?<=\d),(?=\d{3})", "", unicodedata.normalize("NFKC", span))
    found = {1.0} if re.search("[数上]万", plain) else set()
    for sign, digits, numeral in WRITTEN.findall(plain):
        if digits:
            found |= {float(digits), -float(digits)} if sign else {float(digits)}
        else:
            found.add(_spelt(numeral))
    return found


@pytest.fixture(scope="module")
def texts() -> dict[tuple[str, str], dict[str, str]]:
    """Documents of the shared data by source and id."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not there: the labels' texts cannot be looked at")
    found = {}
    for source, name in FILES.items():
        with (SHARED / name).open(encoding="utf-8") as file:
            for row in map(json.loads, file):
                found[source, row["id"]] = row
    return found


def test_each_label_is_well_formed_and_stands_once() -> None:
    read = {(row["source"], row["document"]) for row in _rows("indicator_documents.tsv")}
    labels = _rows("indicator_labels.tsv")
    for row in labels:
        assert row["field"] in FIELDS[row["source"]], row
        assert row["kind"] in KINDS, row
        assert row["relation"] in RELATIONS, row
        assert row["unit_normalised"], row
        assert (row["source"], row["document"]) in read, row
        assert isfinite(float(row["value"]) + float(row["value2"] or 0)), row
        assert row["value2"] or row["relation"] != "range", row
    spans = Counter(
        (row["source"], row["document"], row["field"], row["start"], row["end"]) for row in labels
    )
    assert not [span for span, times in spans.items() if times > 1]


@pytest.mark.shared
def test_each_span_lies_in_its_field_and_states_its_value(
    texts: dict[tuple[str, str], dict[str, str]],
) -> None:
    for row in _rows("indicator_labels.tsv"):
        text = texts[row["source"], row["document"]][row["field"]]
        start, end = int(row["start"]), int(row["end"])
        assert 0 <= start < end <= len(text), row
        assert text[start:end] == text[start:end].strip(), row
        for name in ("quantity", "condition"):
            first, last = row[f"{name}_start"], row[f"{name}_end"]
            assert bool(first) == bool(last), row
            assert not first or 0 <= int(first) < int(last) <= len(text), row
        stated = _numbers(text[start:end])
        for name in ("value", "value2"):
            assert not row[name] or float(row[name]) in stated, (row, stated)
