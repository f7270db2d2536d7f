"""Pairs for training: what makes one, what is held back, and that batches hold nothing twice."""

from hypothesis import given
from hypothesis import strategies as st

from embeddings.adapting import pairs
from embeddings.adapting.pairs import Kind, Pair
from graph_service.model import Label, Node

TEXT = "针对柔轮在交变载荷下的疲劳裂纹，提出一种表面强化工艺。"

node_ids = st.sampled_from([f"n{i}" for i in range(12)])
words = st.sampled_from(
    ["谐波减速器", "谐波 减速器", "电机", "污水处理", "焊接机器人", TEXT, TEXT + "。"]
)
some_pairs = st.lists(st.builds(Pair, st.sampled_from(Kind), node_ids, words, words), max_size=60)


def _node(label: Label, **props: object) -> Node:
    return Node("x", label, props)


def test_each_kind_of_node_gives_its_pairs() -> None:
    result = _node(
        Label.RESULT, title="柔轮强化", text=f"柔轮强化{TEXT}", keywords=["柔轮", "疲劳"]
    )
    assert [(one.kind, one.anchor, one.positive) for one in pairs.pairs_of(result)] == [
        (Kind.TITLE, "柔轮强化", TEXT),  # what repeats the title is cut off
        (Kind.KEYWORDS, "柔轮 疲劳", TEXT),
    ]
    demand = _node(Label.DEMAND, title="求柔轮", text=TEXT * 20)
    need, details = pairs.pairs_of(demand)
    assert (need.kind, details.kind) == (Kind.NEED, Kind.DETAILS)
    assert len(need.positive) == len(details.positive) == 220
    product = _node(Label.PRODUCT, name="柔轮", text=TEXT)
    assert [one.kind for one in pairs.pairs_of(product)] == [Kind.PRODUCT]
    firm = _node(Label.ORGANIZATION, name="虚构公司", text=f"虚构公司{TEXT * 6}")
    (profile,) = pairs.pairs_of(firm)
    assert profile.kind == Kind.PROFILE
    assert "虚构公司" not in profile.anchor + profile.positive, "the name would give it away"
    for silent in (
        _node(Label.RESULT, title="柔轮强化"),
        _node(Label.RESULT, title="柔轮强化", text="太短"),
        _node(Label.ORGANIZATION, name="虚构公司", text=TEXT),
        _node(Label.PRODUCT, text=TEXT),
    ):
        assert list(pairs.pairs_of(silent)) == []


def test_an_accepted_match_is_a_pair_of_the_demand() -> None:
    demand = Node("d", Label.DEMAND, {"title": "求柔轮", "text": TEXT})
    result = Node("r", Label.RESULT, {"title": "柔轮强化", "text": TEXT})
    (pair,) = pairs.accepted_pair(demand, result)
    assert (pair.kind, pair.node) == (Kind.ACCEPTED, "d")
    assert pair.anchor.startswith("求柔轮")
    assert pair.positive.startswith("柔轮强化")
    assert list(pairs.accepted_pair(demand, Node("r", Label.RESULT))) == []


def test_about_a_tenth_is_held_back_by_node() -> None:
    out = [id_ for id_ in map(str, range(2000)) if pairs.held(id_)]
    assert 150 < len(out) < 250
    assert Pair(Kind.TITLE, out[0], "a", "b").held


@given(some_pairs, st.integers(1, 30), st.integers(0, 3))
def test_what_is_chosen_is_the_same_each_time_and_nothing_comes_twice(
    found: list[Pair], limit: int, seed: int
) -> None:
    chosen = pairs.chosen(found, limit, seed=seed)
    assert chosen == pairs.chosen(list(reversed(found)), limit, seed=seed)
    assert len(chosen) <= limit
    assert set(chosen) <= set(found)
    told = [(one.anchor.replace(" ", ""), one.positive.replace(" ", "")) for one in chosen]
    assert len(set(told)) == len(told)
    assert all(anchor != positive for anchor, positive in told)


def test_accepted_matches_are_chosen_before_all_others() -> None:
    titles = [Pair(Kind.TITLE, f"t{i}", f"题目{i}", f"{i}{TEXT}") for i in range(50)]
    accepted = [Pair(Kind.ACCEPTED, f"d{i}", f"需求{i}", f"{i}{TEXT}") for i in range(4)]
    chosen = pairs.chosen([*titles, *accepted], 10, seed=1)
    assert set(accepted) < set(chosen)
    assert chosen[:4] != accepted, "among the others, not at their head"


@given(some_pairs, st.integers(2, 6))
def test_within_a_batch_no_other_pair_is_right_as_well(found: list[Pair], size: int) -> None:
    made = pairs.batches(found, size)
    flat = [id(one) for batch in made for one in batch]
    assert len(set(flat)) == len(flat)
    for batch in made:
        assert len(batch) == size
        for field in ("node", "anchor", "positive"):
            told = [getattr(one, field).replace(" ", "") for one in batch]
            assert len(set(told)) == size
    # Only what fits into no batch is left out: of many that differ in all, fewer than a batch.
    apart = [Pair(Kind.TITLE, str(i), f"问题{i}", f"{i}{TEXT}") for i in range(23)]
    assert sum(map(len, pairs.batches(apart, size))) == 23 // size * size


def test_short_anchors_and_long_ones_stand_apart_until_the_rest() -> None:
    short = [Pair(Kind.TITLE, f"t{i}", f"题目{i}", f"{i}{TEXT}") for i in range(10)]
    long = [Pair(Kind.PROFILE, f"f{i}", f"{i}{TEXT * 3}", f"{TEXT}{i}") for i in range(6)]
    mixed = [one for i in range(10) for one in (short[i], *long[i : i + 1])]
    told = [[one.kind for one in batch] for batch in pairs.batches(mixed, 4)]
    assert told == [
        [Kind.TITLE] * 4,
        [Kind.PROFILE] * 4,
        [Kind.TITLE] * 4,
        [Kind.PROFILE] * 2 + [Kind.TITLE] * 2,
    ]
