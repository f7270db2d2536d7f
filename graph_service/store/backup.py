"""A store in one file, made while others write, and a store made from it.

The file is a zip of ``record.sqlite`` and ``manifest.json``: what was counted, and the size and
SHA-256 of the record. Projections are not in it: they are made again from the record.
"""

import hashlib
import os
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import orjson

from graph_service.errors import (
    InputError,
    StoreCorruptError,
    StoreNewerError,
    StoreUnavailableError,
)
from graph_service.store import reading, schema
from graph_service.store.record import FILE, Record

#: Raised whenever what lies in the file changes its shape.
FORMAT = 1

_MANIFEST = "manifest.json"
_LARGEST_MANIFEST = 1 << 20
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds.

    Attributes:
        created_at: ISO time with its zone.
        schema: the record's schema version.
        counts: as ``GraphStore.stats``, with the number of ``records`` kept beside the graph.
        bytes: size of the record.
        sha256: its digest.
        format: shape of the backup.
    """

    created_at: str
    schema: int
    counts: Mapping[str, Any]
    bytes: int
    sha256: str
    format: int = FORMAT


def backup(folder: Path, file: Path) -> Manifest:
    """Write the record, as it is now, into a new file; others may read and write meanwhile.

    The file appears whole or not at all.

    Raises:
        InputError: the file is there already.
        StoreError: no store in the folder, or it cannot be read.
        StoreUnavailableError: the file cannot be written (permissions, disk full).
    """
    if file.exists():
        raise InputError(
            f"文件已存在：{file}", hint="请换一个文件名，或先移走原来的文件。", file=file
        )
    record = Record(folder, read_only=True)
    copied, draft = (file.with_name(f".{file.name}.{part}") for part in ("record", "draft"))
    try:
        with _unwritable(file), record.errors():
            copied.unlink(missing_ok=True)
            record.read().execute("VACUUM INTO ?", (str(copied),))  # one state of it
            manifest = _counted(copied)
            with zipfile.ZipFile(draft, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
                archive.write(copied, FILE)
                archive.writestr(
                    _MANIFEST, orjson.dumps(asdict(manifest), option=orjson.OPT_INDENT_2)
                )
            with draft.open("rb") as written:
                os.fsync(written.fileno())
            draft.replace(file)
    finally:
        copied.unlink(missing_ok=True)
        draft.unlink(missing_ok=True)
        record.close()
    return manifest


def copy(folder: Path, into: Path) -> None:
    """Write the record, as it is now, into another folder, which then is a store without
    projections; others may read and write meanwhile.

    Raises:
        StoreError: no store in the folder, or it cannot be read.
        StoreUnavailableError: the copy cannot be written (permissions, disk full).
    """
    record = Record(folder, read_only=True)
    try:
        with _unwritable(into), record.errors():
            record.read().execute("VACUUM INTO ?", (str(into / FILE),))
    finally:
        record.close()


def restore(file: Path, folder: Path) -> Manifest:
    """Make a store of a backup in an empty folder, and see that it is what was backed up.

    Raises:
        InputError: no backup; the folder is not empty.
        StoreCorruptError: the backup is damaged.
        StoreNewerError: it was made by a newer program.
        StoreUnavailableError: the folder cannot be written.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(
            f"不是空的文件夹：{folder}",
            hint="只恢复到空的或还没有的文件夹；请用 --store 另指一个，确认无误后再换用。",
            folder=folder,
        )
    with _readable(file), zipfile.ZipFile(file) as archive:
        manifest = _manifest(archive, file)
        with _unwritable(folder):
            folder.mkdir(parents=True, exist_ok=True)
            draft = folder / f"{FILE}.draft"
            try:
                with archive.open(FILE) as packed, draft.open("wb") as target:
                    _copy(packed, target, manifest, file)
                found = _counted(draft)
                if found.counts != manifest.counts:
                    raise _damaged(file, "内容的数目与清单不符")
                draft.replace(folder / FILE)
            finally:
                draft.unlink(missing_ok=True)
    return manifest


def _counted(path: Path) -> Manifest:
    """What a copied record, which nobody writes, holds."""
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        version = schema.version(connection)
        schema.stand_in(connection)
        counts = reading.stats(connection)
        counts["records"] = sum(counts["records"].values())
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Manifest(now, version, counts, path.stat().st_size, digest)


def _manifest(archive: zipfile.ZipFile, file: Path) -> Manifest:
    try:
        members = {name: archive.getinfo(name) for name in (_MANIFEST, FILE)}
    except KeyError as error:
        raise _no_backup(file) from error
    if members[_MANIFEST].file_size > _LARGEST_MANIFEST:
        raise _no_backup(file)
    try:
        told = orjson.loads(archive.read(_MANIFEST))
        if told["format"] > FORMAT or told["schema"] > len(schema.MIGRATIONS):
            raise StoreNewerError(
                "这个备份由更新的 jiebang 写成。", hint="请升级 jiebang 后再恢复。", file=file
            )
        manifest = Manifest(**told)
    except (ValueError, KeyError, TypeError) as error:
        raise _no_backup(file) from error
    if members[FILE].file_size != manifest.bytes:
        raise _damaged(file, "大小与清单不符")
    return manifest


def _copy(packed: IO[bytes], target: IO[bytes], manifest: Manifest, file: Path) -> None:
    digest, left = hashlib.sha256(), manifest.bytes
    while chunk := packed.read(min(_CHUNK, left + 1)):  # a lying header is not followed
        left -= len(chunk)
        if left < 0:
            break
        digest.update(chunk)
        target.write(chunk)
    if left or digest.hexdigest() != manifest.sha256:
        raise _damaged(file, "校验和与清单不符")
    target.flush()
    os.fsync(target.fileno())


def _no_backup(file: Path) -> InputError:
    return InputError(
        f"这不是 jiebang 的备份：{file}",
        hint="请给出 jiebang store backup 写下的文件。",
        file=file,
    )


def _damaged(file: Path, why: str) -> StoreCorruptError:
    return StoreCorruptError(
        f"备份已损坏（{why}）：{file}", hint="请换一份备份；没有恢复任何内容。", file=file
    )


@contextmanager
def _readable(file: Path) -> Iterator[None]:
    """A file that is no zip, or a torn one, in our words."""
    if not file.is_file():
        raise InputError(f"找不到备份：{file}", hint="请检查路径是否写对。", file=file)
    try:
        if not zipfile.is_zipfile(file):
            raise _no_backup(file)
        yield
    except (zipfile.BadZipFile, EOFError, sqlite3.DatabaseError, zlib.error, RuntimeError) as error:
        raise _damaged(file, "文件残缺") from error


@contextmanager
def _unwritable(place: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailableError(
            f"写不进去：{place}", hint="请检查文件夹的权限和磁盘空间。", file=place, reason=error
        ) from error
