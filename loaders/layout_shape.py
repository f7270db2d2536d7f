"""What is known of a table whose rows are read. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loaders.grid import Merge
from loaders.vocabulary import words

#: Headers, squeezed, of columns that number the rows, and of those whose numbers say nothing.
SERIAL = frozenset(words("layout")["serial"])
COUNTER = SERIAL - {"编号", "id"}


@dataclass(frozen=True, slots=True)
class Shape:
    """What is known of a table whose rows are read.

    Attributes:
        header: one cell a column.
        lines: the rows that the header was made of.
        groups: columns to be gathered into the first of each group, with their words.
        merges: merged ranges that reach below the header.
        hidden_rows: numbers of hidden rows.
        anchors: columns that make a row a record (需求名称); none where that is not known.
        own: columns that tell records apart (榜单编号): never filled.
        naming: columns that name organisations; none where rows often have a name alone.
        guess: whether blanks may be merged cells, as the format cannot tell (CSV).
    """

    header: Sequence[Any]
    lines: Sequence[Sequence[Any]]
    groups: Sequence[Sequence[tuple[int, str]]]
    merges: Sequence[Merge]
    hidden_rows: frozenset[int]
    anchors: frozenset[int]
    own: frozenset[int] = frozenset()
    naming: frozenset[int] = frozenset()
    guess: bool = True


def squeezed(cell: Any) -> str:
    """The text of a cell without white space."""
    return "".join(str(cell).split())


def key(cell: Any) -> str:
    """A header as ``SERIAL`` has it."""
    return squeezed(cell).lower() if cell else ""
