"""What is told, and what stays, when a real Neo4j is at fault, or he who asks it.

It is the documented error, or it heals by itself.
"""

import json
import os
import random
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from api.bootstrap import Services
from api.http.app import create_app
from api.settings import load_settings
from graph_service.deadline import time_limit
from graph_service.errors import (
    ConflictError,
    FingerprintError,
    QueryTimeoutError,
    StoreLockedError,
    StoreUnavailableError,
)
from graph_service.model import Batch, Edge, EdgeType, Filter, Label, Node, Put, UnitOfWork
from graph_service.ports import GraphStore
from graph_service.store.bolt import kept, within
from tests.e2e.store_faults import call, missing_rows, run, write_rows
from tests.neo4j_server.certificates import certificates
from tests.neo4j_server.proxy import Proxy, proxied
from tests.neo4j_server.running import Neo4jServer
from tests.stores import child, open_impatient, open_store

ROWS = 400
#: All that means something to Lucene, and some that means something to Cypher or JSON.
SYNTAX = (
    *("AND", "OR", "NOT", "TO", "(", ")", '"', "/", "~", "~2", "*", "?", ":", "\\", "[", "]", "{"),
    *("}", "^", "^4", "+", "-", "!", "&&", "||", "tokens:轴承", "`", "'", "$terms", "轴承 AND ("),
    *('"轴承', "/轴承/", "轴承~", "轴*", "轴?", "[a TO b]", "\\u0041", "轴承 OR"),
)


@pytest.fixture
def rows(place: str, tmp_path: Path) -> Path:
    """A file whose rows stand in the store."""
    path = write_rows(tmp_path / "rows.jsonl", ROWS)
    done = call("load", path, "--store", place)
    assert done.exit_code == 0, done.output
    return path


def refused(server: Neo4jServer, *words: object, code: str, exit_code: int = 4) -> dict[str, Any]:
    """The error that a command ends with, told to programs and to people, without a password."""
    for given in (words, (*words, "--json")):
        result = call(*given)
        assert result.exit_code == exit_code, result.output
        said = result.stdout + result.stderr
        assert server.password not in said
        assert os.environ["JIEBANG_NEO4J_PASSWORD"] not in said
        assert "Traceback" not in said
        assert code in said
    error: dict[str, Any] = json.loads(result.stdout)["error"]
    assert error["code"] == code
    assert error["hint"]
    return error


# --- who may enter --------------------------------------------------------------------------------


def test_a_wrong_password_is_told_neo4j(
    server: Neo4jServer, rows: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setenv("JIEBANG_NEO4J_PASSWORD", "no-such-word-4711")
        error = refused(server, "load", rows, "--store", server.uri, code="store_unavailable")
        assert "用户名或密码不对" in error["message"]
        # After three wrong ones the server lets nobody try for a while.
        error = refused(server, "stats", "--store", server.uri, code="store_unavailable")
        assert "登录失败次数太多" in error["message"]
    time.sleep(1.5)
    assert call("stats", "--store", server.uri).exit_code == 0


def test_a_password_that_must_be_changed_first_is_told_neo4j(
    server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    with server.driver() as driver:
        driver.execute_query(
            "CREATE USER fresh SET PASSWORD 'begin-with-4711' CHANGE REQUIRED", database_="system"
        )
        try:
            monkeypatch.setenv("JIEBANG_NEO4J_USER", "fresh")
            monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD", "begin-with-4711")
            error = refused(server, "stats", "--store", server.uri, code="store_unavailable")
        finally:
            driver.execute_query("DROP USER fresh", database_="system")
    assert "更改初始密码" in error["message"]


def test_a_password_is_read_from_a_file_neo4j(
    server: Neo4jServer, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret"
    secret.write_text(f"{server.password}\n")
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD_FILE", str(secret))
    monkeypatch.setenv("JIEBANG_NEO4J_PASSWORD", "")
    assert call("stats", "--store", server.uri).exit_code == 0
    secret.unlink()
    refused_at = call("stats", "--store", server.uri)
    assert refused_at.exit_code == 2
    assert str(secret) in refused_at.stderr


def test_the_password_is_in_nothing_that_is_written_neo4j(
    server: Neo4jServer, rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_DEBUG", "true")
    monkeypatch.setenv("JIEBANG_STORE", server.uri)
    with_it = f"neo4j://neo4j:{server.password}@127.0.0.1:{server.port}"
    asked = (
        *(("load", rows), ("embed",), ("stats",), ("settings",), ("search", "轴承")),
        *(("show", "nobody"), ("jobs", "run", "reindex"), ("store", "verify")),
        ("stats", "--store", with_it),
    )
    for words in asked:
        for given in (words, (*words, "--json")):
            assert server.password not in call(*given).output, given
    # What a program of its own writes, its logs and its end included.
    for words in (("load", rows), ("worker", "--once"), ("stats", "--store", with_it, "--json")):
        done = run(*words)
        assert server.password not in done.stdout + done.stderr, words
    services = Services(load_settings({"store": server.uri}))
    with services, TestClient(create_app(services), "http://127.0.0.1") as client:
        for address in ("/api/v1/settings", "/readyz", "/metrics", "/api/v1/statistics"):
            assert server.password not in client.get(address).text
        told = (services.settings, services.store, vars(services.store))
        assert server.password not in repr(told)
    with child(
        "import sys, logging; logging.basicConfig(level=logging.DEBUG, stream=sys.stdout)\n"
        "from tests.stores import open_store\n"
        "with open_store(sys.argv[1]) as store: print(store.stats())\n",
        server.uri,
    ) as process:
        said, _ = process.communicate()
    assert "nodes" in said
    assert server.password not in said


# --- TLS ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["neo4j", "bolt"])
def test_tls_with_an_authority_of_one_s_own_neo4j(
    scheme: str, server: Neo4jServer, rows: Path
) -> None:
    with proxied(server.port) as proxy:
        # The server names itself by the address that it was asked by.
        with open_store(f"{scheme}://127.0.0.1:{proxy.port}", read_only=True) as store:
            assert missing_rows(store, ROWS) == []
        assert proxy.first == 0x16  # a TLS handshake


def test_tls_with_another_authority_is_refused_neo4j(
    server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = certificates(tmp_path / "other") / "ca.pem"
    monkeypatch.setenv("JIEBANG_NEO4J_CA", str(other))
    error = refused(server, "stats", "--store", server.uri, code="store_unavailable")
    assert "证书没有通过核对" in error["message"]
    assert "该机构的证书" in error["hint"]


@pytest.mark.parametrize("scheme", ["neo4j", "bolt", "neo4j+s", "bolt+s"])
def test_a_server_whose_authority_was_not_given_is_refused_neo4j(
    scheme: str, server: Neo4jServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("JIEBANG_NEO4J_CA")
    location = f"{scheme}://127.0.0.1:{server.port}"
    error = refused(server, "stats", "--store", location, code="store_unavailable")
    assert location in error["message"]
    assert ("证书没有通过核对" in error["message"]) is ("+s" in scheme)  # others encrypt nothing


def test_an_authority_of_one_s_own_goes_not_with_s_neo4j(
    server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    location = server.uri.replace("neo4j:", "neo4j+s:")
    error = refused(server, "stats", "--store", location, code="input", exit_code=2)
    assert "neo4j://" in error["hint"]
    monkeypatch.setenv("JIEBANG_NEO4J_CA", str(tmp_path / "nowhere.pem"))
    assert call("stats", "--store", server.uri).exit_code == 2


# --- a server that goes away ----------------------------------------------------------------------


def test_a_server_that_is_away_is_told_neo4j(server: Neo4jServer, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    location = f"neo4j://127.0.0.1:{port}"
    path = write_rows(tmp_path / "rows.jsonl", 8)
    for words in (("load", path), ("stats",), ("search", "轴承"), ("embed",), ("jobs", "list")):
        error = refused(server, *words, "--store", location, code="store_unavailable")
        assert location in error["message"]
        assert "是否已启动" in error["hint"]


@pytest.fixture
def proxy(server: Neo4jServer) -> Iterator[Proxy]:
    with proxied(server.port) as proxy:
        yield proxy


@contextmanager
def asking(proxy: Proxy, seconds: float) -> Iterator[TestClient]:
    """The service, that reaches its store through the proxy; a read of it ends after so long."""
    settings = load_settings({"store": f"bolt://127.0.0.1:{proxy.port}", "query_seconds": seconds})
    with Services(settings) as services, TestClient(create_app(services), "http://127.0.0.1") as c:
        yield c


@pytest.fixture
def matched(rows: Path, proxy: Proxy) -> Iterator[TestClient]:
    """The service with time enough, where there is a way."""
    with asking(proxy, 20) as client:
        yield client


MATCH = "/api/v1/nodes/d0/matches?to=demands&top=20"


def test_a_connection_that_drops_during_a_match_is_made_anew_neo4j(
    matched: TestClient, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (kept, within):  # from the first match on, what was read is kept
        monkeypatch.setattr(module, "SETTLED", 0.0)
    seed = random.randrange(10**9)
    print(f"seed {seed}")
    chance = random.Random(seed)
    expected = matched.get(MATCH).json()["candidates"]
    assert len(expected) == 20
    matched.get(MATCH)
    before = proxy.answered
    assert matched.get(MATCH).json()["candidates"] == expected
    size = proxy.answered - before
    for _ in range(12):
        cuts = proxy.cuts
        proxy.cut_after(chance.randrange(size))
        answer = matched.get(MATCH)
        assert answer.status_code == 200, answer.text
        assert answer.json()["candidates"] == expected
        assert proxy.cuts == cuts + 1


def test_requests_are_refused_while_there_is_no_way_and_answered_after_neo4j(
    matched: TestClient, proxy: Proxy
) -> None:
    expected = matched.get(MATCH).json()["candidates"]
    with asking(proxy, 4) as hasty:
        assert hasty.get("/api/v1/statistics").status_code == 200
        proxy.bar()
        began = time.monotonic()
        with ThreadPoolExecutor(4) as threads:
            asked = [(hasty, MATCH), (hasty, "/api/v1/statistics"), (hasty, "/readyz")]
            answers = list(
                threads.map(lambda one: one[0].get(one[1]), [*asked, (matched, "/readyz")])
            )
        print(f"told after {time.monotonic() - began:.1f} s")
        for answer in answers:
            assert answer.status_code == 503, answer.text
            assert answer.json()["hint"]
        proxy.bar(barred=False)
        assert hasty.get("/readyz").status_code == 200
    assert matched.get(MATCH).json()["candidates"] == expected
    assert matched.get("/readyz").status_code == 200


# --- what is asked --------------------------------------------------------------------------------


def test_the_syntax_of_full_text_search_is_plain_text_neo4j(
    rows: Path, server: Neo4jServer, tmp_path: Path
) -> None:
    here = str(tmp_path / "embedded")
    assert call("load", rows, "--store", here).exit_code == 0
    demands = Filter(labels=frozenset({Label.DEMAND}))
    with open_store(here) as embedded, open_store(server.uri) as store:
        odd = [
            Node(f"odd{number}", Label.DEMAND, {"title": text, "text": f"{text} 轴承"})
            for number, text in enumerate(SYNTAX)
        ]
        for one in (embedded, store):
            one.apply(Batch(odd))
        for text in SYNTAX:
            for terms in (
                {text: 1.0},
                {text.lower(): 2.0, "轴承": 0.5},
                dict.fromkeys(SYNTAX, 1.0),
            ):
                found, expected = (
                    {hit.node_id for hit in one.search_text(terms, demands, limit=1000)}
                    for one in (store, embedded)
                )
                assert found == expected, terms
            named = [
                [hit.node_id for hit in one.search_text({text: 1.0}, demands, limit=50, names=True)]
                for one in (store, embedded)
            ]
            assert named[0] == named[1]
    for text in (" ".join(SYNTAX), *SYNTAX[:12]):
        for words in (("search",), ("match", "--to", "demands", "--text"), ("suggest",)):
            told = [
                call(*words, "--json", "--store", location, "--", text)
                if words[-1] != "--text"
                else call(*words, f"{text} 轴承", "--json", "--store", location)
                for location in (here, server.uri)
            ]
            assert [one.exit_code for one in told] == [0, 0], told[1].output


def test_a_vector_of_another_dimension_is_refused_neo4j(rows: Path, server: Neo4jServer) -> None:
    with open_store(server.uri) as store:
        ((fingerprint, held),) = store.stats()["vectors"].items()
        dimension = held["dimension"]
        for other in (1, dimension - 1, dimension + 1):
            with pytest.raises(FingerprintError):
                store.search_vectors(np.ones(other, np.float32), fingerprint, Filter())
            with pytest.raises(FingerprintError):
                store.put_vectors(fingerprint, [b"0" * 16], np.ones((1, other), np.float32))
        assert store.stats()["vectors"] == {fingerprint: held}
        assert store.search_vectors(np.ones(dimension, np.float32), fingerprint, Filter(), limit=3)


# --- what takes too long --------------------------------------------------------------------------


def test_a_read_that_takes_too_long_is_ended_on_the_server_neo4j(
    place: str, server: Neo4jServer
) -> None:
    firms = [f"f{number}" for number in range(60)]
    edges = [
        Edge(EdgeType.PARTNERED, one, other) for one in firms for other in firms if one < other
    ]
    with open_store(place) as store:
        store.apply(Batch([Node(one, Label.ORGANIZATION) for one in firms], edges))
        store.apply(Batch([Node("far", Label.ORGANIZATION)]))
        with pytest.raises(QueryTimeoutError), time_limit(0.2):
            _ask_on(store)
        assert store.paths("f0", "f1", max_hops=1, k=1)[0].hops[0].end == "f1"


def _ask_on(store: GraphStore) -> None:
    while True:
        store.paths("f0", "far", max_hops=8, k=20)
        store.subgraph(Filter())


def test_a_query_longer_than_its_setting_is_told_neo4j(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("JIEBANG_NEO4J_SECONDS", "1")
    with open_store(place) as store:
        endless = "UNWIND range(1, 10000000000) AS n RETURN count(n)"
        with pytest.raises(QueryTimeoutError) as caught:
            store._connection.read(endless)  # type: ignore[attr-defined]
        assert "1 秒" in caught.value.message
        assert store.stats()["nodes"] == {}


def test_a_read_ends_in_time_on_a_server_that_hangs_neo4j(place: str, server: Neo4jServer) -> None:
    with open_store(place) as store:
        store.apply(Batch([Node("a", Label.ORGANIZATION)]))
        with server.hanging():
            for _ in range(2):  # on a connection that was there, and on one to be made
                begun = time.monotonic()
                with pytest.raises((StoreUnavailableError, QueryTimeoutError)), time_limit(0.5):
                    store.nodes(["a"])
                assert time.monotonic() - begun < 8  # its limit and 2 s, on a machine that is busy
        assert set(store.nodes(["a"])) == {"a"}


def test_a_write_that_waits_too_long_for_others_is_told_neo4j(
    rows: Path, server: Neo4jServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    more = write_rows(tmp_path / "more.jsonl", 40, first=ROWS)
    with (
        server.driver() as driver,
        driver.session() as session,
        session.begin_transaction() as holder,
    ):
        holder.run("MATCH (m:Meta) SET m.held = true").consume()
        monkeypatch.setenv("JIEBANG_NEO4J_WRITE_SECONDS", "1")
        error = refused(server, "load", more, "--store", server.uri, code="store_locked")
        assert "另一个程序正在写入" in error["message"]
        assert call("search", "轴承", "--store", server.uri, "--json").exit_code == 0
        assert call("store", "migrate", "--store", server.uri).exit_code == 0  # nothing to do
        with open_impatient(server.uri) as store, pytest.raises(StoreLockedError):
            store.commit(UnitOfWork([Put("bid", "b1", {})], Batch()))
        holder.rollback()
    assert call("load", more, "--store", server.uri).exit_code == 0
    with open_store(server.uri) as store:
        assert missing_rows(store, ROWS + 40) == []
        assert store.count("bid") == 0


# --- two who write --------------------------------------------------------------------------------


def test_two_loads_of_the_same_nodes_both_end_neo4j(place: str, tmp_path: Path) -> None:
    one = write_rows(tmp_path / "one.jsonl", 1200)
    other = write_rows(tmp_path / "other.jsonl", 1200, first=600)
    with ThreadPoolExecutor(2) as threads:
        done = list(threads.map(lambda path: run("load", path, "--store", place), (one, other)))
    assert [each.returncode for each in done] == [0, 0], [each.stderr for each in done]
    here = str(tmp_path / "embedded")
    for path in (one, other):
        assert call("load", path, "--store", here).exit_code == 0
    with open_store(place) as store, open_store(here) as oracle:
        assert missing_rows(store, 1800) == []
        told, expected = (_counted(each.stats()) for each in (store, oracle))
        assert told == expected
        ids = [f"d{number}" for number in range(1800)]
        assert store.nodes(ids) == oracle.nodes(ids)  # versions, too


def _counted(stats: dict[str, Any]) -> dict[str, Any]:
    return {name: stats[name] for name in ("nodes", "edges", "passages", "vectors")}


def test_of_processes_that_write_one_record_one_wins_neo4j(place: str) -> None:
    program = """
import sys
from graph_service.errors import ConflictError
from graph_service.model import *
from tests.stores import open_store
with open_store(sys.argv[1]) as store:
    for version in range(20):
        print("ready", flush=True)
        sys.stdin.readline()
        node = Node("f", Label.ORGANIZATION, {"name": f"甲{version}{sys.argv[2]}"})
        try:
            put = Put("bid", "b", {"by": sys.argv[2]}, expected=version)
            store.commit(UnitOfWork([put, Put("audit", None, {})], Batch([node])))
        except ConflictError as error:
            print("lost", flush=True)
        else:
            print("won", flush=True)
"""
    with child(program, place, "one") as one, child(program, place, "two") as two:
        for version in range(20):
            for process in (one, two):
                assert process.stdout
                assert process.stdout.readline() == "ready\n"
            for process in (one, two):
                print(file=process.stdin, flush=True)
            told = sorted(process.stdout.readline() for process in (one, two) if process.stdout)
            assert told == ["lost\n", "won\n"], version
    with open_store(place) as store:
        assert store.get("bid", ["b"])["b"].version == store.count("audit") == 20
        assert store.nodes(["f"])["f"].version == 20
        with pytest.raises(ConflictError):
            store.commit(UnitOfWork([Put("bid", "b", {}, expected=1)], Batch()))
