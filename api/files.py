"""The files of the service: what people upload, and what jobs write. One folder, bounded, pruned.

::

    uploads/ID/about.json, content     what was uploaded, under the name it came with
    jobs/JOB/NAME                      what a job wrote

Whatever appears is complete: it is written in a folder beside (``.draft-…``) that is renamed. A
name that people give never becomes a path; ids are checked before they do.
"""

import errno
import hashlib
import os
import re
import secrets
import shutil
import time
import unicodedata
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Lock
from typing import Any

import orjson

from graph_service.errors import (
    FilesFullError,
    ForbiddenError,
    InputError,
    NotFoundError,
    StoreUnavailableError,
    UploadTooLargeError,
)
from graph_service.jobs.model import iso
from graph_service.model import Viewer

#: Bytes of a name in UTF-8; file systems keep 255.
_NAME_BYTES = 200
_ID = re.compile(r"[0-9a-zA-Z][0-9a-zA-Z-]{0,63}")
_UNUSABLE = re.compile(r'[\x00-\x1f\x7f-\x9f"*:<>?|]')
_ABOUT, _DRAFT = "about.json", ".draft-"
_REFUSALS = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.ENOTDIR}
)
#: Drafts older than this were left by a process that died.
_DRAFT_SECONDS = 24 * 3600


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that was uploaded.

    Attributes:
        id: names it from then on.
        name: as it came, without folders; what is loaded from it cites it.
        bytes: its size.
        sha256: its digest.
        created: seconds since 1970.
        by: name of the viewer who uploaded it.
    """

    id: str
    name: str
    bytes: int
    sha256: str
    created: float
    by: str

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the API gives it."""
        return {
            "id": self.id,
            "name": self.name,
            "bytes": self.bytes,
            "sha256": self.sha256,
            "created_at": iso(self.created),
        }


class Files:
    """Uploads and what jobs wrote.

    Args:
        folder: made where it is missing, at the first write.
        most: bytes that may lie in it in all.
    """

    def __init__(self, folder: Path, *, most: int) -> None:
        self._folder = folder
        self._most = most
        self._counting = Lock()
        self._received = 0  # bytes, of all uploads

    def receive(self, name: str, chunks: Iterable[bytes], *, most: int, viewer: Viewer) -> Upload:
        """Keep what arrives, chunk by chunk; it stands on disk when this returns.

        Args:
            name: the file's, as it came.
            chunks: its content.
            most: bytes that it may have.
            viewer: who uploads.

        Raises:
            ForbiddenError: the viewer may not.
            InputError: a name that cannot be used.
            UploadTooLargeError: more than ``most``; nothing of it is kept.
            FilesFullError: more than may lie here in all.
            StoreUnavailableError: it cannot be written.
        """
        if not viewer.sees_all:
            raise ForbiddenError("没有权限上传文件。", hint="请用有权限的账号。")
        name = plain_name(name)
        before, room = self._received, self._room()
        id_ = secrets.token_hex(8)
        with _writing(), self._draft(self._folder / "uploads", id_) as draft:
            digest, size = hashlib.sha256(), 0
            with (draft / name).open("wb") as file:
                for chunk in chunks:
                    size += len(chunk)
                    if size > most:
                        raise UploadTooLargeError(
                            f"文件 {name} 超过上限 {most:,} 字节。",
                            hint="请拆成几个文件，或请管理员调高 JIEBANG_UPLOAD_BYTES。",
                            limit=most,
                        )
                    with self._counting:
                        self._received += len(chunk)
                        received = self._received
                    if received - before > room:  # with what others upload: look again
                        before, room = received - len(chunk), self._room()
                        if len(chunk) > room:
                            raise self._full()
                    digest.update(chunk)
                    file.write(chunk)
                file.flush()
                os.fsync(file.fileno())
            upload = Upload(id_, name, size, digest.hexdigest(), time.time(), viewer.name)
            (draft / _ABOUT).write_bytes(orjson.dumps(asdict(upload)))
        return upload

    def upload(self, id_: str, *, viewer: Viewer) -> Upload:
        """What is known of an upload.

        Raises:
            NotFoundError: there is none, or no longer, or none that the viewer may see.
        """
        about = self._folder / "uploads" / id_ / _ABOUT
        if viewer.sees_all and _ID.fullmatch(id_):
            with suppress(FileNotFoundError):
                return Upload(**orjson.loads(about.read_bytes()))
        raise NotFoundError(
            f"没有编号为 {id_} 的上传文件。",
            hint="请重新上传；上传的文件过了保留期会被清除。",
            id=id_,
        )

    def upload_path(self, id_: str, *, viewer: Viewer) -> Path:
        """Where an upload lies, under its own name. Raises NotFoundError."""
        return self._folder / "uploads" / id_ / self.upload(id_, viewer=viewer).name

    def job_file(self, job_id: str, name: str) -> Path:
        """A file that a job wrote. Whether the viewer may see the job is to be asked before.

        Raises:
            NotFoundError: there is none, or no longer.
        """
        path = self._folder / "jobs" / job_id / name
        usable = _ID.fullmatch(job_id) and not name.startswith(".") and "/" not in name
        if not usable or "\0" in name or not path.is_file():
            raise NotFoundError(
                f"任务 {job_id} 没有名为 {name} 的文件。",
                hint="文件名见任务的 files；过了保留期的会被清除。",
                id=job_id,
            )
        return path

    @contextmanager
    def job_folder(self, job_id: str) -> Iterator[Path]:
        """An empty folder for what an attempt of a job writes; it stands as the job's when the
        block ends without an error, in place of what an earlier attempt left.

        Raises:
            FilesFullError: there is no room, before or after.
            StoreUnavailableError: it cannot be written.
        """
        self._room()
        with _writing(), self._draft(self._folder / "jobs", job_id) as draft:
            yield draft
            if _size(self._folder) > self._most:
                raise self._full()

    @contextmanager
    def scratch(self) -> Iterator[Path]:
        """An empty folder for the length of the block; if the process dies, it is pruned later.

        Raises:
            StoreUnavailableError: it cannot be made.
        """
        folder = self._folder / "jobs" / f"{_DRAFT}{secrets.token_hex(8)}"
        with _writing():
            folder.mkdir(parents=True)
        try:
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def listed(self, job_id: str) -> list[Mapping[str, Any]]:
        """Names and sizes of what a job wrote, in order of names."""
        folder = self._folder / "jobs" / job_id
        if not folder.is_dir():
            return []
        return [
            {"name": path.name, "bytes": path.stat().st_size} for path in sorted(folder.iterdir())
        ]

    def forget(self, job_ids: Collection[str]) -> None:
        """Remove what jobs wrote."""
        for job_id in job_ids:
            shutil.rmtree(self._folder / "jobs" / job_id, ignore_errors=True)

    def prune(self, seconds: float) -> int:
        """Remove uploads that came so long ago, and drafts that nobody writes; says how many."""
        gone = 0
        for folder in (self._folder / "uploads", self._folder / "jobs"):
            for path in folder.iterdir() if folder.is_dir() else ():
                draft = path.name.startswith(_DRAFT)
                if not draft and folder.name == "jobs":
                    continue  # it goes with its job
                with suppress(FileNotFoundError):
                    age = time.time() - path.stat().st_mtime
                    if age > (_DRAFT_SECONDS if draft else seconds):
                        shutil.rmtree(path, ignore_errors=True)
                        gone += 1
        return gone

    def _room(self) -> int:
        room = self._most - _size(self._folder)
        if room <= 0:
            raise self._full()
        return room

    def _full(self) -> FilesFullError:
        return FilesFullError(
            f"存放上传与结果的文件夹已满（上限 {self._most:,} 字节）。",
            hint="请取走并等旧文件过期，或请管理员调高 JIEBANG_FILES_BYTES。",
            limit=self._most,
        )

    @contextmanager
    def _draft(self, parent: Path, id_: str) -> Iterator[Path]:
        """A folder that becomes ``id_`` where the block ends without an error, unless empty."""
        draft = parent / f"{_DRAFT}{id_}-{secrets.token_hex(4)}"
        draft.mkdir(parents=True)
        try:
            yield draft
            shutil.rmtree(parent / id_, ignore_errors=True)
            if any(draft.iterdir()):
                draft.rename(parent / id_)
        finally:
            shutil.rmtree(draft, ignore_errors=True)


def plain_name(name: str) -> str:
    """A file's name without folders and without what some file system refuses.

    Raises:
        InputError: nothing is left of it.
    """
    last = unicodedata.normalize("NFC", name.replace("\\", "/").rpartition("/")[2])
    plain = _UNUSABLE.sub("_", last.encode("utf-8", "replace").decode()).strip(" .")
    stem, dot, suffix = plain.rpartition(".")
    if dot and len(suffix.encode()) < 20:
        room = _NAME_BYTES - len(suffix.encode()) - 1
        plain = f"{_cut(stem, room)}.{suffix}"
    else:
        plain = _cut(plain, _NAME_BYTES)
    if not plain or plain == _ABOUT:
        raise InputError(f"文件名 {name!r} 不能用。", hint="请给文件起一个名字，如 需求.xlsx。")
    return plain


def _cut(text: str, most: int) -> str:
    return text.encode()[:most].decode(errors="ignore")


def _size(folder: Path) -> int:
    """Bytes of all files under a folder; those that go meanwhile count as nothing."""
    size = 0
    for parent, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                size += (Path(parent) / name).stat().st_size
    return size


@contextmanager
def _writing() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in _REFUSALS:
            raise
        raise StoreUnavailableError(
            "存放上传与结果的文件夹写不进去。",
            hint="请检查 JIEBANG_FILES 所指文件夹的权限和磁盘空间。",
            reason=error,
        ) from error
