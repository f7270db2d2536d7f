"""What a unit means by the words around it: 年产 20 万吨 is 1e4 t/a, 耐热 60 度 is °C."""

import re

from graph_service.understanding.units import Unit, unit_of

_TEMPERATURE = re.compile(r"温|热|冷|冻|寒|零下|加热|升至|冷却|熔点|沸点|露点|凝点|闪点")
_DENSITY = re.compile(r"密度|比重")
_CONCENTRATION = re.compile(r"浓度|排放|含尘")
_MONEY = re.compile(r"资金|投资|投入|预算|经费|费用|资本|销售额|营业收入|产值|利润|税")
_RATES = (
    (re.compile(r"年产|每年|年(?:设计)?(?:生产|处理|消耗|用|供|加工)|年均|年出|年需"), "年"),
    (re.compile(r"日产|每[天日]|日处理|日均|日加工"), "天"),
    (re.compile(r"每小时|小时产"), "小时"),
    (re.compile(r"每分钟?"), "分钟"),
    (re.compile(r"每秒"), "秒"),
)
#: What a rate is told of: masses, volumes, lengths and things, not shares, money or times.
_FLOWING = frozenset({"t", "kg", "g", "m^3", "L", "m", "mm", "m^2", "个", "次", "kWh", "人"})


def meant(written: str, unit: Unit, clause: str) -> Unit:
    """The unit in its place.

    Args:
        written: as written, folded.
        unit: by itself.
        clause: the clause before the number, nearest words last.
    """
    near = clause[-16:]
    if written.endswith("度") and unit.symbol == "°":
        return (unit_of("摄氏度") or unit) if _TEMPERATURE.search(near) else unit
    # A raised figure is often lost on the way: a density in g/cm is one in g/cm³.
    if unit.symbol in {"g/cm", "kg/m", "t/m", "mg/cm"} and _DENSITY.search(near):
        return unit_of(f"{unit.symbol}^3") or unit
    if unit.symbol in {"mg/m", "μg/m", "g/m"} and _CONCENTRATION.search(near):
        return unit_of(f"{unit.symbol}^3") or unit
    if unit.symbol in {"1e4", "1e8"} and _MONEY.search(clause):
        return unit_of(("万" if unit.symbol == "1e4" else "亿") + "元") or unit
    if unit.heads in _FLOWING and "/" not in unit.symbol:
        told = next((per for words, per in _RATES if words.search(near)), None)
        if told:
            return unit_of(f"{written}/{told}") or unit
    return unit
