"""Looking at files tells what loading them will do, and writes nothing."""

from pathlib import Path

from graph_service.store import open_store
from loaders.looking import GRAPH, look
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
