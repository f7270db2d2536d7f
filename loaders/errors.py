"""What can be wrong with a row, and the log in which a load gathers it all.

A load stops at no row: an optional bad cell is dropped, a bad key rejects its row, and either is
recorded here with the place, the value and how to mend it.
"""

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

#: How many errors a log keeps in full; it counts all of them.
KEPT = 1000

#: Stable code → (what is wrong, how to mend it).
CODES: dict[str, tuple[str, str]] = {
    "file_unreadable": (
        "文件打不开",
        "请用 Excel 或 WPS 打开确认文件完好、没有密码，另存后再载入。",
    ),
    "encrypted": ("文件设有密码", "请在 Excel 或 WPS 里取消密码，另存后再载入。"),
    "web_page": (
        "内容是网页，不是表格文件",
        "请用 Excel 或 WPS 打开，另存为 .xlsx 后再载入。",
    ),
    "file_too_large": ("文件太大", "请拆成几个文件后再载入，每个不超过 1 GB。"),
    "archive_bomb": (
        "解压后太大或压缩得不合常理",
        "请核对文件来历；确为所需，请解压后直接载入里面的文件。",
    ),
    "archive_nested": ("压缩包套得太深", "请解压后直接载入里面的文件。"),
    "archive_crowded": ("压缩包里的文件太多", "请解压后分批载入。"),
    "unsafe_name": ("压缩包里的文件名指向包外", "请核对文件来历，重新打包。"),
    "unsafe_xml": (
        "文件里有不该有的 XML 声明（DTD、实体）",
        "请核对文件来历，用 Excel 或 WPS 另存后再载入。",
    ),
    "sheet_too_large": (
        "工作表太大",
        "请删去表格之外零星的内容，或拆成几张工作表后再载入。",
    ),
    "bad_cell": ("单元格里是公式的出错值", "请在表格里改正公式，或改填实际的值。"),
    "no_value": (
        "公式没有算出的值（公式不会在这里计算）",
        "请用 Excel 或 WPS 打开，重新计算并保存后再载入。",
    ),
    "other_table": (
        "上方有列名不同的另一行表头，像是另一张表",
        "请把那行表头和它下面的各行移到另一张工作表后再载入。",
    ),
    "cell_too_long": ("单元格太长", "请把单元格的内容缩短到 10 万字以内。"),
    "line_too_long": ("这一行太长", "请检查文件有没有换行，或另存为 .xlsx 后再载入。"),
    "encoding": ("含有无法辨认的字符", "请把文件另存为 UTF-8 编码后再载入。"),
    "bad_quote": ("引号没有配对", "请检查这一行的英文引号，单元格内的引号要写两遍。"),
    "bad_json": ("不是有效的 JSON 对象", "请让每一行是一个完整的 JSON 对象。"),
    "missing_key": ("必填项为空", "请补上这一项后再载入。"),
    "bad_key": ("名称或编号不能用", "请填写真实的名称或编号，不超过 200 字；标题不超过 500 字。"),
    "bad_type": ("内容的类型不对", "请填写文字、数字或列表。"),
    "bad_date": ("日期认不出来", "请写成 2025-06-30、2025-06 或 2025。"),
    "bad_number": ("数字认不出来", "请只写一个数字。"),
    "bad_money": ("金额认不出来", "请写成“50万元”这样，或在表头写明单位，如“预算（万元）”。"),
    "foreign_currency": ("金额不是人民币", "请折算为人民币，以万元计。"),
    "out_of_range": ("数值超出范围", "请核对数值和单位。"),
    "bad_uscc": ("统一社会信用代码校验不通过", "请按营业执照核对 18 位代码；此行暂按名称归并。"),
    "bad_registration": ("成果登记号不是 12 位", "请按登记证书核对 12 位登记号。"),
    "unknown_tier": ("梯度称号认不出来", "请写创新型、专精特新、小巨人、重点小巨人或单项冠军。"),
    "unknown_relation": ("关系名称认不出来", "请使用文档“数据格式”中列出的关系名称。"),
    "unknown_code": ("代码对应不到任何单位", "请同时或预先载入含有该代码和名称的名录。"),
    "ambiguous_code": ("代码对应到不止一个单位", "请改用统一社会信用代码或全称。"),
    "duplicate": ("编号与前面的行重复而内容不同", "请给不同的内容不同的编号；只载入了第一行。"),
    "unknown_label": ("节点类型认不出来", "请使用文档“数据格式”中列出的节点类型。"),
    "unknown_edge": ("关系类型认不出来", "请使用文档“数据格式”中列出的关系类型。"),
    "bad_confidence": ("置信度不在 0 到 1 之间", "请把置信度改为 0 到 1 的数。"),
    "refused": ("图谱不接受这一条", "请按所说的原因修改后再载入。"),
}


#: What a load does to a row without rejecting it: stable code → what was done.
NOTICES: dict[str, str] = {
    "hidden_row": "在表格里是隐藏的行，已照常载入",
    "filled_down": "留空的格子按上一行补全（像是合并单元格）",
    "note_line": "说明、落款或小标题，不是数据",
    "total_line": "合计行，不是数据",
    "sample_line": "填写示例或填写要求，不是数据",
    "header_again": "重复的表头",
}


class CellError(Exception):
    """A cell or a file that cannot be used; ``code`` is one of ``CODES``, ``detail`` Chinese."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(code)
        self.code = code
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Notice:
    """What was done to a row that is no error; ``code`` is one of ``NOTICES``."""

    file: str
    code: str
    sheet: str
    row: int
    value: str = ""

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "value": self.value,
            "code": self.code,
            "message": NOTICES[self.code],
        }


@dataclass(frozen=True, slots=True)
class RowError:
    """One thing wrong, where it is, and how to mend it.

    ``row`` counts as a spreadsheet does, from 1 with the header; 0 speaks of the whole file.
    """

    file: str
    code: str
    sheet: str = ""
    row: int = 0
    column: str = ""
    value: str = ""
    detail: str = ""

    @property
    def message(self) -> str:
        return CODES[self.code][0] + (f"：{self.detail}" if self.detail else "")

    @property
    def mend(self) -> str:
        return CODES[self.code][1]

    def as_dict(self) -> dict[str, Any]:
        """The error as JSON-ready data."""
        return {
            "file": self.file,
            "sheet": self.sheet,
            "row": self.row,
            "column": self.column,
            "value": self.value,
            "code": self.code,
            "message": self.message,
            "mend": self.mend,
        }


@dataclass(slots=True)
class ErrorLog:
    """All errors and notices of a load: each is counted, the first ``KEPT`` are kept.

    ``recent`` are the errors since its holder last cleared it.
    """

    errors: list[RowError] = field(default_factory=list)
    recent: list[RowError] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    notices: list[Notice] = field(default_factory=list)
    notice_counts: Counter[str] = field(default_factory=Counter)
    rejected: int = 0
    dropped: int = 0

    def notice(self, notice: Notice) -> None:
        """Record a notice."""
        self.notice_counts[notice.code] += 1
        if len(self.notices) < KEPT:
            self.notices.append(notice)

    def add(self, error: RowError) -> None:
        """Record an error."""
        self.counts[error.code] += 1
        if len(self.recent) < KEPT:
            self.recent.append(error)
        if len(self.errors) < KEPT:
            self.errors.append(error)


def shown(value: object) -> str:
    """A value as an error shows it: on one line, cut at 80 characters."""
    text = " ".join(str(value).encode("utf-8", "replace").decode().split())
    return text if len(text) <= 80 else text[:79] + "…"
