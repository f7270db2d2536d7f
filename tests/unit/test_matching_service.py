"""The matcher on a small graph: directions, reasons, hard filters, determinism."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from embeddings.fill import fill
from embeddings.hashing import HashingEmbedder
from graph_service.errors import InputError, NotFoundError
from graph_service.matching.facts.tiers import valid_tiers
from graph_service.matching.learned.weights import (
    LEARNED,
    Learned,
    TargetWeights,
    Usual,
    shipped,
)
from graph_service.matching.recipes import RECIPES
from graph_service.matching.scores import sigmoid
from graph_service.matching.service import Matcher
from graph_service.matching.types import FoundBy, Query, Target
from graph_service.matching.understand import Question
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Filter, Label, Node
from graph_service.ports import GraphStore
from graph_service.store import open_store

ORG, PRODUCT, DEMAND, RESULT = Label.ORGANIZATION, Label.PRODUCT, Label.DEMAND, Label.RESULT


def _node(node_id: str, label: Label, title: str, text: str = "", **props: object) -> Node:
    key = "name" if label in (ORG, PRODUCT) else "title"
    return Node(node_id, label, {key: title, "text": text, **props}, source="test")


def _edge(type_: EdgeType, start: str, end: str, **more: object) -> Edge:
    return Edge(type_, start, end, source="test", observed_at="2026-01", **more)  # type: ignore[arg-type]


NODES = [
    _node("org:poster", ORG, "甲整机厂", "工业机器人整机", district="东区"),
    _node("org:maker", ORG, "乙精工", "专做关节传动件", district="东区", tiers=["小巨人"]),
    _node("org:far", ORG, "丙制药", "口服制剂", district="西区"),
    _node("org:foe", ORG, "丁传动", "谐波减速器与关节传动件", district="东区"),
    _node("org:steel", ORG, "戊特钢", "轴承钢棒材", district="西区"),
    _node("product:谐波减速器", PRODUCT, "谐波减速器"),
    _node("product:减速器", PRODUCT, "减速器"),
    _node("product:轴承钢", PRODUCT, "轴承钢"),
    _node(
        "demand:1", DEMAND, "谐波减速器寿命提升", "柔轮疲劳断裂，需要寿命大于一万小时的谐波减速器。"
    ),
    _node("demand:2", DEMAND, "减速器柔轮开裂", "谐波减速器柔轮在高速下疲劳断裂。"),
    _node("result:1", RESULT, "柔轮表面强化方法", "一种提升柔轮疲劳寿命的喷丸工艺。", trl=7),
    _node("result:2", RESULT, "口服缓释片", "一种口服缓释片剂的制备方法。"),
    _node("result:own", RESULT, "柔轮疲劳试验方法", "柔轮疲劳寿命试验。"),
]
EDGES = [
    _edge(EdgeType.POSTED, "org:poster", "demand:1"),
    _edge(EdgeType.OWNS, "org:poster", "result:own"),
    _edge(EdgeType.MAKES, "org:maker", "product:谐波减速器", confidence=0.9),
    _edge(EdgeType.MAKES, "org:foe", "product:谐波减速器", confidence=0.9),
    _edge(EdgeType.MAKES, "org:steel", "product:轴承钢"),
    _edge(EdgeType.NEEDS, "org:poster", "product:谐波减速器"),
    _edge(EdgeType.SUBTYPE_OF, "product:谐波减速器", "product:减速器"),
    _edge(
        EdgeType.UPSTREAM_OF, "product:轴承钢", "product:谐波减速器", inferred=True, confidence=0.6
    ),
    _edge(EdgeType.CONFLICTS_WITH, "org:foe", "org:poster"),
    _edge(EdgeType.OWNS, "org:maker", "result:1"),
    _edge(EdgeType.ABOUT, "result:1", "product:谐波减速器"),
]


def _filled(folder: Path) -> GraphStore:
    store = open_store(str(folder / "store"))
    store.apply(Batch(nodes=NODES, edges=EDGES))
    fill(store, HashingEmbedder())
    return store


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GraphStore]:
    """Only read: what a test writes would be seen by the next."""
    with _filled(tmp_path_factory.mktemp("matching")) as opened:
        yield opened


@pytest.fixture(scope="module")
def matcher(store: GraphStore) -> Matcher:
    return Matcher(store, HashingEmbedder())


@pytest.mark.parametrize("recipe", RECIPES)
@pytest.mark.parametrize("to", Target)
@pytest.mark.parametrize(
    "query",
    [
        Query.of_node("demand:1"),
        Query.of_node("result:1"),
        Query.of_node("org:maker"),
        Query.of_text("谐波减速器柔轮疲劳断裂"),
    ],
    ids=["demand", "result", "organization", "text"],
)
def test_contributions_add_up_in_every_direction(
    matcher: Matcher, recipe: str, to: Target, query: Query
) -> None:
    answer = matcher.match(query, to=to, recipe=recipe, viewer=EVERYONE).as_dict()
    assert answer["recipe"] == recipe
    scores = [candidate["score"] for candidate in answer["candidates"]]
    assert scores == sorted(scores, reverse=True)
    for rank, candidate in enumerate(answer["candidates"], start=1):
        parts = sum(part["contribution"] for part in candidate["contributions"])
        assert candidate["prior"] + parts == pytest.approx(candidate["score"], abs=1e-12)
        assert candidate["rank"] == rank
        assert candidate["label"] == to.label
        assert candidate["found_by"]
        assert candidate["id"] != query.node_id
        if recipe == "full" and to in shipped().targets:
            assert candidate["probability"] == pytest.approx(sigmoid(candidate["score"]))
        else:
            assert candidate["probability"] is None


def test_a_demand_finds_its_maker_over_the_product_with_the_path(matcher: Matcher) -> None:
    best = matcher.match(
        Query.of_node("demand:1"), to=Target.ORGANIZATIONS, viewer=EVERYONE
    ).candidates[0]
    assert best.node.id == "org:maker"
    mention, makes = (step.as_dict() for step in best.path)
    assert (mention["type"], mention["inferred"]) == ("ABOUT", True)
    assert (makes["type"], makes["inferred"], makes["confidence"]) == ("MAKES", False, 0.9)
    assert makes["source"] == "test"
    assert makes["observed_at"] == "2026-01"
    parts = {part.signal: part for part in best.contributions}
    assert parts["products"].value
    assert parts["district"].value == 1.0
    assert parts["tier"].value == pytest.approx(0.7)


def test_conflicts_are_a_hard_filter_and_so_is_the_poster(matcher: Matcher) -> None:
    found = matcher.match(
        Query.of_node("demand:1"), to=Target.ORGANIZATIONS, top=100, viewer=EVERYONE
    ).candidates
    ids = {candidate.node.id for candidate in found}
    assert "org:maker" in ids
    assert not ids & {"org:foe", "org:poster"}
    results = matcher.match(
        Query.of_node("demand:1"), to=Target.RESULTS, top=100, viewer=EVERYONE
    ).candidates
    assert "result:own" not in {candidate.node.id for candidate in results}


def test_a_merged_demand_does_not_find_itself(tmp_path: Path) -> None:
    with _filled(tmp_path) as store:
        twin = _node("demand:twin", DEMAND, "谐波减速器寿命提升", "柔轮疲劳断裂。")
        store.apply(Batch([twin]))
        store.apply(Batch(merges=[("demand:twin", "demand:1")]))
        found = Matcher(store, None).match(
            Query.of_node("demand:twin"), to=Target.DEMANDS, viewer=EVERYONE
        )
    assert {candidate.node.id for candidate in found.candidates} == {"demand:2"}


def test_what_the_graph_leads_to_passes_the_filter_of_ids_too(matcher: Matcher) -> None:
    found = matcher.match(
        Query.of_node("demand:1"),
        to=Target.ORGANIZATIONS,
        where=Filter(ids=frozenset({"org:far"})),
        viewer=EVERYONE,
    )
    assert {candidate.node.id for candidate in found.candidates} <= {"org:far"}


def test_partners_are_who_is_alike_where_the_filter_leaves_no_walk(matcher: Matcher) -> None:
    def found(where: Filter) -> dict[str, set[str]]:
        return {
            candidate.node.id: {by.retriever for by in candidate.found_by}
            for candidate in matcher.match(
                Query.of_node("demand:1"), to=Target.PARTNERS, where=where, viewer=EVERYONE
            ).candidates
        }

    assert found(Filter()) == {"org:steel": {"dense", "graph"}}
    alike = found(Filter(districts=frozenset({"东区"})))
    assert set(alike) == {"org:maker"}
    assert "graph" not in alike["org:maker"]


def test_an_inferred_conflict_bars_nobody(tmp_path: Path) -> None:
    guess = _edge(EdgeType.CONFLICTS_WITH, "org:maker", "org:poster", inferred=True, confidence=0.3)
    with _filled(tmp_path) as store:
        store.apply(Batch(edges=[guess]))
        matcher = Matcher(store, HashingEmbedder())
        found = matcher.match(
            Query.of_node("demand:1"), to=Target.ORGANIZATIONS, viewer=EVERYONE
        ).candidates
    assert "org:maker" in {candidate.node.id for candidate in found}


def test_common_control_bars_a_sister(tmp_path: Path) -> None:
    with _filled(tmp_path) as store:
        group = _node("org:group", ORG, "己集团")
        holds = [_edge(EdgeType.CONTROLS, "org:group", f"org:{it}") for it in ("poster", "maker")]
        store.apply(Batch([group], holds))
        found = Matcher(store, None).match(
            Query.of_node("demand:1"),
            to=Target.ORGANIZATIONS,
            top=100,
            viewer=EVERYONE,
        )
    assert not {"org:maker", "org:group"} & {c.node.id for c in found.candidates}


def test_partners_come_over_the_chain_and_stay_inferred(matcher: Matcher) -> None:
    found = matcher.match(
        Query.of_node("org:maker"), to=Target.PARTNERS, viewer=EVERYONE
    ).candidates
    by_id = {candidate.node.id: candidate for candidate in found}
    assert found[0].node.id in {"org:poster", "org:steel"}
    upstream = [step.as_dict() for step in by_id["org:steel"].path]
    assert [step["type"] for step in upstream] == ["MAKES", "UPSTREAM_OF", "MAKES"]
    assert [step["inferred"] for step in upstream] == [False, True, False]


def test_a_result_names_its_owner(matcher: Matcher) -> None:
    best = matcher.match(Query.of_node("demand:1"), to=Target.RESULTS, viewer=EVERYONE).candidates[
        0
    ]
    assert best.node.id == "result:1"
    assert [owner.id for owner in best.owners] == ["org:maker"]
    words = {w["word"] for p in best.contributions for w in p.evidence.get("words", [])}
    assert "柔轮" in words or "疲劳" in words


def test_unknown_is_neutral(matcher: Matcher) -> None:
    found = matcher.match(
        Query.of_node("demand:1"), to=Target.ORGANIZATIONS, top=100, viewer=EVERYONE
    ).candidates
    stranger = next(c for c in found if c.node.id == "org:far")
    unknown = [part for part in stranger.contributions if part.value is None]
    assert {"products", "chain", "tier"} <= {part.signal for part in unknown}
    assert all(part.contribution == 0 for part in unknown)


def test_filters_hold_for_every_retriever(matcher: Matcher) -> None:
    where = Filter(districts=frozenset({"西区"}))
    for recipe in RECIPES:
        found = matcher.match(
            Query.of_node("demand:1"),
            to=Target.ORGANIZATIONS,
            recipe=recipe,
            where=where,
            viewer=EVERYONE,
        ).candidates
        assert {c.node.id for c in found} <= {"org:far", "org:steel"}


def test_like_demands(matcher: Matcher) -> None:
    found = matcher.match(Query.of_node("demand:1"), to=Target.DEMANDS, viewer=EVERYONE).candidates
    assert [candidate.node.id for candidate in found] == ["demand:2"]


def test_without_an_embedder_words_and_graph_still_match(store: GraphStore) -> None:
    found = Matcher(store, None).match(
        Query.of_node("demand:1"), to=Target.ORGANIZATIONS, viewer=EVERYONE
    )
    assert found.candidates[0].node.id == "org:maker"
    dense = [p for p in found.candidates[0].contributions if p.signal == "dense"]
    assert dense[0].value is None


def test_same_state_same_order(matcher: Matcher, store: GraphStore) -> None:
    query = Query.of_text("谐波减速器 柔轮 疲劳")
    first = matcher.match(query, to=Target.RESULTS, viewer=EVERYONE).as_dict()["candidates"]
    store.refresh(rebuild=True)
    again = matcher.match(query, to=Target.RESULTS, viewer=EVERYONE).as_dict()["candidates"]
    assert first == again


def test_rank_is_match_without_reasons(matcher: Matcher) -> None:
    text = "柔轮疲劳断裂"
    for recipe in RECIPES:
        ranked = matcher.rank(text, Target.RESULTS, recipe, depth=2, viewer=EVERYONE)
        shown = matcher.match(
            Query.of_text(text), to=Target.RESULTS, recipe=recipe, top=2, viewer=EVERYONE
        )
        assert [node_id for node_id, _ in ranked] == [c.node.id for c in shown.candidates]
        assert [score for _, score in ranked] == pytest.approx([c.score for c in shown.candidates])
    ranked = matcher.rank(text, Target.RESULTS, "hybrid", depth=2, viewer=EVERYONE)
    left_out = matcher.rank(
        text, Target.RESULTS, "hybrid", exclude=frozenset({ranked[0][0]}), viewer=EVERYONE
    )
    assert ranked[0][0] not in dict(left_out)


def test_errors_say_what_to_do(matcher: Matcher) -> None:
    with pytest.raises(NotFoundError, match="demand:none"):
        matcher.match(Query.of_node("demand:none"), to=Target.RESULTS, viewer=EVERYONE)
    with pytest.raises(InputError, match="magic") as error:
        matcher.match(Query.of_text("减速器"), to=Target.RESULTS, recipe="magic", viewer=EVERYONE)
    assert "full" in error.value.hint
    with pytest.raises(InputError):
        matcher.match(Query.of_text("？！"), to=Target.RESULTS, viewer=EVERYONE)


def test_search_prefers_the_name_itself(matcher: Matcher) -> None:
    assert matcher.search("谐波减速器", viewer=EVERYONE)[0].node.id == "product:谐波减速器"
    only = matcher.search("减速器", where=Filter(labels=frozenset({DEMAND})), viewer=EVERYONE)
    assert {hit.node.label for hit in only} == {DEMAND}
    assert matcher.search("；；", viewer=EVERYONE) == []


def test_search_finds_an_id_and_a_credit_code(store: GraphStore, matcher: Matcher) -> None:
    code = "91999905QJ7228188H"
    store.apply(Batch(nodes=[_node(f"org:{code}", ORG, "戊机器人")]))
    for text in (f"org:{code}", code, code.lower()):
        best = matcher.search(text, viewer=EVERYONE)[0]
        assert best.node.id == f"org:{code}"
        assert best.found_by[0] == FoundBy("id", 1)
    others = matcher.search(code, where=Filter(labels=frozenset({DEMAND})), viewer=EVERYONE)
    assert {hit.node.label for hit in others} <= {DEMAND}


def test_a_graph_signal_tells_its_own_walk(store: GraphStore, matcher: Matcher) -> None:
    """A maker of the product itself who also makes what goes into it: two signals, two walks."""
    store.apply(Batch(edges=[_edge(EdgeType.MAKES, "org:maker", "product:轴承钢")]))
    found = matcher.match(
        Query.of_node("demand:1"), to=Target.ORGANIZATIONS, viewer=EVERYONE
    ).candidates
    evidence = {c.node.id: {p.signal: p.evidence for p in c.contributions} for c in found}
    assert evidence["org:maker"]["products"]["over"] == ["product:谐波减速器"]
    assert evidence["org:maker"]["chain"] == {
        "over": ["product:谐波减速器", "product:轴承钢"],
        "names": ["谐波减速器", "轴承钢"],
        "inferred": True,
    }
    assert evidence["org:steel"]["products"] == {}


@pytest.mark.parametrize("recipe", ["hybrid", "full"])
def test_a_standard_score_can_be_worked_out_from_its_evidence(
    matcher: Matcher, recipe: str
) -> None:
    for candidate in matcher.match(
        Query.of_node("demand:1"),
        to=Target.RESULTS,
        recipe=recipe,
        viewer=EVERYONE,
    ).candidates:
        for part in candidate.contributions:
            if "mean" in part.evidence:
                raw = part.evidence.get("bm25", part.evidence.get("cosine"))
                told = (raw - part.evidence["mean"]) / part.evidence["deviation"]
                assert told == pytest.approx(part.value, abs=1e-2)
            else:
                assert part.signal not in {"text", "dense", "passage"}


def test_a_guessed_owner_is_not_shown_as_owner(store: GraphStore, matcher: Matcher) -> None:
    guess = _edge(EdgeType.OWNS, "org:far", "result:1", inferred=True, confidence=0.5)
    store.apply(Batch(edges=[guess]))
    found = matcher.match(Query.of_node("demand:1"), to=Target.RESULTS, viewer=EVERYONE).candidates
    owners = {c.node.id: [owner.id for owner in c.owners] for c in found}
    assert owners["result:1"] == ["org:maker"]


@pytest.mark.parametrize(
    ("since", "until", "held"),
    [
        ("2024", "2026", True),
        ("2024-07", "2026-11", True),
        ("2026-11-23", "2026-11-23", True),
        ("2024", "2026-11-22", False),
        ("2024", "2025", False),
        ("2027", "2029", False),
        (None, None, True),
    ],
)
def test_tiers_hold_from_the_first_day_to_the_last(
    since: str | None, until: str | None, held: bool
) -> None:
    props = {"tiers": [{"tier": "小巨人", "from": since, "until": until}]}
    assert valid_tiers(props, date(2026, 11, 23)) == (["小巨人"] if held else [])


def test_full_reduces_the_query_and_plain_recipes_do_not(matcher: Matcher) -> None:
    text = "柔轮的疲劳的断裂的寿命"
    words = {}
    for recipe in ("bm25", "full"):
        best = matcher.match(
            Query.of_text(text), to=Target.RESULTS, recipe=recipe, viewer=EVERYONE
        ).candidates[0]
        evidence = next(part.evidence for part in best.contributions if part.signal == "text")
        words[recipe] = {word["word"] for word in evidence["words"]}
    assert "的" in words["bm25"]
    assert words["full"] == words["bm25"] - {"的"}


def test_english_function_words_are_no_evidence(tmp_path: Path) -> None:
    with _filled(tmp_path) as opened:
        opened.apply(Batch(nodes=[_node("result:en", RESULT, "A review of methods to the end")]))
        fill(opened, HashingEmbedder())
        found = Matcher(opened, HashingEmbedder()).match(
            Query.of_text("how to reduce the wear of steel"), to=Target.RESULTS, viewer=EVERYONE
        )
    parts = [part for one in found.candidates for part in one.contributions]
    assert not [part.evidence["words"] for part in parts if part.evidence.get("words")]


def test_the_first_line_of_a_text_is_its_title_unless_it_is_a_sentence() -> None:
    asked = [
        Question("text", None, text, {})
        for text in ("柔轮寿命\n现需提高寿命。", "我公司成立于1998年。\n现需提高柔轮寿命。", "柔轮")
    ]
    assert [one.title for one in asked] == ["柔轮寿命", "", ""]


def test_nothing_fits_what_has_no_word_of_any_candidate(matcher: Matcher) -> None:
    for to in (Target.RESULTS, Target.ORGANIZATIONS):
        query = Query.of_text("asdfgh qwerty")
        assert matcher.match(query, to=to, viewer=EVERYONE).nothing_fits is True


def test_cosines_less_what_all_demands_have_in_common_are_called_so(store: GraphStore) -> None:
    embedder = HashingEmbedder()
    centre = embedder.embed_queries(["柔轮"])[0]
    for centres in ({}, {embedder.fingerprint: centre}):
        matcher = Matcher(store, embedder, Learned(centres=centres))
        found = matcher.match(Query.of_node("demand:1"), to=Target.RESULTS, viewer=EVERYONE)
        parts = {part.signal: part for part in found.candidates[0].contributions}
        for signal in ("dense", "passage"):
            assert parts[signal].evidence["centred"] is bool(centres)
            assert ("去中心后的余弦" in parts[signal].sentence) is bool(centres)


def test_how_near_the_best_come_is_the_same_for_all_and_told_by_the_encoder(
    store: GraphStore,
) -> None:
    embedder = HashingEmbedder()
    weights = TargetWeights(-1.0, {**dict.fromkeys(LEARNED, 0.1), "nearness": 0.5})
    known = {embedder.fingerprint: Usual((0.0, 0.25), (0.0, 0.5))}
    told = {}
    for usual in ({}, known):
        matcher = Matcher(store, embedder, Learned({Target.RESULTS: weights}, usual=usual))
        for query in (Query.of_node("demand:1"), Query.of_text("谐波减速器柔轮寿命")):
            found = matcher.match(query, to=Target.RESULTS, viewer=EVERYONE)
            parts = [
                next(part for part in one.contributions if part.signal == "nearness")
                for one in found.candidates
            ]
            assert len({part.value for part in parts}) == 1
            told[bool(usual), query.node_id] = parts[0]
    for part in (told[False, "demand:1"], told[False, None]):
        assert part.value is None
        assert part.contribution == 0.0
        assert "没有学过" in part.sentence
    for part in (told[True, "demand:1"], told[True, None]):
        assert part.value is not None
        assert 0 < part.value <= 3
        assert part.contribution == pytest.approx(0.5 * part.value)
        assert "只关系到概率" in part.sentence
