"""What a group of demands shares and where it differs."""

import pytest

from graph_service.matching.alike.common import (
    own_words,
    properties,
    shared_products,
    shared_words,
)
from graph_service.matching.alike.types import Property
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.statements import asked_of
from graph_service.model import Edge, EdgeType, Hop, Label, Node


def _properties(*texts: str) -> dict[str, Property]:
    """Of demands with these texts, whose ids are 0, 1, …"""
    asked = {
        str(i): asked_of(Side(Label.DEMAND, "涂层", f"需求内容：{text}"))
        for i, text in enumerate(texts)
    }
    return {one.name: one for one in properties(asked)}


@pytest.mark.parametrize(
    ("texts", "name", "said", "ordered"),
    [
        (("涂层硬度≥60HRC", "涂层硬度≥62HRC"), "涂层硬度", ["≥62HRC", "≥60HRC"], True),
        (("漏率≤2%", "漏率≤1%", "漏率≤3%"), "漏率", ["≤1%", "≤2%", "≤3%"], True),
        (("涂层厚度≥10μm", "涂层厚度≥0.02mm"), "涂层厚度", ["≥0.02mm", "≥10μm"], True),
        (("抗拉强度≥500MPa", "抗拉强度≤600MPa"), "抗拉强度", ["≥500MPa", "≤600MPa"], False),
    ],
)
def test_the_tightest_comes_first_in_whatever_unit(
    texts: tuple[str, ...], name: str, said: list[str], ordered: bool
) -> None:
    one = _properties(*texts)[name]
    assert [asked.said.removeprefix(name) for asked in one.asked] == said
    assert (one.ordered, one.same) == (ordered, False)
    told = one.as_dict()
    ends = (one.asked[0].said, one.asked[-1].said) if ordered else (None, None)
    assert (told["tightest"], told["loosest"]) == ends
    assert told["inferred"]


def test_what_all_ask_alike_is_shared_and_what_one_asks_is_not_told() -> None:
    found = _properties("涂层硬度≥60HRC，漏率≤2%", "涂层硬度≥60HRC")
    assert list(found) == ["涂层硬度"]
    assert found["涂层硬度"].same
    assert not _properties("涂层硬度≥60HRC", "涂层硬度≥3GPa")  # units that do not compare


def test_words_of_more_than_half_and_those_of_one_alone() -> None:
    bags = {
        "a": {"涂层": 0.9, "耐磨涂层": 0.5, "柔轮": 0.3, "的": 0.9, "10": 0.9, "略": 0.01},
        "b": {"涂层": 0.9, "耐磨涂层": 0.5, "轴承": 0.4, "略": 0.01},
        "c": {"涂层": 0.9, "略": 0.01},
    }
    words = {one.word: one.members for one in shared_words(bags)}
    assert words == {"耐磨涂层": ["a", "b"]}  # 涂层 stands inside it
    assert own_words(bags) == {"a": ["柔轮"], "b": ["轴承"], "c": []}


def test_a_product_that_anybody_states_is_no_guess() -> None:
    products = {it: Node(it, Label.PRODUCT, {"name": it}) for it in ("p", "q", "r")}

    def hop(member: str, product: str, *, inferred: bool) -> Hop:
        return Hop(Edge(EdgeType.ABOUT, member, product, inferred=inferred), forward=True)

    about = {
        "a": [hop("a", "p", inferred=False), hop("a", "q", inferred=True)],
        "b": [hop("b", "p", inferred=True), hop("b", "q", inferred=True)],
        "c": [hop("c", "r", inferred=False)],
    }
    found = [
        (one.node.id, one.members, one.inferred) for one in shared_products(about, products, 3)
    ]
    assert found == [("p", ["a", "b"], False), ("q", ["a", "b"], True)]
