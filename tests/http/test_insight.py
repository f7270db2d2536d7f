"""Communities, gaps and sets over HTTP, on the fictional city; and that city against Louvain."""

from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx
import openpyxl
import pytest
from fastapi.testclient import TestClient
from networkx.algorithms import community

from api.http.schemas import community_sets
from api.http.schemas import insight as schemas
from graph_service.insight.scope import Scope
from graph_service.insight.service import RESOLUTIONS, Insight
from graph_service.model import EVERYONE
from graph_service.store import open_store
from tests.http.conftest import Serving, a_problem, load_city

API = "/api/v1"


@pytest.fixture(scope="module")
def first(city: TestClient) -> dict[str, Any]:
    answer = city.get(f"{API}/communities")
    assert answer.status_code == 200, answer.text
    schemas.CommunitiesAnswer.model_validate(answer.json())
    told: dict[str, Any] = answer.json()
    return told


def _sheets(content: bytes) -> dict[str, list[tuple[Any, ...]]]:
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    return {sheet.title: list(sheet.values) for sheet in book.worksheets}


def test_the_city_has_communities_that_open(city: TestClient, first: dict[str, Any]) -> None:
    assert sum(one["size"] for one in first["communities"]) == first["linked"]
    assert any(one["leaders"] for one in first["communities"])
    for one in first["communities"][:3]:
        opened = city.get(f"{API}/communities/{one['id']}").json()
        schemas.CommunityAnswer.model_validate(opened)
        assert len(opened["members"]) == one["size"]
    again = city.get(f"{API}/communities").json()
    assert {**again, "took_ms": 0} == {**first, "took_ms": 0}


def test_what_cannot_be_asked_is_a_problem(city: TestClient) -> None:
    a_problem(city.get(f"{API}/communities/0-none"), "not_found")
    a_problem(city.get(f"{API}/communities", params={"chain": "chain:none"}), "not_found")
    a_problem(city.get(f"{API}/communities", params={"type": "LOCATED_IN"}), "input")
    a_problem(city.get(f"{API}/communities", params={"resolution": 0}), "input")
    a_problem(city.get(f"{API}/community-sets/none"), "not_found")


def test_tables_have_sources_and_dates(city: TestClient, first: dict[str, Any]) -> None:
    sheets = _sheets(city.get(f"{API}/communities/table").content)
    assert list(sheets) == ["说明", "群落", "成员", "联系", "群落之间", "在榜需求"]
    assert len(sheets["成员"]) == 1 + first["linked"]
    for name in ("成员", "联系"):
        head, *rows = sheets[name]
        source, day = head.index("来源"), head.index("数据日期")
        assert all(row[source] and row[day] for row in rows)
    links = sheets["联系"]
    assert {row[links[0].index("观测或推断")] for row in links[1:]} == {"观测", "推断"}
    one = first["communities"][0]
    opened = _sheets(city.get(f"{API}/communities/{one['id']}/table").content)
    assert len(opened["成员"]) == 1 + one["size"]


def test_gaps_name_what_is_nearest(city: TestClient) -> None:
    told = city.get(f"{API}/gaps").json()
    schemas.GapsAnswer.model_validate(told)
    gaps = told["missing"]["gaps"]
    assert told["missing"]["total"] >= len(gaps) > 0
    for gap in gaps:
        makers = {one["id"] for one in gap["needers"]}
        for near in gap["nearest"]:
            assert near["id"] not in makers
            assert near["path"][0]["from"]["id"] == near["id"]
            assert near["path"][-1]["to"]["id"] == gap["product"]["id"]
            assert near["inferred"] == any(step["inferred"] for step in near["path"])
    sheets = _sheets(city.get(f"{API}/gaps/table").content)
    both = told["missing"]["total"] + told["single_source"]["total"]
    assert len(sheets["补链清单"]) == 1 + both


def test_sets_are_saved_compared_and_deleted(serving: Serving, served: str) -> None:
    load_city(served)
    with serving() as client:
        body = {"name": "细分", "note": "首次", "scope": {"resolution": 2}}
        saved = client.post(f"{API}/community-sets", json=body)
        assert saved.status_code == 201, saved.text
        id_ = saved.json()["id"]
        assert saved.headers["Location"] == f"{API}/community-sets/{id_}"
        content = client.get(f"{API}/community-sets/{id_}").json()
        community_sets.SetContentAnswer.model_validate(content)
        two = {"before": {"set": id_}, "after": {"scope": {"resolution": 0.5}}}
        found = client.post(f"{API}/community-comparisons", json=two).json()
        community_sets.CommunityComparison.model_validate(found)
        assert found["before"]["title"] == "细分"
        assert found["merges"]
        same = {"before": {"set": id_}, "after": {"scope": {"resolution": 2}}}
        assert client.post(f"{API}/community-comparisons", json=same).json()["agreement"] == 1
        table = client.post(f"{API}/community-comparisons/table", json=two)
        assert list(_sheets(table.content)) == ["说明", "对应", "拆分与合并"]
        changed = client.patch(f"{API}/community-sets/{id_}", json={"name": "再命名"}).json()
        assert (changed["name"], changed["note"]) == ("再命名", "首次")
        listed = client.get(f"{API}/community-sets").json()["sets"]
        assert [one["name"] for one in listed] == ["再命名"]
        assert client.delete(f"{API}/community-sets/{id_}").status_code == 200
        a_problem(client.delete(f"{API}/community-sets/{id_}"), "not_found")


def test_the_city_s_division_is_no_worse_than_louvain_s(city_store: Path) -> None:
    with open_store(str(city_store), read_only=True) as store:
        insight = Insight(store)
        for resolution in RESOLUTIONS:
            made = insight.picture(Scope(), resolution, viewer=EVERYONE)
            graph = nx.Graph()
            for pair in made.network.pairs:
                graph.add_edge(pair.a, pair.b, weight=pair.weight)
            louvain = community.louvain_communities(graph, resolution=resolution, seed=20261123)
            best = community.modularity(graph, louvain, resolution=resolution)
            assert made.division.modularity >= best - 1e-9
            for one in made.communities.values():
                members = [made.position[firm] for firm in one.members]
                assert nx.is_connected(graph.subgraph(members))
