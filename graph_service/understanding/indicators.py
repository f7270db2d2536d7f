"""Technical indicators (技术指标) of a Chinese text, as data with places in the text.

What is found is machine-read (机器识别): each mention has a confidence, the share of such mentions
that were right on texts labelled by reading (``tests/quality/test_indicators.py``).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.understanding import conditions, units
from graph_service.understanding.cores import Core, cores
from graph_service.understanding.folding import Folded, fold
from graph_service.understanding.forms import masked
from graph_service.understanding.kinds import Kind, kind_of
from graph_service.understanding.meaning import meant
from graph_service.understanding.quantities import UNITLESS, Named, named, raised
from graph_service.understanding.units import ONE, Unit

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Indicator:
    """A mention of a quantity with its value.

    Attributes:
        kind: indicator (a technical quantity), money, count (people, patents, devices, statistics)
            or term (periods of a project or a firm).
        quantity: what is measured, as written; None where no name stands beside the value.
        relation: one of ``relations.RELATIONS``. "±" is a tolerance: around ``value`` by
            ``value2``, or by ``value`` where the middle is not told; "better" a gain over
            something by that much, or what must be bettered (优于); "order" some of a power of
            ten (数十).
        value: the number as written; its 万 or 亿 is in the unit. The first part of a ratio (1:3).
        value2: the upper end of a range, the tolerance, the second part of a ratio.
        unit: as written; "" for none.
        unit_normalised: "MPa", "1e4 t/a", "%"; "1" for none.
        condition: under which it holds, as written.
        span: from the quantity's name, else the relation or number, to the unit and bound; places
            in the original text, as all that follow.
        quantity_span: of the name.
        condition_span: of the condition.
        confidence: 0-1.
    """

    kind: Kind
    quantity: str | None
    relation: str
    value: float
    value2: float | None
    unit: str
    unit_normalised: str
    condition: str | None
    span: Span
    quantity_span: Span | None
    condition_span: Span | None
    confidence: float

    @property
    def normal_unit(self) -> Unit:
        """The unit, to convert by."""
        return units.unit_of(self.unit_normalised) or ONE

    def as_dict(self) -> dict[str, Any]:
        """As JSON; ``inferred`` says that a machine read it."""
        return {
            "kind": self.kind,
            "quantity": self.quantity,
            "relation": self.relation,
            "value": self.value,
            "value2": self.value2,
            "unit": self.unit,
            "unit_normalised": self.unit_normalised,
            "condition": self.condition,
            "start": self.span[0],
            "end": self.span[1],
            "inferred": True,
            "confidence": self.confidence,
        }


def indicators(text: str) -> list[Indicator]:
    """The indicators of a text, in order. Never raises; their spans never overlap."""
    folded = fold(text)
    plain = masked(folded.text)
    clauses = conditions.clauses(plain)
    found: list[Indicator] = []
    floor = 0
    bare: Span | None = None
    last: Named | None = None
    for core in cores(plain):
        name, gain = _name(plain, core, floor)
        if core.start < floor or _under(plain, core, clauses):
            continue
        if _bare(plain, core, name):
            joined = bare is not None and core.start <= bare[1] + 2
            bare = (bare[0] if bare and joined else core.start, core.end)
            floor = core.end
            continue
        if not _measures(plain, core, name, gain):
            continue
        start = min(core.start, name.start) if name else core.start
        behind = conditions.behind(plain, core.end)
        told = bare if bare and 0 <= start - bare[1] <= 2 else None
        if name is None and raised(plain[floor : core.start]):
            name = last
        stated = behind or told or conditions.before(plain, clauses, start)
        one = _made(folded, plain, core, name, gain, stated, start)
        if not found or found[-1].span[1] <= one.span[0]:
            found.append(one)
        floor, bare, last = (behind or (0, core.end))[1], None, name
    return found


def _name(plain: str, core: Core, floor: int) -> tuple[Named | None, bool]:
    if core.name is not None:
        return Named(*core.name, gain=False), False
    relative = core.normal.symbol in {"%", "倍", "成", "百分点"} and plain[core.start].isdigit()
    return named(plain, floor, core.start, bounded=core.relation in {"≤", "<"}, relative=relative)


def _bare(plain: str, core: Core, name: Named | None) -> bool:
    """Whether a value is a condition of the quantity that follows (运转3000 h磨损≤4 μm)."""
    bounded = core.relation not in {None, "range"} and plain[core.end - 1] != "内"
    if bounded or core.normal.symbol in {"1", "次"}:
        return False
    measured = name and re.search(
        "[率度量性比值力压距径高宽厚长重]$|寿命|系数|功率", plain[name.start : name.end]
    )
    return not measured and conditions.of_the_next(plain, core.end)


def _under(plain: str, core: Core, clauses: Sequence[Span]) -> bool:
    """Whether a number inside a clause of condition only says under what the next one holds."""
    within = conditions.within(clauses, core.start)
    if within is None or core.normal.symbol == "次":
        return False
    after = re.match(r"[,，]?\s?([^,，。;；\d≥≤<>]{0,16})", plain[within[1] : within[1] + 24])
    following = after[1] if after else ""
    return bool(following) and not conditions.process(following)


#: Units of one letter, or of plain speech, that alone say too little.
_THIN = re.compile(r"[AMUFTKDCBu]|[日月周位]|名|员|回|级|平方|立方|方|圈|度|\"|′|S|H|位|寸|r")


def _measures(plain: str, core: Core, name: Named | None, gain: bool) -> bool:
    """Whether a number measures something, by its name, relation and unit."""
    if core.normal.symbol == "1":
        return name is not None and _unitless(plain, core, name)
    bounded = core.relation is not None and core.relation != "range"
    if core.unit in {"月", "日", "号"} or (core.normal.heads == "a" and core.value >= 1900):
        return False
    if core.normal.symbol in {"个", "人"}:
        told = bounded or gain or core.value >= 10
        return told or bool(re.search("人|名|台|套|件", core.unit))
    return bounded or name is not None or not _THIN.fullmatch(core.unit)


def _unitless(plain: str, core: Core, name: Named) -> bool:
    """Whether a number without a unit is the value of what is named before it."""
    words = plain[name.start : name.end]
    if core.name is not None:
        return _ends(plain, core.end)
    if len(words) < 2:
        return False
    if core.relation in {"≥", "≤", ">", "<", "±", "better"}:
        return True
    symbolless = re.sub("(?<![A-Za-z])[A-Z]$", "", words)
    return bool(UNITLESS.search(symbolless)) and _ends(plain, core.end)


def _ends(plain: str, end: int) -> bool:
    """Whether a number without a unit is followed by no word that it counts."""
    return not re.match(r"\s?(?![的且而时])[\w(%°:]", plain[end : end + 2])


def _made(
    folded: Folded,
    plain: str,
    core: Core,
    name: Named | None,
    gain: bool,
    stated: Span | None,
    start: int,
) -> Indicator:
    end = core.start + len(plain[core.start : core.end].rstrip())
    relation = core.relation or "="
    if gain and relation not in {"≤", "<"}:
        relation = "better"
    if core.normal.symbol == "数量级":
        relation = "order"
    span = folded.span(start, end)
    quantity_span = folded.span(name.start, name.end) if name else None
    condition_span = folded.span(*stated) if stated else None
    quantity = folded.original[slice(*quantity_span)] if quantity_span else None
    number = re.search(r"\d", plain[core.start : core.end])
    before = plain[max(0, core.start - 40) : core.start + (number.start() if number else 0)]
    clause = re.split("[,，。;；\n]", before)[-1]
    unit = meant(core.unit, core.normal, clause)
    return Indicator(
        kind=kind_of(unit, clause, quantity),
        quantity=quantity,
        relation=relation,
        value=core.value,
        value2=core.value2,
        unit=_written(folded, core),
        unit_normalised=unit.symbol,
        condition=folded.original[slice(*condition_span)] if condition_span else None,
        span=span,
        quantity_span=quantity_span,
        condition_span=condition_span,
        confidence=_confidence(name, relation, unit),
    )


def _written(folded: Folded, core: Core) -> str:
    """The unit as it stands in the original."""
    if not core.unit:
        return ""
    at = folded.text.rfind(core.unit, core.start, core.end)
    return folded.original[slice(*folded.span(at, at + len(core.unit)))] if at >= 0 else core.unit


#: Named, bounded, with a unit → the share of such mentions that were right in value, relation and
#: unit on the labelled texts; what was too rare there has a low one.
_RIGHT = {
    (True, True, True): 0.95,
    (False, True, True): 0.92,
    (True, False, True): 0.87,
    (True, True, False): 0.86,
    (False, False, True): 0.83,
}
_RARE = 0.8


def _confidence(name: Named | None, relation: str, unit: Unit) -> float:
    told = (name is not None, relation not in {"=", "better"}, unit.symbol != "1")
    return _RIGHT.get(told, _RARE)
