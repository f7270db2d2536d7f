"""Values as offices write them: amounts, dates, periods, boxes, stages, numbered lists."""

import datetime as dt
from typing import Any

import pytest
from cn2an import an2cn
from hypothesis import assume, given
from hypothesis import strategies as st

from loaders.clean import CLEANERS, unit_of
from loaders.clean.numbers import UNTOLD
from loaders.clean.texts import chosen
from loaders.errors import CellError
from loaders.escape import escape, unescape


@pytest.mark.parametrize(
    ("cell", "unit", "low", "high"),
    [
        ("1,200万元", "", 1200, None),
        ("0.3亿", "", 3000, None),
        ("300-500万", "", 300, 500),
        ("５００—８００万元", "", 500, 800),
        ("0.5-1亿", "", 5000, 10000),
        ("5000万-1亿元", "", 5000, 10000),
        ("500万至300万", "", 300, 500),
        ("150w", "", 150, None),
        ("150W元", "", 150, None),
        ("壹仟万元整", "", 1000, None),
        ("人民币壹仟万元整（¥10,000,000.00）", "", 1000, None),
        ("三百至五百万元", "", 300, 500),
        ("一亿二千万", "", 12000, None),
        ("1亿2000万", "", 12000, None),
        ("300余万元", "", 300, None),
        ("500（万元）", "", 500, None),
        ("不少于叁佰万元", "", 300, None),
        ("≥300", "万元", 300, None),
        ("1,200,000.00", "元", 120, None),
        ("5", "亿元", 50000, None),
        (0.5, "亿", 5000, None),
        ("面议（不低于100万）", "", None, None),
        ("另行协商", "万元", None, None),
    ],
)
def test_amounts_and_their_ranges(
    cell: Any, unit: str, low: float | None, high: float | None
) -> None:
    assert CLEANERS["money"](cell, unit) == low
    assert CLEANERS["money_to"](cell, unit) == high


@pytest.mark.parametrize("cell", ["数百万", "1,2万", "500万元/年", "若干", "一二三四五六万万"])
def test_amounts_that_are_none(cell: str) -> None:
    with pytest.raises(CellError, match="bad_money"):
        CLEANERS["money"](cell, "")


def test_a_foreign_unit_in_the_header_is_no_yuan() -> None:
    with pytest.raises(CellError, match="foreign_currency"):
        CLEANERS["money"]("5", "万美元")


@given(st.integers(1, 99_999_999))
def test_an_amount_in_words_is_the_amount_in_digits(yuan: int) -> None:
    for mode in ("low", "up"):
        assert CLEANERS["money"](f"{an2cn(yuan, mode)}元", "") == pytest.approx(yuan / 1e4)


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_a_range_keeps_both_ends(one: int, other: int) -> None:
    assume(one != other)
    for cell in (f"{one}-{other}万元", f"{one}万～{other}万", f"约{one}至{other}万元"):
        assert CLEANERS["money"](cell, "") == min(one, other)
        assert CLEANERS["money_to"](cell, "") == max(one, other)


@pytest.mark.parametrize(
    ("cell", "first", "last"),
    [
        ("2024年3月", "2024-03", "2024-03"),
        ("24.6.30", "2024-06-30", "2024-06-30"),
        ("24/6/30", "2024-06-30", "2024-06-30"),
        ("24年6月", "2024-06", "2024-06"),
        ("98年", "1998", "1998"),
        ("45123", "2023-07-16", "2023-07-16"),
        (45123.75, "2023-07-16", "2023-07-16"),
        ("2024/3/5", "2024-03-05", "2024-03-05"),
        ("2024年3月5号17时", "2024-03-05", "2024-03-05"),
        ("2024.3.5（周二）", "2024-03-05", "2024-03-05"),
        ("2024 年 3 月", "2024-03", "2024-03"),
        ("一九九八年", "1998", "1998"),
        ("二〇二四年三月", "2024-03", "2024-03"),
        ("二○二四年十二月三十一日", "2024-12-31", "2024-12-31"),
        ("2024Q2", "2024-04", "2024-06"),
        ("2024年第二季度", "2024-04", "2024-06"),
        ("2024年上半年", "2024-01", "2024-06"),
        ("2024年底", "2024-12", "2024-12"),
        ("截至2024年6月底前", "2024-06", "2024-06"),
        ("30/6/2024", "2024-06-30", "2024-06-30"),
        ("Mar-24", "2024-03", "2024-03"),
        ("5-Mar-2024", "2024-03-05", "2024-03-05"),
        ("长期", None, None),
    ],
)
def test_dates_and_deadlines(cell: Any, first: str | None, last: str | None) -> None:
    assert CLEANERS["date"](cell, "") == first
    assert CLEANERS["deadline"](cell, "") == last


@pytest.mark.parametrize("cell", ["06/05/24", "5/6/2024", "24.6", "六月", "三年", "2024-6-31"])
def test_a_date_that_could_be_another_is_an_error(cell: str) -> None:
    with pytest.raises(CellError, match="bad_date"):
        CLEANERS["date"](cell, "")


@given(st.dates(dt.date(1950, 1, 1), dt.date(2049, 12, 31)))
def test_a_date_in_chinese_numerals_is_the_same_day(day: dt.date) -> None:
    year = an2cn(day.year, "direct").replace("零", "〇")
    written = f"{year}年{an2cn(day.month)}月{an2cn(day.day)}日"
    assert CLEANERS["date"](written, "") == day.isoformat()
    assert CLEANERS["date"](f"{day:%y}.{day.month}.{day.day}", "") == day.isoformat()
    serial = (day - dt.date(1899, 12, 30)).days
    if serial >= 20_000:  # 1954
        assert (
            CLEANERS["date"](serial, "") == CLEANERS["date"](f"{serial}.5", "") == day.isoformat()
        )


@pytest.mark.parametrize(
    ("cell", "start", "end"),
    [
        ("2024年7月至2027年6月", "2024-07", "2027-06"),
        ("2023.7-2026.6", "2023-07", "2026-06"),
        ("2023-07-01~2026-06-30", "2023-07-01", "2026-06-30"),
        ("2021-2023", "2021", "2023"),
        ("2024年3月至6月", "2024-03", "2024-06"),
        ("2021年至今", "2021", None),
        ("2023年7月-长期", "2023-07", None),
    ],
)
def test_periods(cell: str, start: str, end: str | None) -> None:
    assert CLEANERS["since"](cell, "") == CLEANERS["period_start"](cell, "") == start
    assert CLEANERS["until"](cell, "") == CLEANERS["period_end"](cell, "") == end


def test_one_date_is_no_period() -> None:
    assert CLEANERS["since"]("2024-03-05", "") == CLEANERS["until"]("2024-03-05", "")
    assert CLEANERS["period_start"]("2024-03-05", "") is None
    assert CLEANERS["period_end"]("2024-03", "") is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("☑联合开发 □委托开发", ["联合开发"]),
        ("☑️联合开发", ["联合开发"]),
        ("√联合开发  委托开发", ["联合开发"]),
        ("■联合开发 □技术转让 ■其他：____", ["联合开发", "其他"]),
        ("联合开发√ 委托开发□", ["联合开发"]),
        ("合作方式：☑联合开发□委托开发☑其他（共建平台）", ["联合开发", "其他（共建平台）"]),
        ("[√]联合开发 [ ]委托开发", ["联合开发"]),
        ("（√）联合开发（ ）委托开发", ["联合开发"]),
        ("○联合开发 ●委托开发", ["委托开发"]),
        ("☑联合开发、☑委托开发", ["联合开发", "委托开发"]),
        ("□联合开发 □委托开发", None),
        ("减速器（）", ["减速器（）"]),
        ("二○二四型", ["二○二四型"]),
        ("轴承/丝杠", ["轴承", "丝杠"]),
        ("钢/铝复合板", ["钢/铝复合板"]),
        ("AC/DC电源", ["AC/DC电源"]),
        ("轴承,丝杠\n电机", ["轴承", "丝杠", "电机"]),
        ("1.轴承 2.丝杠；3.电机", ["轴承", "丝杠", "电机"]),
        ("（1）轴承；（2）丝杠", ["轴承", "丝杠"]),
        ("①轴承②丝杠", ["轴承", "丝杠"]),
        ("1.5mm钢板", ["1.5mm钢板"]),
    ],
)
def test_lists_and_boxes(cell: str, value: list[str] | None) -> None:
    assert CLEANERS["items"](cell, "") == value


OPTIONS = st.lists(
    st.tuples(st.text("联合开发委托转让技术", min_size=1, max_size=5), st.booleans()),
    min_size=1,
    max_size=5,
)


@given(OPTIONS, st.sampled_from([("☑", "□"), ("■", "□"), ("[x]", "[ ]"), ("（√）", "（ ）")]))
def test_the_ticked_ones_are_chosen_wherever_the_boxes_stand(
    options: list[tuple[str, bool]], marks: tuple[str, str]
) -> None:
    ticked = [option for option, yes in options if yes]
    assume(ticked)
    assume(len(ticked) < len(options) or marks[0] == "☑")
    before = " ".join(f"{marks[not yes]}{option}" for option, yes in options)
    behind = " ".join(f"{option}{marks[not yes]}" for option, yes in options)
    assert chosen(before).split("、") == ticked
    assert chosen(behind).split("、") == ticked


@pytest.mark.parametrize(
    ("cell", "stated", "concluded", "word"),
    [
        ("TRL 6", 6, None, None),
        ("六级", 6, None, None),
        ("第6级", 6, None, None),
        ("TRL6~7", 6, None, None),
        ("技术成熟度：8级", 8, None, None),
        ("TRL6（中试）", 6, None, "中试"),
        ("中试", None, 6, "中试"),
        ("□小试 ☑产业化", None, 9, "产业化"),
    ],
)
def test_a_stage_is_no_stated_level(
    cell: str, stated: int | None, concluded: int | None, word: str | None
) -> None:
    assert CLEANERS["readiness"](cell, "") == stated
    assert CLEANERS["readiness_by_stage"](cell, "") == concluded
    assert CLEANERS["stage_word"](cell, "") == word


@pytest.mark.parametrize(
    ("name", "cell", "value"),
    [
        ("number", "１，２００", 1200),
        ("number", "1,200.5", 1200.5),
        ("count", "三十五人", 35),
        ("count", "约500余人", 500),
        ("count", "1.2万人", 12000),
        ("share", "百分之三十", 0.3),
        ("share", "5‰", 0.005),
        ("registration", 320202400117.0, "320202400117"),
        ("registration", "3202024Y0117", "3202024Y0117"),
        ("choice", "☑国际先进 □国内领先", "国际先进"),
        ("key", '="0012"', "0012"),
        ("text", "'=1+1", "=1+1"),
        ("tiers_in", "第六批专精特新“小巨人”企业名单", [{"tier": "小巨人"}]),
        ("tiers_in", "企业名单", None),
        ("spaced_items", "轴承 视觉\u3000检测", ["轴承", "视觉", "检测"]),
        ("spaced_items", "张　三、李四", ["张三", "李四"]),
        ("spaced_items", "machine vision；轴承", ["machine vision", "轴承"]),
        ("money", "￥3,200,000.00", 320),
        ("money", "¥50万", 50),
    ],
)
def test_other_values(name: str, cell: Any, value: Any) -> None:
    assert CLEANERS[name](cell, "") == value


@pytest.mark.parametrize("cell", ["#REF!", "#DIV/0!", "#value!"])
def test_a_failed_formula_is_a_bad_cell(cell: str) -> None:
    for name in ("text", "name", "money", "date", "items"):
        with pytest.raises(CellError, match="bad_cell"):
            CLEANERS[name](cell, "")


@pytest.mark.parametrize("cell", ["企业名称", "12345", "同上", "——1"])
def test_what_names_no_organisation_is_refused(cell: str) -> None:
    for name in ("organization", "organizations"):
        with pytest.raises(CellError, match="bad_key"):
            CLEANERS[name](cell, "")


def test_those_who_stand_for_several_organisations_are_left_out() -> None:
    assert CLEANERS["organization"]("其他供应商", "") is None
    assert CLEANERS["organizations"]("甲公司、终端用户、乙集团等", "") == ["甲公司", "乙集团"]


def test_a_bare_number_beyond_wan_leaves_the_unit_of_its_column_untold() -> None:
    assert unit_of([85000, "面议", "30万", "#REF!"]) == ""
    assert unit_of([85000, "8,500,000"]) == UNTOLD
    for cell in (85000, "3,200"):
        with pytest.raises(CellError, match="bad_money"):
            CLEANERS["money"](cell, UNTOLD)
    assert CLEANERS["money"]("30万", UNTOLD) == 30


@pytest.mark.parametrize("cell", ["同上", "〃", " 同 上 "])
def test_what_points_at_the_row_above_is_no_name(cell: str) -> None:
    for name in ("name", "items", "organizations"):
        with pytest.raises(CellError, match="bad_key"):
            CLEANERS[name](cell, "")


@given(st.text("'=+-@\t\rab甲", max_size=6))
def test_an_escape_is_undone_and_leaves_no_formula(text: str) -> None:
    assert unescape(escape(text)) == text
    assert not escape(text).startswith(("=", "+", "-", "@", "\t", "\r"))
