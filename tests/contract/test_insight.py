"""Communities and gaps on every engine: the same for the same data."""

import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest

from graph_service.copying.service import copy
from graph_service.errors import InputError, NotFoundError
from graph_service.insight.comparing import compare
from graph_service.insight.judging import Judging, Nearest, Verdict
from graph_service.insight.saved import SavedSets, groups_of
from graph_service.insight.scope import Scope, read
from graph_service.insight.service import Insight
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node
from graph_service.ports import Store, Whole
from tests.insight_graph import EDGES, NODES
from tests.stores import open_store

TODAY = date(2026, 11, 23)
COARSE = 0.4


def _insight(store: Store, judging: Judging | None = None) -> Insight:
    return Insight(store, judging, lambda: TODAY)


def _told(store: Store, scope: Scope | None = None) -> dict[str, Any]:
    told = _insight(store).communities(scope or Scope(), COARSE, viewer=EVERYONE)
    del told["took_ms"], told["change"]
    return told


def _link(start: str, end: str) -> Edge:
    return Edge(EdgeType.SUPPLIES, start, end)


def _without_places(told: dict[str, Any]) -> dict[str, Any]:
    some = [
        {name: value for name, value in one.items() if name not in ("x", "y")}
        for one in told["communities"]
    ]
    return {**told, "communities": some}


@pytest.fixture
def loaded(store: Store) -> Store:
    store.apply(Batch(NODES, EDGES))
    return store


@pytest.fixture
def reference(tmp_path: Path) -> Iterator[Store]:
    with open_store(str(tmp_path / "reference")) as opened:
        for batch in (Batch(NODES[::-1]), Batch(edges=EDGES[::-1])):
            opened.apply(batch)
        yield opened


def test_engines_and_orders_of_loading_give_the_same(loaded: Store, reference: Store) -> None:
    for scope in (Scope(), Scope(inferred=True), Scope(districts=frozenset({"东区"}))):
        told = [_told(one, scope) for one in (loaded, reference)]
        for one in told:
            del one["layout"]["since"]
        assert told[0] == told[1]
        found = [_insight(one).gaps(scope, viewer=EVERYONE) for one in (loaded, reference)]
        for one in found:
            del one["took_ms"], one["change"]
        assert found[0] == found[1]


def test_a_copy_has_the_same_communities_gaps_and_places(loaded: Whole) -> None:
    scopes = Scope(), Scope(inferred=True)
    before = [_told(loaded, scope) for scope in scopes]
    gaps = _insight(loaded).gaps(Scope(inferred=True), viewer=EVERYONE)
    # What stood there since is kept where it stood, also in a copy: first a firm came and went.
    loaded.apply(Batch([Node("org:客", Label.ORGANIZATION)], [_link("org:客", "org:车")]))
    _told(loaded)
    loaded.apply(Batch(delete_nodes=["org:客"]))
    moved = _told(loaded)
    with TemporaryDirectory() as folder, open_store(f"{folder}/copy") as target:
        copy(loaded, target, viewer=EVERYONE)  # type: ignore[arg-type]
        assert _told(target) == moved
        assert _told(target, scopes[1]) == before[1]
        again = _insight(target).gaps(Scope(inferred=True), viewer=EVERYONE)
    for one in (gaps, again):
        del one["took_ms"], one["change"]
    assert gaps == again
    assert [_without_places(one) for one in (moved, before[0])] == [_without_places(before[0])] * 2


def test_two_chains_are_two_communities_with_what_tells_of_them(loaded: Store) -> None:
    told = _told(loaded)
    assert (told["organizations"], told["linked"]) == (9, 8)
    assert told["links"] == {"observed": 7, "inferred": 0}
    robots, hydrogen = sorted(told["communities"], key=lambda one: -one["size"])
    assert (robots["size"], hydrogen["size"]) == (5, 3)
    assert robots["leaders"][0]["title"] == "丁机器人"
    assert robots["leaders"][0]["chain"]["title"] == "机器人链"
    assert hydrogen["leaders"] == []
    assert robots["links"] == 4
    assert robots["density"] == 0.4
    assert robots["name"]["inferred"] is True
    assert re.fullmatch(r"\S+群落", robots["name"]["text"])
    assert robots["tiers"] == {"counts": {"专精特新": 1, "单项冠军": 1, "小巨人": 1}, "unknown": 2}
    assert robots["outward"] == [{"community": hydrogen["id"], "links": 1, "observed": 1}]
    assert (robots["demands"]["open"], hydrogen["demands"]["open"]) == (1, 0)
    assert [one["links"] for one in told["bundles"]] == [1]


def test_a_district_s_links_outside_are_counted(loaded: Store) -> None:
    told = _told(loaded, Scope(districts=frozenset({"东区"})))
    assert told["organizations"] == 4
    assert told["outside"] == 2  # 丁机器人 and 壬大学
    [one] = told["communities"]
    assert one["outward"] == [{"community": None, "links": 2, "observed": 2}]


def test_a_chain_is_who_is_in_it(loaded: Store) -> None:
    facts = read(loaded, Scope(chain="chain:2"))
    assert sorted(facts.firms) == ["org:堆", "org:膜", "org:车"]
    with pytest.raises(NotFoundError):
        read(loaded, Scope(chain="chain:9"))
    with pytest.raises(InputError):
        read(loaded, Scope(chain="org:车"))


def test_what_began_later_or_is_inferred_counts_only_where_asked(loaded: Store) -> None:
    def supplies(**asked: Any) -> int:
        return len(read(loaded, Scope(**asked)).of(EdgeType.SUPPLIES))

    assert [supplies(until=day) for day in ("2018", "2019", "2022", "2024")] == [0, 1, 2, 5]
    partners = [len(read(loaded, Scope(inferred=one)).of(EdgeType.PARTNERED)) for one in (0, 1)]
    assert partners == [2, 3]


def test_a_community_opened_has_its_firms_and_links(loaded: Store) -> None:
    insight = _insight(loaded)
    made = insight.picture(Scope(), COARSE, viewer=EVERYONE)
    id_ = max(made.communities, key=lambda one: len(made.communities[one].members))
    told = insight.community(id_, Scope(), COARSE, links=2, viewer=EVERYONE)
    assert (len(told["members"]), len(told["links"]), told["more_links"]) == (5, 2, 2)
    around = told["community"]
    for one in told["members"]:
        far = ((one["x"] - around["x"]) ** 2 + (one["y"] - around["y"]) ** 2) ** 0.5
        assert far + one["r"] <= around["r"] + 0.05
    assert [one["id"] for one in told["demands"]] == ["demand:1"]
    supplied = next(one for one in told["links"] if "SUPPLIES" in one["kinds"])
    assert supplied["inferred"] is False
    with pytest.raises(NotFoundError):
        insight.open("0-none", Scope(), viewer=EVERYONE)


def test_organizations_are_found_with_the_communities_that_they_are_in(loaded: Store) -> None:
    insight = _insight(loaded)

    def found(typed: str, scope: Scope) -> dict[str, int]:
        told = insight.find(typed, scope, COARSE, viewer=EVERYONE)
        return {one["title"]: len(one["path"]) for one in told["organizations"]}

    assert found("jiqiren", Scope()) == {"丁机器人": 1}  # no chain, though one is called so
    assert found("辛", Scope()) == {"辛孤家": 0}  # nothing links it
    east = Scope(districts=frozenset({"东区"}))
    assert (found("厂", east), found("丁", east)) == (
        {"甲钢厂": 1, "乙柔轮厂": 1, "丙减速器厂": 1},
        {},
    )
    assert found("厂", Scope(districts=frozenset({"南区"}))) == {}
    [one] = insight.find("庚", Scope(), COARSE, viewer=EVERYONE)["organizations"]
    _, opened = insight.open(one["path"][-1]["id"], Scope(), COARSE, viewer=EVERYONE)
    assert one["id"] in [member.node.id for member in opened.members]


def test_gaps_of_the_whole(loaded: Store) -> None:
    told = _insight(loaded).gaps(Scope(), viewer=EVERYONE)
    [sensor] = told["missing"]["gaps"]
    assert (sensor["product"]["title"], sensor["basis"], sensor["inferred"]) == (
        *("传感器", "needs"),
        False,
    )
    [near] = sensor["nearest"]
    assert (near["id"], near["hops"], near["inferred"], near["inside"]) == (
        "result:1",
        1,
        True,
        True,
    )
    assert [owner["title"] for owner in near["owners"]] == ["壬大学"]
    single = {gap["product"]["title"]: gap for gap in told["single_source"]["gaps"]}
    assert single["减速器"]["makers"] == [{"id": "org:器", "title": "丙减速器厂"}]  # makes a kind
    assert single["柔轮"]["basis"] == "supplies"
    assert [one["title"] for one in told["leaderless"]["chains"]] == ["氢能链"]
    tally = {"open": 1, "unmet": 0, "fitting": 0, "unknown": 0, "unjudged": 1}
    assert told["demands"] == tally


def test_what_nobody_in_a_district_makes_may_be_made_outside(loaded: Store) -> None:
    told = _insight(loaded).gaps(Scope(districts=frozenset({"西区"})), viewer=EVERYONE)
    missing = {gap["product"]["title"]: gap for gap in told["missing"]["gaps"]}
    assert set(missing) == {"减速器", "传感器", "谐波减速器"}
    [outside] = [one for one in missing["减速器"]["nearest"] if one["label"] == "Organization"]
    assert (outside["title"], outside["inside"], outside["hops"]) == ("丙减速器厂", False, 2)
    assert [step["type"] for step in outside["path"]] == ["MAKES", "SUBTYPE_OF"]


def test_unmet_demands_are_those_that_were_judged_so(loaded: Store) -> None:
    near = Nearest(NODES[0], 0.1, (), ())
    judging = Judging(lambda _: Verdict(fits=False, nearest=[near]), aside=False)
    told = _insight(loaded, judging).gaps(Scope(), viewer=EVERYONE)
    [unmet] = told["unmet"]["demands"]
    assert (unmet["demand"]["id"], unmet["demand"]["verdict"]) == ("demand:1", "unmet")
    assert unmet["nearest"][0]["inferred"] is True
    assert told["judging"] == {"done": 1, "of": 1, "warning": None}


def test_sets_are_kept_changed_compared_and_forgotten(loaded: Store) -> None:
    insight, sets = _insight(loaded), SavedSets(loaded)
    made = insight.picture(Scope(), COARSE, viewer=EVERYONE)
    before = loaded.stats()["change"]
    saved = sets.save(made, " 三季度 ", "首次", viewer=EVERYONE)
    assert (saved["name"], saved["count"], saved["version"]) == ("三季度", 2, 1)
    assert loaded.stats()["change"] == before
    loaded.apply(
        Batch(
            nodes=[Node("org:新", Label.ORGANIZATION, {"name": "癸新厂"})],
            edges=[Edge(EdgeType.SUPPLIES, "org:新", "org:车")],
            delete_nodes=["org:钢"],
        )
    )
    again = insight.picture(Scope(), COARSE, viewer=EVERYONE)
    _, groups = sets.groups(saved["id"], viewer=EVERYONE)
    found = compare(groups, groups_of(again))
    assert (found.came, found.left) == ({"org:新"}, {"org:钢"})
    assert [(len(one.stayed), len(one.came), len(one.left)) for one in found.pairs] == [
        (4, 0, 1),
        (3, 1, 0),
    ]
    changed = sets.change(saved["id"], note="已核对", viewer=EVERYONE)
    assert (changed["name"], changed["note"], changed["version"]) == ("三季度", "已核对", 2)
    assert [one["id"] for one in sets.page(viewer=EVERYONE).sets] == [saved["id"]]
    sets.delete(saved["id"], viewer=EVERYONE)
    assert sets.page(viewer=EVERYONE).sets == []
    with pytest.raises(NotFoundError):
        sets.get(saved["id"], viewer=EVERYONE)
    with pytest.raises(InputError):
        sets.save(made, " ", viewer=EVERYONE)
