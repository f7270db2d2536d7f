"""What kind of file a sheet is: the declared mapping that explains most of its header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import PurePosixPath
from typing import Any

from graph_service.deadline import check
from graph_service.model import Label
from loaders import mending
from loaders.clean import CLEANERS
from loaders.errors import CellError, shown
from loaders.grid import Sheet, is_empty
from loaders.layout import Reading, readings
from loaders.mapping import Declared, columns, declared, header_key, is_label
from loaders.readers import NAME_LINE
from loaders.resolve import kind_of
from loaders.suggest import Proposal, guess_rest, propose
from loaders.vocabulary import words

#: The least share of its headers that a mapping must explain, unless a person gave it.
_EXPLAINED = 1 / 3
#: Headers of columns that are no data, in normal form.
_NO_DATA = frozenset(map(header_key, (*words("headers")["no_data"], mending.REASON, mending.ROW)))


@dataclass(frozen=True, slots=True)
class Recognised:
    """A sheet, how it is read as a table, and its mapping.

    Attributes:
        columns: field → column.
        constants: field → value for all rows, by the table's title or the name of sheet or file.
        origin: for whom the rows speak, where they were given back to be mended.
        proposal: for the columns that the mapping does not know; None where it knows all.
    """

    reading: Reading
    mapping: Declared
    columns: dict[str, int]
    constants: Mapping[str, Any] = field(default_factory=dict)
    origin: mending.Origin | None = None
    proposal: Proposal | None = None

    @property
    def sheet(self) -> Sheet:
        return self.reading.sheet

    @property
    def header(self) -> Sequence[Any]:
        return self.reading.header

    @property
    def anchors(self) -> frozenset[int]:
        """The columns without which a row is none of its kind."""
        return frozenset(
            self.columns[name] for name in self.mapping.required if name in self.columns
        )

    @property
    def own(self) -> frozenset[int]:
        """The columns of the codes of what the rows are, which no two rows share."""
        nodes = [spec for spec in self.mapping.nodes if spec.how == "document"]
        return frozenset(
            self.columns[name] for spec in nodes for name in spec.code if name in self.columns
        )

    @property
    def naming(self) -> frozenset[int]:
        """The columns that name organisations."""
        nodes = [spec for spec in self.mapping.nodes if spec.label is Label.ORGANIZATION]
        return frozenset(
            self.columns[name] for spec in nodes for name in spec.name if name in self.columns
        )


@dataclass(frozen=True, slots=True)
class Unknown:
    """A sheet that no mapping explains: why, in Chinese, and the mapping that it may have."""

    reason: str
    proposal: Proposal | None = None


def recognise(
    sheet: Sheet, given: Sequence[Declared] = (), *, source: str = ""
) -> Recognised | Unknown:
    """The kind of a sheet by its first rows: by header, then by cells where it matters.

    Args:
        sheet: the sheet.
        given: mappings of the person who loads it; of equal ones they come first.
        source: the name of its file, which may tell what the rows do not.

    Raises:
        QueryTimeoutError
    """
    labels = {header for one in given for spec in one.fields.values() for header in spec.headers}
    found = list(readings(sheet, lambda cell: is_label(cell) or header_key(cell) in labels))
    if not found:
        return Unknown("没有内容")
    best: tuple[float, Recognised] | None = None
    for reading in found:
        check()
        asked = reading.header[: reading.known]
        filled = {place for place, cell in enumerate(asked) if _is_data(cell)}
        for place, mapping in enumerate((*given, *declared())):
            one = _read(reading, mapping, source)
            used = len(filled.intersection(one.columns.values()))
            explained = used / len(filled) if filled else 0.0
            if not _fits(one) or (explained < _EXPLAINED and place >= len(given)):
                continue
            score = used * reading.share + len(one.constants) + explained
            if best is None or score > best[0]:
                best = score, one
    if best is None:
        return _unknown(found, given)
    chosen = best[1]
    if chosen.header == [NAME_LINE] and not _are_names(chosen.reading.sample):
        return Unknown("内容不像单位名单（每行一个单位名称）")
    return _with_the_rest(chosen)


def _read(reading: Reading, mapping: Declared, source: str) -> Recognised:
    """A reading by a mapping, whether or not it fits."""
    places = columns(mapping, reading.header)
    above = {name: spec.above for name, spec in mapping.fields.items() if spec.above}
    constants: dict[str, Any] = {}
    origin = mending.origin(reading.above) if reading.above else None
    if places and not above.keys() <= places.keys():
        source, sheet = (origin.source, origin.sheet) if origin else (source, reading.sheet.name)
        titles = (reading.above, sheet, PurePosixPath(source).stem)
        for name, cleaner in above.items():
            if name not in places and (value := _first(cleaner, titles)) is not None:
                constants[name] = value
    return Recognised(reading, mapping, places, constants, origin)


def _first(cleaner: str, titles: Sequence[str]) -> Any:
    for title in titles:
        try:
            if title and (value := CLEANERS[cleaner](title, "")) is not None:
                return value
        except CellError:
            continue
    return None


def _is_data(cell: Any) -> bool:
    return not is_empty(cell) and header_key(cell) not in _NO_DATA


def _fits(one: Recognised) -> bool:
    mapping, found = one.mapping, one.columns
    told = found.keys() | one.constants.keys()
    if not found or not told.issuperset(mapping.required):
        return False
    if mapping.any and told.isdisjoint(mapping.any):
        return False
    return all(
        any(len(cells) > found[name] and cells[found[name]] in allowed for cells in below)
        for below in [one.reading.sample]
        for name, allowed in mapping.values.items()
        if name in found
    )


def _with_the_rest(chosen: Recognised) -> Recognised:
    """The same, with what its unused columns may be."""
    reading = chosen.reading
    gathered = {column for group in reading.groups for column, _ in group[1:]}
    header = [
        cell if _is_data(cell) and place not in gathered else None
        for place, cell in enumerate(reading.header)
    ]
    rest = guess_rest(chosen.mapping, header, reading.sample, chosen.columns)
    if not rest:
        return chosen
    score = max(guess.score for guess in rest)
    return replace(chosen, proposal=Proposal(chosen.mapping, score, rest, ()))


def _unknown(found: Sequence[Reading], given: Sequence[Declared]) -> Unknown:
    """Why a sheet is unknown, and the likeliest proposal over all ways to read it."""
    mappings = (*given, *declared())
    rated = [
        (reading, propose([cell if _is_data(cell) else None for cell in reading.header],
                          reading.sample, mappings))
        for reading in found
        if not reading.upright
    ]  # fmt: skip
    reading, proposal = max(
        rated,
        key=lambda one: one[1].score * sum(guess.field is not None for guess in one[1].guesses),
        default=(found[0], None),
    )
    seen = [shown(cell) for cell in reading.header if not is_empty(cell)]
    names = "、".join(seen[:12]) + ("……" if len(seen) > 12 else "")
    reason = f"表头认不出来（{names}）"
    if proposal and proposal.score > 0:
        reason += f"；最接近“{proposal.mapping.title}”，相似程度 {proposal.score:.2f}"
    return Unknown(f"{reason}。可改好所建议的表头对照，再按它载入", proposal)


def _are_names(rows: Sequence[Sequence[Any]]) -> bool:
    names = [str(cells[0]).strip() for cells in rows if cells]
    return sum(kind_of(name) is not None for name in names) * 5 >= len(names) * 4 > 0
