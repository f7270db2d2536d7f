"""Messy 需求征集表 in text tables and archives."""

from tests.unit.messy.cases_needs import HEADER
from tests.unit.messy.expected import Case, Want, case
from tests.unit.messy.files import Grid, archive, table, xls

CASES: list[Case] = [
    case(
        "csv-needs-gb18030-semicolon-titles_above",
        "csv needs gb18030 semicolon title_rows notes_below fullwidth",
        lambda: table(
            "需求导出.csv",
            [
                ["技术需求导出", "", "", "", "", "", ""],
                HEADER,
                ["1", "虚构鹿鸣模具有限公司", "一模多腔填充不均", "充填差异大", "１，２００",
                 "１２个月", "联合开发"],
                ["2", "虚构云岫电子有限公司", "柔性屏折痕", "二十万次后有折痕", "面议", "长期",
                 "联合开发"],
                ["填表人：虚构李四", "", "", "", "", "", ""],
            ],
            delimiter=";",
            encoding="gb18030",
        ),
        Want(
            nodes={
                "Organization": {"虚构鹿鸣模具有限公司": {}, "虚构云岫电子有限公司": {}},
                "Demand": {
                    "一模多腔填充不均": {"budget_wan": 1200.0},
                    "柔性屏折痕": {"budget_wan": None},
                },
            },
        ),
    ),
    case(
        "csv-needs-merged_down-left_blank",
        "csv needs merged_down gb18030",
        lambda: table(
            "合并单元格另存.csv",
            [
                HEADER,
                ["1", "虚构梧桐气动有限公司", "气缸低摩擦密封", "爬行", "40", "6个月", "委托开发"],
                ["", "", "电磁阀寿命提升", "五千万次", "55", "8个月", "委托开发"],
                ["2", "虚构澜庭焊接有限公司", "铝合金激光焊气孔", "气孔率3%", "30", "6个月", "委托开发"],
            ],
            encoding="gb18030",
        ),
        Want(
            nodes={
                "Organization": {"虚构梧桐气动有限公司": {}, "虚构澜庭焊接有限公司": {}},
                "Demand": {
                    "气缸低摩擦密封": {"budget_wan": 40.0},
                    "电磁阀寿命提升": {"budget_wan": 55.0},
                    "铝合金激光焊气孔": {"budget_wan": 30.0},
                },
            },
            edges={
                "POSTED": {
                    ("虚构梧桐气动有限公司", "气缸低摩擦密封"),
                    ("虚构梧桐气动有限公司", "电磁阀寿命提升"),
                    ("虚构澜庭焊接有限公司", "铝合金激光焊气孔"),
                }
            },
        ),
    ),
    case(
        "zip-needs-gbk_names",
        "zip zip_gbk needs xls csv gb18030 several_sheets",
        lambda: archive(
            "报送材料.zip",
            xls(
                "甲区/需求征集表.xls",
                Grid([HEADER, [1, "虚构沁源纺机有限公司", "高速编织机断纱检测", "漏检", "50万元", "6个月",
                               "联合开发"]], name="甲区"),
            ),
            table(
                "乙区/需求征集表.csv",
                [HEADER, ["1", "虚构芷江染整有限公司", "无水染色", "匀染差", "不超过60万元", "6个月",
                          "联合开发"]],
                encoding="gb18030",
            ),
            ("乙区/盖章扫描件.pdf", b"%PDF-1.4 not a table"),
            gbk=True,
        ),
        Want(
            nodes={
                "Organization": {"虚构沁源纺机有限公司": {}, "虚构芷江染整有限公司": {}},
                "Demand": {
                    "高速编织机断纱检测": {"budget_wan": 50.0},
                    "无水染色": {"budget_wan": 60.0},
                },
            },
            skipped=["盖章扫描件.pdf"],
        ),
    ),
    case(
        "tsv-needs-utf16-missing_keys",
        "tsv needs utf16 blank_rows",
        lambda: table(
            "Unicode文本.tsv",
            [
                HEADER,
                ["1", "虚构霁月照明有限公司", "蓝光抑制封装", "光效下降", "35万", "6个月", "联合开发"],
                [""] * 7,
                ["2", "虚构霁月照明有限公司", "", "没有写名称", "35万", "6个月", "联合开发"],
                ["3", "虚构霁月照明有限公司", "驱动电源频闪", "频闪深度高", "三十几万吧", "6个月", "联合开发"],
            ],
            delimiter="\t",
            encoding="utf-16",
        ),
        Want(
            nodes={
                "Organization": {"虚构霁月照明有限公司": {}},
                "Demand": {
                    "蓝光抑制封装": {"budget_wan": 35.0},
                    "驱动电源频闪": {"budget_wan": None},
                },
            },
            bad=[("missing_key", 4, "需求名称"), ("bad_money", 5, "预期投入")],
            rejected=1,
        ),
    ),
    case(
        "csv-needs-pipe-starred_headers",
        "csv needs pipe spaced_header w_amount",
        lambda: table(
            "平台导出.csv",
            [
                ["*企业名称", "*需求名称：", "技术难点(必填)", "预期投入（万元）*", "联系人"],
                ["虚构扶摇航材有限公司", "蜂窝芯材切边毛刺", "毛刺超过0.5mm", "150W", "虚构孙七"],
                ["虚构扶摇航材有限公司", "复材分层无损检测", "漏检小缺陷", "1.5千万", "虚构孙七"],
            ],
            delimiter="|",
        ),
        Want(
            nodes={
                "Organization": {"虚构扶摇航材有限公司": {}},
                "Demand": {
                    "蜂窝芯材切边毛刺": {"budget_wan": 150.0},
                    "复材分层无损检测": {"budget_wan": 1500.0},
                },
            },
        ),
    ),
    case(
        "csv-needs-sections-header_again",
        "csv needs sections gb18030",
        lambda: table(
            "分页打印另存.csv",
            [
                HEADER,
                ["1", "虚构青萍水处理有限公司", "膜污染在线判别", "通量下降", "30", "6个月", "联合开发"],
                HEADER,
                ["2", "虚构微澜水表有限公司", "小流量计量", "始动流量大", "40", "6个月", "联合开发"],
                ["合计", "", "", "", "70", "", ""],
            ],
            encoding="gb18030",
        ),
        Want(
            nodes={
                "Organization": {"虚构青萍水处理有限公司": {}, "虚构微澜水表有限公司": {}},
                "Demand": {
                    "膜污染在线判别": {"budget_wan": 30.0},
                    "小流量计量": {"budget_wan": 40.0},
                },
            },
        ),
    ),
]  # fmt: skip
