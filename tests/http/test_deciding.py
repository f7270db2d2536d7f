"""The review list over HTTP: paged, decided, undone; and what the graph shows then."""

from collections.abc import Iterator
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app
from api.http.schemas import deciding
from api.settings import load_settings
from graph_service.model import EVERYONE, Batch, Edge, EdgeType, Label, Node
from graph_service.resolution.review import Review
from tests.http.conftest import BASE, a_problem

PAIRS = "/api/v1/resolution/pairs"
CITIES = ("苏州", "无锡", "常州", "南通", "扬州", "镇江")


@pytest.fixture
def client(location: str) -> Iterator[TestClient]:
    """Six pairs of firms of nearly one name, each firm with a product of its own."""
    nodes, edges = [], []
    for city in CITIES:
        for form in ("有限公司", "股份有限公司"):
            id_ = f"org:{city}{form}"
            nodes.append(Node(id_, Label.ORGANIZATION, {"name": f"{city}柔轮精密传动{form}"}))
            edges.append(Edge(EdgeType.MAKES, id_, f"product:{city}{form}"))
    settings = load_settings({"store": location})
    with Services(settings) as services:
        services.store.apply(Batch(nodes=nodes, edges=edges))
        Review(services.store).find(viewer=EVERYONE)
        with TestClient(create_app(services), BASE, raise_server_exceptions=False) as opened:
            yield opened


def _listed(client: TestClient, limit: int, **asked: str) -> Iterator[dict[str, object]]:
    cursor = None
    while True:
        given = {**asked, "limit": limit, **({"cursor": cursor} if cursor else {})}
        answer = client.get(PAIRS, params=given)
        deciding.PairsAnswer.model_validate(answer.json())
        yield from answer.json()["pairs"]
        cursor = answer.json()["next"]
        if cursor is None:
            return


@pytest.mark.parametrize("limit", [1, 4, 6, 50])
def test_pages_make_one_list(client: TestClient, limit: int) -> None:
    whole = client.get(PAIRS, params={"limit": 100}).json()
    assert whole["total"] == len(whole["pairs"]) >= len(CITIES)
    assert list(_listed(client, limit)) == whole["pairs"]
    scores = [pair["score"] for pair in whole["pairs"]]
    assert scores == sorted(scores, reverse=True)


def test_what_is_decided_meanwhile_hides_nothing_from_the_pages_to_come(
    client: TestClient,
) -> None:
    whole = [pair["id"] for pair in client.get(PAIRS).json()["pairs"]]
    seen = []
    for pair in _listed(client, 2):
        seen.append(pair["id"])
        assert client.post(f"{PAIRS}/{pair['id']}/reject").status_code == 200
    assert seen == whole
    assert client.get(PAIRS).json()["pairs"] == []


def test_a_decision_makes_two_one_and_is_undone(client: TestClient) -> None:
    pair = next(_listed(client, 50, name="苏州"))
    a, b = (f"/api/v1/nodes/{quote(str(pair[side]))}" for side in ("a", "b"))
    before = [client.get(one).json() for one in (a, b)]
    answer = client.post(f"{PAIRS}/{pair['id']}/accept", json={"keep": pair["b"], "by": "李四"})
    done = answer.json()
    deciding.Pair.model_validate(done)
    assert (done["status"], done["kept"], done["gone"], done["by"]) == (
        "accepted", pair["b"], pair["a"], "李四",
    )  # fmt: skip
    assert client.get(a).json() == client.get(b).json()
    assert client.get(a).json()["id"] == pair["b"]
    around = client.get(f"{a}/neighbours", params={"type": "MAKES"}).json()["edges"]
    assert len(around) == 2
    hits = client.get("/api/v1/search", params={"q": before[0]["title"]}).json()["hits"]
    assert hits[0]["id"] == pair["b"]
    assert [one["id"] for one in _listed(client, 9, state="accepted")] == [pair["id"]]

    undone = client.post(f"{PAIRS}/{pair['id']}/undo").json()
    assert undone["status"] == "open"
    after = [client.get(one).json() for one in (a, b)]
    assert [one["props"] for one in after] == [one["props"] for one in before]
    assert [one["id"] for one in after] == [pair["a"], pair["b"]]


def test_a_decision_without_a_body_is_taken(client: TestClient) -> None:
    first, second = (str(pair["id"]) for pair in list(_listed(client, 50))[:2])
    accepted = client.post(f"{PAIRS}/{first}/accept").json()
    assert (accepted["status"], accepted["by"]) == ("accepted", EVERYONE.name)
    rejected = client.post(f"{PAIRS}/{second}/reject").json()
    assert rejected["status"] == "rejected"
    assert client.get(f"{PAIRS}/{second}").json() == rejected


def test_what_cannot_be_decided(client: TestClient) -> None:
    pair = next(_listed(client, 50))
    address = f"{PAIRS}/{pair['id']}"
    a_problem(client.post(f"{address}/undo"), "pair_state")
    a_problem(client.post(f"{address}/accept", json={"keep": "org:他人"}), "input")
    a_problem(client.post(f"{address}/accept", json={"stay": "x"}), "input")
    assert client.post(f"{address}/reject").status_code == 200
    a_problem(client.post(f"{address}/accept"), "pair_state")
    for rest in ("accept", "reject", "undo"):
        a_problem(client.post(f"{PAIRS}/none/{rest}"), "not_found")
    a_problem(client.get(f"{PAIRS}/none"), "not_found")


def test_pairs_are_chosen_by_level_and_name(client: TestClient) -> None:
    whole = list(_listed(client, 50))
    for level in ("probable", "doubtful"):
        chosen = list(_listed(client, 2, level=level))
        assert chosen == [pair for pair in whole if pair["level"] == level]
    named = list(_listed(client, 2, name="扬州"))
    assert named == [pair for pair in whole if any("扬州" in name for name in pair["titles"])]  # type: ignore[attr-defined]
    assert named
