"""Uploads and the files of jobs: whole or not there, bounded, never outside their folder."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.files import Files, plain_name
from graph_service.errors import (
    FilesFullError,
    InputError,
    NotFoundError,
    StoreUnavailableError,
    UploadTooLargeError,
)
from graph_service.model import EVERYONE, Viewer


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path / "files", most=10_000)


def everything(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_an_upload_keeps_its_name_and_content(files: Files) -> None:
    upload = files.receive("C:\\文件\\需求.xlsx", [b"ab", b"c"], most=10, viewer=EVERYONE)
    assert (upload.name, upload.bytes) == ("需求.xlsx", 3)
    assert files.upload(upload.id, viewer=EVERYONE) == upload
    assert files.upload_path(upload.id, viewer=EVERYONE).read_bytes() == b"abc"
    assert set(upload.as_dict()) == {"id", "name", "bytes", "sha256", "created_at"}


def test_an_upload_that_is_too_large_or_breaks_off_leaves_nothing(
    files: Files, tmp_path: Path
) -> None:
    def broken() -> Iterator[bytes]:
        yield b"x"
        raise ConnectionResetError

    with pytest.raises(UploadTooLargeError):
        files.receive("a.csv", [b"x" * 6, b"x" * 6], most=10, viewer=EVERYONE)
    with pytest.raises(ConnectionResetError):
        files.receive("a.csv", broken(), most=10, viewer=EVERYONE)
    assert everything(tmp_path) == set()


def test_the_folder_is_bounded_in_all(files: Files, tmp_path: Path) -> None:
    files.receive("a.csv", [b"x" * 9_000], most=100_000, viewer=EVERYONE)
    before = everything(tmp_path)
    with pytest.raises(FilesFullError):
        files.receive("b.csv", [b"x" * 2_000], most=100_000, viewer=EVERYONE)
    with pytest.raises(FilesFullError), files.job_folder("job-1") as folder:
        (folder / "out").write_bytes(b"x" * 2_000)
    assert everything(tmp_path) == before


def test_uploads_that_come_together_are_bounded_together(files: Files, tmp_path: Path) -> None:
    def slow() -> Iterator[bytes]:
        yield b"x" * 4_000
        files.receive("b.csv", [b"x" * 9_000], most=100_000, viewer=EVERYONE)
        yield b"x" * 4_000

    with pytest.raises(FilesFullError):
        files.receive("a.csv", slow(), most=100_000, viewer=EVERYONE)
    (kept,) = (name for name in everything(tmp_path) if name.endswith(".csv"))
    assert kept.endswith("b.csv")


def test_others_uploads_that_came_to_nothing_take_no_room(files: Files) -> None:
    def slow() -> Iterator[bytes]:
        yield b"x" * 4_000
        with pytest.raises(UploadTooLargeError):
            files.receive("b.csv", [b"x" * 5_500], most=5_000, viewer=EVERYONE)
        with pytest.raises(ConnectionResetError):
            files.receive("c.csv", broken(), most=100_000, viewer=EVERYONE)
        yield b"x" * 4_000

    def broken() -> Iterator[bytes]:
        yield b"x" * 4_000
        raise ConnectionResetError

    assert files.receive("a.csv", slow(), most=100_000, viewer=EVERYONE).bytes == 8_000


def test_what_a_job_writes_appears_at_its_end_and_replaces_an_earlier_attempt(
    files: Files, tmp_path: Path
) -> None:
    with files.job_folder("job-1") as folder:
        (folder / "old.jsonl").write_bytes(b"1")
        assert files.listed("job-1") == []
    with files.job_folder("job-1") as folder:
        (folder / "new.jsonl").write_bytes(b"22")
    assert files.listed("job-1") == [{"name": "new.jsonl", "bytes": 2}]
    with pytest.raises(ZeroDivisionError), files.job_folder("job-1") as folder:
        (folder / "half").write_bytes(bytes([1 // 0]))
    assert everything(tmp_path / "files") == {"jobs/job-1/new.jsonl"}
    assert files.job_file("job-1", "new.jsonl").read_bytes() == b"22"
    files.forget(["job-1"])
    with pytest.raises(NotFoundError):
        files.job_file("job-1", "new.jsonl")


@pytest.mark.parametrize(
    ("job", "name"),
    [
        ("..", "x"),
        ("job-1", "../job-2/x"),
        ("job-1", ".x"),
        ("", "x"),
        ("job-1", "\0"),
        ("a/b", "x"),
    ],
)
def test_nothing_outside_is_reached(files: Files, tmp_path: Path, job: str, name: str) -> None:
    for path in ("x", "files/x", "files/jobs/job-2/x", "files/jobs/job-1/.x", "files/jobs/a/b/x"):
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_bytes(b"x")
    with pytest.raises(NotFoundError):
        files.job_file(job, name)
    with pytest.raises(NotFoundError):
        files.upload(job, viewer=EVERYONE)


@given(st.text())
def test_any_name_becomes_a_name_or_is_refused(name: str) -> None:
    try:
        plain = plain_name(name)
    except InputError:
        return
    assert plain not in {"", ".", "..", "about.json"}
    assert not {"/", "\\", "\0"} & set(plain)
    assert not plain.startswith(".")
    assert len(plain.encode()) <= 220
    assert plain_name(plain) == plain


def test_what_is_old_is_removed(files: Files, tmp_path: Path) -> None:
    old, new = (files.receive("a.csv", [b"x"], most=10, viewer=EVERYONE) for _ in range(2))
    draft = tmp_path / "files" / "jobs" / ".draft-job-1-00"
    fresh = tmp_path / "files" / "jobs" / ".draft-job-2-00"
    for path in (draft, fresh):
        path.mkdir(parents=True)
    then = time.time() - 2 * 24 * 3600
    os.utime(tmp_path / "files" / "uploads" / old.id, (then, then))
    os.utime(draft, (then, then))
    assert files.prune(24 * 3600) == 2
    with pytest.raises(NotFoundError):
        files.upload(old.id, viewer=EVERYONE)
    assert files.upload(new.id, viewer=EVERYONE) == new
    assert (draft.exists(), fresh.exists()) == (False, True)


def test_a_viewer_who_sees_nothing_sees_no_upload(files: Files) -> None:
    upload = files.receive("a.csv", [b"x"], most=10, viewer=EVERYONE)
    with pytest.raises(NotFoundError):
        files.upload(upload.id, viewer=Viewer("nobody", sees_all=False))


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "files").write_bytes(b"")
    with pytest.raises(StoreUnavailableError):
        Files(tmp_path / "files", most=10_000).receive("a.csv", [b"x"], most=10, viewer=EVERYONE)
