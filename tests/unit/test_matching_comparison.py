"""Candidates beside each other: the same scores as in a match, and who is ahead by what."""

from collections.abc import Iterator

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import InputError, NotFoundError
from graph_service.matching.recipes import RECIPES
from graph_service.matching.service import Matcher
from graph_service.matching.types import Query, Target
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node, Viewer
from graph_service.store import open_store

NODES = [
    Node("org:发榜", Label.ORGANIZATION, {"name": "甲整机厂", "text": "工业机器人整机"}),
    Node("org:对头", Label.ORGANIZATION, {"name": "丁传动", "text": "谐波减速器"}),
    Node("product:柔轮", Label.PRODUCT, {"name": "柔轮"}),
    Node("demand:1", Label.DEMAND, {"title": "柔轮寿命提升", "text": "柔轮疲劳断裂。"}),
    Node("result:1", Label.RESULT, {"title": "柔轮强化", "text": "提升柔轮疲劳寿命的喷丸。"}),
    Node("result:2", Label.RESULT, {"title": "齿形优化", "text": "降低应力，减少断裂。"}),
    Node("result:3", Label.RESULT, {"title": "口服缓释片", "text": "片剂的制备方法。"}),
    Node("result:敌", Label.RESULT, {"title": "柔轮材料", "text": "柔轮用钢。"}),
]
EDGES = [
    Edge(EdgeType.POSTED, "org:发榜", "demand:1"),
    Edge(EdgeType.CONFLICTS_WITH, "org:对头", "org:发榜"),
    Edge(EdgeType.OWNS, "org:对头", "result:敌"),
    Edge(EdgeType.ABOUT, "demand:1", "product:柔轮"),
    Edge(EdgeType.ABOUT, "result:1", "product:柔轮", confidence=0.7, inferred=True),
]
DEMAND = Query.of_node("demand:1")


@pytest.fixture(scope="module")
def matcher(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Matcher]:
    with open_store(str(tmp_path_factory.mktemp("compare"))) as store:
        store.apply(Batch(nodes=NODES, edges=EDGES))
        fill(store, HashingEmbedder())
        yield Matcher(store, HashingEmbedder())


@pytest.mark.parametrize("recipe", RECIPES)
def test_scores_ranks_and_reasons_are_those_of_a_match(matcher: Matcher, recipe: str) -> None:
    found = matcher.match(DEMAND, to=Target.RESULTS, recipe=recipe, viewer=EVERYONE).as_dict()
    by_id = {candidate["id"]: candidate for candidate in found["candidates"]}
    asked = ["result:2", "result:1"]
    told = matcher.compare(
        DEMAND, to=Target.RESULTS, candidates=asked, recipe=recipe, viewer=EVERYONE
    ).as_dict()
    assert told["candidates"] == [by_id[node_id] for node_id in asked]
    assert told["ranked"] == len(by_id)


def test_every_signal_stands_beside_the_others_and_adds_up(matcher: Matcher) -> None:
    asked = ["result:3", "result:1", "result:2"]
    told = matcher.compare(DEMAND, to=Target.RESULTS, candidates=asked, viewer=EVERYONE).as_dict()
    assert [row["signal"] for row in told["signals"]] == [
        part["signal"] for part in told["candidates"][0]["contributions"]
    ]
    for column, candidate in enumerate(told["candidates"]):
        total = sum(row["contributions"][column] for row in told["signals"])
        assert candidate["id"] == asked[column]
        assert candidate["score"] == pytest.approx(candidate["prior"] + total)
    ahead = {row["signal"]: row["ahead"] for row in told["signals"]}
    assert ahead["products"] == "result:1"
    assert ahead["tier"] is None  # unknown of all three


def test_a_candidate_that_no_retriever_found_is_ranked_too(matcher: Matcher) -> None:
    found = matcher.match(DEMAND, to=Target.RESULTS, recipe="bm25", viewer=EVERYONE)
    assert "result:3" not in [one.node.id for one in found.candidates]
    told = matcher.compare(
        DEMAND,
        to=Target.RESULTS,
        candidates=["result:3", "result:1"],
        recipe="bm25",
        viewer=EVERYONE,
    )
    assert [one.rank for one in told.candidates] == [told.ranked, 1]
    assert told.candidates[0].found_by == []
    assert told.candidates[0].score == 0.0


def test_inferred_hops_of_a_path_are_marked(matcher: Matcher) -> None:
    told = matcher.compare(
        DEMAND, to=Target.RESULTS, candidates=["result:1", "result:2"], viewer=EVERYONE
    )
    steps = told.as_dict()["candidates"][0]["path"]
    assert [step["inferred"] for step in steps] == [False, True]


@pytest.mark.parametrize(
    ("candidates", "says"),
    [
        (["result:1"], "可比较 2 至 4 个候选"),
        ([f"result:{n}" for n in (1, 2, 3, 4, 5)], "可比较 2 至 4 个候选"),
        (["result:1", "result:1"], "两次"),
        (["result:1", "demand:1"], "不能作为候选"),
        (["result:1", "result:敌"], "利益关系"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    matcher: Matcher, candidates: list[str], says: str
) -> None:
    with pytest.raises(InputError, match=says):
        matcher.compare(DEMAND, to=Target.RESULTS, candidates=candidates, viewer=EVERYONE)


def test_an_unknown_candidate_is_not_found(matcher: Matcher) -> None:
    with pytest.raises(NotFoundError, match="result:无"):
        matcher.compare(
            DEMAND, to=Target.RESULTS, candidates=["result:1", "result:无"], viewer=EVERYONE
        )


def test_who_sees_nothing_compares_nothing(matcher: Matcher) -> None:
    stranger = Viewer("stranger", sees_all=False)
    with pytest.raises(NotFoundError):
        matcher.compare(
            Query.of_text("柔轮"),
            to=Target.RESULTS,
            candidates=["result:1", "result:2"],
            viewer=stranger,
        )
