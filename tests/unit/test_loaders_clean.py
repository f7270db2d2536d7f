"""Cells to values, and the check digit of the credit code."""

import datetime as dt
import re
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from loaders import clean, uscc
from loaders.clean import CLEANERS
from loaders.errors import CODES, CellError

CELLS = st.one_of(
    st.text(),
    st.text("0123456789.,-/年月日万元亿%％～至（）() ", max_size=20),
    st.integers(),
    st.floats(),
    st.booleans(),
    st.none(),
    st.dates(),
    st.datetimes(),
    st.lists(st.one_of(st.text(), st.none(), st.integers()), max_size=4),
    st.dictionaries(st.text(max_size=3), st.text(max_size=3), max_size=2),
)


@given(name=st.sampled_from(sorted(CLEANERS)), cell=CELLS, unit=st.sampled_from(["", "%", "万元"]))
def test_a_cleaner_gives_a_value_or_a_declared_error(name: str, cell: Any, unit: str) -> None:
    code = None
    try:
        CLEANERS[name](cell, unit)
    except CellError as error:
        code = error.code
    assert code is None or code in CODES


@given(cell=st.text())
def test_names_and_texts_are_stable_when_cleaned_again(cell: str) -> None:
    for cleaner in (clean.text, clean.title, clean.name, clean.items):
        try:
            once = cleaner(cell)
        except CellError:
            continue
        if cleaner is not clean.text or "&" not in cell:
            assert cleaner(once) == once


@pytest.mark.parametrize("cell", ["", " ", "-", "——", "无", "未知", "N/A", "&nbsp;", "null", None])
def test_a_placeholder_says_nothing(cell: str | None) -> None:
    assert clean.text(cell) is None
    assert clean.date(cell) is None
    assert clean.money(cell) is None
    assert clean.items(cell) is None


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2014-03-12", "2014-03-12"),
        ("2014/3/12", "2014-03-12"),
        ("２０１４年３月１２日", "2014-03-12"),
        ("2014.3", "2014-03"),
        ("2021-10", "2021-10"),
        ("2026年12月底前", "2026-12"),
        ("2021年", "2021"),
        ("20140312", "2014-03-12"),
        ("2014-03-12 00:00:00", "2014-03-12"),
        ("2026-08-28T01:02:03Z", "2026-08-28"),
        (2021, "2021"),
        (41710, "2014-03-12"),
        (dt.datetime(2014, 3, 12, 8, 30, tzinfo=dt.UTC), "2014-03-12"),
        (dt.date(2014, 3, 12), "2014-03-12"),
        ("长期有效", None),
    ],
)
def test_dates_stay_as_partial_as_they_were(cell: Any, value: str | None) -> None:
    assert clean.date(cell) == value


@pytest.mark.parametrize("cell", ["2014-13-01", "2014-02-30", "去年", "12", "0099-01-01"])
def test_what_is_no_date_is_an_error(cell: str) -> None:
    with pytest.raises(CellError):
        clean.date(cell)


@given(st.dates(dt.date(1800, 1, 1), dt.date(2200, 12, 31)))
def test_each_way_of_writing_a_date_reads_alike(day: dt.date) -> None:
    for way in ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", "%Y年%m月%d日", "%Y%m%d"):
        assert clean.date(day.strftime(way)) == day.isoformat()
    assert clean.date(f"{day.year}年{day.month}月") == day.isoformat()[:7]


@pytest.mark.parametrize(
    ("cell", "unit", "wan"),
    [
        ("500万元人民币", "", 500),
        ("1,000 万元", "", 1000),
        ("１．５亿元", "", 15000),
        ("3000元", "", 0.3),
        ("￥50万", "", 50),
        ("50-100万元", "", 50),
        ("50万-100万元", "", 50),
        ("约80万元", "", 80),
        ("120", "万元", 120),
        (2000000, "元", 200),
        (2, "亿元", 20000),
        (26000.0, "万元", 26000),
        ("300", "", 300),
        ("面议", "", None),
    ],
)
def test_money_is_in_wan(cell: Any, unit: str, wan: float | None) -> None:
    assert clean.money(cell, unit) == wan


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("100万美元", "foreign_currency"),
        ("$5000", "foreign_currency"),
        ("万人民币", "bad_money"),
        ("-5万", "bad_money"),
        ("5000000", "bad_money"),
    ],
)
def test_money_that_cannot_be_read_is_an_error(cell: str, code: str) -> None:
    with pytest.raises(CellError, match=code):
        clean.money(cell)


@given(st.integers(1, 100_000))
def test_one_amount_in_all_units_is_one_value(wan: int) -> None:
    same = {
        clean.money(f"{wan}万元"),
        clean.money(f"{wan}万"),
        clean.money(f"{wan * 10000}元"),
        clean.money(wan, "万元"),
        clean.money(f"{wan:,}", "万元"),
        clean.money(wan / 10000, "亿元"),
    }
    assert {round(value or 0, 4) for value in same} == {wan}


@pytest.mark.parametrize(
    ("cell", "unit", "value"),
    [("51%", "", 0.51), ("58", "%", 0.58), (0.51, "", 0.51), ("９．５％", "", 0.095), ("0", "", 0),
     ("一成", "", 0.1), ("约三成五", "", 0.35), ("两成半", "%", 0.25), ("十成", "", 1),
     ("12%（含代工）", "", 0.12)],
)  # fmt: skip
def test_shares(cell: Any, unit: str, value: float) -> None:
    assert clean.share(cell, unit) == pytest.approx(value)


@pytest.mark.parametrize(("cell", "unit"), [("-0.1", ""), ("1.2", ""), ("51", ""), ("101", "%")])
def test_a_share_beyond_the_whole_is_an_error(cell: str, unit: str) -> None:
    with pytest.raises(CellError, match="out_of_range"):
        clean.share(cell, unit)


@pytest.mark.parametrize(
    ("cell", "value"),
    [("25人（含外聘3人）", 25), ("1,200 (其中博士12人)", 1200), ("约30人（2024年）", 30)],
)
def test_a_remark_behind_a_number_says_nothing(cell: str, value: float) -> None:
    assert clean.CLEANERS["count"](cell, "") == value


@pytest.mark.parametrize("cell", ["50(万)", "(25)", "25(2)", "（含外聘3人）", "50（万元）"])
def test_brackets_that_may_belong_to_a_number_are_no_remark(cell: str) -> None:
    with pytest.raises(CellError, match="bad_number"):
        clean.CLEANERS["number"](cell, "")


@pytest.mark.parametrize(("cell", "value"), [("TRL6", 6), ("6级", 6), (6.0, 6), ("7", 7)])
def test_readiness_levels(cell: Any, value: int) -> None:
    assert clean.readiness(cell) == value


@pytest.mark.parametrize("cell", ["0", "10", "成熟", -1])
def test_other_readiness_levels_are_errors(cell: Any) -> None:
    with pytest.raises(CellError):
        clean.readiness(cell)


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("甲；乙;丙、丁，戊", ["甲", "乙", "丙", "丁", "戊"]),
        ("甲、甲", ["甲"]),
        ("中心(甲医院、乙研究所)；丙", ["中心（甲医院、乙研究所）", "丙"]),
        (["甲", "乙 "], ["甲", "乙"]),
        ("；、", None),
    ],
)
def test_lists_are_split_outside_brackets(cell: Any, value: list[str] | None) -> None:
    assert clean.items(cell) == value


def test_a_comma_in_a_latin_name_does_not_split_organisations() -> None:
    assert clean.organizations("Foo Co., Ltd.; 甲公司,乙公司") == [
        "Foo Co., Ltd.",
        "甲公司",
        "乙公司",
    ]


@given(st.lists(st.text("甲乙丙丁Aa", min_size=1, max_size=5), min_size=1, max_size=5, unique=True))
def test_a_joined_list_is_split_into_its_parts(parts: list[str]) -> None:
    for separator in "、；;，|\n":
        assert clean.items(separator.join(parts)) == parts


def test_names_have_one_spelling() -> None:
    assert clean.name(" 腾讯科技(深圳)\u3000有限公司 ") == "腾讯科技（深圳）有限公司"
    assert clean.name("ＯＰＰＯ广东") == "OPPO广东"
    assert clean.name("LG 电子株式会社") == "LG 电子株式会社"


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("国家级专精特新“小巨人”企业", "小巨人"),
        ("重点“小巨人”", "重点小巨人"),
        ("江苏省专精特新中小企业", "专精特新"),
        ("创新型中小企业", "创新型"),
        ("制造业单项冠军", "单项冠军"),
    ],
)
def test_tiers(cell: str, value: str) -> None:
    assert clean.tier(cell) == value


def test_tiers_in_one_cell_may_carry_their_time() -> None:
    assert clean.tiers("专精特新（2023-07至2026-06）；创新型") == [
        {"tier": "专精特新", "from": "2023-07", "until": "2026-06"},
        {"tier": "创新型"},
    ]
    with pytest.raises(CellError, match="unknown_tier"):
        clean.tiers("瞪羚")


def test_licence_modes_ipc_and_stock_codes() -> None:
    assert clean.licence("先用后付/专利开放许可") == ["先使用后付费", "开放许可"]
    assert clean.ipc_groups("H01M 10/0525; H01M10/42, A01B1/02") == ["H01M10/00", "A01B1/00"]
    assert clean.stock_code(1.0) == "000001"
    assert clean.stock_code("600519.SH") == "600519"


@pytest.mark.parametrize(
    ("address", "district"),
    [
        ("江苏省苏州市昆山市玉山镇1号", "昆山市"),
        ("昆山开发区前进路1号", "昆山市"),
        ("苏州工业园区星湖街218号", "苏州工业园区"),
        ("苏州高新区锦峰路8号", "虎丘区"),
        ("苏州市吴中区木渎镇", "吴中区"),
        ("苏州市吴中西路909号", None),
        ("昆山路5号", None),
        ("北京市海淀区苏州街3号", None),
        ("上海市闵行区昆山市路1号", None),
    ],
)
def test_a_district_is_read_from_the_beginning_of_an_address(
    address: str, district: str | None
) -> None:
    assert clean.district_in(address) == district


BODY = st.text(uscc.ALPHABET, min_size=17, max_size=17)


@given(BODY)
def test_a_code_with_its_check_digit_is_valid(body: str) -> None:
    assert uscc.is_valid(body + uscc.check_digit(body))


@given(BODY, st.integers(0, 17), st.sampled_from(uscc.ALPHABET))
@example("91350100M000100Y4", 0, "A")
def test_one_wrong_character_is_always_found(body: str, place: int, char: str) -> None:
    code = body + uscc.check_digit(body)
    wrong = code[:place] + char + code[place + 1 :]
    assert uscc.is_valid(wrong) == (wrong == code)


def test_the_worked_example_of_the_standard() -> None:
    assert uscc.is_valid("91350100M000100Y43")  # GB 32100-2015, annex A
    assert not uscc.is_valid("91350100M000100Y44")
    assert not uscc.is_valid("91350100m000100y43")
    assert not uscc.is_valid("9135010")


def test_every_error_code_says_how_to_mend() -> None:
    assert all(re.search("[一-鿿]", what) and mend.endswith("。") for what, mend in CODES.values())
