"""The forms of offices are recognised by their headers, and all their columns are used."""

from pathlib import Path
from typing import Any

import pytest

from loaders.grid import Sheet
from loaders.recognise import Recognised, recognise

FORMS = {
    "demands": [
        "企业名称,需求名称,技术难点,技术指标,研究内容,预期投入,时限,短期合作方式,长期合作方式,意向专家",
        "企业名称,地址,资质,行业,注册资本,成立时间,人数,企业性质,主要产品,上年营收,联系人,需求名称,技术难点",
        "名称,发榜企业,领域,阶段,揭榜数,截止,悬赏额,揭榜条件,单/多队伍,支付方式,产权归属",
    ],
    "results": [
        "名称,登记号,推荐单位,登记日期,起止年月,密级,属性,关键词,体现形式,水平,阶段,TRL",
    ],
    "equipment": [
        "仪器名称,规格型号,所属单位,购置日期,放置地点,主要功能,收费标准,原值（万元）,联系人,联系人电话"
    ],
    "tiers": ["序号,企业名称,所在区县,认定称号,有效期,批次"],
    "supplies": ["供应商名称,采购商名称,供应产品,合作时间"],
    "supply_links": ["企业名称,主要产品,上游供应商,下游客户,主要原材料"],
}


def found(header: list[str], name: str = "", file: str = "t.csv") -> Any:
    rows: list[list[Any]] = [header, ["虚构甲公司"] * len(header), ["虚构乙公司"] * len(header)]
    sheet = Sheet(Path(file), name, lambda: iter(enumerate(rows, start=1)), len(rows))
    return recognise(sheet, source=file)


@pytest.mark.parametrize(("kind", "header"), [(k, h) for k, hs in FORMS.items() for h in hs])
def test_a_form_is_recognised_whole(kind: str, header: str) -> None:
    one = found(header.split(","))
    assert isinstance(one, Recognised)
    assert one.mapping.name == kind
    assert one.proposal is None  # no column is left over


@pytest.mark.parametrize(
    ("sheet", "file", "tier"),
    [
        ("专精特新", "梯度培育库.xlsx", "专精特新"),
        ("Sheet1", "第六批专精特新“小巨人”企业名单.xlsx", "小巨人"),
        ("Sheet1", "拟推荐专精特新企业名单.xlsx", None),
        ("Sheet1", "专精特新企业和创新型企业名单.xlsx", None),
        ("Sheet1", "服务专精特新企业的机构名录.xlsx", None),
    ],
)
def test_a_tier_may_stand_in_the_title_but_is_never_guessed(
    sheet: str, file: str, tier: str | None
) -> None:
    one = found(["企业名称", "所在区"], sheet, file)
    assert isinstance(one, Recognised)
    said = list(one.constants.values())
    assert said == ([] if tier is None else [[{"tier": tier}]])


def test_choices_in_columns_of_their_own_are_used_and_not_left_over() -> None:
    rows: list[list[Any]] = [
        ["企业名称", "需求名称", "技术难点", "合作方式", None, None],
        [None, None, None, "委托开发", "联合开发", "其他"],
        ["虚构甲公司", "一", "难", "√", None, "转让"],
    ]
    sheet = Sheet(Path("t.csv"), "", lambda: iter(enumerate(rows, start=1)), len(rows))
    one = recognise(sheet)
    assert isinstance(one, Recognised)
    assert "cooperation" in one.columns
    assert one.proposal is None
