"""Facts beside indicators: each a bounded value or unknown, with what was compared."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.matching.facts.amounts import delivery, price
from graph_service.matching.facts.fact import Fact
from graph_service.matching.facts.load import busy
from graph_service.matching.facts.maturity import ready, stage_asked
from graph_service.matching.facts.modes import offered_as_asked
from graph_service.matching.facts.place import near
from graph_service.matching.facts.sides import Side, asked_and_offered
from graph_service.matching.facts.tiers import tier
from graph_service.matching.facts.ties import cooperated, ties_of
from graph_service.model import Edge, EdgeType, Hop, Label, Node

ORG, DEMAND, RESULT = Label.ORGANIZATION, Label.DEMAND, Label.RESULT


def _demand(text: str = "", title: str = "柔轮开裂", **props: Any) -> Side:
    return Side.of_node(Node("demand:1", DEMAND, {"title": title, "text": text, **props}))


def _result(text: str = "", **props: Any) -> Side:
    return Side.of_node(Node("result:1", RESULT, {"title": "柔轮强化", "text": text, **props}))


@pytest.mark.parametrize(
    ("title", "text", "stage"),
    [
        ("柔轮强化技术研发及产业化", "", "量产"),
        ("柔轮强化", "需求内容：完成中试验证。", "中试"),
        ("柔轮强化", "需求内容：先做样机试制，再小批量试生产。", "小批量"),
        ("柔轮强化", "企业简介：公司已实现产业化，年产十万件。\n需求内容：解决开裂。", None),
        ("柔轮强化", "需求内容：解决开裂。", None),
    ],
)
def test_the_stage_asked_for_is_read_where_it_is_asked(
    title: str, text: str, stage: str | None
) -> None:
    assert stage_asked(_demand(text, title)) == stage


def test_what_a_solver_must_have_is_no_stage() -> None:
    assert stage_asked(_demand(conditions="有规模化生产能力")) is None
    assert stage_asked(_demand(cooperation=["共建中试线"])) == "中试"


@pytest.mark.parametrize(
    ("props", "value"),
    [
        ({"trl": 9}, 1.0),
        ({"trl": 8}, 1.0),
        ({"trl": "7"}, 0.5),
        ({"trl": 6}, 0.0),
        ({"trl": 2}, -1.0),
        ({"trl_by_stage": 6}, 0.0),
        ({"trl": 9, "trl_by_stage": 4}, 1.0),  # stated before concluded
        ({"trl": "成熟"}, None),
        ({"trl": 0}, None),
        ({}, None),
    ],
)
def test_maturity_counts_missing_levels(props: dict[str, Any], value: float | None) -> None:
    fact = ready(_demand(title="柔轮产业化"), _result(**props))
    assert fact.value == value
    assert fact.evidence["asked"] == "量产"
    assert fact.evidence["offered_inferred"] is (set(props) == {"trl_by_stage"})


def test_maturity_is_unknown_where_no_stage_is_asked() -> None:
    assert ready(_demand(), _result(trl=9)).value is None
    assert ready(_demand(), _result()).evidence == {}


@pytest.mark.parametrize(
    ("asked", "offered", "value"),
    [
        ({"budget_wan": 100}, {"price_wan": 80}, 1.0),
        ({"budget_wan": 100}, {"price_wan": 100}, 1.0),
        ({"budget_wan": 100}, {"price_wan": 150}, 0.0),
        ({"budget_wan": 100}, {"price_wan": 900}, -1.0),
        ({"budget_wan": 50, "budget_max_wan": 100}, {"price_wan": 80}, 1.0),
        ({"budget_wan": 100}, {"price_wan": 80, "price_max_wan": 120}, 0.5),
        ({"budget_wan": 100}, {}, None),
        ({}, {"price_wan": 80}, None),
        ({"budget_wan": 0}, {"price_wan": 80}, None),
        ({"budget_wan": "面议"}, {"price_wan": 80}, None),
    ],
)
def test_a_budget_bears_a_price_or_not(
    asked: dict[str, Any], offered: dict[str, Any], value: float | None
) -> None:
    fact = price(_demand(**asked), _result(**offered))
    assert fact.value == value
    assert fact.evidence["inferred"] is False


def test_money_of_texts_is_inferred_and_of_its_part_alone() -> None:
    text = "企业简介：公司总投入5000万元。\n需求内容：解决开裂。\n项目预算：100万元。"
    fact = price(_demand(text), _result("转让费80万元，研制投入300万元。"))
    assert fact.value == 1.0
    assert fact.evidence["asked"] == {"low": 100.0, "high": 100.0, "inferred": True}
    assert fact.evidence["offered"]["high"] == 80.0
    assert 0 < fact.evidence["confidence"] < 1
    nothing = price(_demand("企业简介：公司总投入5000万元。\n需求内容：解决开裂。"), _result())
    assert nothing.evidence == {}


@pytest.mark.parametrize(
    ("written", "budget"),
    [
        ("项目预算：100万元。", 100.0),
        ("预计投入研发经费30-50万元。", 50.0),
        ("拟出资60万元寻求合作。", 60.0),
        ("目前已投入资金120万元。", None),
        ("目前已投入资金120万元，项目预算80万元。", 80.0),
    ],
)
def test_a_budget_is_what_will_be_spent(written: str, budget: float | None) -> None:
    asked = price(_demand(f"需求内容：解决开裂。\n{written}"), _result()).evidence.get("asked")
    assert (asked["high"] if asked else None) == budget


@pytest.mark.parametrize(
    ("duration", "text", "value"),
    [
        ("12个月", "交货期3个月", 1.0),
        ("一年", "研发周期18个月", 0.0),
        ("6个月以内", "交付周期1年", -1.0),
        ("2年", "供货周期为12～36个月", 0.5),
        ("12个月", "老化试验3个月", None),
        ("", "交货期3个月", None),
    ],
)
def test_a_term_suffices_or_not(duration: str, text: str, value: float | None) -> None:
    assert delivery(_demand(duration=duration), _result(text)).value == pytest.approx(value)


@pytest.mark.parametrize("written", ["预算50万元，期限12个月。", "期限12个月，预算50万元。"])
def test_a_budget_and_a_term_are_read_of_one_sentence(written: str) -> None:
    asked = _demand(f"需求内容：解决开裂。\n{written}")
    assert price(asked, _result()).evidence["asked"]["high"] == pytest.approx(50.0)
    assert delivery(asked, _result()).evidence["asked"]["high"] == pytest.approx(12.0)


def test_the_day_on_which_bids_close_is_no_term() -> None:
    asked = _demand(deadline="2027-05-31")
    assert delivery(asked, _result("交货期3个月")).evidence["asked"] is None


@pytest.mark.parametrize(
    ("asked", "offered", "value"),
    [
        (["专利许可"], ["许可"], 1.0),
        (["技术转让或合作中试"], ["转让"], 1.0),
        (["专利许可"], ["开放许可"], 1.0),
        (["专利转让"], ["许可"], -0.5),
        (["联合攻关"], ["转让"], None),  # who sells may also work with the buyer
        (["联合攻关", "作价入股"], ["作价入股"], 1.0),
        ([], ["许可"], None),
        (["专利许可"], [], None),
        (["按件结算"], ["许可"], None),
    ],
)
def test_modes_asked_are_offered_or_not(
    asked: list[str], offered: list[str], value: float | None
) -> None:
    fact = offered_as_asked(_demand(cooperation=asked), _result(licence=offered))
    assert fact.value == value


def test_a_mode_read_from_the_text_is_inferred() -> None:
    fact = offered_as_asked(
        _demand("需求内容：防开裂。\n合作方式：技术转让。"), _result(licence="转让")
    )
    assert (fact.value, fact.evidence["inferred"]) == (1.0, True)
    assert offered_as_asked(_demand("已受让两件专利。"), _result()).evidence == {}


def test_district_and_tier() -> None:
    firm = Node("org:1", ORG, {"district": "东区", "tiers": ["创新型", "小巨人"]})
    assert near("东区", [firm]).value == 1.0
    assert near("西区", [firm]).value == 0.0
    assert near(None, [firm]).value is None
    assert near("东区", [Node("org:2", ORG)]).value is None
    assert tier([firm], date(2026, 11, 23)).value == 0.7
    assert tier([Node("org:2", ORG, {"staff": 90_000})], date(2026, 11, 23)).value is None


def _hop(type_: EdgeType, start: str, end: str, *, back: bool = False, **more: Any) -> Hop:
    ends = (end, start) if back else (start, end)
    return Hop(Edge(type_, *ends, **more), forward=not back)


def test_ties_are_observed_records_of_either_side() -> None:
    partners = {
        "org:me": [
            _hop(EdgeType.PARTNERED, "org:me", "org:a", observed_at="2021-03"),
            _hop(EdgeType.PARTNERED, "org:me", "org:b", back=True, inferred=True),
        ]
    }
    posted = {"org:me": [_hop(EdgeType.POSTED, "org:me", "demand:1")]}
    winners = {"demand:1": [_hop(EdgeType.WON, "demand:1", "org:c", back=True)]}
    won = {"org:me": [_hop(EdgeType.WON, "org:me", "demand:2")]}
    posters = {"demand:2": [_hop(EdgeType.POSTED, "demand:2", "org:d", back=True)]}
    ties = ties_of(partners, ([posted], winners), ([won], posters))
    assert {tie.organization for tie in ties} == {"org:a", "org:c", "org:d"}
    fact = cooperated(ties, [Node("org:a", ORG, {"name": "甲"})])
    assert fact.value == 1.0
    assert fact.evidence["records"][0]["since"] == "2021-03"
    assert cooperated(ties, [Node("org:b", ORG)]).value is None
    assert cooperated([], []).value is None


@pytest.mark.parametrize(
    ("stages", "value"),
    [
        (["发榜公告"], -1 / 3),
        (["过程管理", "任务签订", "发榜公告", "过程管理"], -1.0),
        (["绩效评价"], 0.0),
        (["绩效评价", "过程管理"], -1 / 3),
        ([None], None),
        ([], None),
    ],
)
def test_load_is_what_was_won_and_has_not_ended(
    stages: list[str | None], value: float | None
) -> None:
    demands = {
        f"demand:{i}": Node(f"demand:{i}", DEMAND, {"stage": stage} if stage else {})
        for i, stage in enumerate(stages)
    }
    hops = {"org:a": [_hop(EdgeType.WON, "org:a", demand) for demand in demands]}
    fact = busy([Node("org:a", ORG)], hops, demands)
    assert fact.value == pytest.approx(value)
    guessed = {"org:a": [_hop(EdgeType.WON, "org:a", it, inferred=True) for it in demands]}
    assert busy([Node("org:a", ORG)], guessed, demands).value is None


def test_a_demand_asks_whichever_side_the_query_is() -> None:
    demand, result = _demand(), _result()
    assert asked_and_offered(demand, result) == (demand, result)
    assert asked_and_offered(result, demand) == (demand, result)
    assert asked_and_offered(Side.of_text("柔轮开裂"), result) is not None
    assert asked_and_offered(demand, demand) is None
    assert asked_and_offered(result, result) is None


def test_a_value_out_of_bounds_is_refused() -> None:
    with pytest.raises(ValueError, match=r"1\.5"):
        Fact(1.5)


_anything = st.one_of(st.none(), st.text(max_size=12), st.floats(), st.integers(-5, 5000))
_words = st.lists(
    st.sampled_from(
        ["转让", "许可", "产业化", "中试", "预算：", "交货期", "3个月", "100万元", "。", "\n"]
    ),
    max_size=8,
).map("".join)


@given(_anything, _anything, _anything, _anything, _words, _words)
def test_facts_are_bounded_or_unknown_whatever_is_stored(
    one: Any, two: Any, three: Any, four: Any, asked: str, offered: str
) -> None:
    demand = _demand(asked, budget_wan=one, budget_max_wan=two, duration=three, cooperation=four)
    result = _result(offered, price_wan=two, price_max_wan=one, trl=three, licence=four)
    for found in (price, delivery, ready, offered_as_asked):
        fact = found(demand, result)
        assert fact.value is None or -1.0 <= fact.value <= 1.0
