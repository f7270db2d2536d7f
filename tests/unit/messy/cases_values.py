"""Amounts and dates as people write them, in every format; and headers that no mapping knows."""

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tests.unit.messy.expected import Case, Want, case
from tests.unit.messy.files import File, Grid, across, ods, table, xls, xlsx

Row = tuple[str, Any, Any, float | None, str | None]

#: What a cell of 悬赏额 says, and of 截止日期; then what they mean (万元; ISO date).
WRITTEN: Sequence[Row] = [
    ("甲", "1,200万元", "2024年3月", 1200.0, "2024-03"),
    ("乙", "0.3亿", "24.6.30", 3000.0, "2024-06-30"),
    ("丙", "300-500万", "2024-6-3", 300.0, "2024-06-03"),
    ("丁", "150w", "一九九八年", 150.0, "1998"),
    ("戊", "壹仟万元整", "长期", 1000.0, None),
    ("己", "面议", "二〇二四年六月三十日", None, "2024-06-30"),
    ("庚", "１２００", "２０２４年３月", 1200.0, "2024-03"),
    ("辛", "300~500万元", "2024.12", 300.0, "2024-12"),
    ("壬", "约1.5亿元", "2024/06/30前", 15000.0, "2024-06-30"),
    ("癸", "150万-200万", "20240630", 150.0, "2024-06-30"),
    ("子", "贰佰叁拾万伍仟元整", "2024年6月30日", 230.5, "2024-06-30"),
    ("丑", "不超过８０Ｗ", "2024年底", 80.0, "2024-12"),
    ("寅", "1200000元", "二零二四年三月", 120.0, "2024-03"),
    ("卯", "三百万", "2024-06-30 00:00:00", 300.0, "2024-06-30"),
    ("辰", "1 200 万", "长期有效", 1200.0, None),
]


def _rows(mark: str, more: Sequence[Sequence[Any]] = ()) -> list[list[Any]]:
    header = ["榜单名称", "发榜企业", "悬赏额", "截止日期"]
    body = [[f"虚构{mark}{k}题", f"虚构{mark}题有限公司", money, day]
            for k, money, day, _, _ in WRITTEN]  # fmt: skip
    return [header, *body, *map(list, more)]


def _want(mark: str, **more: Any) -> Want:
    demands: dict[str, Mapping[str, Any]] = {
        f"虚构{mark}{key}题": {"budget_wan": wan, "deadline": day}
        for key, _, _, wan, day in WRITTEN
    }
    demands |= more.pop("demands", {})
    return Want(nodes={"Organization": {f"虚构{mark}题有限公司": {}}, "Demand": demands}, **more)


_MONEY = "thousands yi range w_amount capitals negotiable fullwidth"
_DATES = "month short_date han_year open_end"


def _values(id_: str, messes: str, make: Callable[[], File], want: Want) -> Case:
    return case(id_, f"{messes} challenges {_MONEY} {_DATES}", make, want)


CASES: list[Case] = [
    _values(
        "xlsx-values-and_typed_cells",
        "xlsx serial",
        lambda: xlsx(
            "数值.xlsx",
            Grid(_rows("砚", [["虚构砚巳题", "虚构砚题有限公司", 99.5, 45123],
                             ["虚构砚午题", "虚构砚题有限公司", 100, dt.datetime(2024, 6, 30)]])),
        ),
        _want("砚", demands={"虚构砚巳题": {"budget_wan": 99.5, "deadline": "2023-07-16"},
                            "虚构砚午题": {"budget_wan": 100.0, "deadline": "2024-06-30"}}),
    ),
    _values(
        "xls-values-and_typed_cells",
        "xls serial",
        lambda: xls(
            "数值.xls",
            Grid(_rows("墨", [["虚构墨巳题", "虚构墨题有限公司", 99.5, 45123],
                             ["虚构墨午题", "虚构墨题有限公司", 100, dt.date(2024, 6, 30)]])),
        ),
        _want("墨", demands={"虚构墨巳题": {"budget_wan": 99.5, "deadline": "2023-07-16"},
                            "虚构墨午题": {"budget_wan": 100.0, "deadline": "2024-06-30"}}),
    ),
    _values(
        "ods-values-and_typed_cells",
        "ods serial",
        lambda: ods(
            "数值.ods",
            Grid(_rows("笺", [["虚构笺巳题", "虚构笺题有限公司", 99.5, 45123],
                             ["虚构笺午题", "虚构笺题有限公司", 100, dt.date(2024, 6, 30)]])),
        ),
        _want("笺", demands={"虚构笺巳题": {"budget_wan": 99.5, "deadline": "2023-07-16"},
                            "虚构笺午题": {"budget_wan": 100.0, "deadline": "2024-06-30"}}),
    ),
    _values(
        "csv-values-gb18030-serial_as_text",
        "csv gb18030 serial",
        lambda: table(
            "数值.csv",
            _rows("毫", [["虚构毫巳题", "虚构毫题有限公司", "99.5", "45123"]]),
            encoding="gb18030",
        ),
        _want("毫", demands={"虚构毫巳题": {"budget_wan": 99.5, "deadline": "2023-07-16"}}),
    ),
    _values(
        "tsv-values-utf16-bad_ones",
        "tsv utf16",
        lambda: table(
            "数值.tsv",
            _rows("纸", [["虚构纸巳题", "虚构纸题有限公司", "几十万吧", "明年"],
                        ["虚构纸午题", "虚构纸题有限公司", "50万美元", "2024年13月"],
                        ["虚构纸未题", "虚构纸题有限公司", "=1+1", "2024年2月30日"]]),
            delimiter="\t",
            encoding="utf-16",
        ),
        _want(
            "纸",
            demands={f"虚构纸{k}题": {"budget_wan": None, "deadline": None} for k in "巳午未"},
            bad=[
                ("bad_money", 17, "悬赏额"),
                ("bad_date", 17, "截止日期"),
                ("foreign_currency", 18, "悬赏额"),
                ("bad_date", 18, "截止日期"),
                ("bad_money", 19, "悬赏额"),
                ("bad_date", 19, "截止日期"),
            ],
        ),
    ),
    case(
        "csv-amounts-unit_in_header",
        "csv challenges semicolon thousands fullwidth",
        lambda: table(
            "单位在表头.csv",
            [
                ["榜单名称", "发榜企业", "悬赏额（元）", "截止日期"],
                ["虚构绢甲题", "虚构绢题有限公司", "1,500,000.00", "2024年3月"],
                ["虚构绢乙题", "虚构绢题有限公司", "１５０万", "2024年3月"],
            ],
            delimiter=";",
        ),
        Want(
            nodes={
                "Organization": {"虚构绢题有限公司": {}},
                "Demand": {
                    "虚构绢甲题": {"budget_wan": 150.0, "deadline": "2024-03"},
                    "虚构绢乙题": {"budget_wan": 150.0, "deadline": "2024-03"},
                },
            },
        ),
    ),
    case(
        "xlsx-unknown_headers-needs",
        "xlsx needs unknown_header title_rows",
        lambda: xlsx(
            "自拟表头.xlsx",
            Grid(
                [
                    ["技术难题收集"],
                    ["贵企业的名称", "技术需求的题目", "遇到的技术瓶颈", "打算投入的经费（万元）",
                     "希望何时完成"],
                    ["虚构帘卷纺织有限公司", "数码印花色差", "批间色差大", "30", "2025年6月"],
                    ["虚构疏影家具有限公司", "水性漆附着力", "漆膜脱落", "150w", "2025年12月"],
                ],
                merged=[across(1, 5)],
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构帘卷纺织有限公司": {}, "虚构疏影家具有限公司": {}},
                "Demand": {
                    "数码印花色差": {"budget_wan": 30.0},
                    "水性漆附着力": {"budget_wan": 150.0},
                },
            },
            edges={
                "POSTED": {
                    ("虚构帘卷纺织有限公司", "数码印花色差"),
                    ("虚构疏影家具有限公司", "水性漆附着力"),
                }
            },
        ),
        suggest=True,
    ),
    case(
        "csv-unknown_headers-supply",
        "csv supply unknown_header gb18030",
        lambda: table(
            "往来.csv",
            [
                ["供货方名称", "收货方名称", "所供产品名"],
                ["虚构暗香香料有限公司", "虚构浮动日化有限公司", "合成香料"],
                ["虚构黄昏溶剂有限公司", "虚构浮动日化有限公司", "无水乙醇"],
            ],
            encoding="gb18030",
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构暗香香料有限公司": {},
                    "虚构浮动日化有限公司": {},
                    "虚构黄昏溶剂有限公司": {},
                },
                "Product": {"合成香料": {}, "无水乙醇": {}},
            },
            edges={
                "SUPPLIES": {
                    ("虚构暗香香料有限公司", "虚构浮动日化有限公司"),
                    ("虚构黄昏溶剂有限公司", "虚构浮动日化有限公司"),
                }
            },
        ),
        suggest=True,
    ),
    case(
        "ods-unknown_headers-results",
        "ods result unknown_header",
        lambda: ods(
            "成果摸底.ods",
            Grid(
                [
                    ["科研成果的名称", "完成该成果的单位", "目前成熟程度TRL", "打算怎样转化方式"],
                    ["虚构石墨烯散热膜", "虚构霜降大学", "6", "转让"],
                    ["虚构低功耗射频芯片", "虚构霜降大学", "5", "许可"],
                ]
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构霜降大学": {}},
                "Result": {"虚构石墨烯散热膜": {}, "虚构低功耗射频芯片": {}},
            },
            edges={
                "OWNS": {
                    ("虚构霜降大学", "虚构石墨烯散热膜"),
                    ("虚构霜降大学", "虚构低功耗射频芯片"),
                }
            },
        ),
        suggest=True,
    ),
]  # fmt: skip
