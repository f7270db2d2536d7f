"""Sheets of rows as readers give them, and how they are read."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from loaders.grid import Merge, Problem, Row, Sheet
from loaders.layout import Reading, readings

KNOWN = frozenset(
    re.split(
        "、",
        "企业名称、地址、需求名称、技术难点、技术指标、预算、合作方式、有效期起、有效期止、供方、需方、"
        "产品名称、名称、日期、说明",
    )
)
TITLE = "虚构市技术需求征集表"


def is_label(text: str) -> bool:
    return re.sub("（.*?）", "", "".join(text.split())).rstrip(":：") in KNOWN


def sheet(
    *rows: Sequence[Any],
    merges: Sequence[Merge] | None = None,
    hidden: Sequence[int] = (),
    start: int = 1,
) -> Sheet:
    numbered: list[Row] = [(number, list(cells)) for number, cells in enumerate(rows, start)]
    return Sheet(
        Path("t.xlsx"),
        "表",
        lambda: iter(numbered),
        len(rows),
        numbered,
        merges=merges,
        hidden_rows=frozenset(hidden),
    )


def best(one: Sheet) -> Reading:
    """The reading whose header is best known, as ``recognise`` chooses by mappings."""
    return max(
        readings(one, is_label),
        key=lambda reading: len({cell for cell in reading.header if cell and is_label(str(cell))}),
    )


def data(one: Sheet, *anchors: str) -> tuple[list[tuple[int, list[Any]]], list[tuple[int, str]]]:
    """The rows of the best reading, and what was told of them."""
    reading = best(one)
    places = frozenset(list(reading.header).index(anchor) for anchor in anchors)
    told: list[tuple[int, str]] = []
    found: list[tuple[int, list[Any]]] = []
    for number, cells in reading.rows(places, lambda row, code, _: told.append((row, code))):
        assert not isinstance(cells, Problem)
        found.append((number, list(cells)))
    return found, told
