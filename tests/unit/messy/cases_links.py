"""Messy 供应链 links and 仪器."""

from tests.unit.messy.expected import Case, Has, Want, case
from tests.unit.messy.files import (
    Grid,
    across,
    archive,
    down,
    ods,
    table,
    xls,
    xlsx,
)

CASES: list[Case] = [
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
