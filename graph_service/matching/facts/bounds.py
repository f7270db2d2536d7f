"""Values of an indicator as an interval, and whether one lies within another."""

import math
from dataclasses import dataclass
from typing import Literal

from graph_service.understanding.indicators import Indicator
from graph_service.understanding.units import Unit

Verdict = Literal["met", "unmet", "unknown"]

#: More is better, less is better, neither is known.
Direction = Literal[1, -1, 0]

#: 约 v is taken to be within a twentieth of v.
_ABOUT = 0.05

#: Shares that may be compared with each other; others without a dimension may not (%, 倍, 1).
_SHARES = frozenset({"percent", "ppm", "ppb", "permille", "tenth"})


@dataclass(frozen=True, slots=True)
class Bounds:
    """An interval in some unit; infinite where it has no end."""

    low: float
    high: float
    above: bool = False  # low itself is left out
    below: bool = False  # high itself is left out

    def verdict(self, offered: "Bounds") -> Verdict:
        """Whether what is offered lies within what is asked (self): wholly, not at all, or in part,
        which says nothing."""
        over = offered.low > self.low or (
            offered.low == self.low and (offered.above or not self.above)
        )
        under = offered.high < self.high or (
            offered.high == self.high and (offered.below or not self.below)
        )
        if over and under:
            return "met"
        return "unmet" if self._misses(offered) else "unknown"

    def _misses(self, other: "Bounds") -> bool:
        touching = (other.high == self.low and (other.below or self.above)) or (
            other.low == self.high and (other.above or self.below)
        )
        return other.high < self.low or other.low > self.high or touching


def comparable(one: Unit, two: Unit) -> bool:
    """Whether values of two units can be compared: the same dimension, and shares with shares."""
    if one.symbol == two.symbol:
        return True
    if one.dimension != two.dimension:
        return False
    return one.dimension != "dimensionless" or {one.pint, two.pint} <= _SHARES


def verdict(asked: Indicator, offered: Indicator, direction: Direction) -> Verdict:
    """Whether a value offered meets the one asked; both measure the same.

    Args:
        asked: of the demand.
        offered: of the candidate, in a comparable unit.
        direction: which way the property is better. Without it 达到 v asks for nothing that
            another value could be held against.
    """
    raw = asked.normal_unit.symbol == offered.normal_unit.symbol
    if "±" in {asked.relation, offered.relation}:
        return _tolerance(asked, offered, raw=raw)
    wanted, told = _asked(asked, direction, raw=raw), _offered(offered, raw=raw)
    return wanted.verdict(told) if wanted and told else "unknown"


def _asked(one: Indicator, direction: Direction, *, raw: bool) -> Bounds | None:
    value = _value(one, one.value, raw=raw)
    if one.relation == "range" and one.value2 is not None:
        low, high = sorted((value, _value(one, one.value2, raw=raw)))
        return {0: Bounds(low, high), 1: Bounds(low, math.inf), -1: Bounds(-math.inf, high)}[
            direction
        ]
    if one.relation in {"=", "~"} and one.value2 is None and direction:
        return Bounds(value, math.inf) if direction > 0 else Bounds(-math.inf, value)
    return _bounded(one, value)


def _offered(one: Indicator, *, raw: bool) -> Bounds | None:
    value = _value(one, one.value, raw=raw)
    if one.relation == "range" and one.value2 is not None:
        low, high = sorted((value, _value(one, one.value2, raw=raw)))
        return Bounds(low, high)
    if one.relation == "=" and one.value2 is None:
        return Bounds(value, value)
    if one.relation == "~":
        low, high = sorted((value * (1 - _ABOUT), value * (1 + _ABOUT)))
        return Bounds(low, high)
    return _bounded(one, value)


def _bounded(one: Indicator, value: float) -> Bounds | None:
    return {
        "≥": Bounds(value, math.inf),
        ">": Bounds(value, math.inf, above=True),
        "≤": Bounds(-math.inf, value),
        "<": Bounds(-math.inf, value, below=True),
    }.get(one.relation)


def _tolerance(asked: Indicator, offered: Indicator, *, raw: bool) -> Verdict:
    """Of two tolerances (±) around the same value, or around none, the narrower meets the other."""
    if asked.relation != offered.relation or (asked.value2 is None) != (offered.value2 is None):
        return "unknown"
    if asked.value2 is None:
        wide, narrow = asked.value, offered.value
    elif offered.value2 is not None and math.isclose(
        _value(asked, asked.value, raw=raw), _value(offered, offered.value, raw=raw)
    ):
        wide, narrow = asked.value2, offered.value2
    else:
        return "unknown"
    wide, narrow = abs(_span(asked, wide, raw=raw)), abs(_span(offered, narrow, raw=raw))
    return "met" if narrow <= wide else "unmet"


def _value(one: Indicator, value: float, *, raw: bool) -> float:
    """In the unit of both where it is one, else in base units."""
    return value if raw else one.normal_unit.to_base(value)


def _span(one: Indicator, value: float, *, raw: bool) -> float:
    """A difference of values: of temperatures, without the zero of the scale."""
    return value if raw else one.normal_unit.to_base(value) - one.normal_unit.to_base(0.0)
