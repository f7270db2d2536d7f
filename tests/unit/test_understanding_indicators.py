"""Indicators are read from any spelling, and their places slice the text that came."""

import math
import unicodedata

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from graph_service.understanding.folding import fold
from graph_service.understanding.indicators import Indicator, indicators
from graph_service.understanding.numbers import value_of
from graph_service.understanding.relations import RELATIONS
from graph_service.understanding.units import _table, unit_of

CASES = [
    ("抗冲击韧性≥67%", "抗冲击韧性", "≥", 67, None, "%"),
    ("精度±5μm", "精度", "±", 5, None, "μm"),
    ("温度25±2ο℃", "温度", "±", 25, 2, "°C"),
    ("温度25±2οC", "温度", "±", 25, 2, "°C"),
    ("针高8 mm±0.08 mm", "针高", "±", 8, 0.08, "mm"),
    ("强度＞＝８００Mpa", "强度", "≥", 800, None, "MPa"),
    ("粘度不高于3000mPa·s", "粘度", "≤", 3000, None, "mPa·s"),
    ("粒径≦50um", "粒径", "≤", 50, None, "μm"),
    ("线径0.03–0.08 mm", "线径", "range", 0.03, 0.08, "mm"),
    ("工作温度－40℃〜+85℃", "工作温度", "range", -40, 85, "°C"),
    ("年产能达到20万吨/年", "年产能", "=", 20, None, "1e4 t/a"),
    ("成本降低30%左右", "成本", "better", 30, None, "%"),
    ("精度优于0.1mm", "精度", "better", 0.1, None, "mm"),
    ("换热系数下降≤15%", "换热系数下降", "≤", 15, None, "%"),
    ("残留量千分之三以下", "残留量", "≤", 3, None, "‰"),
    ("循环次数≥1.5×10^7次", "循环次数", "≥", 1.5e7, None, "次"),
    ("漏率≤1×10⁻⁹ Pa·m³/s", "漏率", "≤", 1e-9, None, "Pa·m^3/s"),
    ("菌落10?6CFU/g", "菌落", "=", 1e6, None, "CFU/g"),
    ("循环数万次", "循环", "order", 1, None, "1e4 次"),
    ("提高2个数量级", None, "order", 2, None, "数量级"),
    ("重量减轻三成以上", "重量", "better", 3, None, "成"),
    ("1μm≤粒径≤10μm", "粒径", "range", 1, 10, "μm"),
    ("pH值为6～9", "pH值", "range", 6, 9, "1"),
    ("导热系数大于0.5W/(m·K)", "导热系数", ">", 0.5, None, "W/m/K"),
    ("质量比为1:3", "质量比", "=", 1, 3, "1"),
    ("硬度HRC58-62", "硬度", "range", 58, 62, "HRC"),
    ("粒度300目", "粒度", "=", 300, None, "目"),
    ("年产超细粉20万吨", "年产超细粉", "=", 20, None, "1e4 t/a"),
    ("耐热60度", "耐热", "=", 60, None, "°C"),
    ("电阻在（2.4～2.9）Ω内", "电阻", "range", 2.4, 2.9, "Ω"),
    ("密度为1.5g/cm", "密度", "=", 1.5, None, "g/cm^3"),
    ("市电50/60Hz", "市电", "=", 50, 60, "Hz"),
    ("浓度差一到两个数量级", "浓度差", "order", 1, 2, "数量级"),
    ("比表面积>300m²/g", "比表面积", ">", 300, None, "m^2/g"),
    ("拉伸强度（1‑10 MPa）", "拉伸强度", "range", 1, 10, "MPa"),
    ("起动力矩≤常温的1.8倍", "起动力矩", "≤", 1.8, None, "倍"),
]


@pytest.mark.parametrize(
    ("text", "quantity", "relation", "value", "value2", "unit"), CASES, ids=[c[0] for c in CASES]
)
def test_a_mention_is_read(
    text: str, quantity: str | None, relation: str, value: float, value2: float | None, unit: str
) -> None:
    (one,) = indicators(text)
    assert (one.quantity, one.relation, one.unit_normalised) == (quantity, relation, unit)
    assert one.value == pytest.approx(value)
    assert one.value2 == (None if value2 is None else pytest.approx(value2))


@pytest.mark.parametrize(
    "text",
    [
        "2019年6月",
        "自2017年以来",
        "1、技术要求 2）主要指标",
        "符合GB/T 1234-2010与ISO 9001:2015",
        "RV-20E减速器、40CrNiMo、PA66、IP68",
        "支持5G通信的第3代产品",
        "一种由两个支架组成的三元材料",
        "见图1、表2与步骤3",
        "1、精准流量控制\n2）、电动调节阀",
        "①目的：凸部(22g)与槽(22h)",
        "材质为304L不锈钢",
        "联系电话13812345678，网址 http://a.cn/1%20MPa",
    ],
)
def test_what_measures_nothing_is_left_out(text: str) -> None:
    assert indicators(text) == []


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("注册资本5000万元", "money"),
        ("投资2000万", "money"),
        ("单件成本≤18元", "money"),
        ("员工300余人", "count"),
        ("拥有专利35项", "count"),
        ("占地面积100亩", "count"),
        ("项目在6个月内完成", "term"),
        ("合作期3年", "term"),
        ("耐久性可达到50年以上", "indicator"),
        ("处理量≥100吨/天", "indicator"),
    ],
)
def test_kinds_are_told_apart(text: str, kind: str) -> None:
    assert [one.kind for one in indicators(text)] == [kind]


def test_conditions_stand_beside_the_value_they_hold_for() -> None:
    text = "泄漏量≤3 mL/h（7 MPa）；在25℃下，拉伸强度≥50MPa；24 h蠕变≤0.03%FS；-45 ℃起动力矩≤2 N·m"
    assert [(one.quantity, one.condition) for one in indicators(text)] == [
        ("泄漏量", "7 MPa"),
        ("拉伸强度", "在25℃下"),
        ("蠕变", "24 h"),
        ("起动力矩", "-45 ℃"),
    ]


def test_what_a_value_is_raised_to_bears_the_same_name() -> None:
    assert [
        (one.quantity, one.relation, one.value) for one in indicators("合格率由85%提高到95%以上")
    ] == [("合格率", "=", 85), ("合格率", "≥", 95)]


def test_the_ends_of_a_range_are_in_the_unit_of_the_upper() -> None:
    (one,) = indicators("装药量500 g～2 kg")
    assert (one.value, one.value2, one.unit_normalised) == (0.5, 2, "kg")


def test_units_convert_where_they_measure_the_same() -> None:
    strength, depth = indicators("强度≥1.2GPa，深度≤30丝")
    assert strength.normal_unit.to_base(strength.value) == pytest.approx(1.2e9)
    assert depth.normal_unit.to_base(depth.value) == pytest.approx(3e-4)
    share, repeated = unit_of("%"), unit_of("万次")
    assert share is not None
    assert repeated is not None
    assert share.dimension != repeated.dimension
    assert repeated.to_base(2) == 2e4


@pytest.mark.parametrize(
    "spelling",
    ["", "万", "万元", "亿吨/年", "百万m3/h", "W/(m·K)", "元/万吨", "g/cm3", "cm-1", "%"],
)
def test_a_symbol_stands_for_its_unit(spelling: str) -> None:
    unit = unit_of(spelling)
    assert unit is not None
    again = unit_of(unit.symbol)
    assert again is not None
    assert (again.symbol, again.scale) == (unit.symbol, unit.scale)


def test_an_indicator_converts_with_its_power_of_ten() -> None:
    (capacity,) = indicators("年产能达到20万吨/年")
    assert capacity.normal_unit.scale == 1e4
    assert capacity.normal_unit.to_base(20) == pytest.approx(2e8 / (365.25 * 86_400))


def test_each_unit_of_the_table_is_known_to_pint_and_found_by_each_spelling() -> None:
    for symbol, row in _table()["units"].items():
        for spelling in row["written"]:
            found = unit_of(fold(spelling).text)
            assert found is not None, spelling
            assert math.isfinite(found.to_base(1.0)), spelling
        assert unit_of(fold(row["written"][0]).text) is not None, symbol


@pytest.mark.parametrize(
    ("written", "value"),
    [("1,200.5", 1200.5), ("一百二十", 120), ("二十五点五", 25.5), ("两", 2), ("三四", None)],
)
def test_numbers(written: str, value: float | None) -> None:
    assert value_of(written) == value


PIECES = st.one_of(
    st.sampled_from(list("≥%～-±在下（）万²ﬃ℃三十半年到，。㎡:数… \n")),
    st.sampled_from(
        ["10", "0.5", "mm", "吨/年", "强度", "×10^6", "百分之", "2019", "提高", "以上"]
    ),
    st.sampled_from(["e9", "1:3", "304", "kg", "0.3～"]),
)
TEXTS = st.one_of(
    st.text(max_size=60),
    st.text(st.characters(), max_size=30),
    st.lists(PIECES, max_size=24).map("".join),
)


@given(TEXTS)
@example("10^99万亿")
@example("9e99－9e99kg")
@example("9" * 400 + "MPa")
@example("一" * 2000)
@settings(max_examples=300, deadline=None)
def test_nothing_raises_and_places_slice_the_text(text: str) -> None:
    last = 0
    for one in indicators(text):
        assert last <= one.span[0] < one.span[1] <= len(text)
        last = one.span[1]
        assert one.relation in RELATIONS
        assert 0 < one.confidence < 1
        assert math.isfinite(one.value + (one.value2 or 0))
        assert one.unit in text[slice(*one.span)]
        for words, span in ((one.quantity, one.quantity_span), (one.condition, one.condition_span)):
            assert (words is None) == (span is None)
            assert span is None or text[slice(*span)] == words


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_folding_is_idempotent_and_keeps_places(text: str) -> None:
    folded = fold(text)
    assert fold(folded.text).text == folded.text
    assert len(folded.ends) == len(text)
    assert not text or folded.ends[-1] == len(folded.text)


def _wide(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in text)


def _read(found: list[Indicator]) -> list[tuple[object, ...]]:
    return [
        (
            one.kind,
            one.relation,
            one.value,
            one.value2,
            one.unit_normalised,
            one.span,
            one.quantity_span,
        )
        for one in found
    ]


@given(st.lists(PIECES.filter(lambda piece: piece != "²"), max_size=24).map("".join))
@settings(max_examples=200, deadline=None)
def test_full_width_changes_nothing(text: str) -> None:
    assert _read(indicators(_wide(text))) == _read(indicators(text))


NAMES = st.sampled_from(["抗拉强度", "断裂伸长率", "表面粗糙度", "导热系数", "泄漏量", "孔径"])
UNITS = st.sampled_from(["MPa", "%", "μm", "W/(m·K)", "mL/h", "℃", "kWh/t", "万次", "g/cm³"])
VALUES = st.decimals("0.01", "9999", places=2).map(float)


@given(NAMES, st.sampled_from(["≥", "≤", ">", "<"]), VALUES, UNITS)
@settings(max_examples=200, deadline=None)
def test_a_bound_that_was_written_is_read_back(
    name: str, relation: str, value: float, unit: str
) -> None:
    text = f"要求{name}{relation}{value}{unit}，其他不限"
    (one,) = indicators(text)
    assert (one.quantity, one.relation, one.value, one.unit) == (name, relation, value, unit)
    assert text[slice(*one.span)] == f"{name}{relation}{value}{unit}"
    assert unicodedata.normalize("NFKC", one.unit)


@given(NAMES, VALUES, VALUES, UNITS, st.sampled_from("~～-–—至到"))
@settings(max_examples=200, deadline=None)
def test_a_range_that_was_written_is_read_back(
    name: str, low: float, high: float, unit: str, between: str
) -> None:
    (one,) = indicators(f"{name}为{low}{between}{high}{unit}。")
    assert (one.quantity, one.relation, one.value, one.value2) == (name, "range", low, high)
    assert one.unit == unit
