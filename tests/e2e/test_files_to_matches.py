"""The whole line as a person walks it: office files in, explained matches out, by the console."""

import csv
import json
import os
import subprocess
import sys
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
import pytest

FIRMS = [
    ("企业名称", "所在区", "企业简介", "备注"),
    ("虚构衡驱传动有限公司", "云湖区", "做谐波减速器，柔轮自产。", "虚构"),
    ("虚构曜光表面工程有限公司", "石桥区", "为航空叶片做激光喷丸强化。", "虚构"),
    ("虚构谷香米业有限公司", "云湖区", "稻米加工与储藏。", "虚构"),
]
PRODUCTS = [
    ("企业名称", "产品名称", "营收占比（%）", "来源", "日期"),
    ("虚构衡驱传动有限公司", "谐波减速器", "80", "虚构年报", "2025-04"),
    ("虚构曜光表面工程有限公司", "激光喷丸服务", "65", "虚构年报", "2025-04"),
    ("虚构谷香米业有限公司", "大米", "大部分", "虚构年报", "2025-04"),
]
RELATIONS = [
    ("产品名称", "相关产品", "关系", "来源", "日期"),
    ("谐波减速器", "激光喷丸服务", "上游材料", "虚构图谱", "2025-01"),
]
RESULTS = [
    ("编号", "成果名称", "成果类型", "权属单位", "摘要", "应用产品", "技术成熟度", "日期"),
    (
        *("R-1", "薄壁件激光冲击强化方法", "专利", "虚构曜光表面工程有限公司"),
        *("以激光冲击在圆角引入压应力，推迟裂纹。", "激光喷丸服务", "7", "2025-06-01"),
    ),
    (
        *("R-2", "稻谷低温充氮储藏方法", "专利", "虚构谷香米业有限公司"),
        *("充氮保鲜，减少陈化。", "大米", "8", "2024-11-20"),
    ),
]
DEMAND_HEAD = ("编号", "需求名称", "发榜企业", "技术难点", "技术指标", "涉及产品", "截止日期")
DEMAND = (
    *("D-1", "柔轮抗疲劳强化", "虚构衡驱传动有限公司", "齿根圆角处易生裂纹。"),
    *("循环次数≥1.5×10^7次", "谐波减速器", date(2027, 5, 31)),
)


@pytest.fixture
def office(tmp_path: Path) -> Path:
    """A folder as an office would send it: CSV in two encodings, one workbook, one stray note."""
    folder = tmp_path / "数据"
    folder.mkdir()
    for name, rows, encoding in (
        ("企业名录.csv", FIRMS, "gb18030"),
        ("企业产品.csv", PRODUCTS, "utf-8-sig"),
        ("产品关系.csv", RELATIONS, "utf-8"),
        ("科技成果.csv", RESULTS, "utf-8"),
    ):
        with (folder / name).open("w", encoding=encoding, newline="") as file:
            csv.writer(file).writerows(rows)
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (DEMAND_HEAD, DEMAND):
        sheet.append(list(row))
    book.save(folder / "需求榜单.xlsx")
    (folder / "说明.md").write_text("随手记\n", encoding="utf-8")
    return folder


class Console:
    """``jiebang`` in its own process, with its own store and the small encoder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("JIEBANG_")},
            "JIEBANG_STORE": str(folder / "store"),
            "JIEBANG_CACHE": str(folder / "cache"),
            "JIEBANG_MODEL": "hashing",
        }

    def __call__(self, *arguments: object) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            [Path(sys.executable).parent / "jiebang", *map(str, arguments)],
            capture_output=True,
            text=True,
            env=self.env,
            cwd=self.folder,
            check=False,
        )

    def answer(self, *arguments: object) -> Any:
        """What ``--json`` prints, of a command that ends well and says nothing else."""
        ended = self(*arguments, "--json")
        assert (ended.returncode, ended.stderr) == (0, ""), ended.stdout + ended.stderr
        return json.loads(ended.stdout)


@pytest.fixture
def jiebang(tmp_path: Path) -> Console:
    return Console(tmp_path)


def test_from_office_files_to_explained_matches(jiebang: Console, office: Path) -> None:
    report = jiebang.answer("load", office)
    assert report["nodes"]["new"] > 0
    assert report["rejected"] == 0
    assert [error["value"] for error in report["errors"]] == ["大部分"]
    assert "说明.md" in str(report["skipped"])
    assert report["embedding"]["texts"] > 0

    again = jiebang.answer("load", office)
    for kind in ("nodes", "edges"):
        assert (again[kind]["new"], again[kind]["changed"]) == (0, 0)
        assert again[kind]["unchanged"] == sum(report[kind].values())

    results = jiebang.answer("match", "--demand", "demand:D-1", "--to", "results")["candidates"]
    assert results[0]["id"] == "result:R-1"
    assert [hop["type"] for hop in results[0]["path"]] == ["ABOUT", "UPSTREAM_OF", "ABOUT"]
    assert results[0]["owners"][0]["title"] == "虚构曜光表面工程有限公司"

    solvers = jiebang.answer("match", "--demand", "demand:D-1", "--to", "organizations")
    solver = solvers["candidates"][0]
    assert solver["title"] == "虚构曜光表面工程有限公司"
    assert "虚构衡驱传动有限公司" not in {one["title"] for one in solvers["candidates"]}

    words = jiebang("match", "--demand", "demand:D-1", "--to", "results", "--top", 1)
    assert words.returncode == 0
    assert "薄壁件激光冲击强化方法" in words.stdout
    assert "观测 · " in words.stdout
    assert "\x1b[" not in words.stdout

    shown = jiebang("show", "demand:D-1").stdout
    for part in ("柔轮抗疲劳强化", "2027-05-31", "←发榜──", "虚构衡驱传动有限公司"):
        assert part in shown

    (path, *_) = jiebang.answer("paths", solver["id"], "demand:D-1")["paths"]
    assert path["path"][0]["from"]["id"] == solver["id"]
    assert path["path"][-1]["to"]["id"] == "demand:D-1"

    counts = jiebang.answer("stats")
    assert counts["nodes"]["Organization"] == len(FIRMS) - 1
    assert counts["nodes"]["Result"] == len(RESULTS) - 1


def test_two_runs_give_the_same_order(jiebang: Console, office: Path) -> None:
    jiebang.answer("load", office)
    query = ("match", "--text", "齿根裂纹怎么办", "--to", "results")
    first, second = jiebang.answer(*query), jiebang.answer(*query)
    assert first["candidates"] == second["candidates"]


def test_reading_a_store_that_is_not_there_makes_none(jiebang: Console) -> None:
    for command in (("stats",), ("search", "柔轮"), ("show", "demand:D-1")):
        ended = jiebang(*command)
        assert ended.returncode == 4
        assert ended.stderr.startswith("错误：")
        assert "jiebang load" in ended.stderr
    assert not (jiebang.folder / "store").exists()
