"""``jiebang read``: what people read of a text, and how a wrong call is mended."""

import json

import pytest
from typer.testing import CliRunner

from api.cli import app

TEXT = (
    "公司成立于2003年。出炉后弯曲过大。希望直线度≤0.08mm（20℃），温度25±2℃，粒径10～20um，质量比为1:3，"
    "市电50/60Hz，成本降低30%，年产20万吨。拟投入经费150万元。"
)


def _run(*args: str) -> str:
    result = CliRunner().invoke(app, ["read", *args])
    assert result.exit_code == 0, result.output
    return result.stdout


def test_a_text_is_shown_by_sections_and_indicators() -> None:
    rows = [" ".join(line.split()) for line in _run("--text", TEXT).splitlines()]
    for row in (
        "企业简介与背景 词句 0.70 公司成立于2003年。",
        "技术难点与问题 词句 0.70 出炉后弯曲过大。",
        "预算 词句 0.70 拟投入经费150万元。",
        "指标（机器识别，未经人核对）",
        "直线度 ≤ 0.08 mm 20℃ 技术指标 0.95",
        "温度 ± 25±2 °C 技术指标 0.95",
        "粒径 区间 10–20 μm 技术指标 0.95",
        "质量比 1:3 技术指标 0.80",
        "市电 50/60 Hz 技术指标 0.87",
        "成本 优于或改善 30 % 技术指标 0.87",
        "拟投入经费 150 1e4 元 金额 0.87",
    ):
        assert row in rows, (row, rows)


def test_a_text_without_indicators_says_so() -> None:
    assert "没有认出指标。" in _run("--text", "如何防爆？")


def test_places_in_the_json_slice_the_text() -> None:
    told = json.loads(_run("--text", TEXT, "--json"))
    assert told["text"] == TEXT
    spans = [TEXT[one["start"] : one["end"]] for one in told["indicators"]]
    assert spans[0] == "直线度≤0.08mm"
    assert "".join(TEXT[one["start"] : one["end"]] for one in told["sections"]) == TEXT


@pytest.mark.parametrize("args", [[], ["demand:D-1", "--text", "x"]])
def test_one_of_the_two_must_be_given(args: list[str]) -> None:
    result = CliRunner().invoke(app, ["read", *args])
    assert (result.exit_code, "需给出节点编号或 --text" in result.stderr) == (2, True)
    assert "jiebang read demand:D-001" in result.stderr


def test_an_empty_text_is_refused() -> None:
    result = CliRunner().invoke(app, ["read", "--text", ""])
    assert (result.exit_code, "--text 是空的" in result.stderr) == (2, True)
