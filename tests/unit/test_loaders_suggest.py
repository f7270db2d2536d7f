"""Proposals for unknown headers: scored, by words and by cells, and always sound TOML."""

import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import given as given_mappings
from loaders.mapping import declared
from loaders.suggest import ENOUGH, as_toml, propose

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
