"""Numbers with their units and bounds: the cores of indicators, in folded text."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from graph_service.understanding import forms, numbers, relations, units
from graph_service.understanding.units import Unit
from graph_service.understanding.words import words


@dataclass(frozen=True, slots=True)
class Core:
    """A number, or a range, with its unit.

    Attributes:
        start, end: from the relation or number to the unit and bound.
        relation: None where none is written.
        value, value2: as in ``Indicator``.
        unit: as written, "" for none.
        normal: the unit it stands for.
        name: where the name of what is measured stands inside (0 < x < 1).
    """

    start: int
    end: int
    relation: str | None
    value: float
    value2: float | None
    unit: str
    normal: Unit
    name: tuple[int, int] | None = None


#: Units that Chinese numerals measure: other words follow numerals in plain speech (一种, 三元).
_SPOKEN = words("spoken_units")

#: Units that stand before their numbers.
_BEFORE_NUMBER = frozenset({"HRC", "HRB", "HRA", "HB", "HV", "HBW"})

#: What a numeral behind it is no number in: 第三, 同一, 下一.
_WORDED = frozenset("第每同唯统百千万亿分数下上这那")

_LETTER = re.compile("[A-Za-z]")


def cores(text: str) -> Iterator[Core]:
    """The numbers of a masked text that may measure something, in order."""
    at = 0
    while True:
        found = forms.whole().search(text, at)
        if found is None:
            return
        core = _read(found, text)
        if core is not None:
            yield core
        at = max(core.end if core else found.end(), at + 1)


def _read(found: re.Match[str], text: str) -> Core | None:
    if found.lastgroup == "chain":
        return _chain(found)
    core = _core(found, text)
    if core is None:
        return None
    if found.lastgroup == "figures":
        return _of_figures(core, found, text)
    if found.lastgroup == "spelt":
        return core if _spoken(core, text[max(0, found.start() - 1) : found.start()]) else None
    return core


def _core(found: re.Match[str], text: str) -> Core | None:
    """A number in any spelling, read part by part."""
    bracketed = found.lastgroup == "bracketed"
    parts = forms.parts().fullmatch(re.sub(r"[()]", "", found[0]) if bracketed else found[0])
    one = _one(parts["one"]) if parts else None
    if parts is None or one is None:
        return None
    left = parts["share"] or parts["unit"] or ""
    normal = units.unit_of(left)
    if normal is None:
        return None
    told = _relation(parts)
    if told is None and parts["one"][0] in "数上几":
        told = "order"
    start = found.end() - len(found[0].lstrip())
    first = Core(start, found.end(), told, -one if parts["minus"] else one, None, left, normal)
    return _with_second(first, parts, found, text) if parts["two"] else first


def _one(written: str) -> float | None:
    if written == "半":
        return 0.5
    return 1.0 if written in "数上几" else numbers.value_of(written)


def _relation(parts: re.Match[str]) -> str | None:
    told = relations.before((parts["before"] or "").strip())
    after = relations.after(parts["after"] or "")
    if told in {None, "=", "~"} and after:
        return after
    if told is None and (parts["few"] or parts["few2"]):
        return ">"
    return told


def _with_second(first: Core, parts: re.Match[str], found: re.Match[str], text: str) -> Core | None:
    """A range, a tolerance, a ratio or either of two; the first alone where they do not go
    together."""
    two = numbers.value_of(parts["two"])
    right = parts["share"] or parts["unit2"] or ""
    upper = units.unit_of(right)
    if two is None or upper is None:
        return None
    if parts["minus2"] == "-":
        two = -two
    if parts["sep"] == ":":
        bare = not first.unit and not right
        return replace(first, relation="=", value2=two) if bare and _ratio(found, text) else None
    if right and first.unit and not _comparable(first.normal, upper):
        return replace(first, end=found.start() + parts.end("unit"))
    unit, normal = (right, upper) if right else (first.unit, first.normal)
    one = first.value
    if right and first.unit and first.normal.symbol != upper.symbol:
        one = _converted(one, first.normal, upper)
    if parts["sep"] == "/":
        before = text[max(0, found.start() - 1) : found.start()]
        either = right and not _LETTER.match(before)
        return (
            replace(first, relation="=", value2=two, unit=unit, normal=normal) if either else None
        )
    tolerance = parts["sep"] in {"±", "+/-"} or first.relation == "±"
    relation = "±" if tolerance else "range"
    return replace(first, relation=relation, value=one, value2=two, unit=unit, normal=normal)


def _converted(value: float, lower: Unit, upper: Unit) -> float:
    """The lower end of a range in the upper end's unit, where both measure the same."""
    if lower.pint == "dimensionless" or "°" in lower.symbol:
        return value
    return float(f"{lower.to_base(value) / upper.to_base(1.0):.12g}")


def _comparable(one: Unit, two: Unit) -> bool:
    """Whether two units measure the same; a bare 万 goes with any."""
    alike = one.symbol == two.symbol or one.pint in {"dimensionless", two.pint}
    return alike or one.dimension == two.dimension


def _ratio(found: re.Match[str], text: str) -> bool:
    """Whether a:b is no part of a longer ratio, no time of day and no ratio of ranges."""
    around = text[max(0, found.start() - 1) : found.start()] + text[found.end() : found.end() + 2]
    told = text[max(0, found.start() - 10) : found.start()]
    named = re.search(r"比(?:例|值|率)?[为是约在达到至:=]*\s?$", told)
    return named is not None and not re.search(r"[:\d~.-]", around)


def _of_figures(core: Core, found: re.Match[str], text: str) -> Core | None:
    """The same unless it is part of a model's name (X80M, 40CrNiMo, RV-20E)."""
    first = re.search(r"\d", found[0])
    begin = found.start() + (first.start() if first else 0)
    before = text[max(0, begin - 6) : begin]
    run = re.search("[A-Za-z]+$", before)
    if run and not core.unit and run[0] in _BEFORE_NUMBER:
        normal = units.unit_of(run[0]) or core.normal
        return replace(core, start=core.start - len(run[0]), unit=run[0], normal=normal)
    if run:
        long = len(run[0]) > 4 or re.search(r"[-\d/]$", before[: run.start()])
        model = bool(not core.unit or long or _LETTER.fullmatch(core.unit))
    else:
        joined = core.start == begin and re.search(r"[A-Za-z\d]-$", before)
        after = text[found.end() : found.end() + 1]
        lettered = _LETTER.match(after) or _LETTER.search(found[0])
        model = bool(joined or (not core.unit and lettered))
    return None if model else core


def _spoken(core: Core, before: str) -> bool:
    """Whether a number in Chinese numerals measures something."""
    symbol = core.normal.symbol.rpartition(" ")[2]
    if (before and before in _WORDED) or core.unit in {"月", "日", "度"}:
        return False
    if symbol == "次":
        return core.value >= 10
    if symbol == "a" and core.value <= 1:
        return False
    return symbol in _SPOKEN or "/" in symbol or core.normal.scale > 1


def _chain(found: re.Match[str]) -> Core | None:
    """0.6 ≤ x < 3 mm: a range with the name inside."""
    parts = forms.chained().fullmatch(found[0])
    if parts is None:
        return None
    one, two = numbers.value_of(parts[2]), numbers.value_of(parts[6])
    written = parts[7] or parts[3] or ""
    normal = units.unit_of(written)
    if one is None or two is None or normal is None:
        return None
    name = (found.start() + parts.start(4), found.start() + parts.end(4))
    ends = (-one if parts[1] else one, -two if parts[5] else two)
    return Core(found.start(), found.end(), "range", *ends, written, normal, name)
