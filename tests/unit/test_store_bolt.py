"""The parts of the Neo4j engine that need no server."""

import math
from collections import Counter
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from neo4j.exceptions import ServiceUnavailable

from graph_service.errors import InputError
from graph_service.model import Label
from graph_service.store import ServerOptions, open_store
from graph_service.store.bolt import attempts, cypher
from graph_service.store.bolt.counts import packed, unpacked

NUMBERS = st.integers(1, 2**53)
KEYS = st.tuples(st.sampled_from(["node", "record"]), st.text(max_size=9))


@given(st.dictionaries(KEYS, NUMBERS))
def test_counts_are_kept_as_text(counts: dict[tuple[str, str], int]) -> None:
    assert unpacked(packed(counts)) == Counter(counts)


def test_counts_of_nothing_are_left_out() -> None:
    told = packed({("node", Label.DEMAND): 2, ("node", Label.RESULT): 0})
    assert told == '{"node":{"Demand":2}}'


def test_one_statement_is_sent_as_it_is() -> None:
    assert cypher.joined([("CREATE (n $rows)", {"rows": 1})]) == ("CREATE (n $rows)", {"rows": 1})


def test_statements_that_go_together_have_parameters_of_their_own() -> None:
    text, params = cypher.joined(
        [("UNWIND $rows AS row CREATE (n:$(row[0]))", {"rows": [1]}), ("SET $rows", {"rows": [2]})]
    )
    assert text.splitlines() == [
        "CALL () { UNWIND $q0.rows AS row CREATE (n:$(row[0])) }",
        "CALL () { SET $q1.rows }",
        "FINISH",
    ]
    assert params == {"q0": {"rows": [1]}, "q1": {"rows": [2]}}


def test_a_password_is_not_shown() -> None:
    assert "geheim" not in repr(ServerOptions(password="geheim"))


@pytest.mark.parametrize(
    ("location", "ca"),
    [
        ("neo4j://neo4j:geheim@localhost", None),
        ("neo4j://neo4j:1/geheim@localhost", None),
        ("neo4j://[::1", None),
        ("bolt://localhost:port", None),
        ("http://localhost:7474", None),
        ("bolt://localhost", "ca.pem"),
        ("neo4j+s://localhost", "ca.pem"),
        ("bolt+ssc://localhost", "ca.pem"),
        ("bolt://localhost", "missing.pem"),
    ],
)
def test_an_address_that_cannot_be_used_is_refused(
    tmp_path: Path, location: str, ca: str | None
) -> None:
    (tmp_path / "ca.pem").write_text("")
    options = ServerOptions(ca=tmp_path / ca if ca else None)
    with pytest.raises(InputError) as caught:
        open_store(location, server=options)
    assert caught.value.hint
    assert "geheim" not in str(caught.value.as_dict())


def test_the_time_to_try_again_begins_with_the_first_failure(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = [0.0]
    monkeypatch.setattr(attempts, "time", SimpleNamespace(monotonic=lambda: clock[0]))
    again = attempts.Attempts(seconds=5, ends=math.inf, closed=lambda: False)
    for clock[0] in (100.0, 104.0):
        with again:
            raise ServiceUnavailable
    clock[0] = 105.0
    with pytest.raises(ServiceUnavailable), again:
        raise ServiceUnavailable
