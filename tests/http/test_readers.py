"""Requests are answered while a job writes, and they see what it has written so far."""

import shutil
from collections import Counter
from pathlib import Path

from tests.e2e.store_faults import write_rows
from tests.http.running import running

ROWS = 8_000
ASKED = (
    ("/healthz", {}),
    ("/api/v1/statistics", {}),
    ("/api/v1/nodes/demand:D-001", {}),
    ("/api/v1/search", {"q": "轴承 疲劳"}),
    ("/api/v1/nodes/demand:D-001/matches", {"to": "results"}),
)


def test_requests_are_answered_while_a_job_writes(city_store: Path, tmp_path: Path) -> None:
    store = tmp_path / "store"
    shutil.copytree(city_store, store)
    rows = write_rows(tmp_path / "rows.jsonl", ROWS)
    answered: Counter[str] = Counter()
    demands: list[int] = []
    with running(store, tmp_path / "log") as service, service.client() as client:
        upload = client.post("uploads", params={"name": rows.name}, content=rows.read_bytes())
        job = client.post(
            "jobs", json={"kind": "load", "params": {"uploads": [upload.json()["id"]]}}
        ).json()
        while job["ended_at"] is None:
            running_before = job["state"] == "running"
            told = {}
            for path, params in ASKED:
                answer = client.get(f"{service.address}{path}", params=params)
                assert answer.status_code == 200, answer.text
                told[path] = answer.json()
            job = client.get(f"jobs/{job['id']}").json()
            if running_before and job["state"] == "running":
                answered.update(told.keys())
                demands.append(told["/api/v1/statistics"]["nodes"]["Demand"])
        after = client.get("statistics").json()["nodes"]["Demand"]
    assert job["state"] == "succeeded", job
    print(answered, demands)
    assert all(answered[path] >= 3 for path, _ in ASKED)
    assert demands == sorted(demands)
    assert demands[0] < demands[-1] <= after
