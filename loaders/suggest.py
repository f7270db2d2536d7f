"""What unknown headers may mean: a scored mapping to look over, edit and use.

A header is compared with every header that the mappings know; what stands below it speaks for or
against a field, by the field's own cleaner. The best mapping is the one to which most of the
columns fit. ``suggest_toml`` writes it as a file.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Any

import numpy as np
from rapidfuzz import fuzz, process

from graph_service.model import Label
from loaders.clean import CLEANERS
from loaders.errors import CellError
from loaders.grid import BadCell, is_empty
from loaders.mapping import Declared, FieldSpec, header_key, header_unit
from loaders.resolve import kind_of
from loaders.vocabulary import words

#: The least score at which a header is proposed for a field.
ENOUGH = 0.55
_SAMPLE = 50
_LONG = 40  # characters; longer cells are text, not names
#: Words of a questionnaire around what it asks for.
_FILLING = re.compile(
    r"请(?:填写?|选择)?|您|贵|[你我咱]们|本(?=企业|单位|公司)|(?<=.)[的该所](?=.)|目前|现有|是否|有无"
    r"|(?<=.)[叫是](?:什么|啥)$"
)
#: Everyday words with the headers that they mean, and how surely.
_EVERYDAY = [(re.compile(said), meant) for said, meant in words("headers")["everyday"].items()]
_MEANT = 0.8
#: Cleaners that take what they are made for and little else: cells alone can tell the field.
_TELLING = frozenset(
    {"credit_code", "registration", "tiers", "ipc_groups", "organization_kind", "result_kind"}
)
#: Cleaners that refuse what they are not made for.
_TYPED = _TELLING | {
    "date", "deadline", "since", "until", "money", "number", "count", "share", "readiness",
    "stock_code",
}  # fmt: skip
_NAMING = frozenset({"name", "organization", "organizations"})
_SHORT = _NAMING | {"title", "key", "items", "spaced_items", "choice", "district"}


@dataclass(frozen=True, slots=True)
class Guess:
    """A column and the field that it may be.

    Attributes:
        header: as it stands in the file.
        field: a field of the proposed mapping; None where no field is likely.
        known_as: the field's usual header.
        score: how likely, 0–1; 1 where the header is known.
        why: in Chinese.
    """

    header: str
    field: str | None = None
    known_as: str = ""
    score: float = 0.0
    why: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "header": self.header,
            "field": self.field,
            "known_as": self.known_as,
            "score": round(self.score, 2),
            "why": self.why,
        }


@dataclass(frozen=True, slots=True)
class Proposal:
    """A mapping that a table may have, column by column; ``missing`` are required fields, ``other``
    is what it may have if not this one."""

    mapping: Declared
    score: float
    guesses: Sequence[Guess]
    missing: Sequence[str]
    other: "Proposal | None" = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "like": self.mapping.name,
            "kind": self.mapping.title,
            "score": round(self.score, 2),
            "columns": [guess.as_dict() for guess in self.guesses],
            "missing": [usual_header(self.mapping, name) for name in self.missing],
        }


def propose(
    header: Sequence[Any], rows: Sequence[Sequence[Any]], mappings: Sequence[Declared]
) -> Proposal:
    """The mapping to which most of a table fits, of equal ones the first, and the second best."""
    columns = [
        _Column(index, cell, rows) for index, cell in enumerate(header) if not is_empty(cell)
    ]
    likeness = _likeness(columns, mappings)
    rated = [_proposal(mapping, columns, likeness) for mapping in mappings]
    by_size = sorted(rated, key=lambda one: -len(open_fields(one.mapping)))
    ranked = sorted(by_size, key=lambda one: -one.score)  # of equal ones that with more to choose
    best = max(rated, key=lambda one: one.score) if ranked[0].score else ranked[0]
    rest = [one for one in ranked if one is not best]
    more = (one for one in rest if _explains_more(one, best))
    return replace(best, other=next(more, rest[0] if rest else None))


def _explains_more(one: "Proposal", other: "Proposal") -> bool:
    """Whether one has a field for a column for which the other has none."""
    pairs = zip(one.guesses, other.guesses, strict=True)
    return any(here.field and not there.field for here, there in pairs)


def guess_rest(
    mapping: Declared,
    header: Sequence[Any],
    rows: Sequence[Sequence[Any]],
    taken: dict[str, int],
) -> list[Guess]:
    """The columns that a recognised table does not use, with the unused fields they may be."""
    used = set(taken.values())
    columns = [
        _Column(index, cell, rows)
        for index, cell in enumerate(header)
        if index not in used and not is_empty(cell)
    ]
    if not columns:
        return []
    likeness = _likeness(columns, [mapping])
    free = [field for field in open_fields(mapping) if field.name not in taken]
    return _guesses(mapping, free, columns, likeness)


def usual_header(mapping: Declared, field: str) -> str:
    """The header that a field usually has, in Chinese where it has one."""
    headers = mapping.fields[field].headers
    return next((one for one in headers if not one.isascii()), headers[0] if headers else field)


class _Column:
    """A column to be explained: its header in plain words, and some of its cells."""

    def __init__(self, index: int, header: Any, rows: Sequence[Sequence[Any]]) -> None:
        self.index = index
        self.header = str(header).strip()
        self.plain = _FILLING.sub("", header_key(header))
        self.meant = next((m for said, m in _EVERYDAY if said.search(header_key(header))), ())
        self.unit = header_unit(header)
        cells = (row[index] for row in rows if len(row) > index)
        self.cells = list(
            islice((c for c in cells if not is_empty(c) and not isinstance(c, BadCell)), _SAMPLE)
        )

    def share_of(self, cleaner: str) -> float | None:
        """The share of cells that a cleaner takes; None where there are no cells."""
        if not self.cells:
            return None
        return sum(_takes(cleaner, cell, self.unit) for cell in self.cells) / len(self.cells)

    @property
    def organizations(self) -> float:
        """The share of cells that look like the name of an organisation."""
        names = sum(
            len(str(cell)) <= _LONG and kind_of(str(cell)) is not None for cell in self.cells
        )
        return names / len(self.cells) if self.cells else 0.0

    @property
    def length(self) -> float:
        """The mean length of its cells, in characters."""
        return sum(len(str(cell)) for cell in self.cells) / len(self.cells) if self.cells else 0.0


def _takes(cleaner: str, cell: Any, unit: str) -> bool:
    try:
        return CLEANERS[cleaner](cell, unit) is not None
    except CellError:
        return False


def open_fields(mapping: Declared) -> list[FieldSpec]:
    """The fields that a header of its own may fill."""
    return [field for field in mapping.fields.values() if field.headers and not field.of]


def _known(mappings: Sequence[Declared]) -> tuple[str, ...]:
    found = (
        header for mapping in mappings for field in open_fields(mapping) for header in field.headers
    )
    return tuple(dict.fromkeys(found))


def _likeness(
    columns: Sequence["_Column"], mappings: Sequence[Declared]
) -> dict[str, dict[str, float]]:
    """Known header → plain header → likeness, where it is worth anything."""
    known = _known(mappings)
    plain = [column.plain for column in columns]
    ratios = process.cdist(plain, known, scorer=fuzz.ratio, score_cutoff=30, dtype=np.float32)
    found: dict[str, dict[str, float]] = {}
    for row, column in zip(*np.nonzero(ratios), strict=True):
        one, other = plain[row], known[column]
        found.setdefault(other, {})[one] = _refined(one, other, float(ratios[row, column]) / 100)
    for column in columns:
        for meant in column.meant:
            likely = found.setdefault(meant, {})
            likely[column.plain] = max(likely.get(column.plain, 0.0), _MEANT)
    return found


def _refined(one: str, other: str, ratio: float) -> float:
    """A likeness in which containment counts, and the last word (the head of a Chinese term)."""
    if one == other:
        return 1.0
    shorter, longer = sorted((one, other), key=len)
    if len(longer) <= 3 and ratio < 0.6:  # 温度, 纬度
        return 0.0
    if len(shorter) >= 2 and shorter in longer:
        ratio = max(ratio, 0.6 + 0.4 * len(shorter) / len(longer))
    if one[-2:] == other[-2:]:
        ratio += 0.05
    return min(ratio, 0.98)


def _proposal(
    mapping: Declared, columns: Sequence[_Column], likeness: dict[str, dict[str, float]]
) -> Proposal:
    guesses = _guesses(mapping, open_fields(mapping), columns, likeness)
    found = {guess.field for guess in guesses}
    missing = [
        name for name in mapping.required if name not in found and not mapping.fields[name].above
    ]
    score = sum(guess.score for guess in guesses if guess.field) / max(len(guesses), 1)
    return Proposal(mapping, score * 0.5 ** len(missing), guesses, missing)


def _guesses(
    mapping: Declared,
    fields: Sequence[FieldSpec],
    columns: Sequence[_Column],
    likeness: dict[str, dict[str, float]],
) -> list[Guess]:
    """Each column with a field of its own, the likeliest pairs first."""
    naming = {
        name for spec in mapping.nodes if spec.label is Label.ORGANIZATION for name in spec.name
    }
    scored = sorted(
        (
            (-score, column.index, place, why)
            for place, field in enumerate(fields)
            for column in columns
            for score, why in [_score(field, column, likeness, naming=field.name in naming)]
            if score >= ENOUGH
        ),
    )
    chosen: dict[int, Guess] = {}
    taken: set[int] = set()
    headers = {column.index: column.header for column in columns}
    for score, index, place, why in scored:
        if index in chosen or place in taken:
            continue
        taken.add(place)
        name = fields[place].name
        chosen[index] = Guess(headers[index], name, usual_header(mapping, name), -score, why)
    return [chosen.get(column.index, Guess(column.header)) for column in columns]


def _score(
    field: FieldSpec,
    column: _Column,
    likeness: dict[str, dict[str, float]],
    *,
    naming: bool,
) -> tuple[float, str]:
    """How likely a column is a field, and why."""
    best = max(
        ((likeness.get(known, {}).get(column.plain, 0.0), known) for known in field.headers),
        key=lambda pair: pair[0],
    )
    score, known = best
    why = [f"近似“{known}”"] if score else []
    if score == 1.0 or not column.cells:
        return score, "".join(why)
    if field.clean in _TYPED and (share := column.share_of(field.clean)) is not None:
        score += 0.3 * share - 0.2
        if share >= 0.8 and field.clean in _TELLING:
            score = max(score, 0.85)
        if share >= 0.8:
            why.append("内容相符")
    names = column.organizations if naming else 0.0
    if names >= 0.5:
        score = max(score + 0.15, 0.6 * names)
        why.append("内容像单位名称")
    elif naming:
        score -= 0.1
    if field.clean in _SHORT and column.length > _LONG:
        score -= 0.2
    return min(max(score, 0.0), 0.99), "，".join(why)
