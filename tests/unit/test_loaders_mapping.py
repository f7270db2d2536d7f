"""Declared mappings: all are sound, and sheets are recognised by their headers."""

import re
from pathlib import Path
from typing import Any

import pytest

from loaders.grid import Sheet
from loaders.mapping import columns, declared, header_key, header_unit, parse
from loaders.recognise import Recognised, Unknown, recognise

BY_NAME = {mapping.name: mapping for mapping in declared()}

HEADERS = {
    "demands": "编号,需求名称,发榜企业,技术难点,技术指标,悬赏额（万元）,截止日期,合作方式,产权归属",
    "organizations": "企业名称*,统一社会信用代码,地址,企业简介,注册资本（万元）,成立时间,所属行业",
    "firm_products": "企业名称,产品名称,营收占比（%）,来源,日期",
    "firm_needs": "企业名称,采购产品,来源,日期",
    "supplies": "供应商,客户,产品名称,来源,起始日期",
    "product_relations": "产品名称,相关产品,关系,来源,日期",
    "products": "产品名称,所属产业链,链上环节,说明",
    "chains": "产业链编号,产业链名称,链主企业,说明,备注",
    "patents": "公开号,专利名称,申请人,发明人,摘要,IPC分类号",
    "papers": "题名,作者,作者单位,摘要,关键词,发表日期",
    "results": "编号,成果名称,成果类型,权属单位,摘要,技术成熟度,许可方式",
    "tiers": "企业名称,梯度,有效期起,有效期止,来源",
    "partners": "甲方,乙方,合作内容,起始日期,来源",
    "conflicts": "主体一,主体二,事由,来源",
    "control": "控股股东,被投资企业,持股比例",
    "universities": "学校名称,省份,主管部门,办学层次",
    "regions": "区域代码,区域名称,上级区域代码,备注",
    "names": "序号,企业名称",
    "listed_companies": "证券代码,公司全称,证券简称,上市日期",
    "sw_members": "证券代码,申万行业代码,申万行业",
}


def sheet(*rows: list[Any]) -> Sheet:
    return Sheet(Path("t.csv"), "", lambda: iter(enumerate(rows, start=1)), len(rows))


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_a_mapping_is_recognised_by_its_own_first_headers(name: str) -> None:
    mapping = BY_NAME[name]
    header = [mapping.fields[key].headers[0] for key in (*mapping.required, *mapping.any[:1])]
    assert set(columns(mapping, header)) >= set(mapping.required)
    assert re.search("[一-鿿]", mapping.title)


@pytest.mark.parametrize(("name", "header"), sorted(HEADERS.items()))
def test_usual_chinese_headers_are_recognised(name: str, header: str) -> None:
    found = recognise(sheet(header.split(","), ["x"] * 3))
    assert isinstance(found, Recognised)
    assert found.mapping.name == name


def test_the_header_may_stand_below_a_title() -> None:
    header = HEADERS["demands"].split(",")
    found = recognise(sheet(["2026 年技术需求榜单（虚构）", "", ""], [], header, ["D-1", "甲"]))
    assert isinstance(found, Recognised)
    assert found.reading.header_row == 3


def test_equal_headers_are_told_apart_by_their_cells() -> None:
    header = ["code", "level", "name", "parent"]
    for cells, name in (
        (["A", "门类", "农业", ""], "gbt4754"),
        (["320505", "district", "虎丘区", "3205"], "division"),
    ):
        found = recognise(sheet(header, cells))
        assert isinstance(found, Recognised)
        assert found.mapping.name == name


def test_unknown_headers_are_named_with_the_nearest_kind() -> None:
    found = recognise(
        sheet(["主题", "企业名称", "温度", "压力", "湿度"], ["1", "2", "3", "4", "5"])
    )
    assert isinstance(found, Unknown)
    assert "主题、企业名称、温度" in found.reason
    assert found.proposal is not None
    assert found.proposal.mapping.title in found.reason
    strange = recognise(sheet(["demand", "candidate", "grade", "why"], ["D-1", "R-1", "3", "x"]))
    assert isinstance(strange, Unknown)
    assert isinstance(recognise(sheet([""], ["", ""])), Unknown)


def test_headers_lose_marks_and_brackets_but_not_their_unit() -> None:
    assert header_key("* 注册资本（万元）：") == "注册资本"
    assert header_key("Company_Code") == header_key("company code") == "companycode"
    assert header_unit("营收占比（％）") == "%"
    assert header_unit("企业名称") == ""


@pytest.mark.parametrize(
    "change",
    [
        {"tittle": "x"},
        {"required": ["nothing"]},
        {"fields": {"name": {"headers": ["名称"], "clean": "nothing"}}},
        {"edges": [{"type": "MAKES", "from": "x", "to": "y"}]},
        {"nodes": [{"as": "x", "label": "Nothing", "how": "named"}]},
    ],
)
def test_an_unsound_mapping_is_refused(change: dict[str, Any]) -> None:
    sound: dict[str, Any] = {
        "title": "名单",
        "rank": 1,
        "required": ["name"],
        "fields": {"name": {"headers": ["名称"], "clean": "name"}},
        "nodes": [{"as": "x", "label": "Organization", "how": "named", "name": ["name"]}],
    }
    assert parse("sound", sound).title == "名单"
    with pytest.raises(ValueError, match=r"mapping|Nothing"):
        parse("unsound", sound | change)
