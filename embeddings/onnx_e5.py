"""The default embedder: multilingual-e5-small in int8 on onnxruntime, without torch.

One session with one thread; texts of equal length go through it together, and several such groups
at once on a pool of threads. On 2 cores that beats one group on two threads, needs no padding, and
keeps a text's vector independent of its neighbours' lengths.
"""

import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import numpy as np

from embeddings.build import MODEL, NAME, TOKENIZER
from embeddings.e5_weights import HINT
from embeddings.local import is_made
from graph_service.errors import ModelMissingError
from graph_service.ports import Floats

if TYPE_CHECKING:
    import onnxruntime  # type: ignore[import-untyped]
    from tokenizers import Tokenizer

QUERY, PASSAGE = "query: ", "passage: "
DIMENSION = 384
FINGERPRINT = f"{NAME}|{QUERY}|{PASSAGE}|{DIMENSION}"

#: Tokens that go through the encoder together: beyond this the activations leave the cores' caches.
GROUP_TOKENS = 256


class OnnxEmbedder:
    """Port ``Embedder``. Safe to use from several threads; nothing is loaded before first use.

    Args:
        folder: what ``embeddings.build`` made, or an adapted model's.
        fingerprint, dimension: of an adapted model; by default the default model's.
        threads: groups encoded at once; 0 means one for each core.
    """

    def __init__(
        self,
        folder: Path,
        *,
        fingerprint: str = FINGERPRINT,
        dimension: int = DIMENSION,
        threads: int = 0,
    ) -> None:
        self._folder = folder
        self._fingerprint = fingerprint
        self._dimension = dimension
        self._threads = threads or _cores()
        self._loading = Lock()

    @property
    def fingerprint(self) -> str:
        return self._fingerprint

    @property
    def dimension(self) -> int:
        return self._dimension

    def embed_queries(self, texts: Sequence[str]) -> Floats:
        return self._embed([QUERY + text for text in texts])

    def embed_documents(self, texts: Sequence[str]) -> Floats:
        return self._embed([PASSAGE + text for text in texts])

    def _embed(self, texts: list[str]) -> Floats:
        tokenizer, session = self._loaded()
        ids = [encoding.ids for encoding in tokenizer.encode_batch_fast(texts)]
        vectors = np.empty((len(ids), self._dimension), np.float32)

        def encode(group: list[int]) -> None:
            tokens = np.array([ids[i] for i in group], np.int64)
            vectors[group] = session.run(None, {"ids": tokens})[0]

        groups = list(_groups([len(row) for row in ids]))
        if len(groups) == 1 or self._threads == 1:
            for group in groups:
                encode(group)
        else:
            with ThreadPoolExecutor(self._threads) as pool:
                list(pool.map(encode, groups))
        return vectors

    def _loaded(self) -> "tuple[Tokenizer, onnxruntime.InferenceSession]":
        with self._loading:
            return self._model

    @cached_property
    def _model(self) -> "tuple[Tokenizer, onnxruntime.InferenceSession]":
        import onnxruntime
        from tokenizers import Tokenizer

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        # The graph is written as it shall run: more would fuse what is faster apart.
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.log_severity_level = 3
        try:
            session = onnxruntime.InferenceSession(
                str(self._folder / MODEL), options, ["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(self._folder / TOKENIZER))
        except Exception as error:  # onnxruntime and tokenizers raise no common class
            raise ModelMissingError(
                f"模型 {self._folder.name} 的文件缺失或损坏。",
                hint=_mending(self._folder),
                path=self._folder,
            ) from error
        return tokenizer, session


def _groups(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Positions of equal length, longest first, at most ``GROUP_TOKENS`` in a group or one text."""
    order = sorted(range(len(lengths)), key=lambda i: -lengths[i])
    for length, same in groupby(order, key=lengths.__getitem__):
        positions = list(same)
        size = max(1, GROUP_TOKENS // length)
        for start in range(0, len(positions), size):
            yield positions[start : start + size]


def _mending(folder: Path) -> str:
    if is_made(folder) or is_made(folder.parent):
        return "请回到前一个模型，再重新训练一个。"
    return f"请删除该文件夹后运行 make setup 重新生成。{HINT}"


def _cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
