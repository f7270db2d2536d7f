"""Files that attack, or are broken: a clear error, the rest loaded, nothing evaluated."""

import json
import stat
import zipfile
from io import BytesIO

from tests.unit.messy.expected import Case, Has, Want, case
from tests.unit.messy.files import (
    File,
    Grid,
    archive,
    ods,
    replaced,
    table,
    xls,
    xlsx,
    zipped,
)

HEADER = ["企业名称", "需求名称", "技术难点", "预期投入（万元）", "备注"]
BOMB = ['<!DOCTYPE x [<!ENTITY a "虚构引爆">', '<!ENTITY b "&a;&a;&a;&a;">]>']


def one(firm: str, title: str, *, name: str = "一条.csv") -> File:
    """A text table with a single need."""
    return table(name, [HEADER, [firm, title, "难点", "10", ""]])


def gives(firm: str, title: str, **more: object) -> Want:
    """What ``one`` gives, whatever else is wrong."""
    return Want(nodes={"Organization": {firm: {}}, "Demand": {title: {}}}, **more)


def nested(depth: int, file: File) -> bytes:
    """An archive within an archive within an archive …"""
    data = zipped(dict([file]))
    for level in range(depth):
        data = zipped({f"{level}.zip": data})
    return data


def bomb(megabytes: int) -> bytes:
    """A member that grows a thousandfold."""
    data = BytesIO()
    with (
        zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive_,
        archive_.open("炸弹.csv", "w") as member,
    ):
        for _ in range(megabytes):
            member.write(b"\x30" * (1 << 20))
    return data.getvalue()


def with_link(data: bytes) -> bytes:
    """An archive with a symbolic link to a file outside added to it."""
    whole = BytesIO(data)
    info = zipfile.ZipInfo("链接.csv")
    info.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(whole, "a") as archive_:
        archive_.writestr(info, "/etc/passwd")
    return whole.getvalue()


def entity_book() -> File:
    """A workbook whose sheet declares entities that grow when they are expanded."""
    file = xlsx("实体.xlsx", Grid([HEADER, ["虚构空谷兰艺有限公司", "实体题", "难点", 10]]))
    declared = "".join(BOMB)
    return replaced(file, "xl/worksheets/sheet1.xml", "<worksheet", f"{declared}<worksheet")


CASES: list[Case] = [
    case(
        "zip-attack-slip",
        "zip attack zip_slip",
        lambda: archive(
            "带路径.zip",
            one("虚构逃逸甲有限公司", "逃逸题", name="../../逃逸.csv"),
            one("虚构逃逸乙有限公司", "绝对题", name="/tmp/绝对.csv"),
            one("虚构安居五金有限公司", "好的题", name="好的.csv"),
        ),
        gives(
            "虚构安居五金有限公司",
            "好的题",
            bad=[("unsafe_name", 0, ""), ("unsafe_name", 0, "")],
        ),
    ),
    case(
        "zip-attack-slip_backslash_and_link",
        "zip attack zip_slip",
        lambda: (
            "反斜杠.zip",
            with_link(
                zipped(
                    dict(
                        [
                            one("虚构逃逸丙有限公司", "反斜杠题", name="..\\..\\逃逸.csv"),
                            one("虚构守门锁具有限公司", "锁芯磨损", name="里面/好的.csv"),
                        ]
                    )
                )
            ),
        ),
        gives(
            "虚构守门锁具有限公司",
            "锁芯磨损",
            bad=[("unsafe_name", 0, ""), ("unsafe_name", 0, "")],
        ),
    ),
    case(
        "zip-attack-ratio",
        "zip attack bomb",
        lambda: ("膨胀.zip", bomb(300)),
        Want(bad=[("archive_bomb", 0, "")]),
    ),
    case(
        "zip-attack-nesting",
        "zip attack bomb",
        lambda: ("套娃.zip", nested(12, one("虚构套娃玩具有限公司", "套娃题"))),
        Want(bad=[("archive_nested", 0, "")]),
    ),
    case(
        "zip-attack-broken",
        "zip attack broken",
        lambda: ("残缺.zip", zipped({"一条.csv": b"x" * 5000})[:-40]),
        Want(bad=[("file_unreadable", 0, "")]),
    ),
    case(
        "xlsx-attack-truncated",
        "xlsx attack broken",
        lambda: ("半截.xlsx", xlsx("", Grid([HEADER]))[1][:1500]),
        Want(bad=[("file_unreadable", 0, "")]),
    ),
    case(
        "xlsx-attack-password",
        "xlsx attack broken",
        lambda: ("有密码.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4088)),
        Want(bad=[("file_unreadable|encrypted", 0, "")]),
    ),
    case(
        "xlsx-attack-entities",
        "xlsx attack entities",
        entity_book,
        Want(bad=[("unsafe_xml", 0, "")]),
    ),
    case(
        "ods-attack-external_entity",
        "ods attack entities",
        lambda: ods(
            "外部实体.ods",
            Grid([HEADER, ["虚构幽篁竹制品有限公司", "外部实体题", "难点", 10]]),
            doctype='<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        ),
        Want(bad=[("unsafe_xml", 0, "")]),
    ),
    case(
        "csv-attack-formulas_and_markup",
        "csv attack formula_text markup",
        lambda: table(
            "公式.csv",
            [
                HEADER,
                ["虚构坦途轮胎有限公司", "胎面磨耗", "=cmd|'/C calc'!A0", "10",
                 '=HYPERLINK("http://example.invalid","点我")'],
                ["虚构坦途轮胎有限公司", "<b>胎侧</b>鼓包", "<script>alert(1)</script>", "=1+1", "@SUM(A1)"],
                ["<img src=x>虚构坦途二有限公司", "胎圈脱层", "+1-1", "-5", "-"],
            ],
        ),
        Want(
            nodes={
                "Organization": {
                    "虚构坦途轮胎有限公司": {},
                    "<img src=x>虚构坦途二有限公司": {},
                },
                "Demand": {
                    "胎面磨耗": {
                        "text": Has("=cmd|'/C calc'!A0"),
                        "budget_wan": 10.0,
                        "remark": '=HYPERLINK("http://example.invalid","点我")',
                    },
                    "<b>胎侧</b>鼓包": {
                        "text": Has("<script>alert(1)</script>"),
                        "budget_wan": None,
                        "remark": "@SUM(A1)",
                    },
                    "胎圈脱层": {"text": Has("+1-1"), "budget_wan": None, "remark": None},
                },
            },
            bad=[("bad_money", 3, "预期投入"), ("bad_money|out_of_range", 4, "预期投入")],
        ),
    ),
    case(
        "xlsx-attack-text_that_looks_like_formula",
        "xlsx attack formula_text markup",
        lambda: xlsx(
            "像公式.xlsx",
            Grid(
                [
                    HEADER,
                    ["虚构远志药材有限公司", "=药材烘干", "=2+3", 20, "<i>斜体</i> &lt;"],
                ]
            ),
        ),
        Want(
            nodes={
                "Organization": {"虚构远志药材有限公司": {}},
                "Demand": {
                    "=药材烘干": {"text": Has("=2+3"), "budget_wan": 20.0, "remark": Has("<i>斜体</i>")}
                },
            },
        ),
    ),
    case(
        "csv-attack-nul_and_controls",
        "csv attack nul",
        lambda: (
            "空字符.csv",
            "企业名称,需求名称,技术难点,预期投入\r\n虚构\0寒蝉蚕丝有限公司,缫丝\0断头,断头\x07多,1\x000万\r\n".encode(),
        ),
        Want(
            nodes={
                "Organization": {"虚构寒蝉蚕丝有限公司": {}},
                "Demand": {"缫丝断头": {"budget_wan": 10.0}},
            },
        ),
    ),
    case(
        "xlsx-attack-nul_escape",
        "xlsx attack nul",
        lambda: replaced(
            xlsx("转义.xlsx", Grid([HEADER, ["虚构蝉鸣茶业有限公司", "萎凋控制", "控制差", 10, "AB"]])),
            "xl/worksheets/sheet1.xml",
            ">AB<",
            ">A_x0000_B_x000D_<",
        ),
        Want(
            nodes={
                "Organization": {"虚构蝉鸣茶业有限公司": {}},
                "Demand": {"萎凋控制": {"remark": "AB"}},
            },
        ),
    ),
    case(
        "csv-attack-very_long_cells",
        "csv attack long_cell",
        lambda: table(
            "超长.csv",
            [
                HEADER,
                ["虚构长风风筝有限公司", "龙骨轻量化", "长" * 400_000, "10", ""],
                ["虚构长风风筝有限公司", "长" * 5000, "难点", "10", ""],
                ["长" * 300 + "有限公司", "线轮打滑", "难点", "10", ""],
                ["虚构长风风筝有限公司", "提线张力", "难点", "10", ""],
            ],
        ),
        Want(
            nodes={
                "Organization": {"虚构长风风筝有限公司": {}},
                "Demand": {"龙骨轻量化": {}, "提线张力": {"budget_wan": 10.0}},
            },
            bad=[
                ("cell_too_long", 2, "技术难点"),
                ("bad_key|cell_too_long", 3, "需求名称"),
                ("bad_key", 4, "企业名称"),
            ],
            rejected=2,
        ),
    ),
    case(
        "xlsx-attack-longest_cell_of_excel",
        "xlsx attack long_cell",
        lambda: xlsx(
            "最长.xlsx", Grid([HEADER, ["虚构短笛乐器有限公司", "笛膜老化", "音" * 32_000, 10]])
        ),
        Want(
            nodes={
                "Organization": {"虚构短笛乐器有限公司": {}},
                "Demand": {"笛膜老化": {"text": Has("音" * 32_000)}},
            },
        ),
    ),
    case(
        "csv-attack-lone_surrogate",
        "csv attack surrogate utf16",
        lambda: (
            "半个字.csv",
            b"\xff\xfe"
            + (
                "企业名称,需求名称,技术难点,预期投入\r\n"
                "虚构残星烟花有限公司,燃速\ud83d控制,难点,10\r\n虚构残星烟花有限公司,引线防潮,难点,10\r\n"
            ).encode("utf-16-le", "surrogatepass"),
        ),
        Want(
            nodes={
                "Organization": {"虚构残星烟花有限公司": {}},
                "Demand": {"引线防潮": {"budget_wan": 10.0}},
            },
            bad=[("encoding", 2, "需求名称")],
            rejected=1,
        ),
    ),
    case(
        "jsonl-attack-lone_surrogate",
        "jsonl attack surrogate",
        lambda: (
            "半个字.jsonl",
            "\n".join(
                json.dumps({"企业名称": "虚构缺月银饰有限公司", "需求名称": title, "技术难点": "难"})
                for title in ("银层变色\ud83d", "焊点发黑")
            ).encode(),
        ),
        Want(
            nodes={
                "Organization": {"虚构缺月银饰有限公司": {}},
                "Demand": {"焊点发黑": {}},
            },
            bad=[("bad_json", 1, "")],
            rejected=1,
        ),
    ),
    case(
        "xls-disguise-really_xlsx",
        "xls attack disguise",
        lambda: (
            "改了扩展名.xls",
            xlsx("", Grid([HEADER, ["虚构画皮皮革有限公司", "皮革防霉", "霉变", 10]]))[1],
        ),
        gives("虚构画皮皮革有限公司", "皮革防霉"),
    ),
    case(
        "xlsx-disguise-really_xls",
        "xlsx attack disguise",
        lambda: (
            "改了扩展名.xlsx",
            xls("", Grid([HEADER, ["虚构易容化妆品有限公司", "乳化稳定", "分层", 10]]))[1],
        ),
        gives("虚构易容化妆品有限公司", "乳化稳定"),
    ),
    case(
        "xls-disguise-html",
        "xls attack disguise broken",
        lambda: (
            "系统导出.xls",
            "<html><table><tr><td>企业名称</td></tr></table></html>".encode(),
        ),
        Want(bad=[("web_page", 0, "")]),
    ),
    case(
        "csv-empty",
        "csv broken",
        lambda: ("空.csv", b""),
        Want(skipped=["没有内容"]),
    ),
]  # fmt: skip
