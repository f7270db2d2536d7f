"""Messy 榜单 and 成果登记."""

import datetime as dt

from tests.unit.messy.expected import Case, Want, case
from tests.unit.messy.files import (
    REF,
    Formula,
    Grid,
    across,
    down,
    ods,
    table,
    xls,
    xlsx,
)

CHALLENGES = ["序号", "榜单名称", "发榜企业", "领域", "阶段", "揭榜数", "截止", "悬赏额", "揭榜条件",
              "单/多队伍", "支付方式", "产权归属"]  # fmt: skip
RESULTS = ["成果名称", "登记号", "完成单位", "推荐单位", "登记日期", "起止年月", "密级", "属性", "关键词",
           "体现形式", "水平", "阶段", "TRL"]  # fmt: skip

CASES: list[Case] = [
    case(
        "xlsx-challenges-titles_above",
        "xlsx challenges title_rows range serial open_end notes_below",
        lambda: xlsx(
            "揭榜挂帅榜单.xlsx",
            Grid(
                [
                    ["虚构市2024年“揭榜挂帅”科技攻关榜单"],
                    ["（排名不分先后）"],
                    CHALLENGES,
                    [1, "虚构深海密封接插件", "虚构蓬莱海工有限公司", "海洋装备", "发榜", 3, 45123,
                     "300-500万", "不限", "单队伍", "分期支付", "双方共有"],
                    [2, "虚构高温合金粉末", "虚构赤霄增材有限公司", "新材料", "揭榜中", 0, "长期", "面议",
                     "须有试验平台", "多队伍", "一次付清", "归发榜方"],
                    ["备注：榜单解释权归虚构市科技局。"],
                ],
                merged=[across(1, 12), across(2, 12), across(6, 12)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构蓬莱海工有限公司": {}, "虚构赤霄增材有限公司": {}},
                "Demand": {
                    "虚构深海密封接插件": {
                        "budget_wan": 300.0,
                        "deadline": "2023-07-16",
                        "stage": "发榜",
                        "field": "海洋装备",
                        "payment": "分期支付",
                        "ip_terms": "双方共有",
                        "conditions": "不限",
                    },
                    "虚构高温合金粉末": {
                        "budget_wan": None,
                        "deadline": None,
                        "conditions": "须有试验平台",
                    },
                },
            },
            edges={
                "POSTED": {
                    ("虚构蓬莱海工有限公司", "虚构深海密封接插件"),
                    ("虚构赤霄增材有限公司", "虚构高温合金粉末"),
                }
            },
        ),
    ),
    case(
        "xls-challenges-bare_name_header",
        "xls challenges short_date capitals ref_error",
        lambda: xls(
            "榜单.xls",
            Grid(
                [
                    ["名称", "发榜企业", "领域", "阶段", "截止", "悬赏额", "产权归属"],
                    ["虚构量子磁力仪", "虚构玄铁磁材有限公司", "量子信息", "发榜", "24.6.30",
                     "壹仟万元整", "双方共有"],
                    ["虚构光刻胶树脂", "虚构丹砂化工有限公司", "新材料", "发榜", dt.date(2025, 12, 31), REF,
                     "归揭榜方"],
                ]
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构玄铁磁材有限公司": {}, "虚构丹砂化工有限公司": {}},
                "Demand": {
                    "虚构量子磁力仪": {"budget_wan": 1000.0, "deadline": "2024-06-30"},
                    "虚构光刻胶树脂": {"budget_wan": None, "deadline": "2025-12-31"},
                },
            },
            edges={
                "POSTED": {
                    ("虚构玄铁磁材有限公司", "虚构量子磁力仪"),
                    ("虚构丹砂化工有限公司", "虚构光刻胶树脂"),
                }
            },
            bad=[("bad_cell", 3, "悬赏额")],
        ),
    ),
    case(
        "ods-challenges-merged_down-two_lines",
        "ods challenges merged_down two_lines month w_amount",
        lambda: ods(
            "榜单.ods",
            Grid(
                [
                    ["发榜企业", "榜单", None, "时间与金额", None],
                    [None, "榜单名称", "技术指标", "截止日期", "悬赏额（万元）"],
                    ["虚构凌霄机床有限公司", "虚构五轴头动态精度", "重复定位≤3μm", "2024年3月", 200],
                    [None, "虚构直线电机冷却", "温升≤5K", "2024年12月", "150w"],
                ],
                merged=[down(1, 2, 1), across(1, 2, 2), across(1, 2, 4), down(3, 4, 1)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构凌霄机床有限公司": {}},
                "Demand": {
                    "虚构五轴头动态精度": {
                        "deadline": "2024-03",
                        "budget_wan": 200.0,
                        "indicators": "重复定位≤3μm",
                    },
                    "虚构直线电机冷却": {"deadline": "2024-12", "budget_wan": 150.0},
                },
            },
            edges={
                "POSTED": {
                    ("虚构凌霄机床有限公司", "虚构五轴头动态精度"),
                    ("虚构凌霄机床有限公司", "虚构直线电机冷却"),
                }
            },
        ),
    ),
    case(
        "tsv-challenges-utf16",
        "tsv challenges utf16 thousands",
        lambda: table(
            "榜单导出.tsv",
            [
                ["榜单名称", "发榜企业", "悬赏额", "截止"],
                ["虚构车规芯片老化", "虚构惊鸿微电有限公司", "1,200万元", "2024/6/30"],
            ],
            delimiter="\t",
            encoding="utf-16",
        ),
        Want(
            nodes={
                "Organization": {"虚构惊鸿微电有限公司": {}},
                "Demand": {
                    "虚构车规芯片老化": {"budget_wan": 1200.0, "deadline": "2024-06-30"}
                },
            },
            edges={"POSTED": {("虚构惊鸿微电有限公司", "虚构车规芯片老化")}},
        ),
    ),
    case(
        "xlsx-results-register_numbers",
        "xlsx result title_rows month ref_error",
        lambda: xlsx(
            "成果登记表.xlsx",
            Grid(
                [
                    ["2024年度科技成果登记一览表"],
                    RESULTS,
                    ["虚构稀土永磁回收工艺", 320520240017, "虚构枕流大学、虚构漱石新材有限公司",
                     "虚构市科技局", "2024年3月", "202101-202312", "公开", "原始创新",
                     "稀土；永磁；回收", "新工艺", "国际先进", "成熟应用", 8],
                    ["虚构声学超材料", "320520240025", "虚构枕流大学", "虚构市科技局",
                     dt.datetime(2024, 6, 30), "2020.1-2023.6", "公开", "国内首创", REF, "新材料",
                     "国内领先", "初期", "TRL4"],
                    ["虚构脑电帽", "320520240033", "虚构枕流大学", "虚构市科技局", "2024年3月", None, "公开",
                     None, "脑电", "新装置", "国内领先", "中期", "12级"],
                ],
                merged=[across(1, 13)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构枕流大学": {"kind": "university"},
                    "虚构漱石新材有限公司": {"kind": "enterprise"},
                },
                "Result": {
                    "虚构稀土永磁回收工艺": {
                        "kind": "achievement",
                        "registered": "2024-03",
                        "keywords": ["稀土", "永磁", "回收"],
                        "form": "新工艺",
                        "level": "国际先进",
                        "phase": "成熟应用",
                        "trl": 8,
                    },
                    "虚构声学超材料": {"registered": "2024-06-30", "keywords": None, "trl": 4},
                    "虚构脑电帽": {"trl": None, "keywords": ["脑电"]},
                },
            },
            edges={
                "OWNS": {
                    ("虚构枕流大学", "虚构稀土永磁回收工艺"),
                    ("虚构漱石新材有限公司", "虚构稀土永磁回收工艺"),
                    ("虚构枕流大学", "虚构声学超材料"),
                    ("虚构枕流大学", "虚构脑电帽"),
                }
            },
            bad=[("bad_cell", 4, "关键词"), ("out_of_range", 5, "TRL")],
        ),
    ),
    case(
        "csv-results-excel_text_numbers",
        "csv result gb18030 formula_text",
        lambda: table(
            "成果导出.csv",
            [
                ["成果名称", "登记号", "完成单位", "技术成熟度", "体现形式"],
                ["虚构微纳压印模板", '="320520240041"', "虚构流萤研究院", "六级", "新装置"],
                ["虚构细胞培养微载体", '="320520240058"', "虚构流萤研究院", "TRL 5", "新产品"],
            ],
            encoding="gb18030",
        ),
        Want(
            nodes={
                "Organization": {"虚构流萤研究院": {"kind": "institute"}},
                "Result": {
                    "虚构微纳压印模板": {"trl": 6, "form": "新装置"},
                    "虚构细胞培养微载体": {"trl": 5},
                },
            },
            edges={
                "OWNS": {
                    ("虚构流萤研究院", "虚构微纳压印模板"),
                    ("虚构流萤研究院", "虚构细胞培养微载体"),
                }
            },
        ),
    ),
    case(
        "xls-results-two_lines-ticks",
        "xls result two_lines ticks merged_down spaced_header",
        lambda: xls(
            "成果征集.xls",
            Grid(
                [
                    ["完 成 单 位", "成果信息", None, None, "转化"],
                    [None, "成 果 名 称", "成果水平", "技术成熟度", "拟转化方式"],
                    ["虚构采薇大学", "虚构自修复涂层", "国际领先", "6", "☑转让 □许可 ☑作价入股"],
                    [None, "虚构可降解支架", "国内领先", "4", "□转让 ☑许可 □作价入股"],
                ],
                merged=[down(1, 2, 1), across(1, 3, 2), down(3, 4, 1)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构采薇大学": {}},
                "Result": {
                    "虚构自修复涂层": {"licence": ["转让", "作价入股"], "trl": 6},
                    "虚构可降解支架": {"licence": ["许可"], "trl": 4},
                },
            },
            edges={
                "OWNS": {("虚构采薇大学", "虚构自修复涂层"), ("虚构采薇大学", "虚构可降解支架")}
            },
        ),
    ),
    case(
        "xlsx-results-no_cached_title",
        "xlsx result no_cached_value hidden_rows",
        lambda: xlsx(
            "成果（公式）.xlsx",
            Grid(
                [
                    ["成果名称", "完成单位", "技术成熟度", "转让价格（万元）"],
                    ["虚构硅碳负极", "虚构蒹葭大学", 5, Formula("=100*1.2")],
                    [Formula("=A2"), "虚构蒹葭大学", 6, 30],
                    ["虚构固态电解质", "虚构蒹葭大学", Formula("=C2+1"), 40],
                ],
                hidden_rows=[2, 4],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构蒹葭大学": {}},
                "Result": {
                    "虚构硅碳负极": {"trl": 5, "price_wan": None},
                    "虚构固态电解质": {"trl": None, "price_wan": 40.0},
                },
            },
            bad=[
                ("no_value", 2, "转让价格"),
                ("no_value", 3, "成果名称"),
                ("no_value", 4, "技术成熟度"),
            ],
            rejected=1,
            hidden=[2, 4],
        ),
    ),
]  # fmt: skip
