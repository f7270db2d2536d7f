"""Every error has one shape, whatever raised it and wherever."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import api.http
import graph_service
import loaders
from api.http.kinds import KINDS
from graph_service import errors
from graph_service.errors import JiebangError
from tests.http.conftest import Serving, a_problem

DOCUMENT = Path(__file__).parents[2] / "docs" / "http.md"


def _classes(kind: type[JiebangError] = JiebangError) -> Iterator[type[JiebangError]]:
    yield kind
    for below in kind.__subclasses__():
        yield from _classes(below)


def test_every_error_of_the_product_has_a_kind_of_its_own() -> None:
    for package in (api.http, graph_service, loaders):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            importlib.import_module(module.name)
    typed = ("api.cli", "api.bulk", "tests.")  # what no route and no job raises
    ours = {one for one in _classes() if not one.__module__.startswith(typed)}
    assert {one.code for one in ours} - set(KINDS) == set()


def test_every_kind_is_documented() -> None:
    rows = re.findall(
        r"^\| `(\w+)` \| (\d+) \| (.+) \|$", DOCUMENT.read_text("utf-8"), re.MULTILINE
    )
    assert rows == [(kind.code, str(kind.status), kind.meaning) for kind in KINDS.values()]


def test_every_kind_has_its_page(serving: Serving) -> None:
    with serving() as client:
        listed = client.get("/problems").text
        for kind in KINDS.values():
            assert f'href="/problems/{kind.code}"' in listed
            page = client.get(f"/problems/{kind.code}")
            assert page.status_code == 200
            assert page.headers["content-type"] == "text/html; charset=utf-8"
            assert kind.title in page.text
        a_problem(client.get("/problems/nothing"), "not_found")


@pytest.mark.parametrize(
    "name",
    [one.__name__ for one in _classes() if one.__module__ == errors.__name__],
)
def test_errors_of_services_keep_code_words_and_hint(probing: Serving, name: str) -> None:
    with probing() as client:
        response = client.get(f"/api/v1/probe/raises/{name}")
    body = a_problem(response, getattr(errors, name).code)
    assert (body["detail"], body["hint"]) == ("出错了", "改一改")
    assert "somewhere" not in response.text


def test_unknown_addresses_and_methods(serving: Serving) -> None:
    with serving() as client:
        a_problem(client.get("/api/v1/nothing"), "not_found")
        a_problem(client.get("/nothing"), "not_found")
        a_problem(client.get("/healthz/"), "not_found")
        refused = client.delete("/healthz")
        of_two_routes = client.delete("/api/v1/jobs")
    a_problem(refused, "method_not_allowed")
    assert refused.headers["allow"] == "GET, HEAD"
    assert of_two_routes.headers["allow"] == "GET, HEAD, POST"


def test_what_was_not_expected_says_nothing_of_the_inside(
    probing: Serving, capsys: pytest.CaptureFixture[str]
) -> None:
    with probing() as client:
        response = client.get("/api/v1/probe/fails")
    body = a_problem(response, "internal")
    assert "secret" not in response.text
    logged = capsys.readouterr().out
    assert "a secret of the inside" in logged
    assert body["request_id"] in logged


def test_wrong_fields_are_told_one_by_one(probing: Serving) -> None:
    with probing() as client:
        response = client.post("/api/v1/probe/echo", json={"text": 1, "more": 2, "top": "a"})
        lacking = client.post("/api/v1/probe/echo", json={})
        nothing = client.post("/api/v1/probe/echo")
    told = {one["field"]: one["message"] for one in a_problem(response, "input")["errors"]}
    assert told == {"text": "应为文字", "more": "没有这一项", "top": "应为整数"}
    assert a_problem(lacking, "input")["errors"][0]["message"] == "必须给出"
    assert a_problem(nothing, "input")["errors"][0]["field"] == "body"


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"direction": "up"}, "应为 out、in、both 之一"),
        ({"limit": 5000 * "9"}, "应为整数，且不能这么大"),
    ],
)
def test_fields_are_told_of_in_chinese(
    serving: Serving, parameters: dict[str, str], message: str
) -> None:
    with serving() as client:
        answer = client.get("/api/v1/nodes/a/neighbours", params=parameters)
    assert a_problem(answer, "input")["errors"][0]["message"] == message


@pytest.mark.parametrize("threshold", ["nan", "inf"])
def test_a_number_must_be_finite(serving: Serving, threshold: str) -> None:
    with serving() as client:
        answer = client.get("/api/v1/alike", params={"threshold": threshold})
    assert a_problem(answer, "input")["errors"][0]["message"] == "应为有限的数"
