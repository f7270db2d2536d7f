"""Looking at files tells what loading them will do, and writes nothing."""

import zipfile
from collections.abc import Callable
from pathlib import Path

import openpyxl
import pytest

from graph_service.deadline import time_limit
from graph_service.errors import QueryTimeoutError
from graph_service.store import open_store
from loaders import archive, workbooks
from loaders.looking import GRAPH, look
from loaders.readers import json_lines, sheets
from loaders.recognise import recognise
from loaders.service import load

CITY = Path(__file__).parents[2] / "examples" / "city"


def test_what_is_seen_is_what_a_load_reads(tmp_path: Path) -> None:
    seen = look([CITY])
    with open_store(str(tmp_path / "store")) as store:
        loaded = load([CITY], store)
    assert sorted((one.file, one.sheet, one.kind) for one in seen.sheets) == sorted(
        (one.file, one.sheet, one.kind) for one in loaded.loaded
    )
    assert sorted((one.sheet, one.reason) for one in seen.skipped) == sorted(
        (one.sheet, one.reason) for one in loaded.skipped
    )
    assert [one.code for one in seen.errors] == []
    assert len(seen.sheets) > 5


def test_columns_and_what_is_left_are_told(tmp_path: Path) -> None:
    file = tmp_path / "名录.csv"
    file.write_text("企业名称,统一社会信用代码,企业网址主页\n虚构精密,,http://x.cn\n", "utf-8")
    (sheet,) = look([file]).as_dict()["sheets"]
    assert (sheet["file"], sheet["mapping"]) == ("名录.csv", "organizations")
    assert {"header": "企业名称", "field": "name"} in sheet["columns"]
    assert [guess["header"] for guess in sheet["unused"]] == ["企业网址主页"]


def test_an_unknown_sheet_has_a_reason_and_a_mapping_to_edit(tmp_path: Path) -> None:
    file = tmp_path / "调查.csv"
    file.write_text("贵单位的全称,您的难题是什么,备用栏甲\n虚构精密有限公司,柔轮开裂,1\n", "utf-8")
    told = look([file]).as_dict()
    assert told["sheets"] == []
    assert "表头认不出来" in told["skipped"][0]["reason"]
    assert told["skipped"][0]["proposal"]["columns"]
    assert 'like = "' in told["mappings"][0]["toml"]


def test_graphs_hidden_sheets_and_broken_files_are_told_apart(tmp_path: Path) -> None:
    (tmp_path / "图.jsonl").write_text('{"node": "a", "label": "Product"}\n', "utf-8")
    (tmp_path / "坏.xlsx").write_bytes(b"PK\x03\x04 no workbook")
    (tmp_path / "图片.png").write_bytes(b"\x89PNG")
    seen = look([tmp_path])
    assert [(one.file, one.mapping) for one in seen.sheets] == [("图.jsonl", GRAPH)]
    assert [one.file for one in seen.errors] == ["坏.xlsx"]
    assert [one.file for one in seen.skipped] == ["图片.png"]


@pytest.mark.parametrize("suffix", [".csv", ".xlsx", ".ods", ".zip", ".jsonl"])
def test_looking_keeps_to_the_time_limit_of_whoever_asks(tmp_path: Path, suffix: str) -> None:
    file = _a_file(tmp_path, suffix)
    steps: dict[str, Callable[[], object]] = {
        "look": lambda: look([file]),
        "unpack": lambda: archive.unpack(file, tmp_path),
        "read": lambda: list(json_lines(file)) if suffix == ".jsonl" else sheets(file),
    }
    for name in ("look", "unpack" if suffix == ".zip" else "read"):
        steps[name]()  # in no hurry
        with time_limit(0), pytest.raises(QueryTimeoutError):
            steps[name]()


def test_weighing_mappings_keeps_to_the_time_limit_too(tmp_path: Path) -> None:
    (sheet,) = sheets(_a_file(tmp_path, ".csv"))
    with time_limit(0), pytest.raises(QueryTimeoutError):
        recognise(sheet)


def test_a_workbook_is_opened_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = _a_file(tmp_path, ".xlsx")
    opened: list[Path] = []
    opens = workbooks._calamine

    def told(path: Path) -> object:
        opened.append(path)
        return opens(path)

    monkeypatch.setattr(workbooks, "_calamine", told)
    assert [one.mapping for one in look([file]).sheets] == ["organizations"]
    assert opened == [file]


def _a_file(folder: Path, suffix: str) -> Path:
    rows = [["企业名称", "所在区县"], ["虚构精密有限公司", "青砚区"]]
    file = folder / f"名录{suffix}"
    match suffix:
        case ".xlsx":
            book = openpyxl.Workbook()
            assert book.active
            for row in rows:
                book.active.append(row)
            book.save(file)
        case ".jsonl":
            file.write_text('{"node": "a", "label": "Product"}\n', "utf-8")
        case ".zip" | ".ods":
            with zipfile.ZipFile(file, "w") as packed:
                packed.writestr("名录.csv", "\n".join(map(",".join, rows)))
                packed.writestr("content.xml", _ODS)
        case _:
            file.write_text("\n".join(map(",".join, rows)), "utf-8")
    return file


_ODS = """<office:document-content
 xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0"><office:body><office:spreadsheet>
<table:table table:name="甲"><table:table-row>
<table:table-cell><text:p>企业名称</text:p></table:table-cell>
</table:table-row></table:table></office:spreadsheet></office:body></office:document-content>"""
