"""Indicators of a demand against those of a candidate: strict, with both passages."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.facts.bounds import Bounds, comparable
from graph_service.matching.facts.comparing import compared, load
from graph_service.matching.facts.naming import direction, plain, same, shared_things
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.statements import asked_of, claims_of
from graph_service.model import Label
from graph_service.understanding import units
from graph_service.understanding.units import Unit, unit_of

_DEMAND = "需求内容：开发高强钢筋，{}。"
_RESULT = "所得钢筋{}。"


def _compared(asked: str, offered: str, title: str = "一种高强钢筋及其生产方法") -> dict[str, int]:
    """How many are met, unmet and unknown."""
    fact = compared(
        Side(Label.DEMAND, "高强钢筋开发", _DEMAND.format(asked)),
        Side(Label.RESULT, title, _RESULT.format(offered)),
    )
    return {name: fact.evidence.get(name, 0) for name in ("met", "unmet", "unknown")}


@pytest.mark.parametrize(
    ("asked", "offered", "verdict"),
    [
        ("抗拉强度≥600MPa", "抗拉强度为650MPa", "met"),
        ("抗拉强度不低于0.6GPa", "抗拉强度达到650MPa以上", "met"),  # another unit
        ("抗拉强度≥600MPa", "拉伸强度≥600MPa", "met"),  # another name of it
        ("伸长率≥20%", "断后延伸率为25%", "met"),
        ("抗拉强度≥600MPa", "抗拉强度700～800MPa", "met"),
        ("抗拉强度达到600MPa", "抗拉强度为650MPa", "met"),  # more is better
        ("抗拉强度≥600MPa", "抗拉强度为550MPa", "unmet"),
        ("抗拉强度>600MPa", "抗拉强度为600MPa", "unmet"),
        ("屈强比≤0.8", "屈强比≤0.75", "met"),
        ("屈强比≤0.8", "屈强比为0.85", "unmet"),
        ("直线度误差±0.5mm", "直线度误差±0.2mm", "met"),
        ("直线度误差±0.5mm", "直线度误差±0.8mm", "unmet"),
        ("抗拉强度≥600MPa", "抗拉强度≥550MPa", "unknown"),  # it may be more
        ("抗拉强度≥600MPa", "抗拉强度500～650MPa", "unknown"),
        ("抗拉强度≥600MPa", "屈服强度为650MPa", "unknown"),  # another property
        ("抗拉强度≥600MPa", "强度为650MPa", "unknown"),  # which one is not said
        ("抗拉强度≥600MPa", "抗拉强度提高20%", "unknown"),  # by how much, not how much
        ("抗拉强度≥600MPa", "在900℃下抗拉强度为650MPa", "unknown"),  # another condition
        ("抗拉强度≥600MPa", "目前抗拉强度为650MPa", "unknown"),  # what there was
        ("抗拉强度≥600MPa", "抗拉强度由650MPa降至550MPa", "unmet"),  # what it is brought to
        ("孔隙率≤5%", "以孔隙率为3%的泡沫为模板", "unknown"),  # what goes in
        ("加热温度≥600℃", "加热温度为650℃", "unknown"),  # how it is made
        ("屈强比达到0.8", "屈强比为0.75", "unknown"),  # neither way is known to be better
        ("抗拉强度≥600MPa", "抗拉强度为550MPa，热处理后抗拉强度为650MPa", "unknown"),  # both
    ],
)
def test_a_claim_meets_what_is_asked_or_not(asked: str, offered: str, verdict: str) -> None:
    counts = _compared(asked, offered)
    assert counts[verdict] == 1
    assert sum(counts.values()) == 1


def test_another_thing_is_not_compared() -> None:
    claim = "抗拉强度为650MPa"
    assert _compared("抗拉强度≥600MPa", claim)["met"] == 1
    fact = compared(
        Side(Label.DEMAND, "高强钢筋开发", "需求内容：抗拉强度≥600MPa。"),
        Side(Label.RESULT, "一种聚酰胺纤维", f"纤维{claim}。"),
    )
    assert fact.value is None
    assert fact.evidence["unknown"] == 1


def test_what_is_today_is_not_asked() -> None:
    text = "现有工作基础：公司目前生产的钢筋抗拉强度达到500MPa。\n需求内容：抗拉强度≥600MPa。"
    (asked,) = asked_of(Side(Label.DEMAND, "高强钢筋开发", text))
    assert asked.indicator.value == 600


@pytest.mark.parametrize(
    ("text", "claimed"),
    [
        ("目前钢筋的抗拉强度为500MPa。", []),
        ("目前，钢筋的抗拉强度只能达到500MPa。", []),
        ("国外产品的抗拉强度达到900MPa。", []),
        ("传统钢筋性能差，抗拉强度为300MPa左右。", []),
        ("目前反应塔用的钢筋抗拉强度为500MPa。", []),
        ("目前需要将钢筋的抗拉强度提高到600MPa。", [600.0]),
        ("目前国内钢筋寿命短，要求抗拉强度不低于600MPa。", [600.0]),
        ("与传统工艺相比，本发明的钢筋抗拉强度为600MPa。", [600.0]),
        ("目前需要一种新钢筋，抗拉强度为600MPa。", [600.0]),
    ],
)
def test_today_takes_the_value_that_it_governs_alone(text: str, claimed: list[float]) -> None:
    side = Side(Label.RESULT, "一种钢筋", text)
    assert [one.indicator.value for one in claims_of(side, "抗拉强度")] == claimed


def test_both_passages_can_be_found_again() -> None:
    demand = Side(Label.DEMAND, "高强钢筋开发", _DEMAND.format("抗拉强度≥600MPa"))
    result = Side(Label.RESULT, "一种高强钢筋", "按此法。" + _RESULT.format("抗拉强度为650MPa"))
    fact = compared(demand, result)
    assert fact.value == 1.0
    (one,) = fact.evidence["indicators"]
    assert one["inferred"] is True
    assert 0 < one["confidence"] < 1
    for side, told in ((demand, one["asked"]), (result, one["offered"])):
        text = getattr(side, told["field"])
        assert text[told["start"] : told["end"]] == told["passage"]
        begin, end = told["indicator"]
        assert "抗拉强度" in text[begin:end]


def test_the_value_weighs_met_against_unmet() -> None:
    asked = "抗拉强度≥600MPa，屈服强度≥500MPa，伸长率≥20%，屈强比≤0.8"
    fact = compared(
        Side(Label.DEMAND, "高强钢筋开发", _DEMAND.format(asked)),
        Side(Label.RESULT, "一种钢筋", "钢筋抗拉强度为650MPa，屈服强度为520MPa，伸长率为15%。"),
    )
    assert (fact.evidence["met"], fact.evidence["unmet"], fact.evidence["unknown"]) == (2, 1, 1)
    assert fact.value == pytest.approx(1 / 3)


def test_nothing_asked_is_unknown() -> None:
    fact = compared(
        Side.of_text("希望改进钢筋的性能"), Side(Label.RESULT, "钢筋", "抗拉强度650MPa。")
    )
    assert (fact.value, fact.evidence) == (None, {})


def test_loading_leaves_no_units_for_a_request_to_load() -> None:
    units._registry.cache_clear()
    load()
    assert units._registry.cache_info().currsize == 1


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("抗拉强度Rm", "抗拉强度"),
        ("平均抗拉强度", "抗拉强度"),
        ("断后伸长率(A)", "伸长率"),
        ("运行噪音dB", "噪声"),
        ("使用寿命", "寿命"),
    ],
)
def test_names_are_brought_to_one(written: str, name: str) -> None:
    assert plain(written) == name


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        ("抗拉强度", "抗拉强度", True),
        ("钢板抗拉强度", "抗拉强度", True),
        ("抗拉强度", "抗压强度", False),
        ("温度", "温度", False),  # of what is not said
        ("最大承载力", "承载力", False),
        ("响应时间", "时间", False),
    ],
)
def test_names_of_one_property(one: str, two: str, alike: bool) -> None:
    assert (same(one, two) is not None) is alike
    assert (same(two, one) is not None) is alike


def test_directions_come_from_the_table() -> None:
    assert [direction(name) for name in ("抗拉强度", "定位误差", "硬度")] == [1, -1, 0]


def test_things_are_nouns_that_both_are_about() -> None:
    assert shared_things("高强钢筋生产技术", "一种钢筋的生产方法", "抗拉强度") == ["钢筋"]
    assert shared_things("焊接方法研究", "一种焊接方法", "抗拉强度") == []


@pytest.mark.parametrize(
    ("one", "two", "alike"),
    [
        ("MPa", "GPa", True),
        ("%", "ppm", True),
        ("%", "倍", False),
        ("mm", "MPa", False),
        ("HRC", "HV", False),
    ],
)
def test_units_that_can_be_compared(one: str, two: str, alike: bool) -> None:
    assert comparable(_unit(one), _unit(two)) is alike


def _unit(written: str) -> Unit:
    unit = unit_of(written)
    assert unit is not None
    return unit


_ends = st.floats(-1e6, 1e6)


@given(_ends, _ends, _ends, _ends)
def test_within_is_met_apart_is_unmet(a: float, b: float, c: float, d: float) -> None:
    asked, offered = Bounds(min(a, b), max(a, b)), Bounds(min(c, d), max(c, d))
    verdict = asked.verdict(offered)
    middle = (offered.low + offered.high) / 2
    if verdict == "met":
        assert asked.low <= middle <= asked.high
    if verdict == "unmet":
        assert middle < asked.low or middle > asked.high
    assert Bounds(-math.inf, math.inf).verdict(offered) == "met"
    assert asked.verdict(asked) == "met"
