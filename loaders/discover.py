"""Paths to the files that can be read, and why others cannot."""

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from graph_service.errors import InputError
from loaders import archive
from loaders.errors import CellError, RowError
from loaders.readers import SUFFIXES
from loaders.suggest import Proposal


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file, folder or sheet that was left out, and why (Chinese)."""

    file: str
    reason: str
    sheet: str = ""
    proposal: Proposal | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        proposal = self.proposal.as_dict() if self.proposal else None
        return {
            "file": self.file, "sheet": self.sheet, "reason": self.reason, "proposal": proposal
        }  # fmt: skip


@dataclass(slots=True)
class Found:
    """What lies under the paths.

    Attributes:
        files: each with the source it is cited by: its name, with its folder if needed; of a member
            of an archive both names ("报送.zip/需求.xlsx").
        skipped: what is no data.
        errors: archives and members of archives that cannot be read.
    """

    files: list[tuple[Path, str]] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    errors: list[RowError] = field(default_factory=list)


def discover(paths: Sequence[Path], scratch: Path) -> Found:
    """The files under the paths and in the archives there, in order of paths and names.

    Evaluation tasks (folders in BEIR layout), hidden files and the lock files of open workbooks are
    left out, the first two kinds without and with mention.

    Args:
        paths: files and folders.
        scratch: an empty folder in which archives are unpacked; members lie there while they are
            read.

    Raises:
        InputError: a path does not exist.
    """
    found = Found()
    plain: dict[Path, None] = {}
    for path in paths:
        if not path.exists():
            raise InputError(
                f"找不到文件或文件夹：{path}", hint="请检查路径是否写对。", path=str(path)
            )
        for file in _walk(path, found.skipped):
            if reason := _refused(file.name, SUFFIXES | archive.ARCHIVES):
                found.skipped.append(Skipped(str(file), reason))
            else:
                plain.setdefault(file)
    names = [file.name for file in plain]
    for file in plain:
        source = file.name if names.count(file.name) == 1 else f"{file.parent.name}/{file.name}"
        if file.suffix.lower() in archive.ARCHIVES:
            _unpack(file, source, scratch, found)
        else:
            found.files.append((file, source))
    return found


def _unpack(path: Path, source: str, scratch: Path, found: Found) -> None:
    try:
        unpacked = archive.unpack(path, Path(tempfile.mkdtemp(dir=scratch)))
    except CellError as error:
        found.errors.append(RowError(source, error.code, detail=error.detail))
        return
    except OSError as error:  # the disk is full
        found.errors.append(RowError(source, "file_unreadable", detail=error.strerror or ""))
        return
    for name, code in unpacked.refused:
        found.errors.append(RowError(f"{source}/{name}", code))
    for member in sorted(unpacked.members, key=lambda member: member.name):
        if reason := _refused(PurePosixPath(member.name).name, SUFFIXES):
            found.skipped.append(Skipped(f"{source}/{member.name}", reason))
        else:
            found.files.append((member.path, f"{source}/{member.name}"))


def _refused(name: str, suffixes: frozenset[str]) -> str:
    """Why a file is not read; "" where it is."""
    suffix = PurePosixPath(name).suffix
    if suffix.lower() in {".rar", ".7z", ".gz", ".tar"}:
        return f"不支持的压缩格式（{suffix}），请改为 .zip 或解压后载入"
    if suffix.lower() not in suffixes:
        return f"不支持的文件类型（{suffix or '无扩展名'}）"
    return "Excel 打开文件时的临时文件" if name.startswith("~$") else ""


def is_task(folder: Path) -> bool:
    """Whether a folder is an evaluation task in BEIR layout."""
    return (folder / "corpus.jsonl").is_file() and (folder / "queries.jsonl").is_file()


def _walk(path: Path, skipped: list[Skipped]) -> Iterator[Path]:
    if path.is_file():
        yield path
    elif is_task(path):
        reason = "评测任务（BEIR 格式），不作为数据载入；请用 jiebang evaluate 评测"
        skipped.append(Skipped(str(path), reason))
    else:
        for child in sorted(path.iterdir()):
            if not child.name.startswith("."):
                yield from _walk(child, skipped)
