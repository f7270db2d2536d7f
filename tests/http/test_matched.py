"""The table of a match over HTTP: the same candidates, with all that speaks for them."""

from io import BytesIO
from itertools import zip_longest
from typing import Any

import openpyxl
import pytest
from fastapi.testclient import TestClient

from tests.http.conftest import a_problem

API = "/api/v1"


def _sheets(content: bytes) -> dict[str, list[dict[str, Any]]]:
    book = openpyxl.load_workbook(BytesIO(content), read_only=True)
    tables = {sheet.title: list(sheet.values) for sheet in book.worksheets}
    # Empty cells at the end of a row are not read.
    return {
        title: [dict(zip_longest(head, row)) for row in rows]
        for title, (head, *rows) in tables.items()
    }


@pytest.mark.parametrize(
    "asked",
    [
        {"demand": "demand:D-001", "to": "results", "top": 5},
        {"text": "柔轮在 1.5×10^7 次循环内不出现裂纹", "to": "organizations", "top": 3},
    ],
)
def test_a_table_holds_what_the_answer_says(city: TestClient, asked: dict[str, Any]) -> None:
    told = city.post(f"{API}/match", json=asked).json()
    table = city.post(f"{API}/match/table", json=asked)
    assert "attachment" in table.headers["content-disposition"]
    sheets = _sheets(table.content)
    about = {row["项目"]: row["内容"] for row in sheets["说明"]}
    assert about["候选"] == asked["top"]
    assert about["为谁找"] == asked.get(
        "text", city.get(f"{API}/nodes/demand:D-001").json()["title"]
    )
    for row, one in zip(sheets["候选"], told["candidates"], strict=True):
        assert (row["编号"], row["候选"]) == (one["id"], one["title"])
        assert row["得分"] == pytest.approx(one["score"])
        assert row["概率"] == (one["probability"] and pytest.approx(one["probability"]))
        parts = [part for part in sheets["依据"] if part["名次"] == one["rank"]]
        assert [part["说明"] for part in parts] == [
            part["sentence"] for part in one["contributions"]
        ]
        assert row["得分"] == pytest.approx(
            row["先验"] + sum(part["得分"] for part in parts), abs=1e-3
        )
        hops = [hop for hop in sheets["路径"] if hop["名次"] == one["rank"]]
        assert [(hop["来源"], hop["日期"], hop["观测或推断"]) for hop in hops] == [
            (step["source"], step["observed_at"], "推断" if step["inferred"] else "观测")
            for step in one["path"]
        ]
    assert {row["判断"] for row in sheets["指标"]} <= {"满足", "不满足", "未知"}


def test_a_table_of_nothing_known_is_a_problem(city: TestClient) -> None:
    a_problem(
        city.post(f"{API}/match/table", json={"demand": "none", "to": "results"}), "not_found"
    )
