"""The OpenAPI document is committed, complete and true: every example in it is run."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import schemathesis
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app, openapi_json
from api.http.kinds import KINDS
from api.http.openapi import ANYWHERE
from api.http.routes.examples import DEMAND, FIRM
from api.jobs.worker import Worker
from api.settings import load_settings
from graph_service.model import Batch, Label, Node
from tests.http.conftest import BASE, Serving, load_city

DOCS = Path(__file__).parents[2] / "docs"
DOCUMENT: dict[str, Any] = json.loads((DOCS / "openapi.json").read_text("utf-8"))
OPERATIONS = [
    (method.upper(), path, operation)
    for path, methods in DOCUMENT["paths"].items()
    for method, operation in methods.items()
]
NAMES = [f"{method} {path}" for method, path, _ in OPERATIONS]
#: What writes what must be there already is run, in its order, by the tests of its routes.
ELSEWHERE = {
    "POST /api/v1/uploads",
    "POST /api/v1/jobs/{id}/cancel",
    "POST /api/v1/resolution/pairs/{id}/accept",
    "POST /api/v1/resolution/pairs/{id}/reject",
    "POST /api/v1/resolution/pairs/{id}/undo",
    "DELETE /api/v1/feedback/{id}",
    "DELETE /api/v1/community-sets/{id}",
    "POST /api/v1/models/roll-back",
    "POST /api/v1/learned/roll-back",
}


def _codes(operation: dict[str, Any]) -> list[str]:
    """The problems that an operation may answer with, but for those that any may."""
    codes = [code for one in operation["responses"].values() for code in one.get("x-codes", ())]
    return [code for code in codes if code not in ANYWHERE]


def _settings(schema: Any, seen: frozenset[str] = frozenset()) -> Iterator[str]:
    """The settings that bound what a schema describes."""
    if isinstance(schema, list):
        for one in schema:
            yield from _settings(one, seen)
    elif isinstance(schema, dict):
        if "x-setting" in schema:
            yield schema["x-setting"]
        name = str(schema.get("$ref", "")).rpartition("/")[2]
        if name and name not in seen:
            yield from _settings(DOCUMENT["components"]["schemas"][name], seen | {name})
        for one in schema.values():
            yield from _settings(one, seen)


def test_the_committed_document_is_the_app_s() -> None:
    assert (DOCS / "openapi.json").read_text("utf-8") == openapi_json()


def test_the_served_document_is_the_committed_one(serving: Serving) -> None:
    with serving() as client:
        assert client.get("/openapi.json").json() == DOCUMENT


@pytest.mark.parametrize(("method", "path", "operation"), OPERATIONS, ids=NAMES)
def test_every_operation_says_what_it_is_for(
    method: str, path: str, operation: dict[str, Any]
) -> None:
    for words in (operation["summary"], operation["description"]):
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words)
    assert operation["tags"]
    for parameter in operation.get("parameters", ()):
        assert parameter.get("description"), parameter["name"]
    for status, response in operation["responses"].items():
        assert response["description"]
        if int(status) >= 400:
            assert list(response["content"]) == ["application/problem+json"]
            assert {KINDS[code].status for code in response["x-codes"]} == {int(status)}


def test_the_table_of_routes_is_that_of_the_app() -> None:
    rows = re.findall(r"^\| `([A-Z]+ /.*)` \| (.+) \| (.+) \| (.*) \| (.*) \|$",
                      (DOCS / "http.md").read_text("utf-8"), re.MULTILINE)  # fmt: skip
    assert rows == list(table())


def table() -> Iterator[tuple[str, str, str, str, str]]:
    """Address, use, audience, the settings that bound it, and its own problems."""
    for (_, _, operation), name in zip(OPERATIONS, NAMES, strict=True):
        parts = [operation.get("parameters", []), operation.get("requestBody", {})]
        bounds = dict.fromkeys(_settings(parts))
        codes = dict.fromkeys(_codes(operation))
        shown = ("、".join(f"`{one}`" for one in many) for many in (bounds, codes))
        yield (name, operation["summary"], "本机所有人", *shown)


def test_operations_have_ids_of_their_own() -> None:
    ids = [operation["operationId"] for _, _, operation in OPERATIONS]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z_]+", one) for one in ids)


@pytest.fixture(scope="module")
def writable(module_location: str) -> Iterator[TestClient]:
    """The city, to be written to; with an upload, a finished job and found pairs."""
    load_city(module_location)
    with (
        Services(load_settings({"store": module_location})) as services,
        TestClient(create_app(services), BASE) as client,
    ):
        client.made = _prepared(client, services)  # type: ignore[attr-defined]
        yield client


def _prepared(client: TestClient, services: Services) -> dict[str, dict[str, str]]:
    """Values for the parameters of what has no example, by the beginning of its path."""
    names = ("云湖市虚构同源机床有限公司", "云湖市虚构同源机床有限责任公司（原虚构同源机床厂）")
    twins = [Node(f"org:twin-{n}", Label.ORGANIZATION, {"name": one, "kind": "企业"})
             for n, one in enumerate(names)]  # fmt: skip
    services.store.apply(Batch(nodes=twins))
    table = "企业名称,所在区\n虚构示例有限公司,云湖区\n".encode()
    name = quote("企业名录.csv")
    upload = client.post(f"/api/v1/uploads?name={name}", content=table,
                         headers={"content-type": "application/octet-stream"}).json()  # fmt: skip
    for kind, params in (("resolve", {}), ("export", {"format": "xlsx"})):
        job = client.post("/api/v1/jobs", json={"kind": kind, "params": params}).json()
    while Worker(services).run_one():
        pass
    done = client.get(f"/api/v1/jobs/{job['id']}").json()
    pair = client.get("/api/v1/resolution/pairs").json()
    said = {"demand": DEMAND, "candidate": FIRM, "decision": "accepted"}
    feedback = client.post("/api/v1/feedback", json=said).json()
    community = client.get("/api/v1/communities").json()["communities"][0]["id"]
    saved = client.post("/api/v1/community-sets", json={"name": "首次"}).json()
    return {
        "/api/v1/communities/": {"id": community},
        "/api/v1/community-sets/": {"id": saved["id"]},
        "/api/v1/uploads/": {"id": upload["id"]},
        "/api/v1/jobs/": {"id": job["id"], "name": done["files"][0]["name"]},
        "/api/v1/feedback/": {"id": feedback["id"]},
        "/api/v1/resolution/pairs/": {"id": pair["pairs"][0]["id"]},
    }


def _examples() -> Iterator[Any]:
    for (method, path, operation), name in zip(OPERATIONS, NAMES, strict=True):
        if name in ELSEWHERE:
            continue
        names: dict[str, None] = {}
        for parameter in operation.get("parameters", ()):
            names |= dict.fromkeys(parameter.get("examples", ()))
        body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
        names |= dict.fromkeys(body.get("examples", ()))
        for example in names or {"": None}:
            yield pytest.param(method, path, operation, example, id=f"{name} {example}".strip())


@pytest.mark.parametrize(("method", "path", "operation", "example"), list(_examples()))
def test_every_example_is_answered_as_declared(
    writable: TestClient, method: str, path: str, operation: dict[str, Any], example: str
) -> None:
    made = next(
        (values for place, values in writable.made.items() if path.startswith(place)),  # type: ignore[attr-defined]
        {},
    )
    query: dict[str, Any] = {}
    address = path
    for parameter in operation.get("parameters", ()):
        examples = parameter.get("examples", {})
        if example in examples:
            value = examples[example]["value"]
        elif parameter["required"]:
            given = [one["value"] for one in examples.values()]
            value = given[0] if given else made[parameter["name"]]
        else:
            continue
        if parameter["in"] == "path":
            address = address.replace(f"{{{parameter['name']}}}", quote(str(value), safe=""))
        elif parameter["in"] == "query":
            query[parameter["name"]] = value
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    asked = body["examples"][example]["value"] if example in body.get("examples", {}) else None
    assert body == {} or asked is not None, "a body needs an example"
    response = writable.request(method, address, params=query, json=asked)
    assert response.is_success, response.text
    assert "application/problem+json" not in response.headers["content-type"]
    declared = operation["responses"][str(response.status_code)]
    kind = response.headers["content-type"].partition(";")[0]
    assert kind in declared["content"]
    schemathesis.openapi.from_dict(DOCUMENT)[path][method].validate_response(response)


@pytest.mark.parametrize("address", ["/docs", "/docs/start.js", "/problems", "/problems/busy"])
def test_pages_fetch_nothing_from_outside(serving: Serving, address: str) -> None:
    with serving() as client:
        page = client.get(address)
        assert page.status_code == 200
        assert re.findall(r"(?:https?:)?//\w", page.text) == []
        for file in re.findall(r'(?:src|href)="([^"#]+)"', page.text):
            assert client.get(file).status_code == 200, file
    if address == "/docs":
        assert "default-src 'none'; script-src 'self'" in page.headers["content-security-policy"]


def test_swagger_ui_is_served_from_bundled_files(serving: Serving) -> None:
    with serving() as client:
        script = client.get("/docs/swagger-ui-bundle.js")
        assert script.headers["content-type"] == "text/javascript; charset=utf-8"
        assert len(script.content) > 1_000_000
        style = client.get("/docs/swagger-ui.css")
        assert style.headers["content-type"] == "text/css; charset=utf-8"
        assert re.findall(r"url\((?!data:|\"data:)", style.text) == []
        assert client.get("/docs/redoc.standalone.js").status_code == 404
        assert client.get("/docs/..%2fcore.py").status_code == 404
