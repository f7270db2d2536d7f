"""The merge of what sources say."""

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.store.facts import (
    Facts,
    Merged,
    edge_statement,
    filled,
    merge,
    node_statement,
    stated,
)

TODAY = "2026-11-23"


def node(source: str | None, observed_at: str | None = None, **props: object) -> Node:
    return Node("n", Label.PRODUCT, props, source, observed_at)


def told(facts: Facts, *nodes: Node) -> Facts:
    for one in nodes:
        facts = stated(facts, one.source, node_statement(one), TODAY) or facts
    return facts


def test_nothing_said_is_nothing_known() -> None:
    assert merge({}) == Merged({}, None, None)


def test_a_statement_without_source_or_date() -> None:
    facts = told({}, node(None, a=1))
    assert merge(facts) == Merged({"a": 1}, None, TODAY)
    assert stated(facts, None, node_statement(node(None, a=1)), "2027-01-01") is None


def test_a_changed_statement_without_date_is_dated_anew() -> None:
    facts = told({}, node("s", a=1))
    changed = stated(facts, "s", node_statement(node("s", a=2)), "2027-01-01")
    assert changed is not None
    assert merge(changed) == Merged({"a": 2}, "s", "2027-01-01")


def test_a_date_of_its_own_is_part_of_the_statement() -> None:
    facts = told({}, node("s", "2021", a=1))
    assert stated(facts, "s", node_statement(node("s", "2021", a=1)), TODAY) is None
    assert stated(facts, "s", node_statement(node("s", None, a=1)), TODAY) is None
    assert stated(facts, "s", node_statement(node("s", "2022", a=1)), TODAY) is not None


def test_stating_leaves_the_facts_before_alone() -> None:
    facts = told({}, node("s", a=1))
    stated(facts, "s", node_statement(node("s", a=2)), TODAY)
    assert merge(facts).props == {"a": 1}


def test_properties_are_compared_as_json() -> None:
    facts = told({}, node("s", a=(1, 2), b=None))
    assert merge(facts).props == {"a": [1, 2]}
    assert stated(facts, "s", node_statement(node("s", a=[1, 2])), TODAY) is None
    with pytest.raises(orjson.JSONEncodeError):
        node_statement(node("s", a=object()))


@pytest.mark.parametrize(
    ("partial", "whole"),
    [
        ("2021", "2021-01-01"),
        ("2021-10", "2021-10-01"),
        ("2021-10-05", "2021-10-05"),
        ("2021-10-05T08:30", "2021-10-05T08:30"),
    ],
)
def test_a_partial_date_is_its_first_day(partial: str, whole: str) -> None:
    assert filled(partial) == whole


def test_inferred_statements_add_nothing_to_observed_ones() -> None:
    guess = Edge(EdgeType.MAKES, "a", "b", props={"x": 1}, observed_at="2025", inferred=True)
    fact = Edge(EdgeType.MAKES, "a", "b", props={"y": 1}, observed_at="2020", confidence=0.5)
    facts = {"guess": edge_statement(guess), "fact": edge_statement(fact)}
    assert merge(facts) == Merged({"y": 1}, "fact", "2020", 0.5, inferred=False)
    del facts["fact"]
    assert merge(facts) == Merged({"x": 1}, "guess", "2025", 1.0, inferred=True)


_dates = st.sampled_from(["2020", "2020-01", "2020-01-01", "2020-06", "2021"])
_statements = st.lists(
    st.tuples(
        st.sampled_from("abcd"), _dates, st.dictionaries(st.sampled_from("xyz"), st.integers(0, 3))
    ),
    unique_by=lambda said: said[0],
    min_size=1,
)


@given(_statements, st.randoms())
def test_the_merge_knows_no_order_of_arrival(said, random) -> None:
    nodes = [node(source, date, **props) for source, date, props in said]
    shuffled = random.sample(nodes, len(nodes))
    assert merge(told({}, *nodes)) == merge(told({}, *shuffled))


@given(_statements)
def test_each_property_is_that_of_its_best_source(said) -> None:
    merged = merge(told({}, *(node(source, date, **props) for source, date, props in said)))
    best = sorted(said, key=lambda one: one[0])
    best.sort(key=lambda one: filled(one[1]), reverse=True)
    assert (merged.source, merged.observed_at) == best[0][:2]
    expected = {
        name: next(props[name] for _, _, props in best if name in props)
        for name in {name for _, _, props in said for name in props}
    }
    assert merged.props == expected
