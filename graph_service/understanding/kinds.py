"""What a number with a unit tells: a technical indicator, money, a count of things, a term."""

import re
from typing import Literal

from graph_service.understanding.units import Unit

Kind = Literal["indicator", "money", "count", "term"]

_MONEY = frozenset({"元", "美元", "欧元"})
_THINGS = frozenset({"人", "家", "户", "项", "亩", "个", "1e4", "1e8"})
#: What statistics of a country or an industry are told in.
_COUNTED = frozenset({"%", "t", "kg", "m^3", "kWh"})
_PERIODS = frozenset({"a", "月"})
_SHORT_PERIODS = frozenset({"周", "d"})
_AREAS = frozenset({"m^2", "km^2", "hm^2"})

_MONEY_WORDS = re.compile(r"产值|销售收入|营业收入|利润|利税|税收")
_LAND_WORDS = re.compile(r"占地|建筑|厂房|场地|基地|车间|仓库|面积|设施|办公|拥有|园区")
_STATISTICS = re.compile(
    r"我国|全国|全球|国内|世界|人均|市场|占有率|份额|每年|消费量|需求量|进口|出口|冷藏|流通率"
)
_MADE = re.compile(r"产能|年产|日产|生产能力|处理能力|产量")
_LASTING = re.compile(
    r"寿命|耐久|质保|保质|存放|储存|贮存|放置|使用|有效期|免维护|老化|稳定|不.{1,4}$"
)


def kind_of(unit: Unit, clause: str, quantity: str | None) -> Kind:
    """The kind of a mention.

    Args:
        unit: its unit.
        clause: the clause before the number.
        quantity: the name of what is measured, as far as it was found.
    """
    head, rate, near = unit.heads, "/" in unit.symbol, clause[-16:]
    words = near + (quantity or "")
    kind: Kind = "indicator"
    if head in _MONEY or (head == "%" and _MONEY_WORDS.search(near[-10:])):
        kind = "money"
    elif _STATISTICS.search(words) and not _MADE.search(words):
        kind = "count" if head in _COUNTED or unit.scale > 1 else "indicator"
    elif rate:
        kind = "indicator"
    elif head in _PERIODS:
        kind = "indicator" if _LASTING.search(words) else "term"
    elif head in _SHORT_PERIODS:
        kind = "term" if re.search("工期|周期内|合同|项目", words) else "indicator"
    elif head in _THINGS or (head in _AREAS and _LAND_WORDS.search(words)):
        kind = "count"
    return kind
