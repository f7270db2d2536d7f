"""Models that were made here: each a folder that holds the model and its record.

::

    models/20261123-1f3a9c/
        record.json       what it is, what it was made from, and what was measured
        model.onnx  tokenizer.json       (form "onnx": serving needs no torch)
        encoder/                         (form "sentence": a sentence-transformers model)
        original/                        (routed: what it was trained from, in the same form)

A folder appears whole or not at all; nothing in it changes afterwards.
"""

import hashlib
import re
import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

import orjson

from graph_service.errors import ModelMissingError, NotFoundError
from graph_service.ports import Embedder

RECORD, ENCODER, ORIGINAL = "record.json", "encoder", "original"

Form = Literal["onnx", "sentence"]

#: Raised whenever the record's shape changes.
FORMAT = 2

_ID = re.compile(r"\d{8}-[0-9a-f]{6}")


@dataclass(frozen=True, slots=True)
class Made:
    """What is known of a model that was made here, JSON-ready but for its name.

    Attributes:
        id: date and the beginning of the hash of its files.
        made_at: ISO time in UTC.
        form: how it lies in its folder.
        fingerprint, dimension: see ``Embedder``.
        base: {"model": the setting, "fingerprint"} of what it was trained from.
        routed: whether it serves beside that (``embeddings.routed``).
        pairs: kind → number of pairs that it was trained with.
        training: steps, batch, rate, seed, losses, variant, versions, seconds.
        figures: what was measured, of the base and of this.
        refused: why it must not be used; empty where it may.
    """

    id: str
    made_at: str
    form: Form
    fingerprint: str
    dimension: int
    base: Mapping[str, str]
    routed: bool = False
    pairs: Mapping[str, int] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=dict)
    figures: Mapping[str, Any] = field(default_factory=dict)
    refused: Sequence[str] = ()

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def open_made(folder: Path, *, threads: int = 0) -> Embedder:
    """The encoder in a model's folder.

    Raises:
        ModelMissingError: it is not there or damaged, or torch is needed and not installed.
    """
    made = read(folder)
    if not made.routed:
        return _opened(folder, made, made.dimension, threads)
    from embeddings.routed import RoutedEmbedder

    original, adapted = (
        _opened(one, made, made.dimension // 2, threads) for one in (folder / ORIGINAL, folder)
    )
    return RoutedEmbedder(original, adapted, fingerprint=made.fingerprint)


def _opened(folder: Path, made: Made, dimension: int, threads: int) -> Embedder:
    """One encoder, in a folder or one within it."""
    if made.form == "sentence":
        from embeddings.sentence import SentenceEmbedder

        return SentenceEmbedder(str(folder / ENCODER), threads=threads)
    from embeddings.onnx_e5 import OnnxEmbedder

    return OnnxEmbedder(folder, fingerprint=made.fingerprint, dimension=dimension, threads=threads)


def is_made(folder: Path) -> bool:
    """Whether a folder is one of these."""
    return (folder / RECORD).is_file()


def read(folder: Path) -> Made:
    """The record in a model's folder.

    Raises:
        ModelMissingError: it is not there, or damaged.
    """
    try:
        return _told((folder / RECORD).read_bytes())
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ModelMissingError(
            f"模型 {folder.name} 不在，或它的记录已损坏。",
            hint="请看看有哪些模型，或回到前一个。",
            path=folder,
        ) from error


def _told(record: bytes) -> Made:
    told = orjson.loads(record)
    if told.pop("format") != FORMAT:
        raise ValueError("another format")
    return Made(**told)


def place(models: Path, id_: str) -> Path:
    """Where a model lies.

    Raises:
        NotFoundError: there is none of that id.
    """
    folder = models / id_
    if not _ID.fullmatch(id_) or not is_made(folder):
        raise NotFoundError(f"没有编号为 {id_} 的模型。", hint="请先看看有哪些模型。", id=id_)
    return folder


def listed(models: Path) -> list[Made]:
    """All models, the newest first; what cannot be read is left out."""
    found = []
    for path in sorted(models.iterdir() if models.is_dir() else (), reverse=True):
        if _ID.fullmatch(path.name) and is_made(path):
            try:
                found.append(read(path))
            except ModelMissingError:
                continue
    return sorted(found, key=lambda made: (made.made_at, made.id), reverse=True)


def keep(models: Path, fill: Callable[[Path], Callable[[str], Made]]) -> Made:
    """Put a model among the others, whole or not at all.

    Args:
        models: the folder of all of them; made where it is missing.
        fill: writes the model's files into a folder, then gives what makes the record from the
            hash of the files.

    Raises:
        ModelMissingError: the folder cannot be written.
    """
    try:
        models.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=models, prefix=".making-") as scratch:
            folder = Path(scratch) / "model"
            folder.mkdir()
            made = fill(folder)(digest(folder))
            (folder / RECORD).write_bytes(
                orjson.dumps({"format": FORMAT, **made.as_dict()}, option=orjson.OPT_INDENT_2)
            )
            target = models / made.id
            if not is_made(target):
                folder.rename(target)
    except OSError as error:
        raise ModelMissingError(
            "新模型写不进去。",
            hint="请检查存放模型的文件夹（JIEBANG_MODELS）能否写入、磁盘空间是否够（约 100 MB）。",
            path=models,
        ) from error
    return made


def drop(models: Path, id_: str) -> None:
    """Remove a model's folder.

    Raises:
        NotFoundError: there is none.
    """
    shutil.rmtree(place(models, id_))


def digest(folder: Path) -> str:
    """What tells a model's files from all others: 16 hexadecimal digits."""
    whole = hashlib.blake2b(digest_size=8)
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as file:
                whole.update(hashlib.file_digest(file, "blake2b").digest())
    return whole.hexdigest()


def routed_fingerprint(id_: str, hashed: str, dimension: int) -> str:
    """The fingerprint of a model that serves beside what it was trained from."""
    return f"{id_}@{hashed}|routed|{dimension}"


def onnx_fingerprint(id_: str, hashed: str, query: str, passage: str, dimension: int) -> str:
    """The fingerprint of a model of form "onnx"."""
    return f"{id_}@{hashed}|{query}|{passage}|{dimension}"
