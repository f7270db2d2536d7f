"""From feedback to weights in use, and back, over HTTP and on the command line."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient
from typer.testing import CliRunner

from api import bootstrap
from api.bootstrap import Services
from api.cli.commands import app
from api.http.app import create_app
from api.jobs.worker import Worker
from api.settings import load_settings
from embeddings.fill import fill
from graph_service.feedback.model import Decision
from graph_service.feedback.service import Feedback
from graph_service.model import EVERYONE, Batch, Label, Node
from tests.http.conftest import BASE, a_problem

API = "/api/v1"
THINGS = ["轴承", "减速器", "齿轮", "电机", "阀门", "传感器", "激光器", "电池", "泵", "模具"]


def written(made: Services) -> None:
    """Demands that each have one fitting result, and what was said of it and of another."""
    nodes = [
        Node(f"demand:{i}", Label.DEMAND, {"title": f"{it}寿命", "text": f"现需提高{it}的寿命。"})
        for i, it in enumerate(THINGS)
    ]
    nodes += [
        Node(f"result:{i}", Label.RESULT, {"title": f"一种{it}", "text": f"公开了{it}的制法。"})
        for i, it in enumerate(THINGS)
    ]
    made.store.apply(Batch(nodes))
    made.store.refresh()
    fill(made.store, made.embedder)


def say(made: Services) -> None:
    feedback = Feedback(made.store)
    for i in range(len(THINGS)):
        other = (i + 1) % len(THINGS)
        accepted, rejected = Decision.ACCEPTED, Decision.REJECTED
        feedback.say(f"demand:{i}", f"result:{i}", accepted, viewer=EVERYONE)
        feedback.say(f"demand:{i}", f"result:{other}", rejected, reason="field", viewer=EVERYONE)


@pytest.fixture
def made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Services]:
    monkeypatch.setattr(bootstrap, "NOTICE_SECONDS", 0)
    with Services(load_settings({"store": str(tmp_path / "store")})) as services:
        written(services)
        yield services


@pytest.fixture
def client(made: Services) -> Iterator[TestClient]:
    with TestClient(create_app(made), BASE) as client:
        yield client


def trained(client: TestClient, made: Services) -> dict[str, Any]:
    """The job that trained, when it is over."""
    submitted = client.post(f"{API}/jobs", json={"kind": "train"})
    assert submitted.status_code == 202, submitted.text
    assert Worker(made, poll=0.01).run_one()
    job: dict[str, Any] = client.get(submitted.headers["location"]).json()
    return job


def test_feedback_becomes_weights_and_is_rolled_back(client: TestClient, made: Services) -> None:
    before = client.get(f"{API}/learned").json()
    assert before["own"] is False
    match = {"node": "demand:0", "to": "results"}
    first = client.get(f"{API}/nodes/demand:0/matches", params={"to": match["to"]}).json()
    say(made)
    job = trained(client, made)
    assert job["state"] == "succeeded", job
    now = client.get(f"{API}/learned").json()
    assert now == job["result"]
    assert now["own"] is True
    assert now["record"]["feedback"] == 2 * len(THINGS)
    assert now["record"]["figures"]["results"]["queries"] == len(THINGS)
    assert now["targets"]["results"] != before["targets"]["results"]
    assert now["targets"]["organizations"] == before["targets"]["organizations"]
    assert now["targets"]["results"]["threshold"] is None  # no demand was said to have no solver
    assert now["record"]["figures"]["results"]["before"]["queries"] == len(THINGS)
    # Feedback is held at what comes with the product: it has seen only what was shown.
    for signal, weight in now["targets"]["results"]["weights"].items():
        assert abs(weight - before["targets"]["results"]["weights"][signal]) < 0.5
    again = client.get(f"{API}/nodes/demand:0/matches", params={"to": "results"}).json()
    assert again["candidates"][0]["prior"] == now["targets"]["results"]["prior"]
    assert again["candidates"][0]["score"] != first["candidates"][0]["score"]
    assert client.post(f"{API}/learned/roll-back").json() == before
    a_problem(client.post(f"{API}/learned/roll-back"), "not_found")


def test_too_little_feedback_is_told(client: TestClient, made: Services) -> None:
    job = trained(client, made)
    assert job["state"] == "failed"
    assert "判定太少" in job["error"]["message"]
    assert client.get(f"{API}/learned").json()["own"] is False


def test_the_command_does_the_same(made: Services, tmp_path: Path) -> None:
    say(made)

    def run(*words: str) -> Any:
        done = CliRunner().invoke(app, ["train", *words, "--store", made.settings.store])
        assert done.exit_code == 0, done.output
        return done.stdout

    out = tmp_path / "weights.json"
    assert f"写到 {out.name}" in run("--output", str(out)).replace(f"{out.parent}/", "").replace(
        "\n", ""
    )
    assert json.loads(out.read_text("utf-8"))["targets"].keys() == {"results", "organizations"}
    assert json.loads(run("--show", "--json"))["own"] is False
    told = json.loads(run("--json"))
    assert told["own"] is True
    assert json.loads(run("--show", "--json")) == told
    assert "随产品附带" in run("--roll-back")
    both = CliRunner().invoke(app, ["train", "--show", "--roll-back"])
    assert both.exit_code == 2
