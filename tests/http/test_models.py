"""From what is loaded to a model in use, and back, over HTTP; and on the command line."""

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
from graph_service.model import Batch, Label, Node
from tests.http.conftest import BASE, a_problem
from tests.tiny_model import material, save_sentence_model

torch = pytest.importorskip("torch", reason="没有安装 models 附加组件")

API = "/api/v1"
TRAINING = {"steps": 2, "device": "cpu", "seed": 3}


class Desk:
    """A client, the services behind it, and a worker that does its jobs."""

    def __init__(self, client: TestClient, made: Services) -> None:
        self.client, self.made = client, made

    def done(self, response: Any) -> dict[str, Any]:
        """The job that an answer tells of, when it is over."""
        assert response.status_code == 202, response.text
        assert Worker(self.made, poll=0.01).run_one()
        job: dict[str, Any] = self.client.get(response.headers["location"]).json()
        return job

    def models(self) -> dict[str, Any]:
        told: dict[str, Any] = self.client.get(f"{API}/models").json()
        return told


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Desk]:
    monkeypatch.setattr(bootstrap, "NOTICE_SECONDS", 0.0)
    monkeypatch.setattr("api.jobs.worker.BEAT", 0.02)
    folder = save_sentence_model(tmp_path / "own", tmp_path)
    for name, value in {"STORE": tmp_path / "store", "MODEL": folder, "THREADS": 1}.items():
        monkeypatch.setenv(f"JIEBANG_{name}", str(value))
    before = torch.get_num_threads()
    with Services(load_settings()) as services:
        services.store.apply(material())
        fill(services.store, services.embedder)
        client = TestClient(create_app(services), BASE, raise_server_exceptions=False)
        with client:
            yield Desk(client, services)
    torch.set_num_threads(before)


def test_a_model_is_trained_used_and_left_again(desk: Desk) -> None:
    own = desk.made.embedder.fingerprint
    job = desk.done(desk.client.post(f"{API}/jobs", json={"kind": "adapt", "params": TRAINING}))
    assert job["state"] == "succeeded", job["error"]
    kept = job["result"]
    assert sum(kept["pairs"].values()) == 64
    told = desk.models()
    assert (told["active"], [one["id"] for one in told["models"]]) == ("base", ["base", kept["id"]])
    assert told["models"][1]["figures"] == kept["figures"]
    if kept["refused"]:  # so small a model may well be worse; then it is not for use
        a_problem(desk.client.post(f"{API}/models/{kept['id']}/use"), "model_refused")
        record = desk.made.models / kept["id"] / "record.json"
        record.write_text(json.dumps({**json.loads(record.read_text()), "refused": []}))

    job = desk.done(desk.client.post(f"{API}/models/{kept['id']}/use"))
    assert (job["kind"], job["state"]) == ("use_model", "succeeded")
    told = desk.models()
    assert (told["active"], told["before"]) == (kept["id"], "base")
    assert desk.made.embedder.fingerprint == kept["fingerprint"] != own
    found = desk.client.get(f"{API}/search?q=谐波减速器疲劳裂纹").json()
    assert found["hits"][0]["title"] == "谐波减速器疲劳裂纹"

    desk.made.store.apply(Batch([Node("new", Label.DEMAND, {"title": "药物"}, "甲")]))
    back = desk.client.post(f"{API}/models/roll-back").json()
    assert (back["active"], back["before"], back["fingerprint"]) == ("base", kept["id"], own)
    assert back["pending"] == 1
    assert desk.client.get(f"{API}/jobs/{back['job']}").json()["kind"] == "embed"
    assert desk.made.embedder.fingerprint == own


def test_what_is_not_there_is_refused(desk: Desk) -> None:
    a_problem(desk.client.post(f"{API}/models/20261123-000000/use"), "not_found")
    a_problem(desk.client.post(f"{API}/models/roll-back"), "model_refused")
    wrong = {"kind": "use_model", "params": {"model": "../own"}}
    a_problem(desk.client.post(f"{API}/jobs", json=wrong), "input")
    job = desk.done(
        desk.client.post(
            f"{API}/jobs", json={"kind": "use_model", "params": {"model": "20261123-000000"}}
        )
    )
    assert (job["state"], job["error"]["code"]) == ("failed", "not_found")


def _run(*arguments: str) -> tuple[int, Any]:
    answer = CliRunner().invoke(app, ["adapt", *arguments])
    try:
        return answer.exit_code, json.loads(answer.stdout)
    except ValueError:
        return answer.exit_code, answer.output


def test_the_command_line_does_the_same(desk: Desk) -> None:
    code, kept = _run("--steps", "2", "--device", "cpu", "--json")
    assert not isinstance(kept, str), kept
    assert (code, sum(kept["pairs"].values())) == (0, 64)
    record = desk.made.models / kept["id"] / "record.json"
    record.write_text(json.dumps({**json.loads(record.read_text()), "refused": []}))
    code, done = _run("--use", kept["id"], "--json")
    assert (code, done["active"], done["before"]) == (0, kept["id"], "base")
    code, text = _run("--list")
    assert code == 0
    assert "正在使用" in text
    assert "前一个" in text
    assert _run("--list", "--json")[1]["active"] == kept["id"]
    assert "已回到 base" in _run("--roll-back")[1]
    code, done = _run("--drop", kept["id"], "--json")
    assert (code, done["dropped"]) == (0, kept["id"])
    assert done["vectors"] > 0
    code, text = _run("--use", "base", "--roll-back")
    assert code == 2
    assert "--use 与 --roll-back 不能一起用" in text
    code, text = _run("--device", "tpu")
    assert (code, "不认得 tpu" in text) == (2, True)
