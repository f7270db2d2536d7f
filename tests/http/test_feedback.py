"""Feedback over HTTP: said, paged, withdrawn; and beside what is matched."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app
from api.http.schemas import feedback as schemas
from api.http.schemas.matching import ComparisonAnswer, MatchAnswer
from api.settings import load_settings
from graph_service.feedback.model import REASONS
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from tests.http.conftest import BASE, a_problem

API = "/api/v1"
FEEDBACK = f"{API}/feedback"
DEMAND, FIRM, RESULTS = "demand:1", "org:甲", [f"result:{n}" for n in range(4)]
REJECTED = {"decision": "rejected", "reason": "terms"}


@pytest.fixture
def client(tmp_path: Path) -> Iterator[TestClient]:
    text = "柔轮在交变载荷下疲劳断裂"
    nodes = [
        Node(DEMAND, Label.DEMAND, {"title": "柔轮寿命", "text": text}),
        Node(FIRM, Label.ORGANIZATION, {"name": "虚构精密", "text": text}),
        *(Node(id_, Label.RESULT, {"title": f"柔轮 {id_}", "text": text}) for id_ in RESULTS),
    ]
    edges = [Edge(EdgeType.OWNS, FIRM, id_) for id_ in RESULTS[:1]]
    with Services(load_settings({"store": str(tmp_path / "store")})) as services:
        services.store.apply(Batch(nodes=nodes, edges=edges))
        with TestClient(create_app(services), BASE, raise_server_exceptions=False) as opened:
            yield opened


def say(client: TestClient, candidate: str, key: str | None = None, **said: Any) -> dict[str, Any]:
    body = {"demand": DEMAND, "candidate": candidate, **(said or {"decision": "accepted"})}
    answer = client.post(FEEDBACK, json=body, headers={"Idempotency-Key": key} if key else None)
    assert answer.status_code == 200, answer.text
    schemas.FeedbackAnswer.model_validate(answer.json())
    told: dict[str, Any] = answer.json()
    return told


def test_what_is_said_is_listed_page_by_page_and_withdrawn(client: TestClient) -> None:
    said = [say(client, RESULTS[0]), *(say(client, id_, **REJECTED) for id_ in RESULTS[1:])]
    listed, cursor = [], None
    while cursor is not None or not listed:
        asked = {"demand": DEMAND, "limit": 3, **({"cursor": cursor} if cursor else {})}
        page = client.get(FEEDBACK, params=asked).json()
        schemas.FeedbackPage.model_validate(page)
        assert page["total"] == 4
        listed += page["feedback"]
        cursor = page["next"]
    assert listed == said[::-1]
    for asked, ids in (
        ({"decision": "accepted"}, RESULTS[:1]),
        ({"reason": ["terms", "ip"]}, RESULTS[:0:-1]),
        ({"candidate": RESULTS[2]}, [RESULTS[2]]),
        ({"candidate": "result:无"}, []),
    ):
        found = client.get(FEEDBACK, params=asked).json()["feedback"]
        assert [one["candidate"]["id"] for one in found] == ids

    address = f"{FEEDBACK}/{said[0]['id']}"
    assert client.get(address).json() == said[0]
    gone = client.delete(address).json()
    schemas.FeedbackAnswer.model_validate(gone)
    assert (gone["decision"], len(gone["history"])) == ("withdrawn", 1)
    assert client.get(FEEDBACK).json()["total"] == 3
    for ask in (client.get, client.delete):
        a_problem(ask(address), "not_found")


def test_a_key_says_it_once(client: TestClient) -> None:
    first = say(client, RESULTS[0], key="k")
    say(client, RESULTS[0], **REJECTED)
    again = say(client, RESULTS[0], key="k")
    assert again == first
    now = client.get(f"{FEEDBACK}/{first['id']}").json()
    assert (now["decision"], now["version"]) == ("rejected", 2)
    key = {"Idempotency-Key": "d"}
    for _ in range(2):
        assert client.delete(f"{FEEDBACK}/{first['id']}", headers=key).status_code == 200


def test_what_cannot_be_said(client: TestClient) -> None:
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"candidate": "result:无"}, "not_found"),
        ({"candidate": DEMAND}, "input"),
        ({"demand": FIRM}, "input"),
        ({"decision": "withdrawn"}, "input"),
        ({"decision": "rejected"}, "input"),
        ({"decision": "rejected", "reason": "不好看"}, "input"),
        ({"reason": "ip"}, "input"),
        ({"reason": None}, "input"),
        ({"note": "字" * 501}, "input"),
        ({"note": "a\0b"}, "input"),
        ({"by": "别人"}, "input"),
    ]
    for change, code in wrong:
        body = {"demand": DEMAND, "candidate": RESULTS[0], "decision": "accepted", **change}
        a_problem(client.post(FEEDBACK, json=body), code)
    assert client.get(FEEDBACK).json()["total"] == 0


def test_reasons_are_those_that_may_be_given(client: TestClient) -> None:
    told = client.get(f"{FEEDBACK}/reasons").json()
    schemas.ReasonsAnswer.model_validate(told)
    assert [one["code"] for one in told["reasons"]] == list(REASONS)


def _marks(answer: dict[str, Any]) -> dict[str, Any]:
    return {
        one["id"]: one["feedback"] and (one["feedback"]["decision"], one["feedback"]["reason"])
        for one in answer["candidates"]
    }


def test_matches_tell_what_was_decided_and_are_ranked_as_before(client: TestClient) -> None:
    asked = {"demand": DEMAND, "to": "results", "recipe": "bm25", "group": False}

    def match(**change: str) -> dict[str, Any]:
        answer = client.post(f"{API}/match", json=asked | change).json()
        MatchAnswer.model_validate(answer)
        return {key: value for key, value in answer.items() if key != "took_ms"}

    before = match()
    assert set(_marks(before).values()) == {None}
    rejected = say(client, RESULTS[1], **REJECTED)
    say(client, RESULTS[0])
    say(client, FIRM, decision="rejected", reason="partnered")
    after = match()
    assert _marks(after) == {
        **dict.fromkeys(RESULTS),
        RESULTS[0]: ("accepted", None),
        RESULTS[1]: ("rejected", "terms"),
    }
    for one in after["candidates"]:
        if told := one["feedback"]:
            assert told["at"][:2] == "20"
        one["feedback"] = None
    assert after == before

    node = client.get(
        f"{API}/nodes/{quote(DEMAND)}/matches", params={"to": "organizations", "recipe": "bm25"}
    ).json()
    assert _marks(node) == {FIRM: ("rejected", "partnered")}
    turned = client.get(
        f"{API}/nodes/{quote(RESULTS[1])}/matches", params={"to": "demands", "recipe": "bm25"}
    ).json()
    assert _marks(turned) == {DEMAND: ("rejected", "terms")}
    beside = {**asked, "candidates": RESULTS[1:3]}
    beside.pop("group")
    compared = client.post(f"{API}/comparisons", json=beside).json()
    ComparisonAnswer.model_validate(compared)
    assert _marks(compared) == {RESULTS[1]: ("rejected", "terms"), RESULTS[2]: None}
    text = client.post(
        f"{API}/match", json={"text": "柔轮疲劳", "to": "results", "recipe": "bm25"}
    ).json()
    assert set(_marks(text).values()) == {None}
    client.delete(f"{FEEDBACK}/{rejected['id']}")
    assert _marks(match())[RESULTS[1]] is None
