"""Who is who on the organisations of ../shared/data: precision and recall on labelled pairs.

``resolution_pairs.tsv`` was labelled by reading names, addresses, dates and websites, before there
were scores; it holds ids only. ``real`` are pairs of organisations of the data whose names are
close, or who share a brand or a website; ``list`` are pairs that were found first and then
labelled, their scores unseen; ``short`` are a listed firm's short name against full
names; ``written`` are names as offices write them (``firm:7~traditional``), made here from the
real ones: the same firm in another writing, or another firm of nearly that name. Weights were set
on the pairs of ``DEVELOPED``; the floors hold on the others.
"""

import csv
import hashlib
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path

import opencc
import pytest

from graph_service.model import Label, Node
from graph_service.resolution.blocking import pairs
from graph_service.resolution.names import parse, plain
from graph_service.resolution.profiles import Profile, profile
from graph_service.resolution.scoring import Comparison, Rarity, compare
from loaders.uscc import is_valid

SHARED = Path(__file__).parents[2].parent / "shared" / "data"
PAIRS = Path(__file__).with_name("resolution_pairs.tsv")
FLOORS = {"precision": 0.5, "recall": 0.85, "precision of probable": 0.85}


def _organisations() -> Iterator[tuple[str, dict[str, object]]]:
    """Reference and properties of each organisation, in the order of files and rows."""
    with (SHARED / "firms/firms.csv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file)):
            row["uscc"] = row["uscc"] if is_valid(row["uscc"]) else ""
            yield f"firm:{number}", {**row, "aliases": [row["short_name"]]}
    with (SHARED / "chain/company.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield f"listed:{row['code']}", {"name": row["fullname"], "short_name": row["name"]}
    lines = (SHARED / "firms/suzhou_manufacturers.txt").read_text(encoding="utf-8").split("\n")
    for number, line in enumerate(lines):
        if line.strip():
            yield f"maker:{number}", {"name": line.strip()}
    with (SHARED / "patents/patents.jsonl").open(encoding="utf-8") as file:
        for row in map(json.loads, file):
            for number, name in enumerate(re.split("[;；]", row["assignee"] or "")):
                if name.strip():
                    yield f"patent:{row['id'][:12]}:{number}", {"name": name.strip()}
    with (SHARED / "reference/universities.csv").open(encoding="utf-8") as file:
        for number, row in enumerate(csv.DictReader(file)):
            yield f"school:{number}", {"name": row["name"]}


def _written(name: str, way: str) -> str:
    """A name in another writing (the first six), or the name of another firm (the others)."""
    legal = next(f for f in ("股份有限公司", "有限责任公司", "有限公司", "公司") if f in name)
    place = (parse(name).regions or ("",))[0]
    core = parse(name).core
    other = "西宁" if place != "西宁" else "苏州"
    with_word = name.replace(legal, f"科技{legal}")
    ways = {
        "traditional": opencc.OpenCC("s2t").convert(name),
        "liability": name.replace(legal, "有限责任公司"),
        "no_region": re.sub(rf"^{place}[省市]?", "", name),
        "city": re.sub(rf"^{place}(?!市|省)", f"{place}市", name) if place else f"{name} ",
        "typo": name.replace(core, core[1] + core[0] + core[2:]),
        "bare": core,
        "word": name.replace(f"科技{legal}", legal) if f"科技{legal}" in name else with_word,
        "moved": name.replace(place, other, 1) if place else name.replace(core, f"鼎{core[1:]}"),
        "group": name.replace(legal, "集团有限公司"),
        "branch": f"{name}西宁分公司",
        "brand": name.replace(core, f"鼎{core[1:]}"),
    }
    return str(ways[way])


@pytest.fixture(scope="module")
def labelled() -> list[tuple[str, str, str, bool]]:
    with PAIRS.open(encoding="utf-8") as file:
        return [
            (row["set"], row["a"], row["b"], row["same"] == "1")
            for row in csv.DictReader(file, delimiter="\t")
        ]


@pytest.fixture(scope="module")
def profiles(labelled: list[tuple[str, str, str, bool]]) -> dict[str, Profile]:
    """Each name once, as a load makes it, and those of the pairs that are made from them."""
    if not SHARED.is_dir():
        pytest.skip("../shared/data is not here")
    known = dict(_organisations())
    props: dict[str, dict[str, object]] = {}
    named: set[str] = set()
    for reference, row in known.items():
        if plain(str(row["name"])) not in named:
            named.add(plain(str(row["name"])))
            props[reference] = row
    for _, a, b, _ in labelled:
        for reference in (a, b):
            base, _, way = reference.partition("~")
            if way == "short":
                props[reference] = {"name": known[base]["short_name"]}
            elif way:
                props[reference] = {"name": _written(str(known[base]["name"]), way)}
            else:
                props.setdefault(reference, known[reference])
    return {id_: profile(Node(id_, Label.ORGANIZATION, row)) for id_, row in props.items()}


@pytest.fixture(scope="module")
def found(profiles: dict[str, Profile]) -> dict[frozenset[str], Comparison]:
    began = time.perf_counter()
    rarity = Rarity(profiles.values())
    listed = list(profiles.values())
    places = pairs(listed, rarity)
    compared = [compare(listed[i], listed[j], rarity) for i, j in places]
    chosen = [one for one in compared if one is not None and one.level]
    print(
        f"\n{len(listed):,} organisations, {len(places):,} pairs compared, {len(chosen):,} to be "
        f"reviewed ({sum(one.level == 'probable' for one in chosen):,} probable), "
        f"{time.perf_counter() - began:.1f} s"
    )
    return {frozenset((one.a, one.b)): one for one in chosen}


def developed(pair: frozenset[str]) -> bool:
    """Whether weights were set on a pair: one half, by a hash of its ids."""
    return hashlib.blake2b("|".join(sorted(pair)).encode()).digest()[0] % 2 == 0


def _figures(
    labels: dict[frozenset[str], bool], found: dict[frozenset[str], Comparison]
) -> dict[str, float]:
    shown = {pair for pair in labels if pair in found}
    sure = {pair for pair in shown if found[pair].level == "probable"}
    same = {pair for pair, is_same in labels.items() if is_same}
    return {
        "pairs": len(labels),
        "same": len(same),
        "precision": len(shown & same) / max(len(shown), 1),
        "recall": len(shown & same) / max(len(same), 1),
        "precision of probable": len(sure & same) / max(len(sure), 1),
        "recall of probable": len(sure & same) / max(len(same), 1),
    }


@pytest.mark.shared
def test_pairs_are_found_as_a_reader_would(
    labelled: list[tuple[str, str, str, bool]],
    profiles: dict[str, Profile],
    found: dict[frozenset[str], Comparison],
) -> None:
    labels = {frozenset((a, b)): same for _, a, b, same in labelled}
    held_out = {pair: same for pair, same in labels.items() if not developed(pair)}
    sets = {
        "all": labels,
        "developed on": {p: s for p, s in labels.items() if developed(p)},
        "held out": held_out,
        **{
            name: {frozenset((a, b)): same for kind, a, b, same in labelled if kind == name}
            for name in ("real", "list", "short", "written")
        },
    }
    for name, some in sets.items():
        print(name, {key: round(value, 3) for key, value in _figures(some, found).items()})

    rarity = Rarity(profiles.values())

    def chance(pair: frozenset[str]) -> float:
        """The probability, whether or not the pair met in a block."""
        compared = compare(*(profiles[id_] for id_ in sorted(pair)), rarity)
        return compared.probability if compared else 0.0

    def wrong(pair: frozenset[str]) -> float:
        return abs(chance(pair) - labels[pair])

    print("worst mistakes (names are read from ../shared/data, never kept):")
    for pair in sorted(labels, key=lambda p: (-wrong(p), sorted(p)))[:10]:
        said = "same" if labels[pair] else "two"
        names = " / ".join(f"{id_} {profiles[id_].title}" for id_ in sorted(pair))
        print(f"  {said}, {chance(pair):.3f}{'' if pair in found else ', not found'}: {names}")
    reached = _figures(held_out, found)
    assert not {name: reached[name] for name, floor in FLOORS.items() if reached[name] < floor}
