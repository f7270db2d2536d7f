"""Files as rows: encodings, delimiters, open quotes, workbooks, names, JSON lines, folders."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from graph_service.errors import InputError
from loaders.discover import discover
from loaders.errors import CellError
from loaders.grid import Problem, is_blank
from loaders.readers import NAME_LINE, encoding, sheets

ROWS = [["企业名称", "简介"], ["甲公司", "做“轴承”,以及\n丝杠"], ["乙公司", ""]]
TEXT = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0\r"), max_size=12)


def rows(path: Path, sheet: int = 0) -> list[tuple[int, Any]]:
    return list(sheets(path)[sheet].rows())


def written(table: list[list[str]], delimiter: str = ",") -> str:
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(table)
    return out.getvalue()


@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "gb18030", "gbk", "utf-16"])
@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_encodings_and_delimiters_are_found(tmp_path: Path, code: str, delimiter: str) -> None:
    path = tmp_path / "表.csv"
    path.write_bytes(written(ROWS, delimiter).encode(code))
    assert rows(path) == [(1, ROWS[0]), (2, ROWS[1]), (3, ROWS[2])]


@settings(deadline=None)
@given(table=st.lists(st.lists(TEXT, min_size=2, max_size=2), min_size=1, max_size=6))
def test_any_table_comes_back_as_it_was_written(
    table: list[list[str]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("csv") / "t.tsv"
    path.write_text(written(table, "\t"), "utf-8", newline="")
    assert [cells for _, cells in rows(path)] == table


@settings(deadline=None)
@given(blob=st.binary(max_size=300), suffix=st.sampled_from([".csv", ".tsv", ".txt", ".jsonl"]))
def test_any_bytes_make_rows_or_problems(
    blob: bytes, suffix: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("any") / f"f{suffix}"
    path.write_bytes(blob)
    try:
        found = rows(path)
    except CellError:  # it begins like a workbook
        return
    numbers = [number for number, cells in found if isinstance(cells, Problem | list)]
    assert numbers == sorted(set(numbers))


def test_a_few_broken_bytes_do_not_make_utf8_something_else(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("名称,简介\n甲公司,这是一段正常的中文简介\n".encode() + b"\xff\xfe,x\n")
    assert encoding(path) == "utf-8"
    path.write_bytes("名称,简介\n甲公司,这是一段正常的中文简介\n".encode("gbk"))
    assert encoding(path) == "gb18030"


def test_an_open_quote_costs_one_line_only(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    lines = ["名称,简介", '甲,"没有收尾', "乙,好", '丙,"两\n行"', '丁,"又没有收尾', "戊,好"]
    path.write_text("\n".join(lines) + "\n", "utf-8")
    found = rows(path)
    kept = [cells for _, cells in found if not isinstance(cells, Problem)]
    assert ["乙", "好"] in kept
    assert ["戊", "好"] in kept
    assert {cells.code for _, cells in found if isinstance(cells, Problem)} == {"bad_quote"}


def test_quotes_inside_a_cell_need_not_be_doubled(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text('名称,简介\n甲,"所谓"专精特新"企业"\n乙,5" 管\n', "utf-8")
    assert [cells[0] for _, cells in rows(path)] == ["名称", "甲", "乙"]


def test_a_field_that_swallows_a_long_file_is_given_back(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    body = "".join(f"公司{n},简介{n}\n" for n in range(20_000))
    path.write_text(f'名称,简介\n坏,"开\n{body}', "utf-8")
    found = rows(path)
    assert sum(isinstance(cells, Problem) for _, cells in found) == 1
    assert found[-1][1] == ["公司19999", "简介19999"]
    assert len(found) == 20_002


def test_a_monstrous_cell_costs_itself_only(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text(f"名称,简介\n甲,{'长' * 200_000}\n乙,好\n", "utf-8")
    assert [cells[0] for _, cells in rows(path)] == ["名称", "甲", "乙"]


def test_workbooks_number_rows_as_the_person_sees_them(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.title = "需求"
    sheet["B3"], sheet["C3"], sheet["B4"], sheet["C4"] = "名称", "金额", "甲", 12
    hidden = book.create_sheet("字典")
    hidden["A1"] = "x"
    hidden.sheet_state = "hidden"
    book.save(path)
    found = sheets(path)
    assert [(one.name, one.hidden) for one in found] == [("需求", False), ("字典", True)]
    assert [(n, list(cells)) for n, cells in found[0].rows() if not is_blank(cells)] == [
        (3, ["名称", "金额"]),
        (4, ["甲", 12.0]),
    ]


@pytest.mark.parametrize("blob", [b"", b"PK\x03\x04 broken", "不是表格".encode()])
def test_a_broken_workbook_cannot_be_read(tmp_path: Path, blob: bytes) -> None:
    path = tmp_path / "t.xlsx"
    path.write_bytes(blob)
    with pytest.raises(CellError, match="file_unreadable"):
        sheets(path)


def test_json_lines_share_one_header(tmp_path: Path) -> None:
    path = tmp_path / "t.jsonl"
    lines = ['{"id": 1, "title": "甲"}', "", "{", "[1]", '{"title": "乙", "id": 2, "x": [1]}']
    path.write_text("\n".join(lines), "utf-8")
    assert rows(path) == [
        (0, ["id", "title", "x"]),
        (1, [1, "甲", None]),
        (3, Problem("bad_json", "{\n")),
        (4, Problem("bad_json", "[1]\n")),
        (5, [2, "乙", [1]]),
    ]


@settings(deadline=None)
@given(st.lists(st.dictionaries(TEXT, st.one_of(TEXT, st.integers(-9, 9)), min_size=1), min_size=1))
def test_any_objects_come_back(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, Any]]
) -> None:
    path = tmp_path_factory.mktemp("json") / "t.jsonl"
    path.write_text("\n".join(json.dumps(record) for record in records), "utf-8")
    (_, header), *found = rows(path)
    for record, (_, cells) in zip(records, found, strict=True):
        given_ = dict(zip(header, cells, strict=True))
        assert {key: value for key, value in given_.items() if value is not None} == record


def test_a_list_of_names_has_a_header_of_its_own(tmp_path: Path) -> None:
    path = tmp_path / "t.txt"
    path.write_text("# 名单\n甲公司\n\n乙公司\n", "utf-8")
    assert [cells for _, cells in rows(path)] == [
        [NAME_LINE],
        [],
        ["甲公司\n"],
        ["\n"],
        ["乙公司\n"],
    ]


def test_folders_are_walked_and_tasks_left_out(tmp_path: Path) -> None:
    for name in ("b/x.csv", "a/x.csv", "a/y.jsonl", ".hidden/z.csv", "task/corpus.jsonl"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")
    for name in ("task/queries.jsonl", "task/graph.jsonl", "a/~$x.xlsx", "README.md"):
        (tmp_path / name).write_text("")
    found = discover([tmp_path, tmp_path / "b"], tmp_path / "scratch")
    assert [source for _, source in found.files] == ["a/x.csv", "y.jsonl", "b/x.csv"]
    assert {Path(one.file).name for one in found.skipped} == {"task", "~$x.xlsx", "README.md"}
    assert all(one.reason for one in found.skipped)


def test_a_path_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="找不到"):
        discover([tmp_path / "没有.csv"], tmp_path)
