"""Ids with any character, very long, merged and unknown ones, on every route of nodes."""

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app
from api.settings import load_settings
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from tests.http.conftest import BASE, a_problem

API = "/api/v1"

ODD = [
    "result:专利/CN 1234567.8",
    "a/b/neighbours",
    "neighbours",
    "matches",
    "100%",
    "a%2Fb",
    "a%2Fb/c",
    "?x=1&y=2#z",
    "a+b c",
    "[方括号]{花括号}",
    "'引号\"<b>",
    "..x",
    "é́e",
    "𠀀稀有字",
    ";a=b,c",
    "长" * 100 + "/" + "x" * 200,
]
HUB = "product:总线/枢纽"


@pytest.fixture(scope="module")
def odd(module_location: str) -> Iterator[TestClient]:
    """Nodes with odd ids, each of them related to one product."""
    settings = load_settings({"store": module_location})
    nodes = [Node(HUB, Label.PRODUCT, {"name": "枢纽"})]
    nodes += [
        Node(id_, Label.RESULT, {"title": f"成果{number}", "text": "柔轮疲劳寿命"})
        for number, id_ in enumerate(ODD)
    ]
    edges = [Edge(EdgeType.ABOUT, id_, HUB) for id_ in ODD]
    nodes.append(Node("gone/甲", Label.ORGANIZATION, {"name": "虚构甲厂"}))
    nodes.append(Node("kept/甲", Label.ORGANIZATION, {"name": "虚构甲工厂"}))
    with Services(settings) as services:
        services.store.apply(Batch(nodes=nodes, edges=edges))
        services.store.apply(Batch(merges=[("gone/甲", "kept/甲")]))
        with TestClient(create_app(services), BASE, raise_server_exceptions=False) as client:
            yield client


def at(id_: str, rest: str = "") -> str:
    return f"{API}/nodes/{quote(id_, safe='')}{rest}"


@pytest.mark.parametrize("id_", ODD, ids=lambda id_: id_[:12])
def test_a_node_of_any_id_is_found_on_every_route(odd: TestClient, id_: str) -> None:
    assert odd.get(at(id_)).json()["id"] == id_
    around = odd.get(at(id_, "/neighbours")).json()
    assert around["node"]["id"] == id_
    assert [edge["to"]["id"] for edge in around["edges"]] == [HUB]
    like = odd.get(at(id_, "/matches"), params={"to": "results", "recipe": "bm25", "top": 100})
    assert {one["id"] for one in like.json()["candidates"]} == set(ODD) - {id_}
    asked = {"result": id_, "to": "results", "recipe": "bm25", "top": 100}
    candidates = odd.post(f"{API}/match", json=asked).json()["candidates"]
    assert candidates == like.json()["candidates"]
    path = odd.get(f"{API}/paths", params={"from": id_, "to": HUB}).json()["paths"][0]["path"]
    assert (path[0]["from"]["id"], path[0]["to"]["id"]) == (id_, HUB)
    hits = odd.get(f"{API}/search", params={"q": id_}).json()["hits"]
    assert not hits or hits[0]["id"] == id_


def test_ids_are_listed_as_they_are(odd: TestClient) -> None:
    listed = odd.get(f"{API}/nodes", params={"label": "Result"}).json()["nodes"]
    assert [node["id"] for node in listed] == sorted(ODD)


@pytest.mark.parametrize(
    "address",
    [
        at("无此节点"),
        at("无此节点", "/neighbours"),
        at("无此节点", "/matches?to=results"),
        f"{API}/paths?from=无此节点&to={quote(HUB)}",
        f"{API}/paths?from={quote(HUB)}&to=无此节点",
        at("a", "%2Fb"),  # a/b is another id than a/b/neighbours
    ],
)
def test_an_unknown_id_is_a_problem_that_names_it(odd: TestClient, address: str) -> None:
    body = a_problem(odd.get(address), "not_found")
    assert "无此节点" in body["detail"] or "a/b" in body["detail"]


def test_an_unknown_id_in_a_body_is_a_problem(odd: TestClient) -> None:
    asked = {"demand": "无此节点", "to": "results"}
    a_problem(odd.post(f"{API}/match", json=asked), "not_found")
    a_problem(odd.post(f"{API}/comparisons", json={**asked, "candidates": ODD[:2]}), "not_found")
    asked = {"result": ODD[0], "to": "results", "candidates": [ODD[1], "无此节点"]}
    a_problem(odd.post(f"{API}/comparisons", json=asked), "not_found")


def test_a_slash_that_is_not_encoded_is_another_address(odd: TestClient) -> None:
    a_problem(odd.get(f"{API}/nodes/result:专利/CN 1234567.8"), "not_found")
    a_problem(odd.get(f"{API}/nodes/"), "not_found")
    assert odd.get(f"{API}/nodes/a%2Fb%2Fneighbours").json()["id"] == "a/b/neighbours"


def test_an_id_may_be_512_characters_long(odd: TestClient) -> None:
    a_problem(odd.get(at("x" * 512)), "not_found")
    body = a_problem(odd.get(at("x" * 513)), "input")
    assert body["errors"][0]["field"] == "id"


def test_a_merged_node_answers_to_both_ids(odd: TestClient) -> None:
    kept = odd.get(at("kept/甲")).json()
    assert odd.get(at("gone/甲")).json() == kept
    assert kept["id"] == "kept/甲"
    assert odd.get(at("gone/甲", "/neighbours")).json()["node"] == kept


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_other_methods_are_told_which_there_are(odd: TestClient, method: str) -> None:
    answer = odd.request(method, at(ODD[0]))
    a_problem(answer, "method_not_allowed")
    assert "GET" in answer.headers["allow"]


def test_the_store_is_not_named(odd: TestClient, tmp_path_factory: pytest.TempPathFactory) -> None:
    base: Path = tmp_path_factory.getbasetemp()
    for address in ("/statistics", "/settings"):
        assert str(base) not in odd.get(API + address).text
