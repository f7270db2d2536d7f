"""feedback.jsonl: read line by line, whatever stands there; written and read back."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from graph_service.feedback.judgements import Judgement, judgements_of
from graph_service.feedback.model import REASONS, Decided, Decision, Named, Row, Statement, stated
from loaders import feedback_jsonl
from loaders.errors import ErrorLog
from loaders.looking import look
from loaders.service import load
from tests.stores import open_store

WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=12).map(str.strip)
IDS = WORDS.filter(bool)
DATES = st.one_of(
    st.sampled_from(["2021", "2021-10", "2021-10-05"]),
    st.integers(0, 1_700_000_000_000).map(
        lambda ms: datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="milliseconds")
    ),
)
SAID = st.one_of(
    st.builds(Statement, st.just(Decision.ACCEPTED), st.none(), WORDS, DATES, IDS),
    st.builds(
        Statement, st.just(Decision.REJECTED), st.sampled_from([*REASONS]), WORDS, DATES, IDS
    ),
)
ROWS = st.builds(Row, IDS, IDS, SAID)
ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
FIELDS = ("demand", "candidate", "decision", "reason", "date", "note", "by")
WRONG = st.one_of(
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\r\n"), max_size=20),
    st.dictionaries(st.sampled_from(FIELDS), ANYTHING, max_size=7).map(json.dumps),
    st.sampled_from(['{"demand": "d', "[1]", "\ufeff", "{}", "null"]),
)
LINE = {"demand": "d", "candidate": "c", "decision": "accepted", "date": "2026-01-02"}


def written(row: Row) -> str:
    named = Named(row.demand, "甲"), Named(row.candidate, "乙")
    (line,) = feedback_jsonl.lines([Decided("f", 1, *named, row.said, ())])
    return line


def read(path: Path, *lines: str) -> tuple[list[tuple[int, Row]], ErrorLog]:
    path.write_bytes("\n".join(lines).encode())
    log = ErrorLog()
    return list(feedback_jsonl.read(path, by="某人", log=log)), log


@given(lines=st.lists(st.one_of(ROWS, WRONG), max_size=8))
def test_no_line_breaks_another(
    lines: list[Row | str], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / "feedback.jsonl"
    # An ASCII file of wrong lines alone may be taken for another encoding: begin with a right one.
    first = Row("需求", "成果", stated(Decision.ACCEPTED, at="2020-01-01", by="张三"))
    all_lines = [first, *lines]
    told = [written(one) if isinstance(one, Row) else one for one in all_lines]
    rows, log = read(path, *told)
    found = dict(rows)
    assert {n: one for n, one in enumerate(all_lines, start=1) if isinstance(one, Row)} == {
        n: row for n, row in found.items() if isinstance(all_lines[n - 1], Row)
    }
    wrong = [n for n, one in enumerate(told, start=1) if one.strip() and n not in found]
    assert [error.row for error in log.errors] == wrong
    assert log.rejected == len(wrong)
    for error in log.errors:
        assert error.message
        assert error.mend


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ("accepted", None, "2026-01-02", "某人")),
        ({"decision": " Rejected ", "reason": "指标不达"},
         ("rejected", "indicators", "2026-01-02", "某人")),
        ({"reason": None, "note": None, "by": " 李四 "}, ("accepted", None, "2026-01-02", "李四")),
        ({"date": "2026年1月"}, ("accepted", None, "2026-01", "某人")),
        ({"date": "2026-01-02T08:00:00+08:00"},
         ("accepted", None, "2026-01-02T00:00:00.000+00:00", "某人")),
        ({"date": "2026-01-02 08:00:00"},
         ("accepted", None, "2026-01-02T08:00:00.000+00:00", "某人")),
        ({"more": [1], "demand": 7}, ("accepted", None, "2026-01-02", "某人")),
    ],
)  # fmt: skip
def test_what_a_line_may_say(tmp_path: Path, change: dict[str, Any], said: tuple[Any, ...]) -> None:
    rows, log = read(tmp_path / "f.jsonl", json.dumps(LINE | change))
    assert log.errors == []
    ((_, row),) = rows
    assert (row.said.decision.value, row.said.reason, row.said.at, row.said.by) == said


@pytest.mark.parametrize(
    ("change", "code", "column"),
    [
        ({"demand": ""}, "missing_key", "demand"),
        ({"candidate": "字" * 2001}, "bad_key", "candidate"),
        ({"decision": "maybe"}, "refused", "decision"),
        ({"decision": "withdrawn"}, "refused", "decision"),
        ({"decision": "rejected"}, "refused", "reason"),
        ({"decision": "rejected", "reason": "不好"}, "refused", "reason"),
        ({"reason": "field"}, "refused", "reason"),
        ({"note": "字" * 501}, "refused", "note"),
        ({"note": ["x"]}, "bad_type", "note"),
        ({"date": None}, "missing_key", "date"),
        ({"date": "某天"}, "bad_date", "date"),
        ({"date": "长期"}, "bad_date", "date"),
        ({"date": "2999-01-01"}, "out_of_range", "date"),
        ({"date": "2199-01-01"}, "refused", "date"),
        ({"date": "0001-01-01T00:00:00"}, "out_of_range", "date"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, change: dict[str, Any], code: str, column: str
) -> None:
    good = json.dumps(LINE)
    rows, log = read(tmp_path / "f.jsonl", good, json.dumps(LINE | change), good)
    assert [number for number, _ in rows] == [1, 3]
    (error,) = log.errors
    assert (error.file, error.row, error.code, error.column) == ("f.jsonl", 2, code, column)


def test_training_takes_the_latest_of_a_pair(tmp_path: Path) -> None:
    rejected = {"decision": "rejected", "reason": "terms", "date": "2026-03-04T05:06:07Z"}
    rows, _ = read(
        tmp_path / "f.jsonl",
        json.dumps(LINE | rejected),
        json.dumps(LINE),
        json.dumps(LINE | {"candidate": "b"}),
    )
    found = judgements_of(row for _, row in rows)
    assert found == [
        Judgement("d", "b", accepted=True, reason=None, date="2026-01-02"),
        Judgement("d", "c", accepted=False, reason="terms", date="2026-03-04"),
    ]
    assert [one.about_fit for one in found] == [True, False]


def test_a_load_leaves_it_out_and_says_what_takes_it(tmp_path: Path) -> None:
    path = tmp_path / "feedback.jsonl"
    path.write_text(json.dumps(LINE), "utf-8")
    with open_store(str(tmp_path / "store")) as store:
        skipped = load([path], store).skipped
        assert sum(store.stats()["nodes"].values()) == 0
    for one in (*skipped, *look([path]).skipped):
        assert "由反馈的导入读取" in one.reason
    assert len(skipped) == 1
