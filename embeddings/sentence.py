"""Any sentence-transformers model: a local folder or a hub name. Needs the extra ``models``."""

import hashlib
import json
import re
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from graph_service.errors import ModelMissingError
from graph_service.ports import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: What models want before a (query, passage), by name; used where the model names no prompts.
_PREFIXES: tuple[tuple[re.Pattern[str], tuple[str, str]], ...] = (
    (
        re.compile(r"e5.*instruct"),
        ("Instruct: Retrieve relevant passages that answer the query\nQuery: ", ""),
    ),
    (re.compile(r"\be5\b"), ("query: ", "passage: ")),
    (re.compile(r"bge-(small|base|large)-zh"), ("为这个句子生成表示以用于检索相关文章：", "")),
    (
        re.compile(r"bge-(small|base|large)-en"),
        ("Represent this sentence for searching relevant passages: ", ""),
    ),
)
_HASHED = {".json", ".safetensors", ".bin", ".model", ".txt"}


class SentenceEmbedder:
    """Port ``Embedder`` on torch. Calls from several threads take turns.

    Args:
        model: a local folder or a hub name.
        threads: torch's threads, for the whole process; 0 leaves them as they are.

    Raises:
        ModelMissingError: sentence-transformers is not installed, or the model cannot be loaded.
    """

    def __init__(self, model: str, *, threads: int = 0) -> None:
        self._model = _load(model, threads)
        self._turn = Lock()
        self._query, self._passage = _prefixes(self._model, model)
        dimension = self._dimension = int(self._model.encode(["维"]).shape[1])
        self._fingerprint = (
            f"{_revision(self._model, model)}|{self._query}|{self._passage}|{dimension}"
        )

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    @property
    def prefixes(self) -> tuple[str, str]:
        """What stands before queries and before passages."""
        return self._query, self._passage

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return self._embed(self._query, texts)

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        return self._embed(self._passage, texts)

    def _embed(self, prefix: str, texts: Sequence[str]) -> Floats:
        if not texts:
            return np.empty((0, self._dimension), np.float32)
        with self._turn:
            vectors = self._model.encode(
                [prefix + text for text in texts],
                prompt="",
                normalize_embeddings=True,
                show_progress_bar=False,
            )
        return np.asarray(vectors, np.float32)


def _load(model: str, threads: int) -> "SentenceTransformer":
    try:
        import torch
        from sentence_transformers import SentenceTransformer
    except ImportError as error:
        raise ModelMissingError(
            f"使用模型 {model} 需要 sentence-transformers，尚未安装。",
            hint="请安装 models 附加组件：pip install 'jiebang[models]'；"
            "或不设置 JIEBANG_MODEL，使用默认模型。",
            model=model,
        ) from error
    if threads:
        torch.set_num_threads(threads)
    try:
        return SentenceTransformer(model)
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise ModelMissingError(
            f"无法加载模型 {model}。",
            hint="请检查 JIEBANG_MODEL：应为本机的模型文件夹，或能联网下载的模型名；"
            "不设置则使用默认模型。",
            model=model,
            reason=error,
        ) from error


def _prefixes(loaded: "SentenceTransformer", model: str) -> tuple[str, str]:
    """The prefixes for queries and passages: the model's own prompts, else those of its family."""
    own = loaded.prompts
    query = own.get("query") or ""
    passage = own.get("document") or own.get("passage") or ""
    if query or passage:
        return query, passage
    name = f"{Path(model).name} {_configured_name(Path(model))}".lower()
    for pattern, prefixes in _PREFIXES:
        if pattern.search(name):
            return prefixes
    return "", ""


def _configured_name(folder: Path) -> str:
    """The name that a local folder's ``config.json`` gives its model, or ""."""
    try:
        return str(json.loads((folder / "config.json").read_bytes()).get("_name_or_path", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def _revision(loaded: "SentenceTransformer", model: str) -> str:
    """Model and revision: a local folder by what is in its files, a hub model by its commit."""
    folder = Path(model)
    if not folder.is_dir():
        config = getattr(getattr(loaded[0], "auto_model", None), "config", None)
        return f"{model}@{getattr(config, '_commit_hash', None) or 'unknown'}"
    digest = hashlib.blake2b(digest_size=8)
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _HASHED:
            digest.update(path.relative_to(folder).as_posix().encode())
            with path.open("rb") as file:
                digest.update(hashlib.file_digest(file, "blake2b").digest())
    return f"{folder.resolve().name}@{digest.hexdigest()}"
