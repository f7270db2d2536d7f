"""Messy 需求征集表: many needs to a sheet, one a row."""

from tests.unit.messy.expected import Case, Has, Want, case
from tests.unit.messy.files import REF, Formula, Grid, across, down, ods, xls, xlsx

HEADER = ["序号", "企业名称", "需求名称", "技术难点", "预期投入（万元）", "时限", "合作方式"]
SIGNED = "填表人：虚构张三    联系电话：0512-00000000    填表日期：2024年3月5日"

CASES: list[Case] = [
    case(
        "xlsx-needs-titles_above-notes_below",
        "xlsx needs title_rows notes_below spaced_header blank_rows thousands",
        lambda: xlsx(
            "附件1 征集表.xlsx",
            Grid(
                [
                    ["附件1"],
                    ["虚构市企业技术需求征集表"],
                    ["填报单位：虚构市工信局", None, None, None, "填报日期：2024年3月5日"],
                    ["序号", "企 业 名 称", "需 求 名 称", "技 术 难 点", "预期投入\n（万元）",
                     "时  限", "合作方式"],
                    [1, "虚构青禾机械有限公司", "高速主轴轴承温升控制", "三万转时温升超过40℃",
                     "1,200", "18个月", "联合开发"],
                    [],
                    [2, "虚构远岸材料有限公司", "低翘曲封装基板", "翘曲大于2%", "1,200万元",
                     "2025年底前", "委托开发、联合开发"],
                    [],
                    ["注：1.每项需求填一行；2.预期投入以万元计；3.请于2024年3月底前报送。"],
                    [SIGNED],
                ],
                merged=[across(1, 7), across(2, 7), across(9, 7), across(10, 7)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构青禾机械有限公司": {}, "虚构远岸材料有限公司": {}},
                "Demand": {
                    "高速主轴轴承温升控制": {
                        "budget_wan": 1200.0,
                        "duration": "18个月",
                        "cooperation": ["联合开发"],
                        "text": Has("三万转时温升超过40℃"),
                    },
                    "低翘曲封装基板": {
                        "budget_wan": 1200.0,
                        "cooperation": ["委托开发", "联合开发"],
                    },
                },
            },
            edges={
                "POSTED": {
                    ("虚构青禾机械有限公司", "高速主轴轴承温升控制"),
                    ("虚构远岸材料有限公司", "低翘曲封装基板"),
                }
            },
        ),
    ),
    case(
        "xls-needs-merged_down-two_lines",
        "xls needs merged_down two_lines title_rows yi range",
        lambda: xls(
            "需求汇总.xls",
            Grid(
                [
                    ["2024年企业技术需求汇总表"],
                    ["序号", "企业信息", None, "需求信息", None, None, "意向合作方式", None],
                    [None, "企业名称", "注册资本", "需求名称", "技术难点", "预期投入",
                     "短期合作方式", "长期合作方式"],
                    [1, "虚构望舒光学有限公司", "0.3亿", "自由曲面镜片模压", "面形精度不足",
                     "300-500万", "技术咨询", "联合开发"],
                    [None, None, None, "镜片镀膜附着力提升", "高低温后脱膜", "150w", None,
                     "联合开发"],
                    [2, "虚构沐川阀门有限公司", "1,200万元", "超低温阀门密封", "零下196度泄漏",
                     "面议", "技术服务", None],
                ],
                merged=[across(1, 8), down(2, 3, 1), across(2, 2, 2), across(2, 3, 4),
                        across(2, 2, 7), down(4, 5, 1), down(4, 5, 2), down(4, 5, 3)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构望舒光学有限公司": {"registered_capital_wan": 3000.0},
                    "虚构沐川阀门有限公司": {"registered_capital_wan": 1200.0},
                },
                "Demand": {
                    "自由曲面镜片模压": {
                        "budget_wan": 300.0,
                        "cooperation": ["技术咨询", "联合开发"],
                    },
                    "镜片镀膜附着力提升": {"budget_wan": 150.0, "cooperation": ["联合开发"]},
                    "超低温阀门密封": {"budget_wan": None, "cooperation": ["技术服务"]},
                },
            },
            edges={
                "POSTED": {
                    ("虚构望舒光学有限公司", "自由曲面镜片模压"),
                    ("虚构望舒光学有限公司", "镜片镀膜附着力提升"),
                    ("虚构沐川阀门有限公司", "超低温阀门密封"),
                }
            },
        ),
    ),
    case(
        "xlsx-needs-merged_down-two_lines-ticks",
        "xlsx needs merged_down two_lines ticks spaced_header notes_below",
        lambda: xlsx(
            "技术需求（合并单元格）.xlsx",
            Grid(
                [
                    ["企　业　名　称", "主要产品", "技术需求", None, None, "合作方式", "预期投入"],
                    [None, None, "需求名称", "技术指标", "完成时限", None, "（万元）"],
                    ["虚构砚山轴承有限公司", "陶瓷轴承、轴承座", "陶瓷球批量研磨", "圆度≤0.05μm",
                     "12个月", "☑联合开发  □委托开发  ☑技术转让", 80],
                    [None, None, "轴承在线监测", "误报率≤1%", "6个月",
                     "□联合开发  ☑委托开发  □技术转让", 60.5],
                    [None, None, "保持架注塑变形", "变形≤0.1mm", "9个月",
                     "□联合开发  □委托开发  □技术转让", None],
                    ["说明：可另附页。"],
                    [SIGNED],
                ],
                merged=[down(1, 2, 1), down(1, 2, 2), across(1, 3, 3), down(1, 2, 6),
                        down(3, 5, 1), down(3, 5, 2), across(6, 7), across(7, 7)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构砚山轴承有限公司": {}},
                "Demand": {
                    "陶瓷球批量研磨": {
                        "cooperation": ["联合开发", "技术转让"],
                        "indicators": "圆度≤0.05μm",
                        "duration": "12个月",
                        "budget_wan": 80.0,
                    },
                    "轴承在线监测": {"cooperation": ["委托开发"], "budget_wan": 60.5},
                    "保持架注塑变形": {"cooperation": None, "budget_wan": None},
                },
            },
            edges={
                "POSTED": {
                    ("虚构砚山轴承有限公司", "陶瓷球批量研磨"),
                    ("虚构砚山轴承有限公司", "轴承在线监测"),
                    ("虚构砚山轴承有限公司", "保持架注塑变形"),
                },
                "MAKES": {
                    ("虚构砚山轴承有限公司", "陶瓷轴承"),
                    ("虚构砚山轴承有限公司", "轴承座"),
                },
            },
        ),
    ),
    case(
        "ods-needs-merged_down-ticks-blank_rows",
        "ods needs merged_down ticks blank_rows title_rows",
        lambda: ods(
            "征集表.ods",
            Grid(
                [
                    ["企业技术需求征集表"],
                    HEADER,
                    [1, "虚构栖霞泵业有限公司", "磁力泵隔离套涡流损耗", "金属套发热", 200.0, "一年",
                     "√联合开发 □委托开发"],
                    [None, None, "泵体铸造气孔", "废品率12%", 50.0, "半年",
                     "□联合开发 √委托开发"],
                    [],
                    [],
                    [2, "虚构临溪电机有限公司", "扁线电机绝缘", "击穿", 90.0, "10个月",
                     "■联合开发 □委托开发"],
                ],
                merged=[across(1, 7), down(3, 4, 1), down(3, 4, 2)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构栖霞泵业有限公司": {}, "虚构临溪电机有限公司": {}},
                "Demand": {
                    "磁力泵隔离套涡流损耗": {"budget_wan": 200.0, "cooperation": ["联合开发"]},
                    "泵体铸造气孔": {"budget_wan": 50.0, "cooperation": ["委托开发"]},
                    "扁线电机绝缘": {"budget_wan": 90.0, "cooperation": ["联合开发"]},
                },
            },
            edges={
                "POSTED": {
                    ("虚构栖霞泵业有限公司", "磁力泵隔离套涡流损耗"),
                    ("虚构栖霞泵业有限公司", "泵体铸造气孔"),
                    ("虚构临溪电机有限公司", "扁线电机绝缘"),
                }
            },
        ),
    ),
    case(
        "xlsx-needs-hidden_rows-no_cached_value",
        "xlsx needs hidden_rows no_cached_value",
        lambda: xlsx(
            "含公式与隐藏行.xlsx",
            Grid(
                [
                    HEADER,
                    [1, "虚构朔风制冷有限公司", "微通道换热器结霜", "除霜频繁", Formula("=50*2"),
                     "6个月", "联合开发"],
                    [2, "虚构朔风制冷有限公司", "压缩机油位检测", "无法在线", 20, "6个月", "联合开发"],
                    [3, "虚构晴川仪表有限公司", Formula('="流量计"&"零漂"'), "漂移", 20, "6个月",
                     "联合开发"],
                    [4, "虚构晴川仪表有限公司", "小流量计标定", "下限不足", 25, "6个月", "联合开发"],
                ],
                hidden_rows=[3],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构朔风制冷有限公司": {}, "虚构晴川仪表有限公司": {}},
                "Demand": {
                    "微通道换热器结霜": {"budget_wan": None},
                    "压缩机油位检测": {"budget_wan": 20.0},
                    "小流量计标定": {"budget_wan": 25.0},
                },
            },
            bad=[("no_value", 2, "预期投入"), ("no_value", 4, "需求名称")],
            rejected=1,
            hidden=[3],
        ),
    ),
    case(
        "xlsx-needs-ref_error-several_sheets",
        "xlsx needs ref_error several_sheets title_rows",
        lambda: xlsx(
            "各区汇总.xlsx",
            Grid([["填表说明"], ["请各区按附件格式填报，一项需求一行。"]], name="说明"),
            Grid(
                [
                    ["甲区技术需求"],
                    HEADER,
                    [1, "虚构栎阳涂料有限公司", "水性漆快干", "表干大于30分钟", REF, "6个月", "联合开发"],
                ],
                name="甲区",
                merged=[across(1, 7)],
            ),
            Grid(
                [
                    ["乙区技术需求"],
                    HEADER,
                    [1, "虚构岚石陶瓷有限公司", "陶瓷基板翘曲", "翘曲大", 70, REF, "联合开发"],
                    [2, REF, "陶瓷金属化", "附着力低", 75, "6个月", "联合开发"],
                ],
                name="乙区",
                merged=[across(1, 7)],
            ),
            Grid([], name="Sheet4"),
        ),
        Want(
            nodes={
                "Organization": {"虚构栎阳涂料有限公司": {}, "虚构岚石陶瓷有限公司": {}},
                "Demand": {
                    "水性漆快干": {"budget_wan": None},
                    "陶瓷基板翘曲": {"budget_wan": 70.0, "duration": None},
                },
            },
            edges={
                "POSTED": {
                    ("虚构栎阳涂料有限公司", "水性漆快干"),
                    ("虚构岚石陶瓷有限公司", "陶瓷基板翘曲"),
                }
            },
            bad=[
                ("bad_cell", 3, "预期投入"),
                ("bad_cell", 3, "时限"),
                ("bad_cell", 4, "企业名称"),
            ],
            rejected=1,
            skipped=["说明", "Sheet4"],
        ),
    ),
    case(
        "xlsx-needs-unit_above-firm_columns",
        "xlsx needs title_rows fullwidth han_year month capitals",
        lambda: xlsx(
            "企业需求一览.xlsx",
            Grid(
                [
                    ["企业需求一览表"],
                    ["单位：万元"],
                    ["企业名称", "地址", "资质", "注册资本", "成立时间", "人数", "企业性质", "主要产品",
                     "需求名称", "研究内容", "预期投入", "意向专家"],
                    ["虚构苇航船配（昆山）有限公司", "江苏省昆山市虚构路8号", "高新技术企业、省级专精特新",
                     "５００", "一九九八年", "１２０人", "民营", "船用舵机；锚机", "舵机液压油温升",
                     "散热结构设计", "150", "虚构某大学王教授"],
                    ["虚构松间包装有限公司", "虚构市松间路2号", None, "壹仟万元整", "2010年3月", "85", "民营",
                     "瓦楞纸箱", "纸箱防潮涂层", "涂层配方", "壹佰伍拾万元整", None],
                ],
                merged=[across(1, 12), across(2, 12)],
            ),
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构苇航船配（昆山）有限公司": {
                        "address": "江苏省昆山市虚构路8号",
                        "qualifications": ["高新技术企业", "省级专精特新"],
                        "registered_capital_wan": 500.0,
                        "founded": "1998",
                        "staff": 120,
                        "ownership": "民营",
                    },
                    "虚构松间包装有限公司": {
                        "registered_capital_wan": 1000.0,
                        "founded": "2010-03",
                        "staff": 85,
                    },
                },
                "Demand": {
                    "舵机液压油温升": {
                        "budget_wan": 150.0,
                        "experts": "虚构某大学王教授",
                        "text": Has("散热结构设计"),
                    },
                    "纸箱防潮涂层": {"budget_wan": 150.0},
                },
            },
            edges={
                "MAKES": {
                    ("虚构苇航船配（昆山）有限公司", "船用舵机"),
                    ("虚构苇航船配（昆山）有限公司", "锚机"),
                    ("虚构松间包装有限公司", "瓦楞纸箱"),
                }
            },
        ),
    ),
    case(
        "xls-needs-unit_yuan_above-total_below",
        "xls needs title_rows notes_below ref_error",
        lambda: xls(
            "项目需求（元）.xls",
            Grid(
                [
                    ["虚构开发区技术需求统计"],
                    ["单位：元"],
                    ["序号", "企业名称", "需求名称", "技术难点", "预期投入"],
                    [1, "虚构叠翠新材有限公司", "生物基尼龙增韧", "低温脆", 1500000],
                    [2, "虚构叠翠新材有限公司", "回收料除味", "气味大", REF],
                    ["合计", None, None, None, 1500000],
                    ["制表：虚构赵六"],
                ],
                merged=[across(1, 5), across(2, 5)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构叠翠新材有限公司": {}},
                "Demand": {
                    "生物基尼龙增韧": {"budget_wan": 150.0},
                    "回收料除味": {"budget_wan": None},
                },
            },
            bad=[("bad_cell", 5, "预期投入")],
        ),
    ),
    case(
        "xlsx-needs-sections-header_again-subtotals",
        "xlsx needs sections title_rows notes_below",
        lambda: xlsx(
            "分行业汇总.xlsx",
            Grid(
                [
                    ["技术需求分行业汇总"],
                    HEADER,
                    ["一、高端装备"],
                    ["例", "XX有限公司", "示例：XX关键技术", "（填写示例）", "100", "12个月", "联合开发"],
                    [1, "虚构击水船机有限公司", "尾轴密封", "渗漏", 30, "6个月", "联合开发"],
                    [2, "虚构击水船机有限公司", "曲轴探伤", "漏检", 40, "6个月", "委托开发"],
                    ["小计", None, None, None, 70],
                    HEADER,
                    ["二、新材料"],
                    [3, "虚构中流橡塑有限公司", "密封圈压变", "永久变形", 50, "6个月", "联合开发"],
                    ["小计", None, None, None, 50],
                    ["总计", None, None, None, 120],
                ],
                merged=[across(1, 7), across(3, 7), across(9, 7)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构击水船机有限公司": {}, "虚构中流橡塑有限公司": {}},
                "Demand": {
                    "尾轴密封": {"budget_wan": 30.0},
                    "曲轴探伤": {"budget_wan": 40.0},
                    "密封圈压变": {"budget_wan": 50.0},
                },
            },
        ),
    ),
]  # fmt: skip
