"""From an upload over what is recognised to a load, and what its job leaves."""

import hashlib
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http import idempotency
from api.http.app import create_app
from api.http.schemas import loading, working
from api.jobs.worker import Worker
from api.settings import load_settings
from graph_service.model import Put, UnitOfWork
from tests.http.conftest import BASE, a_problem

API = "/api/v1"
FIRMS = (
    "企业名称,统一社会信用代码,所在区县\n虚构甲精密有限公司,,青砚区\n虚构乙传动有限公司,,鹭桥县\n"
)
BAD = "企业名称,统一社会信用代码\n虚构甲精密有限公司,\n虚构乙有限公司,\n,123\n"
ODD = "贵单位的全称,您的难题是什么,打算出多少钱\n虚构甲精密有限公司,柔轮疲劳开裂怎么办,三十万元\n"


class Desk:
    """A client, and the worker that does its jobs when told to."""

    def __init__(self, client: TestClient, services: Services) -> None:
        self.client = client
        self.store = services.store
        self._worker = Worker(services)

    def upload(self, name: str, content: str | bytes) -> dict[str, Any]:
        data = content.encode() if isinstance(content, str) else content
        answer = self.client.post(f"{API}/uploads", params={"name": name}, content=data)
        assert answer.status_code == 201, answer.text
        loading.UploadAnswer.model_validate(answer.json())
        assert answer.json()["sha256"] == hashlib.sha256(data).hexdigest()
        assert self.client.get(answer.headers["location"]).json() == answer.json()
        return answer.json()  # type: ignore[no-any-return]

    def recognised(self, id_: str, **asked: Any) -> dict[str, Any]:
        answer = self.client.get(f"{API}/uploads/{id_}/recognition", params=asked)
        assert answer.status_code == 200, answer.text
        loading.RecognitionAnswer.model_validate(answer.json())
        return answer.json()  # type: ignore[no-any-return]

    def submit(self, kind: str, **params: Any) -> str:
        answer = self.client.post(f"{API}/jobs", json={"kind": kind, "params": params})
        assert answer.status_code == 202, answer.text
        working.JobAnswer.model_validate(answer.json())
        assert answer.headers["location"] == f"{API}/jobs/{answer.json()['id']}"
        return str(answer.json()["id"])

    def work(self) -> None:
        """Do the next job."""
        assert self._worker.run_one()

    def done(self, kind: str, **params: Any) -> dict[str, Any]:
        id_ = self.submit(kind, **params)
        self.work()
        answer = self.client.get(f"{API}/jobs/{id_}").json()
        working.JobAnswer.model_validate(answer)
        return answer  # type: ignore[no-any-return]

    def titles(self, label: str) -> list[str]:
        nodes = self.client.get(f"{API}/nodes", params={"label": label}).json()["nodes"]
        return sorted(node["title"] for node in nodes)


@pytest.fixture
def desk(location: str) -> Iterator[Desk]:
    settings = load_settings({"store": location})
    with (
        Services(settings) as services,
        TestClient(create_app(services), BASE, raise_server_exceptions=False) as client,
    ):
        yield Desk(client, services)


def test_a_file_is_uploaded_recognised_and_loaded(desk: Desk) -> None:
    id_ = desk.upload("企业 名录.csv", FIRMS)["id"]
    seen = desk.recognised(id_)
    assert [(one["file"], one["mapping"], one["rows"]) for one in seen["sheets"]] == [
        ("企业 名录.csv", "organizations", 3)
    ]
    assert {"header": "企业名称", "field": "name"} in seen["sheets"][0]["columns"]
    assert desk.titles("Organization") == []  # nothing is loaded by looking
    job = desk.done("load", uploads=[id_])
    assert (job["state"], job["result"]["nodes"]["new"]) == ("succeeded", 4)
    assert desk.titles("Organization") == ["虚构乙传动有限公司", "虚构甲精密有限公司"]
    again = desk.done("load", uploads=[id_])
    assert again["result"]["nodes"] == {"new": 0, "changed": 0, "unchanged": 4}
    hits = desk.client.get(f"{API}/search", params={"q": "乙传动"}).json()["hits"]
    assert hits[0]["title"] == "虚构乙传动有限公司"


def test_recognition_has_a_time_limit(tmp_path: Path) -> None:
    settings = load_settings({"store": str(tmp_path / "store")})
    hurried = settings.model_copy(update={"query_seconds": 0})
    with (
        Services(hurried) as services,
        TestClient(create_app(services), BASE, raise_server_exceptions=False) as client,
    ):
        id_ = Desk(client, services).upload("名录.csv", FIRMS)["id"]
        told = a_problem(client.get(f"{API}/uploads/{id_}/recognition"), "query_timeout")
    assert "文件太大" in told["detail"]
    assert "dry_run" in told["hint"]


def test_a_trial_changes_nothing(desk: Desk) -> None:
    job = desk.done("load", uploads=[desk.upload("名录.csv", FIRMS)["id"]], dry_run=True)
    assert (job["state"], job["result"]["nodes"]["new"]) == ("succeeded", 4)
    assert desk.titles("Organization") == []


def test_rejected_rows_are_a_file_of_the_job(desk: Desk, tmp_path: Path) -> None:
    job = desk.done("load", uploads=[desk.upload("名录.csv", BAD)["id"]])
    assert job["result"]["rejected"] == 1
    files = {file["name"]: file["bytes"] for file in job["files"]}
    answer = desk.client.get(f"{API}/jobs/{job['id']}/files/rejected.xlsx")
    assert (answer.status_code, len(answer.content)) == (200, files["rejected.xlsx"])
    assert "rejected.xlsx" in answer.headers["content-disposition"]
    (tmp_path / "back.xlsx").write_bytes(answer.content)
    rows = list(openpyxl.load_workbook(tmp_path / "back.xlsx").worksheets[0].values)
    assert any("123" in map(str, row) for row in rows)
    for name in ("nothing", "..%2F..%2Fabout.json", "%2e%2e", "."):
        a_problem(desk.client.get(f"{API}/jobs/{job['id']}/files/{name}"), "not_found")


def test_a_proposed_mapping_is_edited_uploaded_and_used(desk: Desk) -> None:
    id_ = desk.upload("调查.csv", ODD)["id"]
    seen = desk.recognised(id_)
    assert seen["sheets"] == []
    assert "表头认不出来" in seen["skipped"][0]["reason"]
    toml = 'like = "demands"\n[fields]\n' + "".join(
        f'{field} = {{ headers = ["{header}"] }}\n'
        for field, header in zip(
            ("organization", "title", "budget"),
            ODD.splitlines()[0].split(","),
            strict=True,
        )
    )
    assert seen["mappings"][0]["toml"].count("headers")
    mapping = desk.upload("对照.toml", toml)["id"]
    (sheet,) = desk.recognised(id_, mapping=mapping)["sheets"]
    assert (sheet["mapping"], len(sheet["columns"])) == ("对照", 3)
    job = desk.done("load", uploads=[id_], mappings=[mapping])
    assert job["state"] == "succeeded"
    assert desk.titles("Demand") == ["柔轮疲劳开裂怎么办"]
    broken = desk.upload("坏.toml", "like = [")["id"]
    asked = desk.client.get(f"{API}/uploads/{id_}/recognition", params={"mapping": broken})
    detail = a_problem(asked, "input")["detail"]
    assert detail.startswith("表头对照 坏.toml 不能用：不是有效的 TOML")  # no folder of ours


def test_built_in_mappings_are_listed_and_shown(desk: Desk) -> None:
    answer = desk.client.get(f"{API}/mappings").json()
    loading.MappingsAnswer.model_validate(answer)
    for one in answer["mappings"]:
        whole = desk.client.get(f"{API}/mappings/{one['name']}").json()
        loading.MappingAnswer.model_validate(whole)
        assert whole["title"] == one["title"]
        assert [field["name"] for field in whole["fields"] if field["required"]] == [
            field["name"] for field in whole["fields"] if field["name"] in one["required"]
        ]
        assert f'title = "{one["title"]}"' in whole["toml"]
    problem = a_problem(desk.client.get(f"{API}/mappings/none"), "not_found")
    assert "demands" in problem["hint"]


def test_a_form_is_taken_as_well_as_bare_bytes(desk: Desk) -> None:
    content = b"PK\x03\x04" + bytes(range(256)) * 3000
    given = {"note": (None, "x"), "file": ("C:\\表\\榜 单.xlsx", content)}
    answer = desk.client.post(f"{API}/uploads", files=given)
    assert answer.status_code == 201, answer.text
    told = answer.json()
    assert (told["name"], told["bytes"]) == ("榜 单.xlsx", len(content))
    assert told["sha256"] == hashlib.sha256(content).hexdigest()


def test_uploads_that_cannot_be_used(desk: Desk) -> None:
    def post(content: bytes = b"a", **given: Any) -> Any:
        return desk.client.post(f"{API}/uploads", content=content, **given)

    a_problem(post(), "input")  # no name
    assert "没有内容" in a_problem(post(b"", params={"name": "a.csv"}), "input")["detail"]
    a_problem(post(params={"name": "/"}), "input")
    form = {"content-type": "multipart/form-data; boundary=x"}
    a_problem(post(headers=form), "malformed")
    a_problem(post(headers={"content-type": "multipart/form-data"}), "malformed")
    assert not desk.client.get(f"{API}/uploads/none").is_success


def test_ids_of_uploads_lead_nowhere_else(desk: Desk) -> None:
    for id_ in ("0" * 16, "..%2F..%2Frecord.sqlite", "%2e%2e", "x" * 64):
        a_problem(desk.client.get(f"{API}/uploads/{id_}"), "not_found")
        a_problem(desk.client.get(f"{API}/uploads/{id_}/recognition"), "not_found")


def test_a_job_whose_uploads_are_not_there_is_refused(desk: Desk) -> None:
    for job in (
        {"kind": "load", "params": {"uploads": ["0" * 16]}},
        {"kind": "evaluate", "params": {"upload": "0" * 16}},
    ):
        a_problem(desk.client.post(f"{API}/jobs", json=job), "not_found")
    assert desk.client.get(f"{API}/jobs").json()["jobs"] == []


@pytest.mark.parametrize(
    ("job", "wrong"),
    [
        ({}, "kind"),
        ({"kind": "dance"}, "kind"),
        ({"kind": "load"}, "params"),
        ({"kind": "load", "params": {"uploads": []}}, "params.uploads"),
        ({"kind": "embed", "params": {"x": 1}}, "params.x"),
        ({"kind": "match", "params": {"subject": "text", "to": "results"}}, "params.subject"),
    ],
)
def test_jobs_that_cannot_be_done(desk: Desk, job: Any, wrong: str) -> None:
    body = a_problem(desk.client.post(f"{API}/jobs", json=job), "input")
    assert wrong in [error["field"] for error in body["errors"]]


def _events(text: str) -> list[tuple[str, dict[str, Any]]]:
    found = []
    for block in text.split("\n\n"):
        lines = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line)
        if "data" in lines:
            found.append((lines["event"], json.loads(lines["data"])))
    return found


def test_a_job_is_followed_to_its_end(desk: Desk) -> None:
    job = desk.done("load", uploads=[desk.upload("名录.csv", FIRMS)["id"]])
    answer = desk.client.get(f"{API}/jobs/{job['id']}/events")
    assert answer.headers["content-type"].startswith("text/event-stream")
    assert _events(answer.text) == [("end", job)]
    log = desk.client.get(f"{API}/jobs/{job['id']}/log").json()
    working.LogAnswer.model_validate(log)
    assert any("名录.csv" in line["text"] for line in log["lines"])
    numbers, after = [], 0
    while True:
        page = desk.client.get(
            f"{API}/jobs/{job['id']}/log", params={"after": after, "limit": 1}
        ).json()
        numbers += [line["number"] for line in page["lines"]]
        after = page["after"]
        if not page["more"]:
            break
    assert numbers == [line["number"] for line in log["lines"]]


def test_events_tell_what_changes_until_the_end(desk: Desk) -> None:
    id_ = desk.submit("load", uploads=[desk.upload("名录.csv", FIRMS)["id"]])
    later = threading.Timer(1.5, desk.work)
    later.start()
    answer = desk.client.get(f"{API}/jobs/{id_}/events")
    later.join()
    told = _events(answer.text)
    assert [event for event, _ in told[:-1]] == ["progress"] * (len(told) - 1)
    assert told[0][1]["state"] == "queued"
    assert (told[-1][0], told[-1][1]["state"]) == ("end", "succeeded")
    assert told[-1][1] == desk.client.get(f"{API}/jobs/{id_}").json()


def test_a_lost_connection_goes_on_without_telling_anything_twice(desk: Desk) -> None:
    id_ = desk.submit("reindex")
    later = threading.Timer(1.0, lambda: desk.client.post(f"{API}/jobs/{id_}/cancel"))
    later.start()
    first = desk.client.get(f"{API}/jobs/{id_}/events").text
    later.join()
    marks = [line.removeprefix("id: ") for line in first.splitlines() if line.startswith("id: ")]
    assert [event for event, _ in _events(first)] == ["progress", "end"]

    other = desk.submit("embed")
    later = threading.Timer(1.0, lambda: desk.client.post(f"{API}/jobs/{other}/cancel"))
    later.start()
    held = {"Last-Event-ID": marks[0]}  # of a job that waits, like this one
    again = desk.client.get(f"{API}/jobs/{other}/events", headers=held).text
    later.join()
    assert [event for event, _ in _events(again)] == ["end"]


def test_whoever_has_heard_the_end_is_told_to_come_no_more(desk: Desk) -> None:
    id_ = desk.submit("reindex")
    desk.client.post(f"{API}/jobs/{id_}/cancel")
    events = f"{API}/jobs/{id_}/events"
    (mark,) = [
        line.removeprefix("id: ")
        for line in desk.client.get(events).text.splitlines()
        if line.startswith("id: ")
    ]
    again = desk.client.get(events, headers={"Last-Event-ID": mark})
    assert (again.status_code, again.content) == (204, b"")
    assert "content-type" not in again.headers
    other = desk.client.get(events, headers={"Last-Event-ID": "0.0.0.queued.0"})
    assert [event for event, _ in _events(other.text)] == ["end"]


def test_so_many_follow_at_one_time_and_no_more(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    streams = desk.client.app.state.held.streams  # type: ignore[attr-defined]
    monkeypatch.setattr(streams, "_most", 2)
    id_ = desk.submit("embed")
    events = f"{API}/jobs/{id_}/events"
    with ThreadPoolExecutor(2) as threads:
        asked = [threads.submit(desk.client.get, events) for _ in range(2)]
        until = time.monotonic() + 30
        while streams.open < 2:
            assert time.monotonic() < until
            time.sleep(0.02)
        told = a_problem(desk.client.get(events), "busy")
        assert "跟随任务进度" in told["detail"]
        assert "jiebang_streams_open 2.0" in desk.client.get("/metrics").text
        assert desk.client.get(f"{API}/jobs/{id_}").status_code == 200
        desk.client.post(f"{API}/jobs/{id_}/cancel")
        assert [one.result().status_code for one in asked] == [200, 200]
    assert streams.open == 0
    assert desk.client.get(events).status_code == 200
    a_problem(desk.client.get(f"{API}/jobs/nothing/events"), "not_found")
    assert streams.open == 0


def test_events_end_when_the_server_stops(desk: Desk) -> None:
    id_ = desk.submit("embed")
    desk.client.app.state.held.stopping.set()  # type: ignore[attr-defined]
    told = _events(desk.client.get(f"{API}/jobs/{id_}/events").text)
    assert [(event, job["state"]) for event, job in told] == [("progress", "queued")]


def test_a_job_is_cancelled_once_and_not_after_its_end(desk: Desk) -> None:
    queued = desk.submit("embed")
    for _ in range(2):
        answer = desk.client.post(f"{API}/jobs/{queued}/cancel")
        assert answer.json()["state"] == "cancelled"
    ended = desk.done("reindex")
    a_problem(desk.client.post(f"{API}/jobs/{ended['id']}/cancel"), "job_ended")
    for rest in ("", "/log", "/events", "/files/a"):
        a_problem(desk.client.get(f"{API}/jobs/none{rest}"), "not_found")
    a_problem(desk.client.post(f"{API}/jobs/none/cancel"), "not_found")


def test_a_job_sent_twice_under_one_key_is_one_job(desk: Desk) -> None:
    given = {"json": {"kind": "embed"}, "headers": {"Idempotency-Key": "一".encode().hex()}}
    first, second = (desk.client.post(f"{API}/jobs", **given) for _ in range(2))
    assert first.json() == second.json()
    assert len(desk.client.get(f"{API}/jobs").json()["jobs"]) == 1


def test_a_server_that_died_before_its_answer_leaves_one_job(desk: Desk) -> None:
    given: dict[str, Any] = {"json": {"kind": "embed"}, "headers": {"Idempotency-Key": "k"}}
    first = desk.client.post(f"{API}/jobs", **given).json()
    (record,) = desk.store.query(idempotency.KIND).records
    died = {"state": "running", "until": 0}  # as a server leaves it that dies at work
    desk.store.commit(UnitOfWork([Put(idempotency.KIND, record.id, died)]))
    again = desk.client.post(f"{API}/jobs", **given)
    assert (again.status_code, again.json()) == (202, first)
    assert len(desk.client.get(f"{API}/jobs").json()["jobs"]) == 1
    given["headers"] = {"Idempotency-Key": "other"}
    assert desk.client.post(f"{API}/jobs", **given).json()["id"] != first["id"]


def test_many_matches_and_an_export_are_files(desk: Desk) -> None:
    demands = "需求名称,需求单位,需求内容\n柔轮开裂,虚构甲精密有限公司,柔轮疲劳寿命不足\n"
    results = "成果名称,完成单位,成果简介,成熟度\n柔轮强化,虚构理工大学,喷丸提高柔轮疲劳寿命,6\n"
    ids = [desk.upload("需求.csv", demands)["id"], desk.upload("成果.csv", results)["id"]]
    assert desk.done("load", uploads=ids)["state"] == "succeeded"
    job = desk.done("match", subject="demand", to="results", top=3)
    assert job["state"] == "succeeded", job
    files = f"{API}/jobs/{job['id']}/files"
    lines = desk.client.get(f"{files}/matches.jsonl").text.splitlines()
    assert len(lines) == 1
    assert "柔轮强化" in lines[0]
    export = desk.done("export", format="jsonl")
    graph = desk.client.get(f"{API}/jobs/{export['id']}/files/{export['files'][0]['name']}").text
    assert {"柔轮开裂", "柔轮强化"} <= {
        json.loads(line).get("props", {}).get("title") for line in graph.splitlines()
    }
