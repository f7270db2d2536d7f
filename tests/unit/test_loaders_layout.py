"""Layout: from the cells of a sheet, as offices lay them out, to a header and clean rows."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.errors import NOTICES
from loaders.grid import Merge, Problem, Sheet
from loaders.layout import readings
from tests.unit.layout_sheets import KNOWN, TITLE, best, data, is_label, sheet


def test_a_header_stands_below_titles_and_the_unit_of_all_amounts() -> None:
    one = sheet(
        [TITLE], ["虚构区", "", "单位：万元"], [], ["企业名称", "需求名称", "预算"], ["甲", "乙", 3]
    )
    reading = best(one)
    assert (reading.header_row, reading.unit, reading.upright) == (4, "万元", False)
    assert reading.above == f"{TITLE} 虚构区 单位：万元"
    assert data(one) == ([(5, ["甲", "乙", 3])], [])


@pytest.mark.parametrize("told", [True, False])
def test_headers_of_two_lines_take_the_words_that_are_known(told: bool) -> None:
    merges = [Merge(1, 2, 0, 0), Merge(1, 1, 1, 2), Merge(1, 1, 3, 4), Merge(1, 2, 5, 5)]
    one = sheet(
        ["序号", "企业基本信息", "", "有效期", "", "预算（万元）"],
        ["", "名称", "地址", "起", "止", ""],
        [1, "甲", "路 1 号", "2024", "2027", 5],
        merges=merges if told else None,
    )
    reading = best(one)
    assert list(reading.header) == [
        "序号",
        "企业名称",
        "地址",
        "有效期起",
        "有效期止",
        "预算（万元）",
    ]
    assert reading.header_row == 2
    assert data(one)[0] == [(3, [1, "甲", "路 1 号", "2024", "2027", 5])]


def test_groups_that_end_in_the_same_words_keep_their_own() -> None:
    one = sheet(
        ["供方", "", "需方", "", "产品名称"],
        ["企业名称", "地址", "企业名称", "电话", ""],
        ["甲", "x", "乙", "1", "轴承"],
        merges=[Merge(1, 1, 0, 1), Merge(1, 1, 2, 3), Merge(1, 2, 4, 4)],
    )
    assert list(best(one).header) == ["供方", "地址", "需方", "需方电话", "产品名称"]


def test_ticks_under_a_group_are_its_choices_and_texts_keep_their_word() -> None:
    one = sheet(
        ["企业名称", "需求名称", "合作方式", "", ""],
        ["", "", "联合开发", "委托开发", "其他"],
        ["甲", "一", "√", "", "共建"],
        ["乙", "二", "", "✓", ""],
        merges=[Merge(1, 2, 0, 0), Merge(1, 2, 1, 1), Merge(1, 1, 2, 4)],
    )
    rows, _ = data(one)
    assert [cells[2] for _, cells in rows] == ["联合开发；其他：共建", "委托开发"]


def test_a_choice_may_be_a_part_of_the_name_of_its_group() -> None:
    one = sheet(
        ["企业名称", "需求名称", "合作方式", "", ""],
        ["", "", "委托", "合作", "转让"],
        ["甲", "一", "", "√", ""],
        ["乙", "二", "√", "", ""],
        merges=[Merge(1, 2, 0, 0), Merge(1, 2, 1, 1), Merge(1, 1, 2, 4)],
    )
    rows, _ = data(one)
    assert [cells[2] for _, cells in rows] == ["合作", "委托"]


def test_of_amounts_in_parts_the_whole_is_taken() -> None:
    one = sheet(
        ["企业名称", "需求名称", "预算（万元）", "", ""],
        ["", "", "财政", "自筹", "合计"],
        ["甲", "一", 1, 2, 3],
        merges=[Merge(1, 2, 0, 0), Merge(1, 2, 1, 1), Merge(1, 1, 2, 4)],
    )
    assert list(best(one).header)[2:] == ["预算（万元）财政", "预算（万元）自筹", "预算（万元）"]


def test_a_row_of_data_is_no_second_line_of_the_header() -> None:
    one = sheet(["企业名称", "需求名称", "说明"], ["甲", "名称", "地址"], ["乙", "二", ""])
    assert best(one).header_row == 1


def test_merged_cells_hold_for_every_row_they_cover() -> None:
    one = sheet(
        ["序号", "企业名称", "需求名称", "预算"],
        [1, "甲", "一", 10],
        ["", "", "二", ""],
        [2, "乙", "三", 30],
        merges=[Merge(2, 3, 0, 0), Merge(2, 3, 1, 1)],
    )
    rows, told = data(one, "需求名称")
    assert rows == [(2, [1, "甲", "一", 10]), (3, ["", "甲", "二", ""]), (4, [2, "乙", "三", 30])]
    assert told == []  # the file says so itself


def test_a_row_whose_anchor_is_merged_goes_on_with_the_record_above() -> None:
    one = sheet(
        ["企业名称", "需求名称", "技术指标"],
        ["甲", "一", "强度≥1"],
        ["", "", "寿命≥2"],
        ["乙", "二", "精度≤3"],
        merges=[Merge(2, 3, 0, 0), Merge(2, 3, 1, 1)],
    )
    rows, _ = data(one, "需求名称")
    assert rows == [(2, ["甲", "一", "强度≥1\n寿命≥2"]), (4, ["乙", "二", "精度≤3"])]


def test_blanks_are_filled_where_a_number_is_missing_too() -> None:
    one = sheet(
        ["序号", "企业名称", "地址", "需求名称", "预算"],
        ["1", "甲", "路", "一", "10"],
        ["", "", "", "二", ""],
        ["2", "", "街", "三", ""],  # a firm without name, not the one above
        ["3", "乙", "", "四", ""],
        ["", "", "", "五", ""],
    )
    rows, told = data(one, "需求名称")
    assert [cells[1:3] for _, cells in rows] == [
        ["甲", "路"],
        ["甲", "路"],
        ["", "街"],
        ["乙", ""],
        ["乙", ""],
    ]
    assert [cells[0] for _, cells in rows] == ["1", "", "2", "3", ""]
    assert told == [(3, "filled_down"), (6, "filled_down")]


def test_a_nameless_row_of_a_directory_is_never_filled() -> None:
    one = sheet(["企业名称", "地址"], ["甲", "路"], ["", "街"])
    assert data(one, "企业名称") == ([(2, ["甲", "路"]), (3, ["", "街"])], [])


def test_notes_signatures_sums_and_repeated_headers_are_no_data() -> None:
    header = ["序号", "企业名称", "需求名称", "预算"]
    one = sheet(
        header,
        ["1", "2", "3", "4"],
        ["例", "虚构示范公司", "某某", "10"],
        ["必填", "必填", "选填", "选填"],
        ["一、智能装备", "", "", ""],
        ["1", "甲", "一", "10"],
        ["2", "", "", ""],
        header,
        ["3", "乙", "二", "20"],
        ["合 计", "", "", "30"],
        ["注：1. 预算含税。", "", "", ""],
        ["2. 需求可另附页。", "", "", ""],
        ["填表人：某", "", "联系电话：000", ""],
        ["", "", "", "2024年3月1日"],
    )
    rows, told = data(one, "需求名称")
    assert rows == [(6, ["1", "甲", "一", "10"]), (9, ["3", "乙", "二", "20"])]
    assert dict(told) == {
        2: "sample_line",
        3: "sample_line",
        4: "sample_line",
        5: "note_line",
        8: "header_again",
        10: "total_line",
        11: "note_line",
        12: "note_line",
        13: "note_line",
        14: "note_line",
    }
    assert set(dict(told).values()) <= set(NOTICES)


def test_hidden_rows_are_loaded_and_told() -> None:
    one = sheet(["企业名称", "地址"], ["甲", "路"], ["乙", "街"], hidden=[3])
    assert data(one) == ([(2, ["甲", "路"]), (3, ["乙", "街"])], [(3, "hidden_row")])


def test_json_lines_have_no_layout() -> None:
    one = sheet(["序号", "企业名称", "名称"], ["1", "甲", "一"], ["", "", "注：二"], start=0)
    assert [list(cells) for _, cells in best(one).rows(frozenset({2}))] == [
        ["1", "甲", "一"],
        ["", "", "注：二"],
    ]


WORDS = st.sampled_from(["", "", None, 1, 2.5, "甲", "一、", "注：", "合计", *sorted(KNOWN)])
MERGES = st.builds(
    lambda top, down, left, right: Merge(top, top + down, left, left + right),
    st.integers(1, 6),
    st.integers(0, 3),
    st.integers(0, 4),
    st.integers(0, 3),
)


@settings(deadline=None)
@given(
    rows=st.lists(st.lists(WORDS | st.text(max_size=6), max_size=6), max_size=9),
    merges=st.none() | st.lists(MERGES, max_size=4),
    anchors=st.frozensets(st.integers(0, 5), max_size=2),
)
def test_any_cells_are_read_in_order_and_nothing_is_invented(
    rows: list[list[Any]], merges: list[Merge] | None, anchors: frozenset[int]
) -> None:
    one = sheet(*rows, merges=sorted(merges, key=lambda m: (m.top, m.left)) if merges else merges)
    said = {str(cell) for cells in rows for cell in cells}
    for reading in readings(one, is_label):
        told: list[int] = []
        numbers = []

        def tell(row: int, _code: str, _text: str, told: list[int] = told) -> None:
            told.append(row)

        for number, cells in reading.rows(anchors, tell):
            numbers.append(number)
            if isinstance(cells, Problem):
                assert cells.code == "other_table"
                continue
            if not reading.groups and not reading.upright:
                assert all(
                    part in "\n".join(said)
                    for c in cells
                    if c is not None
                    for part in str(c).split("\n")
                )
        if not reading.upright:
            assert numbers == sorted(set(numbers))
            assert told == sorted(told)


def test_notices_are_documented() -> None:
    text = (Path(__file__).parents[2] / "docs" / "data-formats.md").read_text("utf-8")
    assert all(f"| `{code}` | {meaning} |" in text for code, meaning in NOTICES.items())


def test_what_stands_above_a_header_of_two_lines_is_none_of_its_lines() -> None:
    one = sheet(
        ["虚构市需求汇总表"],
        ["填报单位：虚构区科技局", "", "", "单位：元"],
        ["企业名称", "需求情况", "", "预算"],
        ["", "需求名称", "技术指标", ""],
        ["甲", "轴承", "寿命", 5],
        merges=[Merge(3, 4, 0, 0), Merge(3, 3, 1, 2), Merge(3, 4, 3, 3)],
    )
    reading = best(one)
    assert (reading.unit, list(reading.header)[:2]) == ("元", ["企业名称", "需求名称"])


@pytest.mark.parametrize("merges", [[], [Merge(1, 1, 0, 2)], [Merge(4, 4, 0, 1)]])
def test_where_the_format_tells_merges_none_are_guessed(merges: list[Merge]) -> None:
    one = sheet(
        ["企业名称", "地址", "需求名称"],
        ["甲", "路", "一"],
        ["", "", "二"],
        ["乙", "", "三"],
        merges=merges,
    )
    rows, told = data(one, "需求名称")
    assert (rows[1], told) == ((3, ["", "", "二"]), [])


def test_a_row_that_is_longer_than_the_one_above_takes_no_more_than_stands_there() -> None:
    one = sheet(["企业名称", "地址", "电话", "需求名称"], ["甲"], ["", "", "", "一"], merges=None)
    rows, _ = data(one, "需求名称")
    assert rows[-1] == (3, ["甲", "", "", "一"])


def test_a_row_without_cells_ends_no_guess_at_merged_cells() -> None:
    one = sheet(["序号", "企业名称", "需求名称"], [1, "甲", "一"], [], ["", "", "二"])
    assert data(one, "需求名称")[0] == [(2, [1, "甲", "一"]), (4, ["", "", "二"])]


def test_rows_below_another_header_are_refused() -> None:
    one = sheet(
        ["企业名称", "地址", "产品名称", "日期"],
        ["甲", "路", "阀", "2024"],
        ["企业名称", "产品名称", "日期"],
        ["乙", "泵", "2023"],
        ["企业名称", "地址", "产品名称", "日期"],
        ["丙", "街", "轴", "2022"],
    )
    rows = list(best(one).rows(frozenset({0})))
    assert rows == [
        (2, ["甲", "路", "阀", "2024"]),
        (3, Problem("other_table", "企业名称 产品名称 日期")),
        (4, Problem("other_table", "乙 泵 2023")),
        (6, ["丙", "街", "轴", "2022"]),
    ]


def named(one: Sheet, *naming: int) -> tuple[list[int], list[tuple[int, str]]]:
    """The numbers of the data rows where these columns name organisations; what was told."""
    told: list[tuple[int, str]] = []
    rows = best(one).rows(
        frozenset(naming),
        lambda row, code, _: told.append((row, code)),
        naming=frozenset(naming),
    )
    return [number for number, _ in rows], told


@pytest.mark.parametrize("merges", [None, []])
@pytest.mark.parametrize(
    "title", ["规下企业", "规模以上工业企业", "上市公司", "第一梯队", "其他单位"]
)
@pytest.mark.parametrize("place", [0, 1])
def test_a_title_alone_among_firms_begins_a_section(
    title: str, place: int, merges: list[Merge] | None
) -> None:
    lone = ["", "", "", ""]
    lone[place] = title
    one = sheet(
        ["序号", "企业名称", "地址", "产品名称"],
        [1, "虚构甲公司", "路", "阀"],
        lone,
        ["", "虚构乙有限公司", "", ""],  # a firm of which no more is known
        [2, "丙", "街", "泵"],
        [3, "丁", "街", ""],
        merges=merges,
    )
    assert named(one, 1) == ([2, 4, 5, 6], [(3, "note_line")])


def test_names_alone_are_no_titles_where_most_rows_have_a_name_alone() -> None:
    one = sheet(["企业名称", "地址"], ["甲"], ["乙"], ["丙", "路"])
    assert named(one, 0) == ([2, 3, 4], [])


def test_names_beside_merged_cells_are_no_titles() -> None:
    one = sheet(
        ["企业名称", "地址", "产品名称"],
        ["甲", "路", "阀"],
        ["乙", "", ""],
        ["丙", "街", "泵"],
        merges=[Merge(2, 3, 1, 1)],
    )
    assert named(one, 0) == ([2, 3, 4], [])


def test_products_alone_are_no_titles() -> None:
    one = sheet(["产品名称", "日期", "说明"], ["阀", "2024", "x"], ["泵"], ["轴", "2023", "y"])
    assert named(one) == ([2, 3, 4], [])


def test_what_tells_rows_apart_is_never_filled_down() -> None:
    one = sheet(["榜单编号", "需求名称", "预算"], ["A", "一", 1], ["", "二", 2])
    reading = best(one)
    rows = list(reading.rows(frozenset({1}), None, frozenset({0})))
    assert rows == [(2, ["A", "一", 1]), (3, ["", "二", 2])]


@pytest.mark.parametrize("said", ["共计4家", "合计：12 户", "总计3项需求", "合计（万元）："])
def test_a_sum_may_say_of_what(said: str) -> None:
    one = sheet(["企业名称", "地址", "日期"], ["甲", "路", "2024"], [said, "", ""])
    assert data(one, "企业名称") == ([(2, ["甲", "路", "2024"])], [(3, "total_line")])
