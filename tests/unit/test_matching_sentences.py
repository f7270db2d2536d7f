"""Each signal in a sentence that a broker reads; and facts in a whole match."""

from collections.abc import Iterator
from typing import Any

import pytest

from graph_service.matching.facts import sayings
from graph_service.matching.factual import FACT_WEIGHTS
from graph_service.matching.sentences import TITLES, sentence
from graph_service.matching.service import Matcher
from graph_service.matching.types import Contribution, Query, Target
from graph_service.model import EVERYONE, Batch
from graph_service.ports import GraphStore
from graph_service.store import open_store
from tests.facts_graph import EDGES, NODES


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    with open_store(str(tmp_path_factory.mktemp("facts") / "store")) as opened:
        opened.apply(Batch(nodes=NODES, edges=EDGES))
        yield opened


@pytest.fixture(scope="module")
def found(store: GraphStore) -> dict[str, dict[str, dict[str, Any]]]:
    """Contributions by candidate and signal, of a match to results."""
    answer = Matcher(store, None).match(
        Query.of_node("demand:1"), to=Target.RESULTS, viewer=EVERYONE
    )
    parts = {}
    for one in answer.as_dict()["candidates"]:
        total = one["prior"] + sum(part["contribution"] for part in one["contributions"])
        assert one["score"] == pytest.approx(total, abs=1e-12)
        parts[one["id"]] = {part["signal"]: part for part in one["contributions"]}
    return parts


def test_all_facts_of_a_fitting_result_speak_for_it(
    found: dict[str, dict[str, dict[str, Any]]],
) -> None:
    values = {name: found["result:fit"][name]["value"] for name in FACT_WEIGHTS}
    tier = values.pop("tier")
    load = values.pop("load")
    assert tier == pytest.approx(0.7)
    assert load == 0.0  # what its owner won has ended
    assert set(values.values()) == {1.0}


def test_facts_of_another_speak_against_it(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    values = {name: found["result:unfit"][name]["value"] for name in FACT_WEIGHTS}
    assert values.pop("district") == 0.0
    assert (values.pop("tier"), values.pop("cooperation")) == (None, None)
    assert all(value < 0 for value in values.values())


def test_what_is_not_told_adds_nothing(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    for name in FACT_WEIGHTS:
        part = found["result:bare"][name]
        assert (part["value"], part["contribution"]) == (None, 0.0)
        assert "未知" in part["sentence"]


def test_facts_are_bounded_and_not_learned(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    for parts in found.values():
        for name, weight in FACT_WEIGHTS.items():
            assert abs(parts[name]["contribution"]) <= weight
            assert parts[name]["learned"] is False


def test_the_sentences_of_a_match(found: dict[str, dict[str, dict[str, Any]]]) -> None:
    said = {name: part["sentence"] for name, part in found["result:fit"].items()}
    assert said["indicators"] == (
        "技术指标：达到 1 项、未达到 0 项、未知 1 项："
        "要求“需求内容：柔轮的抗拉强度≥900MPa，伸长率≥10%。”，"
        "候选写明“所得柔轮抗拉强度为950MPa。”（达到）（推断，把握 0.66），加 0.600 分。"
    )
    assert said["trl"] == (
        "成熟度：需求要中试（一般需 6 级），成果为 7 级，已够（推断，把握 0.70），加 0.150 分。"
    )
    assert said["budget"] == "预算：预算 100 万元，价格 60 万元，够，加 0.150 分。"
    assert said["term"] == "期限：期限 12 个月，交付 6 个月，够（推断，把握 0.70），加 0.100 分。"
    assert said["licence"] == "合作方式：需求要许可，候选给许可，相合，加 0.150 分。"
    assert said["district"] == "区县：同在东区，加 0.200 分。"
    assert said["tier"] == "梯度：现为小巨人，加 0.140 分。"
    assert said["cooperation"] == "以往合作：与乙精工中过对方的榜（2023-04），加 0.200 分。"
    assert said["load"] == "在手任务：中过的榜都已了结，不加分也不减分。"
    against = {name: part["sentence"] for name, part in found["result:unfit"].items()}
    assert "（未达到）" in against["indicators"]
    assert "成果为 3 级（由阶段推定），还差 3 级" in against["trl"]
    assert against["load"] == "在手任务：手上有 1 项中榜任务：“轴承点蚀”，减 0.050 分。"
    assert against["licence"].endswith("不相合，可以再谈，减 0.075 分。")


def test_from_the_result_the_demand_is_held_against_it(store: GraphStore) -> None:
    answer = Matcher(store, None).match(
        Query.of_node("result:fit"), to=Target.DEMANDS, viewer=EVERYONE
    )
    best = next(one for one in answer.candidates if one.node.id == "demand:1")
    parts = {part.signal: part for part in best.contributions}
    assert {name: parts[name].value for name in ("indicators", "trl", "budget", "licence")} == {
        "indicators": 1.0,
        "trl": 1.0,
        "budget": 1.0,
        "licence": 1.0,
    }
    assert "load" not in parts  # that of the query is the same for all


def test_firms_have_no_maturity(store: GraphStore) -> None:
    answer = Matcher(store, None).match(
        Query.of_text("甲整机厂 乙精工 丙轴承"), to=Target.ORGANIZATIONS, viewer=EVERYONE
    )
    for one in answer.candidates:
        told = {part.signal for part in one.contributions}
        assert {"indicators", "district", "load"} <= told
        assert not {"trl", "budget", "licence"} & told


def test_like_demands_are_not_held_against_each_other(store: GraphStore) -> None:
    answer = Matcher(store, None).match(
        Query.of_text("柔轮强化"), to=Target.DEMANDS, viewer=EVERYONE
    )
    told = {part.signal for part in answer.candidates[0].contributions}
    assert not {"indicators", "trl", "load"} & told


def test_every_fact_has_its_sayings() -> None:
    assert set(FACT_WEIGHTS) == set(sayings.TITLES) == set(sayings.SAYING) == set(sayings.UNKNOWN)


@pytest.mark.parametrize("signal", TITLES)
def test_every_signal_can_be_unknown(signal: str) -> None:
    said = sentence(Contribution(signal, None, 1.0))
    assert said.startswith(f"{TITLES[signal]}：未知，不加分也不减分")
    assert said.endswith("。")


@pytest.mark.parametrize(
    ("part", "said"),
    [
        (
            Contribution(
                "text", 1.3, 1.0,
                {"bm25": 12.34, "mean": 8.0, "deviation": 3.3,
                 "words": [{"word": "柔轮", "bm25": 6.2}, {"word": "的", "bm25": 0.01}]},
            ),
            "字词：共有“柔轮”，BM25 12.340，比前列的平均高 1.30 个标准差，加 1.300 分。",
        ),
        (
            Contribution("text", 2.5, 1.0, {"bm25": 2.5, "words": []}),
            "字词：没有共同的词，BM25 2.500，加 2.500 分。",
        ),
        (
            Contribution("dense", 1 / 61, 1.0, {"cosine": 0.83}),
            "语义：全文余弦 0.830，按名次折合 0.0164，加 0.016 分。",
        ),
        (
            Contribution("dense", 0.03, 1.0, {"cosine": 0.03, "centred": True}),
            "语义：全文去中心后的余弦 0.030，加 0.030 分。",
        ),
        (
            Contribution(
                "passage", -0.5, 0.2,
                {"cosine": 0.8, "mean": 0.85, "deviation": 0.1, "passage": " 喷丸\n"},
            ),
            "段落：最相近的一段是“喷丸”，余弦 0.800，比前列的平均低 0.50 个标准差，减 0.100 分。",
        ),
        (
            Contribution("chain", 0.2, 6.0, {"names": ["柔轮", "轴承钢"], "inferred": True}),
            "产业链：经由“柔轮”、“轴承钢”在产业链上相连，其中有推断，强度 0.20，加 1.200 分。",
        ),
        (
            Contribution("trl", None, 0.15, {"asked": None, "offered": 7, "inferred": True}),
            "成熟度：未知，不加分也不减分（成果为 7 级，需求没有写明要到哪个阶段）。",
        ),
        (
            Contribution(
                "budget", None, 0.15,
                {"asked": {"low": 50.0, "high": 100.0}, "offered": None, "unit": "万元"},
            ),
            "预算：未知，不加分也不减分（预算 50–100 万元，价格没有写明）。",
        ),
        (
            Contribution(
                "indicators", None, 0.6,
                {"met": 0, "unmet": 0, "unknown": 1, "indicators": [
                    {"asked": {"passage": "在60℃下寿命≥2年"}, "offered": {"passage": "寿命1年"}},
                ]},
            ),
            (
                "技术指标：未知，不加分也不减分（需求的 1 项指标，候选都没有可以对照的说法；"
                "相近的说法：要求“在60℃下寿命≥2年”，候选写明“寿命1年”，"
                "对象、条件或比法不同，不作判断）。"
            ),
        ),
        (Contribution("unheard", 0.25, 2.0), "unheard：数值 0.250，加 0.500 分。"),
    ],
)  # fmt: skip
def test_a_sentence_says_what_was_compared(part: Contribution, said: str) -> None:
    assert sentence(part) == said
