"""Trained weights as the same kind of int8 ONNX model as the default one: serving needs no torch.

The word table stays that of the default model (training leaves it as it is), in its 4-bit blocks.
"""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings import build
from embeddings.adapting.original import LAYER, WORDS
from embeddings.e5_weights import Shape, Weights
from graph_service.errors import ModelMissingError
from graph_service.ports import Floats

#: Names of tensors as transformers' BertModel gives them, and their values.
Tensors = Mapping[str, Floats]

_EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
_PARTS = {"w": "weight", "b": "bias"}


class TrainedWeights:
    """An encoder's ``Weights``: what is among the trained tensors is taken from them, all else and
    the word table from the base."""

    def __init__(self, base: Weights, tensors: Tensors) -> None:
        self._base = base
        self._tensors = tensors

    @property
    def shape(self) -> Shape:
        return self._base.shape

    @property
    def pieces(self) -> list[tuple[str, float]]:
        return self._base.pieces

    def dense(self, name: str, *shape: int) -> Floats:
        trained = None if name == "emb.word" else self._tensors.get(_theirs(name))
        if trained is None:
            return self._base.dense(name, *shape)
        return np.array(trained, np.float32).reshape(shape)  # a copy: callers alter it

    def blocks(
        self, name: str, count: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
        return self._base.blocks(name, count)


def export(base: Weights, tensors: Tensors, folder: Path) -> None:
    """Write ``model.onnx`` and ``tokenizer.json`` of trained weights into a folder.

    Args:
        base: the default model's weights.
        tensors: of the trained model, those that were trained or all.
        folder: is there, and has no model yet.

    Raises:
        ValueError: the word table was trained too: the 4-bit blocks would not be what was trained.
        ModelMissingError: ``onnx`` is not installed.
        OSError: the folder cannot be written.
    """
    shape = base.shape
    words = base.dense("emb.word", shape.vocabulary, shape.hidden)
    if WORDS in tensors and not np.allclose(words, tensors[WORDS], atol=1e-6):
        raise ValueError("the word table was trained")
    build.write(TrainedWeights(base, tensors), folder)


def read_tensors(folder: Path) -> dict[str, Floats]:
    """The tensors of a model that sentence-transformers saved.

    Raises:
        ModelMissingError: it is not there, or safetensors is not installed.
    """
    try:
        from safetensors.numpy import load_file

        return dict(load_file(folder / "model.safetensors"))
    except (ImportError, OSError) as error:
        raise ModelMissingError(
            f"读不到 {folder} 里的模型。",
            hint="应为 sentence-transformers 保存的文件夹，并装有附加组件："
            "pip install 'jiebang[models]'。",
            path=folder,
        ) from error


def blend(before: Tensors, after: Tensors, share: float) -> dict[str, Floats]:
    """Weights between two models: ``share`` 0 gives the first, 1 the second (WiSE-FT, Wortsman et
    al. 2022)."""
    return {
        name: np.asarray(before[name] + share * (after[name] - before[name]), np.float32)
        for name in after
    }


def _theirs(name: str) -> str:
    """``l3.fi.w`` → ``encoder.layer.3.intermediate.dense.weight``."""
    if name in _EMBEDDINGS:
        return _EMBEDDINGS[name]
    layer, part, kind = name.split(".")
    return f"encoder.layer.{layer[1:]}.{LAYER[part]}.{_PARTS[kind]}"
