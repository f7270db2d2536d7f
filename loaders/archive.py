"""Archives (.zip) of files, and the zip containers that .xlsx and .ods are.

A member's name never becomes a path: members are unpacked under names of our own, so nothing can
be written outside the load's folder (zip slip). Sizes are checked as declared before unpacking and
held while unpacking: zipfile reads no more than was declared, and then checks the sum (CRC).
"""

import errno
import lzma
import stat
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from graph_service.deadline import check as check_time
from loaders import limits
from loaders.errors import CellError

ARCHIVES = frozenset({".zip"})

_CHUNK = 1 << 20
_ENCRYPTED = 0x1
_UTF8 = 0x800
#: What zipfile raises on archives that are damaged, or made by means it does not know.
_DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    lzma.LZMAError,
    NotImplementedError,
    EOFError,
    ValueError,
)
#: What computers put into archives unasked.
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")


@dataclass(frozen=True, slots=True)
class Member:
    """A file of an archive: where it was unpacked to, and its name inside (``需求/甲.xlsx``)."""

    path: Path
    name: str


@dataclass(slots=True)
class Unpacked:
    """The files of an archive, and the names of those left out, each with an error code."""

    members: list[Member] = field(default_factory=list)
    refused: list[tuple[str, str]] = field(default_factory=list)


@contextmanager
def opened(path: Path) -> Iterator[zipfile.ZipFile]:
    """A zip file whose declared contents are within the limits.

    Raises:
        CellError: it is none or damaged (``file_unreadable``), too large, or a bomb.
    """
    with _damage(), zipfile.ZipFile(path) as found:
        check(found)
        yield found


@contextmanager
def _damage() -> Iterator[None]:
    """Turn what zipfile raises on a damaged archive into ours."""
    try:
        yield
    except _DAMAGED as error:
        raise CellError("file_unreadable", "压缩结构有误") from error
    except RuntimeError as error:  # how zipfile says that a member is encrypted
        raise CellError("encrypted") from error
    except OSError as error:
        if error.errno != errno.EINVAL:  # an offset below zero
            raise
        raise CellError("file_unreadable", "压缩结构有误") from error


def check(found: zipfile.ZipFile) -> None:
    """Hold an archive's declared contents to the limits.

    Raises:
        CellError: ``archive_crowded`` or ``archive_bomb``.
    """
    infos = found.infolist()
    if len(infos) > limits.MEMBERS:
        raise CellError("archive_crowded", f"{len(infos)} 个")
    if sum(info.file_size for info in infos) > limits.UNPACKED_BYTES:
        raise CellError("archive_bomb", "解压后超过 2 GB")
    for info in infos:
        large = info.file_size > limits.RATIO_FROM
        if large and info.file_size > limits.RATIO * max(info.compress_size, 1):
            raise CellError("archive_bomb", f"压缩比超过 {limits.RATIO} 倍")


def unpack(path: Path, folder: Path) -> Unpacked:
    """Unpack an archive and the archives in it.

    Args:
        path: the archive.
        folder: where to; it exists, and its files are named by number.

    Raises:
        CellError: the archive cannot be read, is too large or too crowded.
    """
    return _Unpacking(folder).run(path)


class _Unpacking:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._bytes = 0
        self._count = 0
        self._result = Unpacked()

    def run(self, path: Path) -> Unpacked:
        self._archive(path, "", 1)
        return self._result

    def _archive(self, path: Path, prefix: str, depth: int) -> None:
        with opened(path) as found:
            for info in found.infolist():
                if not info.is_dir():
                    self._member(found, info, prefix, depth)

    def _member(
        self, found: zipfile.ZipFile, info: zipfile.ZipInfo, prefix: str, depth: int
    ) -> None:
        inner = member_name(info)
        if any(mark in inner for mark in _LITTER):
            return
        self._count += 1
        if self._count > limits.MEMBERS:
            raise CellError("archive_crowded", f"超过 {limits.MEMBERS} 个")
        target = self._folder / f"{self._count:05}{PurePosixPath(inner).suffix.lower()[:8]}"
        try:
            if _is_unsafe(info, inner):
                raise CellError("unsafe_name")  # noqa: TRY301 - one way out for bad members
            self._copy(found, info, target)
            if target.suffix in ARCHIVES:
                self._nested(target, f"{prefix}{inner}/", depth + 1)
            else:
                self._result.members.append(Member(target, prefix + inner))
        except CellError as error:
            if error.code in {"archive_bomb", "archive_crowded"}:
                raise  # of the archive as a whole
            self._result.refused.append((prefix + inner, error.code))

    def _nested(self, path: Path, prefix: str, depth: int) -> None:
        try:
            if depth > limits.DEPTH:
                raise CellError("archive_nested")
            self._archive(path, prefix, depth)
        finally:
            path.unlink()

    def _copy(self, found: zipfile.ZipFile, info: zipfile.ZipInfo, target: Path) -> None:
        if info.flag_bits & _ENCRYPTED:
            raise CellError("encrypted")
        with _damage(), found.open(info) as source, target.open("wb") as out:
            while chunk := source.read(_CHUNK):
                check_time()
                self._bytes += len(chunk)
                if self._bytes > limits.UNPACKED_BYTES:
                    raise CellError("archive_bomb", "解压后超过 2 GB")
                out.write(chunk)


def member_name(info: zipfile.ZipInfo) -> str:
    """A member's name: UTF-8 where flagged, else what Chinese Windows writes (GBK), or UTF-8.

    Where no flag is set, zipfile reads the bytes as cp437, which keeps every byte.
    """
    name = info.filename
    if not info.flag_bits & _UTF8:
        raw = name.encode("cp437", "replace")
        for code in ("utf-8", "gb18030"):
            try:
                name = raw.decode(code)
                break
            except UnicodeDecodeError:
                continue
    return name.replace("\\", "/")


def _is_unsafe(info: zipfile.ZipInfo, name: str) -> bool:
    """Whether a member is a link, or its name points out of the archive."""
    path = PurePosixPath(name)
    outside = path.is_absolute() or ".." in path.parts or ":" in name or "\0" in name
    return outside or stat.S_ISLNK(info.external_attr >> 16)
