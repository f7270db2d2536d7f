"""A random encoder of the default model's build, small enough to be trained in a test."""

import math
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from embeddings import build
from embeddings.e5_weights import BLOCK, Shape
from graph_service.model import Batch, Edge, EdgeType, Label, Node
from graph_service.ports import Floats

_WORDS = (
    "的一种及其方法装置用于和泵电机轴承减速器谐波柔轮疲劳裂纹表面强化工艺污水处理焊接机器人药物检测"
    "玻璃纤维涂料芯片散热供应链关键词研究提出需求技术材料高强度"
)
WHAT = ["谐波减速器", "轴承", "污水处理", "焊接机器人", "涂料", "芯片散热", "玻璃纤维", "药物检测"]
_HOW = ["疲劳裂纹", "表面强化", "高强度材料", "关键技术", "装置及其方法", "供应链需求"]
_SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "▁")


class TinyWeights:
    """``embeddings.e5_weights.Weights`` drawn at random: a layer of 32 channels."""

    def __init__(self, seed: int = 0) -> None:
        words = [*_SPECIAL, *dict.fromkeys(_WORDS)]
        self.pieces = [(word, -float(rank) / 10) for rank, word in enumerate(words)]
        self.shape = Shape(32, 1, 2, 64, len(words), 512, 1e-5, (0, 2, 1, 3))
        self._draw = np.random.default_rng(seed)
        count = self.shape.vocabulary * self.shape.hidden // BLOCK
        self._nibbles = self._draw.integers(0, 16, (count, BLOCK), np.uint8)
        self._scales = np.full(count, 0.1, np.float16)
        self._dense: dict[str, Floats] = {}

    def dense(self, name: str, *shape: int) -> Floats:
        if name == "emb.word":
            return self._words().reshape(shape)
        if name not in self._dense:
            drawn = self._draw.normal(0, 0.3, math.prod(shape)).astype(np.float32)
            self._dense[name] = drawn + (1 if name.endswith("ln.w") else 0)
        return self._dense[name].reshape(shape).copy()

    def blocks(
        self, name: str, count: int
    ) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.float16]]:
        assert (name, count) == ("emb.word", self._nibbles.size)
        return self._nibbles, self._scales

    def _words(self) -> Floats:
        return (self._nibbles.astype(np.float32) - 8) * self._scales.astype(np.float32)[:, None]


@cache
def tiny(seed: int = 0) -> TinyWeights:
    """The weights of a seed, always the same."""
    return TinyWeights(seed)


def material() -> Batch:
    """Results with keywords, demands, and firms with what they make: 48 of each."""
    nodes, edges = [], []
    for number, (what, how) in enumerate((what, how) for what in WHAT for how in _HOW):
        text = f"一种用于{what}的{how}，提出{what}{how}工艺研究，编号{number}。"
        props = {"title": f"{what}{how}", "text": text}
        nodes += [
            Node(f"r{number}", Label.RESULT, {**props, "keywords": [what, how]}, "甲"),
            Node(f"d{number}", Label.DEMAND, {**props, "text": text[::-1]}, "甲"),
            Node(f"p{number}", Label.PRODUCT, {"name": f"{what}{number}"}, "甲"),
            Node(f"o{number % 20}", Label.ORGANIZATION, {"name": f"公司{number % 20}"}, "甲"),
        ]
        edges.append(Edge(EdgeType.MAKES, f"o{number % 20}", f"p{number}", source="甲"))
    return Batch(nodes, edges)


def save_sentence_model(folder: Path, scratch: Path) -> Path:
    """A tiny model as sentence-transformers saves it, with prompts of its own."""
    from embeddings.adapting.original import float32_model
    from embeddings.adapting.training import calm

    with calm():
        tokenizer = write_tiny(scratch / "onnx", seed=1) / build.TOKENIZER
        (scratch / "float32").mkdir()
        model = float32_model(tiny(1), tokenizer, scratch / "float32")
        model.prompts = {"query": "问：", "document": "答："}
        model.save(str(folder), create_model_card=False)
    return folder


def write_tiny(folder: Path, seed: int = 0) -> Path:
    """The folder with ``model.onnx`` and ``tokenizer.json`` of a tiny model."""
    folder.mkdir(parents=True)
    build.write(tiny(seed), folder)
    return folder
