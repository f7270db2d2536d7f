"""Upright forms: labels beside their values, one need or one result a sheet."""

from typing import Any

from loaders import uscc
from tests.unit.messy.expected import Case, Has, Want, case
from tests.unit.messy.files import REF, Grid, across, archive, down, ods, table, xls, xlsx

CODE = "91320583MA00000T1"
CODE += uscc.check_digit(CODE)
OTHER = "91320583MA00000U8"
OTHER += uscc.check_digit(OTHER)


def need(
    firm: str, title: str, *, name: str = "需求", budget: Any = "300-500万", more: Any = "长期"
) -> Grid:
    """A plain upright 需求征集表 of four columns."""
    return Grid(
        [
            ["企业技术需求征集表"],
            ["企业名称", firm, "企业性质", "民营"],
            ["注册资本", "1,200万元", "成立时间", "2009年5月"],
            ["需求名称", title],
            ["技术难点", f"{title}的难点"],
            ["预期投入", budget, "时限", more],
            ["短期合作方式", "☑技术咨询 □技术服务", "长期合作方式", "☑联合开发 □共建平台"],
            ["填表人：虚构周八", None, "填表日期：2024.6.30"],
        ],
        name=name,
        merged=[across(1, 4), across(4, 3, 2), across(5, 3, 2)],
    )


CASES: list[Case] = [
    case(
        "xlsx-upright-whole_form",
        "xlsx needs upright title_rows notes_below ticks fullwidth thousands range han_year open_end",
        lambda: xlsx(
            "虚构汀兰公司需求征集表.xlsx",
            Grid(
                [
                    ["附件2"],
                    ["科技创新需求征集表"],
                    ["企业名称", "虚构汀兰密封件（苏州）有限公司", "统一社会信用代码", CODE],
                    ["地 址", "苏州工业园区虚构街3号", "所属行业", "通用设备制造业"],
                    ["注册资本", "1,200万元", "成立时间", "一九九八年"],
                    ["人 数", "１２０", "企业性质", "民营企业"],
                    ["主要产品", "机械密封、油封", "上年营收", "0.3亿"],
                    ["联系人", "虚构吴九", "联系电话", "0512-00000000"],
                    ["需求名称", "高速干气密封螺旋槽加工"],
                    ["技术难点", "槽深一致性差。\n硬质合金难加工。"],
                    ["技术指标", "槽深偏差≤1μm"],
                    ["研究内容", "超快激光加工工艺"],
                    ["预期投入", "300-500万", "时限", "长期"],
                    ["短期合作方式", "☑技术咨询  □技术服务", "长期合作方式", "☑联合开发  ☐共建平台"],
                    ["意向专家", "虚构某大学钱教授"],
                    ["注：可另附页。"],
                    ["填表人：虚构吴九      联系电话：0512-00000000"],
                ],
                name="Sheet1",
                merged=[across(1, 4), across(2, 4), *(across(row, 3, 2) for row in (9, 10, 11, 12, 15)),
                        across(16, 4), across(17, 4)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构汀兰密封件（苏州）有限公司": {
                        "uscc": CODE,
                        "registered_capital_wan": 1200.0,
                        "founded": "1998",
                        "staff": 120,
                        "ownership": "民营企业",
                        "address": "苏州工业园区虚构街3号",
                    }
                },
                "Demand": {
                    "高速干气密封螺旋槽加工": {
                        "text": Has("槽深一致性差", "硬质合金难加工", "槽深偏差≤1μm", "超快激光加工工艺"),
                        "indicators": "槽深偏差≤1μm",
                        "budget_wan": 300.0,
                        "cooperation": ["技术咨询", "联合开发"],
                        "experts": "虚构某大学钱教授",
                    }
                },
            },
            edges={
                "POSTED": {("虚构汀兰密封件（苏州）有限公司", "高速干气密封螺旋槽加工")},
                "MAKES": {
                    ("虚构汀兰密封件（苏州）有限公司", "机械密封"),
                    ("虚构汀兰密封件（苏州）有限公司", "油封"),
                },
            },
        ),
    ),
    case(
        "xlsx-upright-one_need_a_sheet",
        "xlsx needs upright several_sheets ticks range",
        lambda: xlsx(
            "一表一需求.xlsx",
            need("虚构扁舟传感有限公司", "温漂补偿算法", name="需求1"),
            need("虚构扁舟传感有限公司", "硅压阻芯片封装应力", name="需求2", budget="面议"),
            need("虚构扁舟传感有限公司", "小批量标定自动化", name="需求3", budget="150w"),
            Grid([["填写说明"], ["一、每张工作表填一项需求。"], ["二、金额以万元计。"]], name="填写说明"),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构扁舟传感有限公司": {"registered_capital_wan": 1200.0, "founded": "2009-05"}
                },
                "Demand": {
                    "温漂补偿算法": {"budget_wan": 300.0, "cooperation": ["技术咨询", "联合开发"]},
                    "硅压阻芯片封装应力": {"budget_wan": None},
                    "小批量标定自动化": {"budget_wan": 150.0},
                },
            },
            edges={
                "POSTED": {
                    ("虚构扁舟传感有限公司", "温漂补偿算法"),
                    ("虚构扁舟传感有限公司", "硅压阻芯片封装应力"),
                    ("虚构扁舟传感有限公司", "小批量标定自动化"),
                }
            },
            skipped=["填写说明"],
        ),
    ),
    case(
        "xlsx-upright-groups_at_the_left",
        "xlsx needs upright merged_down spaced_header capitals",
        lambda: xlsx(
            "左侧分组.xlsx",
            Grid(
                [
                    ["企业技术难题征集表"],
                    ["企业基本情况", "企 业 名 称", "虚构观澜换热有限公司", "成 立 时 间", "2010年3月"],
                    [None, "注 册 资 本", "壹仟万元整", "职工人数", "85人"],
                    [None, "主 要 产 品", "板式换热器"],
                    ["需求情况", "需求名称", "板片钎焊虚焊检测"],
                    [None, "技术难点", "内部虚焊看不见"],
                    [None, "预期投入（万元）", "８０", "完成时限", "2025年6月"],
                    [None, "合作方式", "□委托开发 ☑联合开发 □其他"],
                    ["企业盖章：", None, None, "填表人：虚构郑十"],
                ],
                merged=[across(1, 5), down(2, 4, 1), down(5, 8, 1), across(4, 3, 3), across(5, 3, 3),
                        across(6, 3, 3), across(8, 3, 3)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构观澜换热有限公司": {
                        "founded": "2010-03",
                        "registered_capital_wan": 1000.0,
                        "staff": 85,
                    }
                },
                "Demand": {
                    "板片钎焊虚焊检测": {
                        "budget_wan": 80.0,
                        "cooperation": ["联合开发"],
                        "text": Has("内部虚焊看不见"),
                    }
                },
            },
            edges={
                "POSTED": {("虚构观澜换热有限公司", "板片钎焊虚焊检测")},
                "MAKES": {("虚构观澜换热有限公司", "板式换热器")},
            },
        ),
    ),
    case(
        "xls-upright-bad_cells",
        "xls needs upright ref_error short_date",
        lambda: xls(
            "旧版表格.xls",
            Grid(
                [
                    ["技术需求表"],
                    ["企业名称：", "虚构听涛磨具有限公司", "成立时间：", "二零一几年"],
                    ["注册资本：", REF, "人数：", "很多"],
                    ["需求名称：", "超硬砂轮修整"],
                    ["技术难点：", "修整效率低"],
                    ["预期投入：", "看情况", "截止日期：", "24.6.30"],
                ],
                merged=[across(1, 4), across(4, 3, 2), across(5, 3, 2)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构听涛磨具有限公司": {
                        "founded": None,
                        "registered_capital_wan": None,
                        "staff": None,
                    }
                },
                "Demand": {"超硬砂轮修整": {"budget_wan": None, "deadline": "2024-06-30"}},
            },
            edges={"POSTED": {("虚构听涛磨具有限公司", "超硬砂轮修整")}},
            bad=[
                ("bad_date", 2, "成立时间"),
                ("bad_cell", 3, "注册资本"),
                ("bad_number", 3, "人数"),
                ("bad_money", 6, "预期投入"),
            ],
        ),
    ),
    case(
        "ods-upright-result_registration",
        "ods result upright title_rows month ticks notes_below",
        lambda: ods(
            "科技成果登记表.ods",
            Grid(
                [
                    ["科技成果登记表"],
                    ["成果名称", "虚构低温等离子体表面活化装置"],
                    ["登记号", "320520240090", "登记日期", "2024年3月"],
                    ["完成单位", "虚构听雪大学", "推荐单位", "虚构市科技局"],
                    ["起止年月", "2021年1月-2023年12月", "密级", "非密"],
                    ["关键词", "等离子体；表面活化；粘接"],
                    ["体现形式", "新装置", "成果水平", "国内领先"],
                    ["所处阶段", "□初期 ☑中期 □成熟应用", "技术成熟度（TRL）", "7级"],
                    ["成果简介", "用于复合材料粘接前处理。"],
                    ["填表人：虚构冯甲"],
                ],
                merged=[across(1, 4), across(2, 3, 2), across(6, 3, 2), across(9, 3, 2), across(10, 4)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构听雪大学": {"kind": "university"}},
                "Result": {
                    "虚构低温等离子体表面活化装置": {
                        "kind": "achievement",
                        "registered": "2024-03",
                        "keywords": ["等离子体", "表面活化", "粘接"],
                        "form": "新装置",
                        "level": "国内领先",
                        "phase": "中期",
                        "trl": 7,
                        "text": Has("粘接前处理"),
                    }
                },
            },
            edges={"OWNS": {("虚构听雪大学", "虚构低温等离子体表面活化装置")}},
        ),
    ),
    case(
        "csv-upright-gb18030",
        "csv needs upright gb18030 yi",
        lambda: table(
            "征集表.csv",
            [
                ["技术需求征集表", "", "", ""],
                ["企业名称", "虚构拾光显示有限公司", "注册资本", "0.3亿"],
                ["需求名称", "喷墨打印喷头堵塞", "", ""],
                ["技术难点", "墨水沉降", "", ""],
                ["预期投入", "1,200万元", "合作方式", "☑联合开发□委托开发"],
            ],
            encoding="gb18030",
        ),
        Want(
            nodes={
                "Organization": {"虚构拾光显示有限公司": {"registered_capital_wan": 3000.0}},
                "Demand": {
                    "喷墨打印喷头堵塞": {"budget_wan": 1200.0, "cooperation": ["联合开发"]}
                },
            },
            edges={"POSTED": {("虚构拾光显示有限公司", "喷墨打印喷头堵塞")}},
        ),
    ),
    case(
        "zip-upright-one_firm_a_file",
        "zip zip_gbk needs upright xls xlsx",
        lambda: archive(
            "各企业征集表.zip",
            xlsx("征集表/虚构甲汀.xlsx", need("虚构甲汀液压有限公司", "比例阀滞环")),
            xls("征集表/虚构乙汀.xls", need("虚构乙汀铸造有限公司", "缩松预测", budget="壹佰万元整")),
            gbk=True,
        ),
        Want(
            nodes={
                "Organization": {"虚构甲汀液压有限公司": {}, "虚构乙汀铸造有限公司": {}},
                "Demand": {"比例阀滞环": {"budget_wan": 300.0}, "缩松预测": {"budget_wan": 100.0}},
            },
            edges={
                "POSTED": {
                    ("虚构甲汀液压有限公司", "比例阀滞环"),
                    ("虚构乙汀铸造有限公司", "缩松预测"),
                }
            },
        ),
    ),
    case(
        "xlsx-upright-title_missing",
        "xlsx needs upright several_sheets",
        lambda: xlsx(
            "漏填名称.xlsx",
            need("虚构拂晓铝业有限公司", "型材弯曲回弹", name="甲"),
            Grid(
                [
                    ["企业技术需求征集表"],
                    ["企业名称", "虚构拂晓铝业有限公司", "统一社会信用代码", OTHER],
                    ["需求名称", None],
                    ["技术难点", "忘了写名称"],
                    ["预期投入", "20万元", "时限", "6个月"],
                ],
                name="乙",
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构拂晓铝业有限公司": {}},
                "Demand": {"型材弯曲回弹": {"budget_wan": 300.0}},
            },
            bad=[("missing_key", 3, "需求名称")],
            rejected=1,
        ),
    ),
]  # fmt: skip
