"""Archives: names as Chinese Windows writes them, nesting, and what is refused."""

import io
import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import archive, limits
from loaders.discover import discover
from loaders.errors import CODES, CellError

CSV = "企业名称,地址\n虚构甲公司,虚构路 1 号\n".encode()


def packed(*members: tuple[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in members:
            zipped.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def unpacked(tmp_path: Path, blob: bytes) -> archive.Unpacked:
    path = tmp_path / "t.zip"
    path.write_bytes(blob)
    folder = tmp_path / "out"
    folder.mkdir()
    return archive.unpack(path, folder)


def test_members_are_found_in_folders_and_in_archives_inside(tmp_path: Path) -> None:
    inner = packed(("乙/需求.csv", CSV))
    found = unpacked(
        tmp_path, packed(("甲.csv", CSV), ("里/包.zip", inner), ("__MACOSX/._甲.csv", b"x"))
    )
    assert [member.name for member in found.members] == ["甲.csv", "里/包.zip/乙/需求.csv"]
    assert [member.path.read_bytes() for member in found.members] == [CSV, CSV]
    assert found.refused == []


@pytest.mark.parametrize("code", ["utf-8", "gbk", "gb18030"])
def test_names_without_a_flag_are_decoded(code: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = "需求表/甲公司.xlsx".encode(code).decode("cp437")
    info.flag_bits = 0
    assert archive.member_name(info) == "需求表/甲公司.xlsx"


@given(st.text(st.characters(codec="gb18030", exclude_categories=["Cc"]), min_size=1))
def test_any_name_comes_back(name: str) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = name.encode("gb18030").decode("cp437")
    info.flag_bits = 0
    assert isinstance(archive.member_name(info), str)
    info.flag_bits = 0x800
    info.filename = name
    assert archive.member_name(info) == name.replace("\\", "/")


@pytest.mark.parametrize(
    "name", ["../../etc/x.csv", "/etc/x.csv", "a/../../x.csv", "..\\..\\x.csv", "C:\\x.csv"]
)
def test_names_that_point_outside_are_refused_and_the_rest_is_read(
    tmp_path: Path, name: str
) -> None:
    found = unpacked(tmp_path, packed((name, CSV), ("好.csv", CSV)))
    assert [code for _, code in found.refused] == ["unsafe_name"]
    assert [member.name for member in found.members] == ["好.csv"]
    assert {path.name for path in tmp_path.iterdir()} == {"t.zip", "out"}
    assert all(path.parent == tmp_path / "out" for path in tmp_path.rglob("*.csv"))


def test_links_are_refused(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as zipped:
        info = zipfile.ZipInfo("链接.csv")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        zipped.writestr(info, "/etc/passwd")
    found = unpacked(tmp_path, out.getvalue())
    assert found.refused == [("链接.csv", "unsafe_name")]


def nested(depth: int) -> bytes:
    blob = packed(("需求.csv", CSV))
    for _ in range(depth - 1):
        blob = packed(("包.zip", blob))
    return blob


def test_archives_nest_so_deep_and_no_deeper(tmp_path: Path) -> None:
    assert len(unpacked(tmp_path, nested(limits.DEPTH)).members) == 1
    (tmp_path / "deep").mkdir()
    found = unpacked(tmp_path / "deep", nested(limits.DEPTH + 1))
    assert found.members == []
    assert [code for _, code in found.refused] == ["archive_nested"]


def bomb() -> bytes:
    return packed(("大.csv", b"0" * (limits.RATIO_FROM + 1)))


def crowd() -> bytes:
    return packed(*((f"{n}.csv", b"") for n in range(limits.MEMBERS + 1)))


def hidden_crowd() -> bytes:
    half = [(f"{n}.csv", b"") for n in range(limits.MEMBERS // 2 + 1)]
    return packed(("甲.zip", packed(*half)), ("乙.zip", packed(*half)))


@pytest.mark.parametrize(
    ("make", "code"),
    [
        (bomb, "archive_bomb"),
        (crowd, "archive_crowded"),
        (hidden_crowd, "archive_crowded"),
        (lambda: b"PK\x03\x04 broken", "file_unreadable"),
        (lambda: packed(("a.csv", CSV))[:-30], "file_unreadable"),
    ],
)
def test_bombs_crowds_and_broken_archives_are_errors(
    tmp_path: Path, make: Callable[[], bytes], code: str
) -> None:
    with pytest.raises(CellError, match=code):
        unpacked(tmp_path, make())
    assert code in CODES


def test_what_all_members_unpack_to_is_bounded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "UNPACKED_BYTES", 1000)
    inner = packed(("a.csv", b"0" * 600))
    with pytest.raises(CellError, match="archive_bomb"):
        unpacked(tmp_path, packed(("甲.zip", inner), ("乙.zip", inner)))


def test_a_member_that_is_more_than_it_says_is_refused(tmp_path: Path) -> None:
    blob = bytearray(packed(("a.csv", b"0123456789" * 1000), ("b.csv", CSV)))
    at = blob.index(b"PK\x01\x02") + 24  # the uncompressed size in the central directory
    blob[at : at + 4] = (10).to_bytes(4, "little")
    found = unpacked(tmp_path, bytes(blob))
    assert [code for _, code in found.refused] == ["file_unreadable"]
    assert [member.name for member in found.members] == ["b.csv"]


def test_a_member_with_a_password_is_named(tmp_path: Path) -> None:
    blob = bytearray(packed(("a.csv", CSV)))
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        blob[blob.index(mark) + offset] |= 1
    assert unpacked(tmp_path, bytes(blob)).refused == [("a.csv", "encrypted")]


@settings(deadline=None)
@given(data=st.data())
def test_any_damage_is_an_error_or_harmless(
    data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    blob = bytearray(packed(("甲.csv", CSV), ("包.zip", packed(("乙.csv", CSV)))))
    for _ in range(data.draw(st.integers(1, 4))):
        blob[data.draw(st.integers(0, len(blob) - 1))] = data.draw(st.integers(0, 255))
    folder = tmp_path_factory.mktemp("zip")
    try:
        found = unpacked(folder, bytes(blob))
    except CellError:
        return
    assert all(code in CODES for _, code in found.refused)
    assert all(member.path.parent == folder / "out" for member in found.members)


def test_discover_cites_members_by_both_names(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "报送.zip").write_bytes(
        packed(("需求.csv", CSV), ("说明.docx", b"x"), ("~$需求.xlsx", b"x"), ("/x.csv", CSV))
    )
    (tmp_path / "in" / "坏.zip").write_bytes(b"x")
    (tmp_path / "in" / "旧.rar").write_bytes(b"x")
    (tmp_path / "scratch").mkdir()
    found = discover([tmp_path / "in"], tmp_path / "scratch")
    assert [source for _, source in found.files] == ["报送.zip/需求.csv"]
    assert {Path(one.file).name for one in found.skipped} == {"说明.docx", "~$需求.xlsx", "旧.rar"}
    assert [(one.file, one.code) for one in found.errors] == [
        ("坏.zip", "file_unreadable"),
        ("报送.zip//x.csv", "unsafe_name"),
    ]
