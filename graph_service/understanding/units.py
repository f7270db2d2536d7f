"""Units: as texts write them, in a normal form, and as quantities that can be compared.

The table ``units.toml`` says which spellings stand for which unit; pint (https://pint.readthedocs.io)
knows dimensions and conversions. pint is loaded only when something is converted.
"""

import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pint

_SCALES = {"十": 1e1, "百": 1e2, "千": 1e3, "万": 1e4, "亿": 1e8, "兆": 1e6}

#: Powers of ten as symbols have them.
_POWER = re.compile(r"(\de-?\d+)(?:\s+|$)")

#: Powers of ten before a unit: 万, 亿, 百万, 千万, 万亿.
SCALE = "(?:[十百千]?万亿?|[十百千]?亿)"


@cache
def _table() -> dict[str, Any]:
    return tomllib.loads((files(__package__) / "units.toml").read_text(encoding="utf-8"))


@cache
def _symbols() -> dict[str, str]:
    """Symbol of each spelling."""
    return {
        spelling: symbol
        for symbol, row in _table()["units"].items()
        for spelling in (*row["written"], symbol)
    }


@cache
def pattern() -> str:
    """A regular expression for a unit in folded text, its scale included; longest spelling first.

    Latin spellings end where no other letter follows.
    """
    written = {one for row in _table()["units"].values() for one in row["written"]}
    ordered = sorted(written, key=lambda spelling: (-len(spelling), spelling))
    latin = [re.escape(one) for one in ordered if re.search("[A-Za-zμΩÅ]$", one)]
    other = [re.escape(one) for one in ordered if not re.search("[A-Za-zμΩÅ]$", one)]
    end = r"(?![A-Za-zμΩ])"
    atom = rf"(?:(?:{'|'.join(latin)}){end}|(?:{'|'.join(other)}))"
    # m-1 and m2 end where no figure follows, s-20 is a range.
    power = r"(?:\^?-[1-4](?![\d.])|\^[1-9](?![\d.])|[23](?![\d.a-zA-Z\u4e00-\u9fff]))?"
    under = rf"(?:[/每](?:{SCALE}|(?:10{{1,4}}|25|50)(?=[A-Za-z]))?|[·*.×])"
    bracket = rf"\((?:{atom}{power}(?:[·*.]{atom}{power})*)\)"
    return rf"(?:{SCALE}?{atom}{power}(?:\s?{under}\s?(?:{bracket}|{atom}{power}))*|{SCALE})"


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit in normal form.

    Attributes:
        symbol: as people would write it: "1e4 t/a", "W/(m·K)" as "W/m/K", "%"; "1" is no unit.
        pint: the same for pint.
        scale: what its 万 or 亿 multiply by.
    """

    symbol: str
    pint: str
    scale: float = 1.0

    @property
    def heads(self) -> str:
        """The first unit in it: 元 of 元/t."""
        return re.split("[/·^]", self.symbol.rpartition(" ")[2])[0]

    @property
    def dimension(self) -> str:
        """Its dimension as pint names it; "dimensionless" for shares."""
        return str(_registry().get_dimensionality(_registry().parse_units(self.pint)))

    def to_base(self, value: float) -> float:
        """A value of this unit in base units of its dimension (shares: of one)."""
        registry = _registry()
        if self.pint in {"degC", "degF"}:
            return float(registry.Quantity(value * self.scale, self.pint).to("kelvin").magnitude)
        factor = registry.Quantity(1.0, registry.parse_units(self.pint)).to_base_units()
        return float(value * self.scale * factor.magnitude)


ONE = Unit("1", "dimensionless")


@cache
def _registry() -> "pint.UnitRegistry[Any]":
    import pint

    registry: pint.UnitRegistry[Any] = pint.UnitRegistry()
    for line in _table()["define"]:
        registry.define(line)
    return registry


@lru_cache(maxsize=4_096)
def unit_of(written: str) -> Unit | None:
    """The unit that a folded spelling, or a symbol, stands for; None if it is not in the table."""
    power = _POWER.match(written)
    scale = float(power[1]) if power else 1.0
    plain = re.sub(r"\s", "", written[power.end() :] if power else written)
    plain = plain.removeprefix("1") if plain.startswith("1/") else plain
    if plain in {"", "1"} and not power:
        return ONE
    found = None if power or plain in _symbols() else re.match(SCALE, plain)
    if found:
        for character in found[0]:
            scale *= _SCALES[character]
        plain = plain[found.end() :]
    if plain in _symbols():
        return _joined([(_symbols()[plain], 1)], scale)
    atoms = list(_atoms(plain))
    if any(symbol is None for symbol, _, _ in atoms):
        return None
    for _, _, factor in atoms:
        scale *= factor
    return _joined([(symbol, power) for symbol, power, _ in atoms if symbol], scale)


def _atoms(written: str) -> Iterator[tuple[str | None, int, float]]:
    """Symbol, power and factor of each unit of a product; a symbol of None is unknown."""
    # What follows a stroke stands under it: W/m·K is W/(m·K).
    plain, side = written.replace("(", "").replace(")", ""), 1
    while plain:
        head = re.match(rf"([/每·*.×]?)({SCALE}|\d+)?", plain)
        sign, times = head.groups() if head else ("", None)
        plain = plain[head.end() if head else 0 :]
        side = -1 if sign in {"/", "每"} else side
        spelling = next(
            (
                plain[:length]
                for length in range(min(len(plain), 8), 0, -1)
                if plain[:length] in _symbols()
            ),
            None,
        )
        if spelling is None:
            yield None, 0, 1.0
            return
        plain = plain[len(spelling) :]
        raised = re.match(r"\^?(-?\d)", plain)
        power = int(raised[1]) if raised else 1
        plain = plain[raised.end() if raised else 0 :]
        yield _symbols()[spelling], power * side, _times(times) ** side


def _times(written: str | None) -> float:
    if not written:
        return 1.0
    if written.isdecimal():
        return float(written) or 1.0
    value = 1.0
    for character in written:
        value *= _SCALES[character]
    return value


def _joined(atoms: list[tuple[str, int]], scale: float) -> Unit:
    above = [_raised(symbol, power) for symbol, power in atoms if power > 0]
    under = [_raised(symbol, -power) for symbol, power in atoms if power < 0]
    symbol = "/".join(["·".join(above) or "1", *under])
    rows = _table()["units"]
    for_pint = " * ".join(f"({rows[one]['pint']}) ** {power}" for one, power in atoms)
    if len(atoms) == 1 and atoms[0][1] == 1:
        for_pint = rows[atoms[0][0]]["pint"]
    factor = "" if scale == 1 else f"{scale:.0e} ".replace("e+0", "e").replace("e-0", "e-")
    name = factor.strip() if factor and not atoms else f"{factor}{symbol}"
    return Unit(name, for_pint or "dimensionless", scale)


def _raised(symbol: str, power: int) -> str:
    return symbol if power == 1 else f"{symbol}^{power}"
