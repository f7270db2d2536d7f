"""Proposals for unknown headers: scored, by words and by cells, and always sound TOML."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import given as given_mappings
from loaders.mapping import declared
from loaders.suggest import ENOUGH, propose
from loaders.suggest_toml import as_toml

CODE = "91350100M000100Y43"  # GB 32100-2015, annex A


@pytest.mark.parametrize(
    ("header", "row", "like", "fields"),
    [
        (["贵企业的名称", "技术需求的题目", "希望何时完成"], ["虚构甲公司", "轴承", "2025年6月"],
         "demands", ["poster", "title", "deadline"]),
        (["科研成果的名称", "完成该成果的单位", "目前成熟程度TRL"], ["虚构膜", "虚构大学", "6"],
         "results", ["title", "owners", "trl"]),
        (["甲", "乙"], ["虚构甲公司", CODE], "organizations", ["name", "uscc"]),
    ],
)  # fmt: skip
def test_the_likely_mapping_is_proposed(
    header: list[str], row: list[Any], like: str, fields: list[str]
) -> None:
    proposal = propose(header, [row] * 3, declared())
    assert (proposal.mapping.name, [guess.field for guess in proposal.guesses]) == (like, fields)
    assert all(ENOUGH <= guess.score <= 1 and guess.why for guess in proposal.guesses)
    assert proposal.missing == []


@pytest.mark.parametrize(
    ("header", "row", "like", "fields"),
    [
        (["想解决的问题叫什么", "愿意出多少钱"], ["轴承寿命太短", "50万元"], "demands",
         ["title", "budget"]),
        (["你们单位叫什么", "遇到了什么难题", "打算花多少钱", "什么时候要"],
         ["虚构甲公司", "轴承寿命太短", "50万元", "2025年6月"], "demands",
         ["poster", "difficulty", "budget", "deadline"]),
        (["公司叫啥", "在哪儿", "做什么的", "有多少人"], ["虚构甲公司", "苏州", "轴承", "30"],
         "organizations", ["name", "address", "introduction", "staff"]),
        (["谁家的", "技术叫什么", "到哪一步了"], ["虚构大学", "高强钢", "中试"], "results",
         ["owners", "title", "phase"]),
    ],
)  # fmt: skip
def test_everyday_words_lean_to_what_they_mean(
    header: list[str], row: list[Any], like: str, fields: list[str]
) -> None:
    proposal = propose(header, [row] * 3, declared())
    assert (proposal.mapping.name, [guess.field for guess in proposal.guesses]) == (like, fields)


def test_the_second_likeliest_kind_is_there_to_choose_from() -> None:
    proposal = propose(
        ["你们单位叫什么", "遇到了什么难题"], [["虚构甲公司", "磨损"]] * 3, declared()
    )
    other = proposal.other
    assert other is not None
    assert {proposal.mapping.name, other.mapping.name} == {"organizations", "demands"}
    text = as_toml(proposal, "表.xlsx")
    assert f"“{other.mapping.title}”" in text
    assert tomllib.loads(text)["fields"].keys() == {"name"}
    for one in (proposal, other):
        free = set(one.mapping.fields) - {guess.field for guess in proposal.guesses}
        assert any(f"#   {name}：" in text for name in free)
    assert "#   poster：发榜企业 ← 你们单位叫什么" in text


def test_what_resembles_nothing_is_proposed_for_nothing() -> None:
    proposal = propose(["吉祥物", "温度"], [["熊", 36.5]], declared())
    assert [guess.field for guess in proposal.guesses] == [None, None]
    assert proposal.score == 0


@settings(max_examples=30)
@given(header=st.lists(st.text(min_size=1, max_size=10), min_size=1, max_size=4))
def test_a_proposal_is_always_a_mapping_that_can_be_read(
    header: list[str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    proposal = propose(header, [["甲"] * len(header)], declared())
    written = as_toml(proposal, "表.xlsx")
    assert tomllib.loads(written)["like"] == proposal.mapping.name
    path = Path(tmp_path_factory.mktemp("m")) / "m.toml"
    path.write_text(written, "utf-8", newline="")
    assert given_mappings.read(path).title == proposal.mapping.title
