"""Messy 榜单, 成果登记, 供应链 links and 仪器."""

import datetime as dt

from tests.unit.messy.expected import Case, Has, Want, case
from tests.unit.messy.files import (
    REF,
    Formula,
    Grid,
    across,
    archive,
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
    case(
        "xlsx-supply-merged_down",
        "xlsx supply merged_down title_rows month notes_below",
        lambda: xlsx(
            "供应链清单.xlsx",
            Grid(
                [
                    ["重点企业供应链配套清单"],
                    ["供应商", "客户", "供应产品", "合作时间"],
                    ["虚构磐石铸件有限公司", "虚构长庚整机有限公司", "行星架", "2019年3月"],
                    [None, "虚构长庚整机有限公司", "轮毂", "2021年"],
                    [None, "虚构启明风电有限公司", "行星架", "24.6.30"],
                    ["虚构织女电缆有限公司", "虚构启明风电有限公司", "塔筒电缆", "长期"],
                    ["数据来源：企业填报"],
                ],
                merged=[across(1, 4), down(3, 5, 1), across(7, 4)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构磐石铸件有限公司": {},
                    "虚构长庚整机有限公司": {},
                    "虚构启明风电有限公司": {},
                    "虚构织女电缆有限公司": {},
                },
                "Product": {"行星架": {}, "轮毂": {}, "塔筒电缆": {}},
            },
            edges={
                "SUPPLIES": {
                    ("虚构磐石铸件有限公司", "虚构长庚整机有限公司"),
                    ("虚构磐石铸件有限公司", "虚构启明风电有限公司"),
                    ("虚构织女电缆有限公司", "虚构启明风电有限公司"),
                }
            },
        ),
    ),
    case(
        "xls-supply-two_lines-same_leaf",
        "xls supply two_lines title_rows",
        lambda: xls(
            "配套关系.xls",
            Grid(
                [
                    ["供应方", None, "采购方", "产品名称"],
                    ["企业名称", "所在区", "企业名称", None],
                    ["虚构北辰弹簧有限公司", "甲区", "虚构南箕座椅有限公司", "调角弹簧"],
                ],
                merged=[across(1, 2), down(1, 2, 4)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构北辰弹簧有限公司": {}, "虚构南箕座椅有限公司": {}},
                "Product": {"调角弹簧": {}},
            },
            edges={"SUPPLIES": {("虚构北辰弹簧有限公司", "虚构南箕座椅有限公司")}},
        ),
    ),
    case(
        "ods-supply-two_lines-other_words",
        "ods supply two_lines title_rows",
        lambda: ods(
            "供需对接.ods",
            Grid(
                [
                    ["供需对接情况表"],
                    ["供方", None, "需方", None],
                    ["单位名称", "供应产品", "单位名称", "联系人"],
                    ["虚构参商线束有限公司", "高压线束", "虚构角宿客车有限公司", "虚构某"],
                ],
                merged=[across(1, 4), across(2, 2), across(2, 2, 3)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构参商线束有限公司": {}, "虚构角宿客车有限公司": {}},
                "Product": {"高压线束": {}},
            },
            edges={"SUPPLIES": {("虚构参商线束有限公司", "虚构角宿客车有限公司")}},
        ),
    ),
    case(
        "csv-supply-pipe-blank_rows",
        "csv supply pipe blank_rows spaced_header",
        lambda: table(
            "供应关系.csv",
            [
                ["供 应 商", "客 户", "产 品"],
                ["虚构轩辕齿轮有限公司", "虚构雷泽减速机有限公司", "斜齿轮"],
                ["", "", ""],
                ["", "虚构雷泽减速机有限公司", "没有写供应商"],
                ["", "", ""],
            ],
            delimiter="|",
        ),
        Want(
            nodes={
                "Organization": {"虚构轩辕齿轮有限公司": {}, "虚构雷泽减速机有限公司": {}},
                "Product": {"斜齿轮": {}},
            },
            edges={"SUPPLIES": {("虚构轩辕齿轮有限公司", "虚构雷泽减速机有限公司")}},
            bad=[("missing_key", 4, "供应商")],
            rejected=1,
        ),
    ),
    case(
        "tsv-supply-utf16-several_products",
        "tsv supply utf16",
        lambda: table(
            "上下游.tsv",
            [
                ["供应商名称", "采购商名称", "供应产品"],
                ["虚构共工水泵有限公司", "虚构祝融锅炉有限公司", "给水泵"],
                ["虚构共工水泵有限公司", "虚构祝融锅炉有限公司", "循环泵"],
            ],
            delimiter="\t",
            encoding="utf-16",
        ),
        Want(
            nodes={
                "Organization": {"虚构共工水泵有限公司": {}, "虚构祝融锅炉有限公司": {}},
                "Product": {"给水泵": {}, "循环泵": {}},
            },
            edges={"SUPPLIES": {("虚构共工水泵有限公司", "虚构祝融锅炉有限公司")}},
        ),
    ),
    case(
        "xlsx-equipment-titles_above",
        "xlsx equipment title_rows notes_below han_year",
        lambda: xlsx(
            "大型仪器共享目录.xlsx",
            Grid(
                [
                    ["虚构市大型科研仪器设备开放共享目录"],
                    ["序号", "仪器名称", "规格型号", "所属单位", "购置日期", "放置地点", "主要功能", "收费标准"],
                    [1, "虚构场发射扫描电镜", "XG-7000", "虚构扶桑研究所", "二〇一八年", "3号楼101",
                     "微观形貌观察", "300元/小时"],
                    [2, "虚构X射线衍射仪", "XG-D8", "虚构扶桑研究所", "2019年5月", "3号楼102", "物相分析",
                     "面议"],
                    ["联系人：虚构某某", None, None, "咨询电话：0512-00000000"],
                ],
                merged=[across(1, 8)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构扶桑研究所": {"kind": "institute"}},
                "Result": {
                    "虚构场发射扫描电镜": {"kind": "equipment", "text": Has("微观形貌观察")},
                    "虚构X射线衍射仪": {"kind": "equipment", "text": Has("物相分析")},
                },
            },
            edges={
                "OWNS": {
                    ("虚构扶桑研究所", "虚构场发射扫描电镜"),
                    ("虚构扶桑研究所", "虚构X射线衍射仪"),
                }
            },
        ),
    ),
    case(
        "xls-equipment-merged_down",
        "xls equipment merged_down fullwidth",
        lambda: xls(
            "仪器设备.xls",
            Grid(
                [
                    ["所属单位", "设备名称", "设备型号", "原值（万元）"],
                    ["虚构昆吾大学", "虚构疲劳试验机", "ＭＴＳ－８５０", "１，２００"],
                    [None, "虚构三坐标测量机", "CMM-9", "80"],
                ],
                merged=[down(2, 3, 1)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构昆吾大学": {}},
                "Result": {
                    "虚构疲劳试验机": {"kind": "equipment"},
                    "虚构三坐标测量机": {"kind": "equipment"},
                },
            },
            edges={
                "OWNS": {("虚构昆吾大学", "虚构疲劳试验机"), ("虚构昆吾大学", "虚构三坐标测量机")}
            },
        ),
    ),
    case(
        "zip-mixed-several_forms",
        "zip challenges equipment supply ods csv",
        lambda: archive(
            "打包.zip",
            ods("榜单/榜单.ods", Grid([["榜单名称", "发榜企业", "悬赏额"],
                                   ["虚构超导限流器", "虚构昭阳电气有限公司", "0.5亿元"]])),
            table("仪器/仪器.csv", [["仪器名称", "所属单位", "主要功能"],
                                ["虚构质谱仪", "虚构昭阳实验室", "成分分析"]]),
            table("links.csv", [["供应商", "客户", "产品"],
                                ["虚构螣蛇线缆有限公司", "虚构昭阳电气有限公司", "超导线材"]],
                  delimiter=";"),
            ("__MACOSX/._links.csv", b"\x00\x05\x16\x07"),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构昭阳电气有限公司": {},
                    "虚构昭阳实验室": {},
                    "虚构螣蛇线缆有限公司": {},
                },
                "Demand": {"虚构超导限流器": {"budget_wan": 5000.0}},
                "Result": {"虚构质谱仪": {"kind": "equipment"}},
            },
            edges={
                "POSTED": {("虚构昭阳电气有限公司", "虚构超导限流器")},
                "OWNS": {("虚构昭阳实验室", "虚构质谱仪")},
                "SUPPLIES": {("虚构螣蛇线缆有限公司", "虚构昭阳电气有限公司")},
            },
        ),
    ),
]  # fmt: skip
