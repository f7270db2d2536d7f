"""What kind of file a sheet is: the declared mapping that explains most of its header."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from loaders.errors import shown
from loaders.grid import Sheet, is_empty
from loaders.layout import Reading, readings
from loaders.mapping import Declared, columns, declared, is_label
from loaders.readers import NAME_LINE
from loaders.resolve import kind_of

#: The least share of its headers that a mapping must explain.
_EXPLAINED = 1 / 3


@dataclass(frozen=True, slots=True)
class Recognised:
    """A sheet, how it is read as a table, and its mapping."""

    reading: Reading
    mapping: Declared
    columns: dict[str, int]

    @property
    def sheet(self) -> Sheet:
        return self.reading.sheet

    @property
    def header(self) -> Sequence[Any]:
        return self.reading.header

    @property
    def anchors(self) -> frozenset[int]:
        """The columns without which a row is none of its kind."""
        return frozenset(self.columns[name] for name in self.mapping.required)


@dataclass(frozen=True, slots=True)
class Unknown:
    """A sheet that no mapping explains: why, in Chinese, the header seen and the nearest kind."""

    reason: str
    header: Sequence[str] = ()
    nearest: str | None = None


def recognise(sheet: Sheet) -> Recognised | Unknown:
    """The kind of a sheet by its first rows: by header, then by cells where it matters."""
    best: tuple[float, Recognised] | None = None
    first: Sequence[Any] | None = None
    for reading in readings(sheet, is_label):
        first = reading.header if first is None else first
        filled = sum(not is_empty(cell) for cell in reading.header)
        for mapping in declared():
            found = columns(mapping, reading.header)
            if not _fits(mapping, found, reading.sample):
                continue
            explained = len(set(found.values())) / filled
            if explained < _EXPLAINED:
                continue
            score = len(set(found.values())) + explained
            if best is None or score > best[0]:
                best = score, Recognised(reading, mapping, found)
    if first is None:
        return Unknown("没有内容")
    if best is None:
        return _unknown(first)
    if best[1].header == [NAME_LINE] and not _are_names(best[1].reading.sample):
        return Unknown("内容不像单位名单（每行一个单位名称）")
    return best[1]


def _fits(mapping: Declared, found: dict[str, int], below: Sequence[Sequence[Any]]) -> bool:
    if not all(field in found for field in mapping.required):
        return False
    if mapping.any and not any(field in found for field in mapping.any):
        return False
    return all(
        any(len(cells) > found[field] and cells[found[field]] in allowed for cells in below)
        for field, allowed in mapping.values.items()
    )


def _unknown(header: Sequence[Any]) -> Unknown:
    seen = [shown(cell) for cell in header if cell not in (None, "")]
    matches = [(len(columns(mapping, header)), mapping) for mapping in declared()]
    most = max(count for count, _ in matches)
    nearest = next(mapping.title for count, mapping in matches if count == most) if most else None
    names = "、".join(seen[:12]) + ("……" if len(seen) > 12 else "")
    reason = f"表头认不出来（{names}）" + (f"；最接近“{nearest}”" if nearest else "")
    return Unknown(reason, seen, nearest)


def _are_names(rows: Sequence[Sequence[Any]]) -> bool:
    names = [str(cells[0]).strip() for cells in rows if cells]
    return sum(kind_of(name) is not None for name in names) * 5 >= len(names) * 4 > 0
