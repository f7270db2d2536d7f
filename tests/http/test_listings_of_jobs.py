"""Pages of jobs make one listing while jobs come, on each engine."""

from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.http.conftest import Serving

JOBS = "/api/v1/jobs"


@pytest.fixture
def served(location: str) -> str:
    return location


def listed(client: TestClient, **asked: str) -> list[dict[str, Any]]:
    """All on one page."""
    page = client.get(JOBS, params={**asked, "limit": 200}).json()
    assert page["next"] is None
    return list(page["jobs"])


def test_pages_of_jobs_go_on_while_jobs_come(serving: Serving) -> None:
    with serving() as client:
        made = [client.post(JOBS, json={"kind": "embed"}).json()["id"] for _ in range(5)]
        first = client.get(JOBS, params={"limit": 2}).json()
        client.post(JOBS, json={"kind": "reindex"})
        ids = [job["id"] for job in first["jobs"]]
        cursor = first["next"]
        while cursor:
            page = client.get(JOBS, params={"limit": 2, "cursor": cursor}).json()
            ids += [job["id"] for job in page["jobs"]]
            cursor = page["next"]
        assert ids == made[::-1]
        assert [job["kind"] for job in listed(client, kind="reindex")] == ["reindex"]
        client.post(f"{JOBS}/{made[0]}/cancel")
        assert [job["id"] for job in listed(client, state="cancelled")] == made[:1]
