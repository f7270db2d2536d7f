"""Forms, tables on their side, and labels that no mapping knows."""

from loaders.grid import Merge, Problem
from loaders.layout import readings
from tests.unit.layout_sheets import TITLE, best, is_label, sheet

FORM = [
    [TITLE],
    ["企业名称", "甲公司", "地址", "路 1 号"],
    ["联系人", "某", "联系电话", "000"],
    ["需求名称", "一", "", ""],
    ["技术难点", "难", "", ""],
    ["技术指标", "强度≥1", "", ""],
    ["", "寿命≥2", "", ""],
    ["预算（万元）：", "", "联系人", "某"],
    ["说明"],
    ["可另附页"],
    ["填表人：某", "", "日期：2024-03-01"],
]


def test_a_form_is_one_row() -> None:
    one = sheet(*FORM, merges=[Merge(1, 1, 0, 3), Merge(6, 7, 0, 0), Merge(4, 4, 1, 3)])
    reading = best(one)
    assert reading.upright
    ((number, cells),) = reading.rows()
    assert not isinstance(cells, Problem)
    assert dict(zip(reading.header, cells, strict=True)) == {
        "企业名称": "甲公司",
        "地址": "路 1 号",
        "需求名称": "一",
        "技术难点": "难",
        "技术指标": "强度≥1\n寿命≥2",
        "预算（万元）": None,
        "说明": "可另附页",
        "日期": "2024-03-01",
    }
    assert reading.above == TITLE
    assert number == 2
    assert reading.row_of(number, list(reading.header).index("技术指标")) == 6


def test_labels_that_come_again_make_several_records() -> None:
    one = sheet(
        ["企业名称", "甲"],
        ["需求名称", "一"],
        ["预算", 1],
        ["需求名称", "二"],
        ["预算", 2],
        ["企业名称（盖章）", "甲"],
    )
    reading = best(one)
    assert list(reading.header) == ["企业名称", "需求名称", "预算"]
    assert [(n, list(c)) for n, c in reading.rows()] == [(2, ["甲", "一", 1]), (4, ["甲", "二", 2])]


def test_a_table_on_its_side_is_a_row_a_column() -> None:
    one = sheet(
        ["项目", "需求一", "需求二"],
        ["企业名称", "甲", "乙"],
        ["需求名称", "一", "二"],
        ["预算", 1, 2],
    )
    reading = best(one)
    assert [list(cells) for _, cells in reading.rows()] == [["甲", "一", 1], ["乙", "二", 2]]


def test_labels_that_no_mapping_knows_are_no_less_columns() -> None:
    one = sheet(
        [TITLE],
        ["企业名称", "甲", "是否高企", "是"],
        ["地址", "路 1 号", "日期", "2024"],
        ["需求名称", "一"],
        ["难在哪里", "磨蚀"],
        ["需求名称", "二"],
        ["难在哪里", "褐变"],
        ["其他", ""],
    )
    reading = best(one)
    assert list(reading.header) == ["企业名称", "地址", "日期", "需求名称", "是否高企", "难在哪里"]
    assert reading.known == 4
    rows = [list(cells) for _, cells in reading.rows() if not isinstance(cells, Problem)]
    assert rows == [
        ["甲", "路 1 号", "2024", *row] for row in (["一", "是", "磨蚀"], ["二", "是", "褐变"])
    ]


def test_labels_that_no_mapping_knows_may_stand_where_none_is_known() -> None:
    one = sheet(
        ["企业名称", "甲", "是否高企", "是", "上市情况：", "未上市"],
        ["难在哪里", "磨蚀", "盼望何时", "明年"],
        ["地址", "路 1 号"],
        ["合作方式", "☑联合开发", "□委托开发", "□其他"],
        ["需求名称", "一"],
        ["技术难点", "难", "（盖章）"],
        ["技术指标", "高"],
        ["预算", 5],
    )
    reading = best(one)
    labels = dict(zip(reading.header, next(iter(reading.rows()))[1], strict=True))
    assert len(labels) == reading.known + 4
    assert {label: labels[label] for label in list(labels)[reading.known :]} == {
        "是否高企": "是", "上市情况": "未上市", "难在哪里": "磨蚀", "盼望何时": "明年"
    }  # fmt: skip


def test_a_table_on_its_side_has_columns_that_no_mapping_knows() -> None:
    one = sheet(
        ["项目", "需求一", "需求二"],
        ["企业名称", "甲", "乙"],
        ["需求名称", "一", "二"],
        ["难在哪里", "磨蚀", "褐变"],
        ["预算", 1, 2],
    )
    reading = best(one)
    assert list(reading.header) == ["企业名称", "需求名称", "预算", "难在哪里"]
    rows = [list(cells) for _, cells in reading.rows() if not isinstance(cells, Problem)]
    assert rows == [["甲", "一", 1, "磨蚀"], ["乙", "二", 2, "褐变"]]


def test_groups_at_the_left_are_no_labels() -> None:
    one = sheet(
        ["企业情况", "企业名称", "甲"],
        ["", "地址", "路"],
        ["技术难点", "需求名称", "一"],  # a label that here heads a group
        ["", "技术指标", "强度"],
        merges=[Merge(1, 2, 0, 0), Merge(3, 4, 0, 0)],
    )
    reading = best(one)
    ((_, cells),) = reading.rows()
    assert dict(zip(reading.header, cells, strict=True)) == {
        "企业名称": "甲",
        "地址": "路",
        "技术难点": None,
        "需求名称": "一",
        "技术指标": "强度",
    }


def test_a_list_read_as_a_form_is_little_of_the_sheet() -> None:
    rows = [[f"企业{n}", f"需求{n}", "难", n] for n in range(8)]
    one = sheet(
        ["企业名称", "需求名称", "难", "预算"], ["", "", "", ""], *rows, ["地址", "某路"],
        ["日期", "2025"], ["说明", "无"],
    )  # fmt: skip
    shares = {reading.upright: reading.share for reading in readings(one, is_label)}
    assert shares[False] == 1
    assert shares.get(True, 0.0) < 0.5
