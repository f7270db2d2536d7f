"""Names as people type them, and the index that finds them as the plain definition does."""

import string
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.model import Label
from graph_service.names import LONGEST_NAME, Typed, closeness, fold, names
from graph_service.store.name_index import NameIndex, Segment

NONE = np.empty(0, np.int32)


@pytest.mark.parametrize(
    ("name", "sounds"),
    [
        ("重庆", "chong qing"),
        ("重心", "zhong xin"),
        ("长沙", "chang sha"),
        ("成长", "cheng zhang"),
        ("银行", "yin hang"),
        ("行业", "hang ye"),
        ("行走", "xing zou"),
        ("调节阀", "tiao jie fa"),
        ("调查", "diao cha"),
        ("厦门", "xia men"),
        ("六安", "lu an"),
        ("音乐", "yin yue"),
        ("绿色", "lv se"),
        ("ABB机器人（3号）", "a b b ji qi ren 3 hao"),
        ("α-萘酚", "nai fen"),
    ],
)
def test_characters_are_read_as_in_the_phrase_they_stand_in(name: str, sounds: str) -> None:
    assert " ".join(Typed.of(name).syllables) == sounds


def test_a_name_without_chinese_characters_has_no_pinyin() -> None:
    assert Typed.of("FANUC R-30iB").syllables == ()


def test_the_names_of_a_node_begin_with_the_one_that_is_shown() -> None:
    props = {"title": "甲", "name": "乙", "aliases": ["丙", "甲", 7, ""], "names": "丁"}
    assert names(props) == ["甲", "丙"]
    assert names({"name": None}) == []
    assert len(names({"aliases": [str(i) for i in range(100)]})) == 8


NAME = "苏州绿的谐波传动科技（集团）有限公司"


@pytest.mark.parametrize(
    ("typed", "way"),
    [
        ("谐波", "name"),
        ("绿的 谐波", "name"),
        ("科技(集团)有限", "name"),
        ("suzhou", "pinyin"),
        ("SuZhou LvDe", "pinyin"),
        ("xiebochuand", "pinyin"),
        ("szld", "initials"),
        ("ldxb", "initials"),
    ],
)
def test_a_name_is_met_in_characters_pinyin_and_initials(typed: str, way: str) -> None:
    close = closeness(NAME, typed)
    assert close is not None
    assert close.way == way


@pytest.mark.parametrize("typed", ["", "  ", "谐波减速", "uzhou", "iebo", "xiebox", "ldxc", "（"])
def test_a_match_begins_where_a_character_does(typed: str) -> None:
    assert closeness(NAME, typed) is None


def test_the_beginning_comes_first_then_characters_then_the_shorter_name() -> None:
    order = [
        ("谐波", "谐波"),
        ("谐波器", "谐波"),
        ("谐波减速器", "谐波"),
        ("谐波减速器", "xiebo"),
        ("谐波减速器", "xb"),
        ("XB", "xb"),
        ("大谐波", "谐波"),
        ("大型谐波", "谐波"),
        ("大谐波", "xb"),
    ]
    scores = {pair: closeness(*pair) for pair in order}
    ranked = sorted(order, key=lambda pair: -(scores[pair].score if scores[pair] else 0))
    assert ranked == [order[0], order[5], *order[1:5], *order[6:]]


TEXT = st.text(alphabet="重庆长行乐谐波ab \0\1", max_size=6)
TYPED = TEXT | st.text(alphabet=string.ascii_lowercase[:26:3] + "chongqing", max_size=5)


@given(
    given_names=st.lists(st.tuples(st.integers(0, 9), TEXT), max_size=12),
    later=st.lists(st.tuples(st.integers(0, 9), TEXT), max_size=4),
    typed=TYPED,
    limit=st.integers(1, 12),
)
def test_the_index_finds_what_the_definition_says(
    given_names: list[tuple[int, str]], later: list[tuple[int, str]], typed: str, limit: int
) -> None:
    """Whether names lie in the base or came later, and nodes have one name or several."""
    covered = {num for num, _ in later} | {3}
    whole = [(num, name) for num, name in given_names if num not in covered] + later
    right: dict[int, float] = {}
    for num, name in whole:
        if (close := closeness(name, typed)) is not None:
            right[num] = max(close.score, right.get(num, 0))
    index = NameIndex.build(1, [(num, "Product", name) for num, name in given_names]).followed(
        2,
        np.array(sorted(covered), np.int32),
        [(num, "Product", name) for num, name in later],
    )
    nums, scores = index.best(typed, [], None, limit)
    found = dict(zip(nums.tolist(), scores.tolist(), strict=True))
    assert len(found) == len(nums)
    assert found.items() <= right.items()
    assert list(found.values()) == sorted(found.values(), reverse=True)
    left_out = [score for num, score in right.items() if num not in found]
    assert len(found) >= min(limit, len(right))
    assert not left_out or max(left_out) <= sorted(found.values(), reverse=True)[limit - 1]


def test_labels_and_allowed_nodes_are_kept_to() -> None:
    named = [(1, "Product", "谐波"), (2, "Organization", "谐波厂"), (3, "Product", "大谐波")]
    index = NameIndex.build(1, named)
    assert index.best("谐波", [Label.PRODUCT], None, 9)[0].tolist() == [1, 3]
    assert index.best("谐波", [], np.array([2, 3], np.int32), 9)[0].tolist() == [2, 3]
    assert index.best("谐波", [Label.DEMAND], None, 9)[0].tolist() == []


def test_a_segment_read_from_disk_is_the_one_written(tmp_path: Path) -> None:
    for number, named in enumerate(([], [(1, "Product", "谐波"), (7, "Region", "Köln é")])):
        folder = tmp_path / str(number)
        folder.mkdir()
        NameIndex.build(5, named).save(folder)
        loaded = NameIndex.load(folder)
        assert loaded.change == 5
        assert loaded.base.told() == Segment.build(named).told()
        assert loaded.best("köln", [], None, 3)[0].tolist() == [7] * number


def test_what_is_longer_than_a_name_is_not_met() -> None:
    longest = "谐" * LONGEST_NAME
    index = NameIndex.build(1, [(1, "Product", longest + "波")])
    assert index.best(longest, [], None, 3)[0].tolist() == [1]
    assert index.best(longest + "波", [], None, 3)[0].tolist() == []
    assert closeness(longest + "波", longest + "波") is None
    assert fold(" A（b） ") == "ab"
