"""Messy 梯度培育 lists and directories of firms."""

from loaders import uscc
from tests.unit.messy.expected import Case, Want, case
from tests.unit.messy.files import REF, Formula, Grid, across, down, ods, table, xls, xlsx

CODE = "91320505MA00000W4"
CODE += uscc.check_digit(CODE)
WRONG = CODE[:-1] + ("A" if CODE[-1] != "A" else "B")


def tier(name: str, since: str | None = None, until: str | None = None) -> list[dict[str, str]]:
    """The tiers of a firm that has one."""
    found = {"tier": name, "from": since, "until": until}
    return [{key: value for key, value in found.items() if value}]


CASES: list[Case] = [
    case(
        "xlsx-tiers-one_column_period",
        "xlsx tiers title_rows month notes_below",
        lambda: xlsx(
            "专精特新名单.xlsx",
            Grid(
                [
                    ["附件"],
                    ["虚构市优质中小企业名单"],
                    ["序号", "企业名称", "所属区县", "认定称号", "有效期"],
                    [1, "虚构摘星刀具有限公司", "虚构甲区", "专精特新中小企业", "2024年7月至2027年6月"],
                    [2, "虚构揽月夹具有限公司", "虚构乙区", "专精特新“小巨人”企业",
                     "2023.7.1-2026.6.30"],
                    [3, "虚构乘风量具有限公司", "虚构乙区", "创新型中小企业", "长期"],
                    ["共3家"],
                ],
                merged=[across(1, 5), across(2, 5), across(7, 5)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构摘星刀具有限公司": {"tiers": tier("专精特新", "2024-07", "2027-06")},
                    "虚构揽月夹具有限公司": {"tiers": tier("小巨人", "2023-07-01", "2026-06-30")},
                    "虚构乘风量具有限公司": {"tiers": tier("创新型")},
                }
            },
        ),
    ),
    case(
        "xls-tiers-in_the_title",
        "xls tiers title_rows spaced_header",
        lambda: xls(
            "公示名单.xls",
            Grid(
                [
                    ["虚构省第六批专精特新“小巨人”企业公示名单"],
                    ["序 号", "企 业 名 称", "所 在 地"],
                    [1, "虚构破浪螺杆有限公司", "虚构甲市"],
                    [2, "虚构扬帆锻压有限公司", "虚构乙市"],
                ],
                merged=[across(1, 3)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构破浪螺杆有限公司": {"tiers": tier("小巨人")},
                    "虚构扬帆锻压有限公司": {"tiers": tier("小巨人")},
                }
            },
        ),
    ),
    case(
        "ods-tiers-a_sheet_a_tier",
        "ods tiers several_sheets short_date",
        lambda: ods(
            "梯度培育库.ods",
            Grid([["企业名称", "认定时间", "有效期至"], ["虚构含章轴瓦有限公司", "24.6.30", "27.6.29"]],
                 name="专精特新"),
            Grid([["企业名称", "认定时间", "有效期至"], ["虚构素履链条有限公司", "2022年3月", "2025年3月"]],
                 name="单项冠军"),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构含章轴瓦有限公司": {"tiers": tier("专精特新", "2024-06-30", "2027-06-29")},
                    "虚构素履链条有限公司": {"tiers": tier("单项冠军", "2022-03", "2025-03")},
                }
            },
        ),
    ),
    case(
        "csv-tiers-utf16-mixed_dates",
        "csv tiers utf16 short_date serial han_year open_end",
        lambda: table(
            "梯度.csv",
            [
                ["企业名称", "梯度称号", "有效期起", "有效期止"],
                ["虚构观复弹药箱有限公司", "专精特新", "24.6.30", "长期"],
                ["虚构知白搪瓷有限公司", "创新型", "45123", "2026年7月"],
                ["虚构守黑炭黑有限公司", "单项冠军", "二〇二四年三月", "二〇二七年三月"],
            ],
            encoding="utf-16",
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构观复弹药箱有限公司": {"tiers": tier("专精特新", "2024-06-30")},
                    "虚构知白搪瓷有限公司": {"tiers": tier("创新型", "2023-07-16", "2026-07")},
                    "虚构守黑炭黑有限公司": {"tiers": tier("单项冠军", "2024-03", "2027-03")},
                }
            },
        ),
    ),
    case(
        "xlsx-tiers-wrong_rows-hidden_rows",
        "xlsx tiers hidden_rows ref_error no_cached_value",
        lambda: xlsx(
            "培育库.xlsx",
            Grid(
                [
                    ["企业名称", "统一社会信用代码", "称号", "有效期起"],
                    ["虚构抱朴砂轮有限公司", CODE, "小巨人", "2024-07"],
                    ["虚构见素胶带有限公司", WRONG, "专精特新", "2024-07"],
                    ["虚构若水滤芯有限公司", None, "瞪羚企业", "2024-07"],
                    [REF, None, "专精特新", "2024-07"],
                    ["虚构谷神风机有限公司", None, "创新型", Formula("=D2")],
                ],
                hidden_rows=[2],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构抱朴砂轮有限公司": {"uscc": CODE, "tiers": tier("小巨人", "2024-07")},
                    "虚构见素胶带有限公司": {"uscc": None, "tiers": tier("专精特新", "2024-07")},
                    "虚构若水滤芯有限公司": {"tiers": None},
                    "虚构谷神风机有限公司": {"tiers": tier("创新型")},
                }
            },
            bad=[
                ("bad_uscc", 3, "统一社会信用代码"),
                ("unknown_tier", 4, "称号"),
                ("bad_cell", 5, "企业名称"),
                ("no_value", 6, "有效期起"),
            ],
            rejected=1,
            hidden=[2],
        ),
    ),
    case(
        "xls-tiers-ticked_columns",
        "xls tiers ticks two_lines title_rows",
        lambda: xls(
            "梯度情况（勾选）.xls",
            Grid(
                [
                    ["企业梯度培育情况表"],
                    ["企业名称", "培育梯度", "有效期止"],
                    ["虚构上善齿条有限公司", "☑创新型  ☑专精特新  □小巨人  □单项冠军", "2026年12月"],
                    ["虚构无隅丝锥有限公司", "□创新型  □专精特新  ☑小巨人  □单项冠军", "2027年12月"],
                ],
                merged=[across(1, 3)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构上善齿条有限公司": {
                        "tiers": [*tier("创新型", None, "2026-12"), *tier("专精特新", None, "2026-12")]
                    },
                    "虚构无隅丝锥有限公司": {"tiers": tier("小巨人", None, "2027-12")},
                }
            },
        ),
    ),
    case(
        "xlsx-directory-all_values",
        "xlsx directory thousands yi fullwidth han_year serial capitals",
        lambda: xlsx(
            "企业名录.xlsx",
            Grid(
                [
                    ["企业名称", "注册资本", "成立时间", "职工人数", "企业简介"],
                    ["虚构希声音箱有限公司", "1,200万元", 45123, "１，２００人", "做音箱。"],
                    ["虚构大象塑木有限公司", "0.3亿", "一九九八年", "约300", "做塑木。"],
                    ["虚构大方橱柜有限公司", "壹仟贰佰万元整", "一九九八年三月", "85", "做橱柜。"],
                    ["虚构晚成陶瓷有限公司", "人民币叁佰万圆整", "1998.3.5", "-", "做陶瓷。"],
                    ["虚构建言印刷有限公司", "￥５００万", "98年3月", "无", "做印刷。"],
                ]
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构希声音箱有限公司": {
                        "registered_capital_wan": 1200.0,
                        "founded": "2023-07-16",
                        "staff": 1200,
                    },
                    "虚构大象塑木有限公司": {
                        "registered_capital_wan": 3000.0,
                        "founded": "1998",
                        "staff": 300,
                    },
                    "虚构大方橱柜有限公司": {
                        "registered_capital_wan": 1200.0,
                        "founded": "1998-03",
                        "staff": 85,
                    },
                    "虚构晚成陶瓷有限公司": {
                        "registered_capital_wan": 300.0,
                        "founded": "1998-03-05",
                        "staff": None,
                    },
                    "虚构建言印刷有限公司": {
                        "registered_capital_wan": 500.0,
                        "founded": "1998-03",
                        "staff": None,
                    },
                }
            },
        ),
    ),
    case(
        "ods-directory-two_lines-ref_error",
        "ods directory two_lines ref_error merged_down",
        lambda: ods(
            "企业基本情况.ods",
            Grid(
                [
                    ["区县", "企业", None, "规模", None],
                    [None, "企业名称", "企业简介", "注册资本（万元）", "职工人数"],
                    ["虚构丙区", "虚构明夷灯具有限公司", "做灯具。", 500, REF],
                    [None, "虚构未济电池有限公司", "做电池。", "１２０", 60],
                ],
                merged=[down(1, 2, 1), across(1, 2, 2), across(1, 2, 4), down(3, 4, 1)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构明夷灯具有限公司": {
                        "registered_capital_wan": 500.0,
                        "staff": None,
                        "district": "虚构丙区",
                    },
                    "虚构未济电池有限公司": {
                        "registered_capital_wan": 120.0,
                        "staff": 60,
                        "district": "虚构丙区",
                    },
                }
            },
            bad=[("bad_cell", 3, "职工人数")],
        ),
    ),
]  # fmt: skip
