"""Headers of one to three lines, merged group headers over their parts, as one header. Pure."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from loaders.grid import Merge, is_empty

IsLabel = Callable[[str], bool]

#: No header is longer; a cell that is, is data.
_LONGEST = 60
_GENERAL = re.compile(r"(?:基本)?(?:信息|情况|概况|资料)$")
_BRACKETS = re.compile(r"[（(][^（）()]*[)）]")
_SAID = re.compile(r"[^:：]+[:：].+", re.DOTALL)
_WHOLE = re.compile(r"合计|总计|总额|总投入|小计")


@dataclass(frozen=True, slots=True)
class Header:
    """A header: one cell a column, the number of its last row, and its lines as they stand.

    ``groups``: columns that share one known header and have words of their own (合作方式 over
    联合开发, 委托开发 …), each column with its words. ``certain``: its lines leave no doubt that
    they belong together.
    """

    cells: Sequence[Any]
    row: int
    lines: Sequence[Sequence[Any]]
    groups: Sequence[Sequence[tuple[int, str]]] = ()
    certain: bool = False


def joined(
    lines: Sequence[tuple[int, Sequence[Any]]],
    merges: Sequence[Merge],
    is_label: IsLabel,
    depth: int,
) -> Header | None:
    """The header that ``depth`` lines make; None where one of them alone says as much."""
    if len(lines) < depth or lines[-1][0] - lines[0][0] != depth - 1:
        return None
    raw = [cells for _, cells in lines]
    if depth == 1:
        return Header(raw[0], lines[0][0], raw)
    if not all(_is_short(cell) for cells in raw for cell in cells):
        return None
    width = max(map(len, raw))
    grid = [[_text(cells, column) for column in range(width)] for cells in raw]
    if len(set(filter(None, grid[0]))) < 2 or any(map(_SAID.fullmatch, grid[0])):
        return None  # a title, or what stands above a table (填报单位：…, 单位：万元)
    alone = max(_known(row, is_label) for row in grid)
    certain = all(_complete(upper, lower, is_label) for upper, lower in pairwise(grid))
    _fill_right(grid, lines[0][0], merges)
    parts = [_parts(grid, column) for column in range(width)]
    leaves = Counter(words[-1] for words in parts if words)
    cells = [_chosen(words, is_label, leaves) for words in parts]
    if _known(cells, is_label) < alone + (not certain):
        return None
    header = _grouped(cells, parts, lines[-1][0], raw)
    return replace(header, certain=certain)


def _is_short(cell: Any) -> bool:
    return is_empty(cell) or (isinstance(cell, str) and len(cell) <= _LONGEST)


def _text(cells: Sequence[Any], column: int) -> str:
    return "".join(str(cells[column]).split()) if column < len(cells) and cells[column] else ""


def _known(cells: Sequence[str], is_label: IsLabel) -> int:
    return len({cell for cell in cells if cell and is_label(cell)})


def _complete(upper: Sequence[str], lower: Sequence[str], is_label: IsLabel) -> bool:
    """Whether a line stands only under groups of the line above, which no row of data does.

    A group begins where both lines have words, and goes on where only the lower one has; one of a
    single column is believed if its lower word is known.
    """
    under = [column for column, word in enumerate(lower) if word]
    heads = [column for column in under if upper[column]]
    wide = [column for column in heads if column + 1 in under and not upper[column + 1]]
    return (
        bool(wide)
        and under[0] == heads[0]
        and all(column in wide or is_label(lower[column]) for column in heads)
        and any(word and not lower[column] for column, word in enumerate(upper))
    )


def _fill_right(grid: list[list[str]], first: int, merges: Sequence[Merge]) -> None:
    """Write the words of a group over all columns of the group: those merged, or, where nothing
    tells, the empty ones to the right under which there are words."""
    told = [one for one in merges if one.right > one.left and first <= one.top < first + len(grid)]
    for one in told:
        row = grid[one.top - first]
        covered = range(one.left, min(one.right + 1, len(row)))
        row[one.left : one.right + 1] = [row[one.left] for _ in covered]
    if told:
        return
    for upper, lower in pairwise(grid):
        for column in range(1, len(upper)):
            if not upper[column] and lower[column] and lower[column - 1]:
                upper[column] = upper[column - 1]


def _parts(grid: Sequence[Sequence[str]], column: int) -> list[str]:
    """The words over a column from top to bottom, without repeats."""
    return list(dict.fromkeys(row[column] for row in grid if row[column]))


def _chosen(words: Sequence[str], is_label: IsLabel, leaves: Mapping[str, int]) -> str:
    """The header of a column: of all words, of the last ones, of one alone, what is known; with
    the unit that any of them has in brackets. A last word that other columns have, too (供应方 and
    采购方, 企业名称 under each), says less than the one above it."""
    tries = ["".join(words[start:]) for start in range(len(words))]
    if len(words) > 1:
        tries.insert(1, _GENERAL.sub("", words[-2]) + words[-1])
        groups = list(reversed(words[:-1]))
        tries = [*tries, *groups] if leaves[words[-1]] == 1 else [*tries[:-1], *groups, words[-1]]
    found = next(filter(is_label, tries), "".join(words))
    unit = next((match[0] for word in words if (match := _BRACKETS.search(word))), "")
    return found if _BRACKETS.search(found) else found + unit


def _apart(cells: list[str], parts: Sequence[Sequence[str]], is_label: IsLabel) -> list[str]:
    """The headers; those of several groups that end in the same words (供方 / 需方 企业名称)
    by their groups."""
    return [
        words[0]
        if cells.count(cell) > 1 and len(words) > 1 and words[0] != cell and is_label(words[0])
        else cell
        for cell, words in zip(cells, parts, strict=True)
    ]


def _grouped(
    cells: list[str], parts: Sequence[Sequence[str]], row: int, lines: Sequence[Sequence[Any]]
) -> Header:
    """Of columns that share a header, one keeps it: the whole's (合计), else the first, into which
    ``layout_rows`` gathers the others."""
    groups = []
    columns: dict[str, list[int]] = {}
    for column, cell in enumerate(cells):
        *above, last = parts[column] or [""]
        if cell and (cell in above or last not in cell):  # 许可 stands in 许可方式, too
            columns.setdefault(cell, []).append(column)
    for header, members in columns.items():
        whole = [column for column in members if _WHOLE.search(parts[column][-1])]
        if len(members) > 1 and not whole:
            groups.append([(column, parts[column][-1]) for column in members])
        for column in members:
            if column != (whole or members)[0]:
                cells[column] = header + parts[column][-1]
    return Header(cells, row, lines, groups)
