"""The service answers as the command line does: the same question, the same JSON."""

import json
from typing import Any

import pytest
from fastapi.testclient import TestClient
from pydantic import BaseModel
from typer.testing import CliRunner

from api.bootstrap import Services
from api.cli import app as cli
from api.http.routes.examples import DEMAND, FIRM, OTHER_RESULT, RESULT, TEXT
from api.http.schemas import deciding, demands, graph, matching, reading, service
from embeddings import factory
from graph_service.errors import ModelMissingError
from graph_service.model import Batch, Label, Node
from tests.http.conftest import Serving, a_problem

API = "/api/v1"

#: Address with parameters, or body → command → shape of the answer.
QUESTIONS: list[tuple[str, Any, list[str], type[BaseModel]]] = [
    ("/search?q=激光冲击", None, ["search", "激光冲击"], matching.SearchAnswer),
    (
        "/search?q=轴承&label=Organization&kind=企业&tier=专精特新&tier=小巨人&limit=3",
        None,
        ["search", "轴承", "--label", "Organization", "--kind", "企业", "--tier", "专精特新",
         "--tier", "小巨人", "--limit", "3"],
        matching.SearchAnswer,
    ),
    (f"/search?q={FIRM}", None, ["search", FIRM], matching.SearchAnswer),
    ("/alike?threshold=0.2&firms=2&limit=3", None,
     ["alike", "--threshold", "0.2", "--firms", "2", "--limit", "3"], demands.AlikeAnswer),
    ("/exposure?to=organizations&recipe=bm25", None,
     ["exposure", "--to", "organizations", "--recipe", "bm25"], demands.ExposureAnswer),
    (f"/nodes/{DEMAND}/reading", None, ["read", DEMAND], reading.ReadingAnswer),
    (f"/nodes/{RESULT}/reading", None, ["read", RESULT], reading.ReadingAnswer),
    ("/readings", {"text": TEXT}, ["read", "--text", TEXT], reading.ReadingAnswer),
    *(
        (
            "/match",
            {"demand": DEMAND, "to": "results", "recipe": recipe, "top": 5},
            ["match", "--demand", DEMAND, "--to", "results", "--recipe", recipe, "--top", "5"],
            matching.MatchAnswer,
        )
        for recipe in ("bm25", "dense", "rrf", "hybrid", "full")
    ),
    (
        "/match",
        {"result": RESULT, "to": "demands"},
        ["match", "--result", RESULT, "--to", "demands"],
        matching.MatchAnswer,
    ),
    (
        "/match",
        {"organization": FIRM, "to": "partners", "filter": {"district": ["青砚区"]}},
        ["match", "--org", FIRM, "--to", "partners", "--district", "青砚区"],
        matching.MatchAnswer,
    ),
    (
        "/match",
        {"text": TEXT, "to": "organizations", "filter": {"since": "2020", "until": "2030-01"}},
        ["match", "--text", TEXT, "--to", "organizations", "--since", "2020", "--until", "2030-01"],
        matching.MatchAnswer,
    ),
    (
        f"/nodes/{DEMAND}/matches?to=organizations&recipe=hybrid&top=4&kind=高校",
        None,
        ["match", "--demand", DEMAND, "--to", "organizations", "--recipe", "hybrid", "--top", "4",
         "--kind", "高校"],
        matching.MatchAnswer,
    ),
    (
        f"/nodes/{FIRM}/neighbours?limit=20&type=MAKES&type=LEADS&direction=out",
        None,
        ["show", FIRM, "--limit", "20", "--type", "MAKES", "--type", "LEADS", "--direction", "out"],
        graph.NeighboursAnswer,
    ),
    (
        f"/paths?from={FIRM}&to={RESULT}&max_hops=5&k=4",
        None,
        ["paths", FIRM, RESULT, "--max-hops", "5", "-k", "4"],
        graph.PathsAnswer,
    ),
    ("/statistics", None, ["stats"], graph.StatisticsAnswer),
    ("/resolution/pairs", None, ["resolve", "list"], deciding.PairsAnswer),
]  # fmt: skip


def _told(answer: dict[str, Any]) -> dict[str, Any]:
    """What does not depend on the clock, the place, or on how the two page."""
    aside = ("took_ms", "store", "next", "page")
    return {key: value for key, value in answer.items() if key not in aside}


@pytest.mark.parametrize(
    ("address", "body", "command", "shape"), QUESTIONS, ids=[str(n) for n in range(len(QUESTIONS))]
)
def test_the_service_answers_as_the_command_line(
    city: TestClient,
    city_location: str,
    address: str,
    body: Any,
    command: list[str],
    shape: type[BaseModel],
) -> None:
    asked = city.post(API + address, json=body) if body else city.get(API + address)
    assert asked.status_code == 200, asked.text
    shape.model_validate(asked.json())
    said = CliRunner().invoke(cli, [*command, "--store", city_location, "--json"])
    assert said.exit_code == 0, said.output
    assert _told(asked.json()) == _told(json.loads(said.stdout))


def test_settings_are_those_of_the_command_line_without_secrets_and_places(
    city: TestClient, city_location: str
) -> None:
    answer = city.get(f"{API}/settings")
    shown = service.SettingsAnswer.model_validate(answer.json()).model_dump()["settings"]
    said = json.loads(CliRunner().invoke(cli, ["settings", "--json"]).stdout)
    hidden = {row["name"] for row in said} - {row["name"] for row in shown}
    assert {"JIEBANG_SECRET", "JIEBANG_STORE", "JIEBANG_CACHE", "JIEBANG_FILES"} <= hidden
    assert shown == [row for row in said if row["name"] not in hidden]
    assert city_location not in answer.text


def test_a_comparison_tells_what_a_match_tells(city: TestClient) -> None:
    asked = {"demand": DEMAND, "to": "results"}
    ranking = {**asked, "top": 200, "group": False}
    whole = city.post(f"{API}/match", json=ranking).json()["candidates"]
    by_id = {candidate["id"]: candidate for candidate in whole}
    answer = city.post(
        f"{API}/comparisons", json={**asked, "candidates": [OTHER_RESULT, RESULT]}
    ).json()
    matching.ComparisonAnswer.model_validate(answer)
    assert answer["candidates"] == [by_id[OTHER_RESULT], by_id[RESULT]]
    assert answer["ranked"] == len(whole)


def test_a_node_is_shown_as_on_the_command_line(city: TestClient, city_location: str) -> None:
    answer = city.get(f"{API}/nodes/{FIRM}").json()
    graph.Node.model_validate(answer)
    said = CliRunner().invoke(cli, ["show", FIRM, "--store", city_location, "--json"])
    assert answer == json.loads(said.stdout)["node"]


def test_an_etag_says_whether_a_node_has_changed(city: TestClient) -> None:
    first = city.get(f"{API}/nodes/{FIRM}")
    held = {"If-None-Match": first.headers["etag"]}
    again = city.get(f"{API}/nodes/{FIRM}", headers=held)
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["etag"] == first.headers["etag"]
    assert city.get(f"{API}/nodes/{RESULT}", headers=held).status_code == 200


def test_without_a_model_words_answer_and_meaning_is_missed(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    tried: list[str] = []

    def missing(model: str, *_: object, **__: object) -> None:
        tried.append(model)
        raise ModelMissingError("没有模型", hint="make setup")

    monkeypatch.setattr(factory, "open_embedder", missing)
    with serving() as client:
        services: Services = client.app.state.held.services  # type: ignore[attr-defined]
        nodes = [Node(f"result:{n}", Label.RESULT, {"title": f"柔轮强化{n}"}) for n in range(2)]
        services.store.apply(Batch(nodes=nodes))
        answer = client.get(f"{API}/search", params={"q": "柔轮"}).json()
        matching.SearchAnswer.model_validate(answer)
        assert len(answer["hits"]) == 2
        assert answer["warning"].startswith("只按字词查找")
        asked = {"text": "柔轮强化", "to": "results"}
        words = client.post(f"{API}/match", json={**asked, "recipe": "bm25"}).json()
        assert len(words["candidates"]) == 2
        a_problem(client.post(f"{API}/match", json=asked), "model_missing")
        a_problem(
            client.get(f"{API}/nodes/result:1/matches", params={"to": "results"}), "model_missing"
        )
    assert len(tried) == 1  # finding out takes long: not with every request


def test_suggestions_come_by_characters_pinyin_and_initials(city: TestClient) -> None:
    title = city.get(f"{API}/nodes/{FIRM}").json()["title"]
    assert title.startswith("汀澜擎枢")
    for typed, by in (("汀澜擎", "name"), ("tinglanqing", "pinyin"), ("tlqs", "initials")):
        answer = city.get(f"{API}/suggestions", params={"q": typed, "label": "Organization"}).json()
        matching.SuggestionsAnswer.model_validate(answer)
        found = {one["id"]: one for one in answer["suggestions"]}
        assert found[FIRM]["by"] == by
        assert {one["label"] for one in found.values()} == {"Organization"}
