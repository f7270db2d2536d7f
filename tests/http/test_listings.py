"""Filters leave out just what does not pass; pages make one listing, without loss or repeat."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from fastapi.testclient import TestClient

from api.http.routes.examples import FIRM
from graph_service.matching.facts.tiers import valid_tiers
from tests.http.conftest import a_problem

API = "/api/v1"
TODAY = datetime.now(UTC).date()

Node = dict[str, Any]


def pages(client: TestClient, address: str, key: str, limit: int, **asked: Any) -> list[list[Any]]:
    """All pages of a listing, as lists of entries."""
    found, cursor = [], None
    while True:
        given = {**asked, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = client.get(API + address, params=given)
        assert answer.status_code == 200, answer.text
        found.append(answer.json()[key])
        cursor = answer.json()["next"]
        if cursor is None:
            return found
        assert len(found[-1]) == limit


def whole(client: TestClient, address: str, key: str, **asked: Any) -> list[Any]:
    return [entry for page in pages(client, address, key, 200, **asked) for entry in page]


@pytest.mark.parametrize("limit", [1, 7, 50])
def test_pages_of_nodes_make_one_listing(city: TestClient, limit: int) -> None:
    listed = whole(city, "/nodes", "nodes", label="Demand")
    paged = [one for page in pages(city, "/nodes", "nodes", limit, label="Demand") for one in page]
    assert paged == listed
    ids = [node["id"] for node in listed]
    assert ids == sorted(ids)
    assert len(ids) == city.get(f"{API}/statistics").json()["nodes"]["Demand"]


def test_nodes_of_every_label_are_listed(city: TestClient) -> None:
    counted = city.get(f"{API}/statistics").json()["nodes"]
    listed = whole(city, "/nodes", "nodes")
    assert {label: sum(node["label"] == label for node in listed) for label in counted} == counted


@pytest.mark.parametrize("limit", [1, 3, 40])
def test_pages_of_neighbours_make_one_listing(city: TestClient, limit: int) -> None:
    address = f"/nodes/{FIRM}/neighbours"
    listed = whole(city, address, "edges")
    paged = [one for page in pages(city, address, "edges", limit) for one in page]
    assert paged == listed
    assert len(listed) > 3
    assert sorted(edge["inferred"] for edge in listed) == [edge["inferred"] for edge in listed]


def _owners(city: TestClient) -> dict[str, list[Node]]:
    """The organisations that own or posted a node, by the node's id."""
    subgraph = city.get(
        f"{API}/subgraph", params={"limit": 2000, "type": ["OWNS", "POSTED"]}
    ).json()
    assert not subgraph["more_nodes"]
    nodes = {node["id"]: node for node in subgraph["nodes"]}
    owners: dict[str, list[Node]] = {}
    for edge in subgraph["edges"]:
        owners.setdefault(edge["to"], []).append(nodes[edge["from"]])
    return owners


FILTERS: list[tuple[dict[str, Any], Callable[[Node, list[Node]], bool]]] = [
    ({"kind": "enterprise"}, lambda node, _: node["props"].get("kind") == "enterprise"),
    (
        {"kind": ["高校", "patent"]},
        lambda node, _: node["props"].get("kind") in {"university", "patent"},
    ),
    (
        {"tier": "小巨人"},
        lambda node, owners: any("小巨人" in valid_tiers(one["props"], TODAY)
                                 for one in (node, *owners)),
    ),
    (
        {"district": ["青砚区", "鹭桥县"], "label": ["Demand", "Result"]},
        lambda node, owners: node["label"] in {"Demand", "Result"}
        and any(one["props"].get("district") in {"青砚区", "鹭桥县"} for one in (node, *owners)),
    ),
    (
        {"since": "2024-05", "until": "2025"},
        lambda node, _: _first_day(node["observed_at"])[:7] >= "2024-05"
        and _first_day(node["observed_at"]) <= "2025-01-01",
    ),
]  # fmt: skip


def _first_day(date: str | None) -> str:
    return f"{date}-01-01"[:10] if date else ""


@pytest.mark.parametrize(("asked", "passes"), FILTERS, ids=[str(one) for one, _ in FILTERS])
def test_a_filter_leaves_out_just_what_does_not_pass(
    city: TestClient, asked: dict[str, Any], passes: Callable[[Node, list[Node]], bool]
) -> None:
    owners = _owners(city)
    expected = [
        node["id"]
        for node in whole(city, "/nodes", "nodes")
        if passes(node, owners.get(node["id"], []))
    ]
    assert [node["id"] for node in whole(city, "/nodes", "nodes", **asked)] == expected
    part = city.get(f"{API}/subgraph", params={**asked, "limit": 2000}).json()
    assert [node["id"] for node in part["nodes"]] == expected
    assert 0 < len(expected) < len(whole(city, "/nodes", "nodes"))


def test_an_industry_is_named_by_code_name_or_id(city: TestClient) -> None:
    industries = whole(city, "/nodes", "nodes", label="Industry")
    found = []
    for industry in industries:
        code = industry["id"].rpartition(":")[2]
        if not industry["id"].startswith("industry:gbt4754:"):
            continue
        answers = [
            [node["id"] for node in whole(city, "/nodes", "nodes", industry=asked)]
            for asked in (industry["id"], code, code.lower())
        ]
        assert answers[0] == answers[1] == answers[2]
        found += answers[0]
    assert found


def test_filters_reach_search_and_match(city: TestClient) -> None:
    hits = city.get(f"{API}/search", params={"q": "材料", "kind": "高校", "limit": 50}).json()[
        "hits"
    ]
    kinds = {city.get(f"{API}/nodes/{hit['id']}").json()["props"]["kind"] for hit in hits}
    assert kinds == {"university"}
    candidates = city.get(
        f"{API}/nodes/demand:D-001/matches", params={"to": "organizations", "tier": "小巨人"}
    ).json()["candidates"]
    assert candidates
    for one in candidates:
        assert "小巨人" in valid_tiers(one["facts"], TODAY)


@pytest.mark.parametrize(
    ("address", "wrong"),
    [
        ("/nodes?since=2024-13", "since"),
        ("/nodes?until=昨天", "until"),
        ("/nodes?label=Firm", "label.0"),
        ("/nodes?kind=", "kind.0"),
        ("/nodes?labels=Demand", "labels"),
        ("/search?q=", "q"),
        ("/search", "q"),
        ("/nodes/a/neighbours?type=LIKES", "type.0"),
        ("/nodes/a/neighbours?direction=up", "direction"),
        ("/nodes/a/matches?to=friends", "to"),
        ("/nodes/a/matches?to=results&recipe=best", "recipe"),
        ("/paths?from=a", "to"),
        ("/jobs?state=done", "state.0"),
    ],
)
def test_what_cannot_be_asked_is_said_by_its_name(
    city: TestClient, address: str, wrong: str
) -> None:
    body = a_problem(city.get(API + address), "input")
    assert [error["field"] for error in body["errors"]] == [wrong]


@pytest.mark.parametrize(
    ("address", "asked"),
    [
        ("/match", {"to": "results"}),
        ("/match", {"to": "results", "demand": "demand:D-001", "text": "柔轮"}),
        ("/match", {"to": "results", "result": "demand:D-001"}),
        ("/match", {"to": "results", "text": "？！"}),
        ("/comparisons", {"to": "results", "text": "柔轮", "candidates": ["a", "a"]}),
        (
            "/comparisons",
            {"to": "results", "text": "柔轮", "candidates": ["result:R-012", "demand:D-001"]},
        ),
    ],
)
def test_what_makes_no_sense_is_refused(
    city: TestClient, address: str, asked: dict[str, Any]
) -> None:
    answer = city.post(API + address, json=asked)
    assert answer.json()["code"] in {"input", "not_found"}
    assert answer.json()["hint"]
