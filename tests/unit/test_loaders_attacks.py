"""Files made to do harm, and files broken by chance: an error that says so, never a full memory."""

import resource
import tempfile
import zipfile
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlwt
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from graph_service.store import open_store
from loaders import limits
from loaders.errors import CODES, CellError
from loaders.grid import BadCell, Problem
from loaders.readers import sheets
from loaders.service import load

XMLNS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ODS_ROW = (
    "<table:table-row><table:table-cell><text:p>x</text:p></table:table-cell></table:table-row>"
)
LAUGHS = '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
OUTSIDE = '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.fixture(autouse=True)
def bounded_memory() -> Iterator[None]:
    """A reader that asks for more than 4 GiB beyond what is there fails, and starves nobody."""
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + (4 << 30), hard))
    yield
    resource.setrlimit(resource.RLIMIT_AS, (soft, hard))


def xlsx(path: Path, *rows: list[Any]) -> Path:
    book = openpyxl.Workbook()
    for row in rows or ([["企业名称", "地址"], ["虚构甲公司", "虚构路"]]):
        book.active.append(row)
    book.save(path)
    return path


def ods(path: Path, table: str, before: str = "") -> Path:
    names = ["office", "table", "text", "style", "draw"]
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in names
    )
    content = (
        f'<?xml version="1.0"?>{before}<office:document-content {spaces} xmlns:calcext="x">'
        f"<office:body><office:spreadsheet>{table}</office:spreadsheet></office:body>"
        "</office:document-content>"
    )
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("content.xml", content)
    return path


def changed(path: Path, part: str, change: Callable[[str], str]) -> Path:
    """The workbook with one of its parts changed."""
    with zipfile.ZipFile(path) as zipped:
        parts = {name: zipped.read(name) for name in zipped.namelist()}
    parts[part] = change(parts[part].decode()).encode()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in parts.items():
            zipped.writestr(name, content)
    return path


def sheet_xml(path: Path, rows: str) -> Path:
    """A workbook whose only sheet has these rows."""
    xml = f"<worksheet {XMLNS}><sheetData>{rows}</sheetData></worksheet>"
    return changed(xlsx(path), "xl/worksheets/sheet1.xml", lambda _: xml)


def cells(path: Path, sheet: int = 0) -> list[list[Any]]:
    return [list(row) for _, row in sheets(path)[sheet].rows() if not isinstance(row, Problem)]


@pytest.mark.parametrize("dtd", [LAUGHS, OUTSIDE])
@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml"])
def test_document_types_in_a_workbook_are_refused(tmp_path: Path, dtd: str, part: str) -> None:
    path = changed(xlsx(tmp_path / "t.xlsx"), part, lambda xml: dtd + xml)
    with pytest.raises(CellError, match="unsafe_xml"):
        sheets(path)


@pytest.mark.parametrize("dtd", [LAUGHS, OUTSIDE])
def test_document_types_in_an_ods_are_refused(tmp_path: Path, dtd: str) -> None:
    row = ODS_ROW.replace("x", "&a;")
    path = ods(tmp_path / "t.ods", f'<table:table table:name="表">{row}</table:table>', dtd)
    with pytest.raises(CellError, match="unsafe_xml"):
        sheets(path)


def test_entities_in_the_parts_that_calamine_reads_are_not_expanded(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx")
    strings = f"{LAUGHS}<sst {XMLNS}><si><t>&b;</t></si></sst>"
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr("xl/sharedStrings.xml", strings)
    with pytest.raises(CellError) as caught:
        cells(path)
    assert caught.value.code in {"unsafe_xml", "file_unreadable"}


def test_two_cells_in_far_corners_take_no_memory(tmp_path: Path) -> None:
    far = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    )
    with pytest.raises(CellError, match="sheet_too_large"):
        sheets(sheet_xml(tmp_path / "t.xlsx", far))
    wrong = '<row r="1"><c r="XFD1048576"><v>1</v></c><c r="A1"><v>1</v></c></row>'
    with pytest.raises(CellError, match=r"sheet_too_large|file_unreadable"):
        sheets(sheet_xml(tmp_path / "u.xlsx", wrong))


@pytest.mark.parametrize("number", ["0", "-1", "1048577", "4294967296", "x", "", "٣"])
def test_rows_beyond_those_of_excel_take_no_memory(tmp_path: Path, number: str) -> None:
    rows = f'<row r="1"><c><v>1</v></c></row><row r="{number}"><c><v>1</v></c></row>'
    with pytest.raises(CellError, match="file_unreadable"):
        sheets(sheet_xml(tmp_path / "t.xlsx", rows))


def test_far_cells_that_are_only_formatted_do_no_harm(tmp_path: Path) -> None:
    rows = (
        '<row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576" hidden="1"><c r="XFD1048576" s="0"/></row>'
    )
    assert cells(sheet_xml(tmp_path / "t.xlsx", rows)) == [[1.0]]


def test_repeats_of_an_ods_are_bounded(tmp_path: Path) -> None:
    cell = (
        '<table:table-cell table:number-columns-repeated="16384"><text:p>x</text:p>'
        "</table:table-cell>"
    )
    row = f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>'
    path = ods(tmp_path / "t.ods", f'<table:table table:name="表">{row}</table:table>')
    with pytest.raises(CellError, match="sheet_too_large"):
        sheets(path)
    empty = row.replace("<text:p>x</text:p>", "")
    path = ods(tmp_path / "u.ods", f'<table:table table:name="表">{empty}</table:table>')
    assert cells(path) == []


def test_a_workbook_that_unpacks_to_too_much_is_a_bomb(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("xl/sharedStrings.xml", b" " * (limits.RATIO_FROM + 1))
    with pytest.raises(CellError, match="archive_bomb"):
        sheets(path)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_part_that_is_there_twice_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx")
    with zipfile.ZipFile(path, "a") as zipped:
        zipped.writestr("xl/worksheets/sheet1.xml", "<x/>")
    with pytest.raises(CellError, match="file_unreadable"):
        sheets(path)


def test_a_part_that_lies_about_its_size_is_refused(tmp_path: Path) -> None:
    path = xlsx(tmp_path / "t.xlsx")
    blob = bytearray(path.read_bytes())
    at = blob.index(b"xl/styles.xml", blob.index(b"PK\x01\x02")) - 46 + 24
    blob[at : at + 4] = (5).to_bytes(4, "little")
    path.write_bytes(blob)
    with pytest.raises(CellError, match="file_unreadable"):
        sheets(path)


@pytest.mark.parametrize("name", ["t.csv", "t.xlsx", "t.jsonl", "t.xls", "t.txt"])
def test_a_file_of_two_gigabytes_is_refused_unread(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    with path.open("wb") as file:
        file.truncate(2 << 30)
    with pytest.raises(CellError, match="file_too_large"):
        sheets(path)


@pytest.mark.parametrize("name", ["t.csv", "t.txt", "t.jsonl"])
def test_an_endless_line_costs_itself_only(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "LINE_CHARS", 1000)
    path = tmp_path / name
    line = '{"name": "虚构甲公司"}' if name.endswith("jsonl") else "虚构甲公司"
    path.write_text(f"{line}\n{'长' * 5000}\n{line}\n", "utf-8")
    found = list(sheets(path)[0].rows())
    assert [row.code for _, row in found if isinstance(row, Problem)] == ["line_too_long"]
    assert [number for number, _ in found][-3:] == [1, 2, 3]


def test_error_values_and_formulas_without_a_value_are_bad_cells(tmp_path: Path) -> None:
    rows = (
        '<row r="2"><c r="B2" t="inlineStr"><is><t>企业名称</t></is></c>'
        '<c r="C2" t="e"><v>#REF!</v></c></row>'
        '<row r="3"><c r="A3"><f>HYPERLINK("http://x")</f><v></v></c>'
        '<c r="B3"><f>1+1</f><v>2</v></c>'
        '<c r="C3" t="str"><f>T("")</f><v></v></c><c r="D3" t="str"><f>A1</f></c></row>'
        '<row r="5"><c r="E5"><f>NOW()</f></c></row>'
    )
    found = cells(sheet_xml(tmp_path / "t.xlsx", rows))
    assert found[1] == ["", "企业名称", BadCell("bad_cell", "#REF!")]
    assert found[2] == [
        BadCell("no_value", '=HYPERLINK("http://x")'),
        2.0,
        "",
        BadCell("no_value", "=A1"),
    ]
    assert found[-1][-1] == BadCell("no_value", "=NOW()")


def test_hidden_rows_and_merges_of_an_xlsx(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    book = openpyxl.Workbook()
    sheet = book.active
    for row, column in ((2, 2), (3, 3), (4, 2)):
        sheet.cell(row, column, "x")
    sheet.merge_cells("B2:B3")
    sheet.row_dimensions[4].hidden = True
    book.save(path)
    (found,) = sheets(path)
    assert found.hidden_rows == {4}
    assert [(one.top, one.bottom, one.left) for one in found.merges or ()] == [(2, 3, 0)]
    assert [list(row) for _, row in found.rows()][1:] == [["x", ""], ["", "x"], ["x", ""]]


def test_prefixed_tags_and_pretty_printing_change_nothing(tmp_path: Path) -> None:
    xml = (
        f"<x:worksheet {XMLNS.replace('xmlns', 'xmlns:x')}><x:sheetData>\n "
        '<x:row r="1" hidden="1">\n'
        '  <x:c r="A1" t="e">\n <x:v>#N/A</x:v>\n </x:c>\n </x:row>\n</x:sheetData></x:worksheet>'
    )
    path = changed(xlsx(tmp_path / "t.xlsx"), "xl/worksheets/sheet1.xml", lambda _: xml)
    (found,) = sheets(path)
    assert found.hidden_rows == {1}
    assert list(found.rows()) == [(1, [BadCell("bad_cell", "#N/A")])]


def test_facts_of_an_xls(tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    book = xlwt.Workbook()
    sheet = book.add_sheet("表")
    sheet.write_merge(0, 1, 0, 0, "甲")
    sheet.write(0, 1, 1.5)
    sheet.write(1, 1, True)
    sheet.row(1).hidden = True
    sheet.row(1).set_cell_error(2, "#REF!")
    book.save(path)
    (found,) = sheets(path)
    assert found.hidden_rows == {2}
    assert [(one.top, one.bottom, one.left, one.right) for one in found.merges or ()] == [
        (1, 2, 0, 0)
    ]
    assert [list(row) for _, row in found.rows()] == [
        ["甲", 1.5],
        ["", True, BadCell("bad_cell", "#REF!")],
    ]


def test_facts_of_an_ods(tmp_path: Path) -> None:
    table = """<table:table table:name="表">
      <table:table-row><table:table-cell table:number-rows-spanned="2"><text:p>甲</text:p>
        </table:table-cell><table:table-cell table:number-columns-repeated="2"/>
        <table:table-cell office:value-type="float" office:value="1200"><text:p>1,200</text:p>
        </table:table-cell></table:table-row>
      <table:table-row table:visibility="collapse"><table:covered-table-cell/>
        <table:table-cell office:value-type="string" calcext:value-type="error">
        <text:p>#REF!</text:p></table:table-cell>
        <table:table-cell office:value-type="date" office:date-value="2024-03-01">
        <text:p>x</text:p></table:table-cell></table:table-row>
      <table:table-row table:number-rows-repeated="3"><table:table-cell/></table:table-row>
      <table:table-row><table:table-cell table:formula="of:=[.A1]"/><table:table-cell>
        <text:p>一<text:line-break/>二</text:p><text:p>三</text:p>
        <office:annotation><text:p>批注</text:p></office:annotation></table:table-cell>
      </table:table-row></table:table>"""
    (found,) = sheets(ods(tmp_path / "t.ods", table))
    assert found.hidden_rows == {2}
    assert [(one.top, one.bottom, one.left) for one in found.merges or ()] == [(1, 2, 0)]
    (first, second, last) = list(found.rows())
    assert first == (1, ["甲", None, None, 1200.0])
    assert second[0] == 2
    assert second[1][1] == BadCell("bad_cell", "#REF!")  # type: ignore[index]
    assert str(second[1][2]) == "2024-03-01"  # type: ignore[index]
    assert last == (6, [BadCell("no_value", "=[.A1]"), "一\n二\n三"])


@pytest.mark.parametrize(
    ("name", "blob", "code"),
    [
        ("t.xls", b"<html><table><tr><td>x</td></tr></table></html>", "web_page"),
        ("t.xls", b"", "file_unreadable"),
        ("t.xlsx", b"a,b\n", "file_unreadable"),
        ("t.ods", b"PK\x03\x04", "file_unreadable"),
        ("t.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "file_unreadable"),
        ("t.xlsx", b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ],
)
def test_what_is_no_workbook_says_what_it_is(
    tmp_path: Path, name: str, blob: bytes, code: str
) -> None:
    path = tmp_path / name
    path.write_bytes(blob)
    with pytest.raises(CellError, match=code):
        sheets(path)
    assert code in CODES


def test_text_that_calls_itself_xls_is_read_as_text(tmp_path: Path) -> None:
    path = tmp_path / "t.xls"
    path.write_bytes("企业名称\t地址\n虚构甲公司\t虚构路\n".encode("gb18030"))
    assert cells(path) == [["企业名称", "地址"], ["虚构甲公司", "虚构路"]]


def test_one_bad_file_of_each_kind_and_the_good_one_loads(tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    xlsx(folder / "好.xlsx")
    (folder / "坏.xlsx").write_bytes(b"PK\x03\x04 broken")
    (folder / "坏.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    (folder / "坏.ods").write_bytes(b"")
    (folder / "坏.zip").write_bytes(b"PK")
    changed(xlsx(folder / "险.xlsx"), "xl/worksheets/sheet1.xml", lambda xml: LAUGHS + xml)
    with open_store(str(tmp_path / "store")) as store:
        report = load([folder], store)
        assert store.nodes(["org:虚构甲公司"])
    assert {(one.file, one.code) for one in report.errors} == {
        ("坏.xlsx", "file_unreadable"),
        ("坏.xls", "file_unreadable"),
        ("坏.ods", "file_unreadable"),
        ("坏.zip", "file_unreadable"),
        ("险.xlsx", "unsafe_xml"),
    }
    assert all(one.message and one.mend for one in report.errors)


@cache
def seed(suffix: str) -> bytes:
    """A small sound workbook."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"t{suffix}"
        if suffix == ".xlsx":
            xlsx(path)
        elif suffix == ".xls":
            book = xlwt.Workbook()
            book.add_sheet("表").write(0, 0, "企业名称")
            book.save(path)
        else:
            ods(path, f'<table:table table:name="表">{ODS_ROW}</table:table>')
        return path.read_bytes()


@pytest.mark.parametrize("suffix", [".xlsx", ".xls", ".ods"])
@settings(
    deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_any_damage_to_a_workbook_is_an_error_or_harmless(
    suffix: str, data: st.DataObject, tmp_path: Path
) -> None:
    path = tmp_path / f"t{suffix}"
    blob = bytearray(seed(suffix))
    for _ in range(data.draw(st.integers(1, 6))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    path.write_bytes(blob[: data.draw(st.integers(len(blob) // 2, len(blob)))])
    try:
        for sheet in sheets(path):
            assert sum(1 for _ in sheet.rows()) <= limits.SHEET_CELLS
    except CellError:
        return


CELL = st.sampled_from(['<c r="{r}"/>', "<c><v>1</v></c>", '<c r="{r}" t="{t}"><v>{v}</v></c>'])


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.builds(
            lambda form, ref, kind, value, number: (
                f'<row r="{number}">' + form.format(r=ref, t=kind, v=value) + "</row>"
            ),
            CELL,
            st.from_regex(r"[A-Za-z]{0,4}[0-9]{0,8}", fullmatch=True),
            st.sampled_from(["s", "n", "e", "b", "d", "str", "inlineStr", "?"]),
            st.sampled_from(["", "0", "-1", "99999999999", "1e999", "x", "#REF!", "2024-13-45"]),
            st.sampled_from([0, 1, 2, 7, 1_048_577, 10**30]),
        ),
        max_size=5,
    )
)
def test_any_sheet_of_an_xlsx_is_read_or_refused(tmp_path: Path, rows: list[str]) -> None:
    path = sheet_xml(tmp_path / "t.xlsx", "".join(rows))
    try:
        for sheet in sheets(path):
            list(sheet.rows())
    except CellError:
        return
