"""Sections tile a demand's text and are told by headings, cues or place; passages stay in them."""

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.model import Label, Node
from graph_service.text import DOC_CHARS
from graph_service.understanding.reading import WEIGHTS, read, read_node
from graph_service.understanding.sections import SectionPart, sections, title

HEADED = (
    "需求内容：研制抗冲击的柔性轴承。\n预期目标：\n1、寿命≥3000h；\n2、噪声≤60dB。\n"
    "三、现有工作基础\n公司建有中试车间。预计需要投入资金190万元。\n（四）合作方式：联合开发。"
)
PLAIN = (
    "公司成立于2003年，注册资本5000万元。目前采用盐浴淬火工艺。出炉后弯曲过大，无法校直。"
    "希望寻找新的冷却方案。直线度不大于0.08mm。拟投入研发经费150万元。18个月内完成。"
)


def _told(text: str) -> list[tuple[str, str]]:
    return [(one.part.value, one.told) for one in sections(text)]


def test_headings_tell_sections_and_money_is_told_by_its_own_sentence() -> None:
    assert _told(HEADED) == [
        ("need", "heading"),
        ("goals", "heading"),
        ("present", "heading"),
        ("budget", "cue"),
        ("cooperation", "heading"),
    ]


def test_without_headings_each_sentence_tells_its_own() -> None:
    assert _told(PLAIN) == [
        (part, "cue")
        for part in ("background", "present", "problem", "need", "goals", "budget", "term")
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", []),
        ("喷漆工艺智能化，少人化操作", [("need", "place")]),
        ("锂电池日益普及。如何防爆？", [("background", "place"), ("need", "cue")]),
        ("需求：编程人才；预期目标：节能；", [("need", "heading"), ("goals", "heading")]),
        ("我们的需求很多", [("need", "cue")]),
        ("【技术难点】\n易开裂\n联系方式：无", [("problem", "heading"), ("other", "heading")]),
        ("１．技术需求：阀门 ２．预算：另议", [("need", "heading"), ("budget", "heading")]),
    ],
)
def test_told(text: str, told: list[tuple[str, str]]) -> None:
    assert _told(text) == told


PIECES = st.sampled_from(
    [
        "需求内容：",
        "预期目标\n",
        "。",
        "；",
        "\n",
        " ",
        "1、",
        "（一）",
        "现状",
        "无法校直",
        "①",
        "ﬃ",
        "投资5万元",
        "：",
        "㎡",
    ]
)


@given(st.one_of(st.text(st.characters(), max_size=80), st.lists(PIECES, max_size=20).map("".join)))
@settings(max_examples=300, deadline=None)
def test_sections_tile_the_text_and_passages_tile_what_is_said(text: str) -> None:
    at = 0
    for one in sections(text):
        assert (one.start, one.end > one.start) == (at, True)
        at = one.end
    assert at == len(text)
    found = read("题目", text)
    places = [place for one in found.passages[1:] for place in range(one.start, one.end)]
    assert len(places) == len(set(places))
    unsaid = set(range(len(text))) - set(places)
    assert not "".join(text[place] for place in unsaid).strip()
    for passage in found.passages[1:]:
        assert passage.end - passage.start <= DOC_CHARS
        assert passage.weight == WEIGHTS[passage.part]
        assert found.part_at(passage.start) == found.part_at(passage.end - 1) == passage.part


def test_every_part_has_a_name_and_a_weight() -> None:
    assert {title(part) for part in SectionPart} >= {"需求内容", "预算", "期限", "其他"}
    assert set(WEIGHTS) == {None, *SectionPart}
    assert WEIGHTS[SectionPart.PROBLEM] > WEIGHTS[SectionPart.BACKGROUND]


def test_a_long_sentence_is_cut_and_whole_ones_stay_together() -> None:
    found = read("", "喷" * 500 + "。" + "短句。" * 40)
    lengths = [one.end - one.start for one in found.passages]
    assert lengths == [220, 220, 61 + 120]


def test_a_demand_is_read_in_sections_and_a_result_in_one() -> None:
    props = {"title": "柔轮寿命≥3000h", "text": PLAIN}
    demand = read_node(Node("demand:1", Label.DEMAND, props))
    result = read_node(Node("result:1", Label.RESULT, props))
    assert len(demand.sections) == 7
    assert (list(result.sections), [one.part for one in result.passages]) == ([], [None, None])
    shown = demand.as_dict()
    assert [(one["field"], one["part"], one["value"]) for one in shown["indicators"]] == [
        ("title", None, 3000),
        ("text", "background", 5000),
        ("text", "goals", 0.08),
        ("text", "budget", 150),
        ("text", "term", 18),
    ]
    assert all(one["inferred"] for one in shown["indicators"])
    assert demand.passage(demand.passages[0]) == "柔轮寿命≥3000h"


@pytest.mark.parametrize(
    "piece", ["9", "在1下", "\n", "1 ", "05", "A1", "强度≥5%，", "一", "需求：\n", "a.", "("]
)
def test_as_long_a_text_as_may_be_sent_is_read_in_time(piece: str) -> None:
    began = time.process_time()
    read("", piece * (20_000 // len(piece)))
    assert time.process_time() - began < 4
