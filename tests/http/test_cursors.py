"""Cursors go on where the page ended, for the same query alone, and cannot be made by others."""

from pathlib import Path

import pytest
from itsdangerous import URLSafeSerializer

from api.http.cursors import Cursors, query_of, secret_of
from tests.http.conftest import Serving, a_problem
from tests.stores import open_store

PAGES = "/api/v1/probe/pages"


def test_pages_follow_one_another_to_the_end(probing: Serving) -> None:
    with probing() as client:
        seen, query = [], {"limit": 50, "q": "检索"}
        while True:
            page = client.get(PAGES, params=query).json()
            seen += page["items"]
            if page["next"] is None:
                break
            query["cursor"] = page["next"]
            query["limit"] = 30  # another size of page is the same query
    assert seen == list(range(120))


def test_tampering_is_refused(probing: Serving) -> None:
    with probing() as client:
        cursor = client.get(PAGES).json()["next"]
        assert client.get(PAGES, params={"cursor": cursor}).status_code == 200
        body, signature = cursor.rsplit(".", 1)
        forged = URLSafeSerializer("guess", salt="cursor").dumps(["", 100])
        for bad in (
            cursor[:-1],
            cursor + "a",
            body,
            "." + signature,
            body[:-2] + "AA." + signature,
            "x",
            "....",
            "中文",
            "%",
            forged,
        ):
            a_problem(client.get(PAGES, params={"cursor": bad}), "cursor")
        a_problem(client.get(PAGES, params={"cursor": "a" * 4001}), "input")


def test_a_cursor_of_another_query_is_refused(probing: Serving) -> None:
    with probing() as client:
        cursor = client.get(PAGES, params={"q": "a"}).json()["next"]
        for query in ({"q": "b"}, {}, {"q": ["a", "a"]}):
            a_problem(client.get(PAGES, params={**query, "cursor": cursor}), "cursor")


def test_a_cursor_outlives_the_server_and_is_good_for_the_next(probing: Serving) -> None:
    with probing() as client:
        cursor = client.get(PAGES).json()["next"]
    with probing() as client:
        assert client.get(PAGES, params={"cursor": cursor}).json()["items"][0] == 50
    with probing(secret="another secret") as client:
        a_problem(client.get(PAGES, params={"cursor": cursor}), "cursor")


def test_the_secret_is_made_once(location: str, tmp_path: Path) -> None:
    with open_store(location) as one, open_store(str(tmp_path / "two")) as two:
        assert secret_of(one) == secret_of(one)
        assert secret_of(one) != secret_of(two)
        assert len(secret_of(one)) >= 32


@pytest.mark.parametrize("position", ["a:1", 5, ["a", None], {"score": 1.5, "id": "中"}])
def test_any_position_comes_back_as_it_was(position: object) -> None:
    cursors = Cursors("secret")
    query = query_of("/x", [("q", "1"), ("cursor", "c"), ("limit", "5")])
    assert query == query_of("/x", [("q", "1")])
    assert cursors.read(query, cursors.sign(query, position)) == position
