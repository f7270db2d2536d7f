"""How loud the encoder's channels are on ordinary texts: what int8 scales are chosen by.

A float32 forward pass of multilingual-e5-small in numpy, over a few invented texts of the kinds
the product sees. Only the ratios between channels are used, and those hardly hang on the texts.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache

import numpy as np
import numpy.typing as npt

from embeddings.e5_weights import BLOCK, Shape, Weights
from graph_service.ports import Floats

Ids = npt.NDArray[np.int64]

TEXTS = (
    "query: 需要一种精度±5μm、寿命不低于10000小时的谐波减速器，用于协作机器人关节。",
    "query: 涂装车间漆渣絮凝处理效果不稳定，求低成本的减量化与资源化方案",
    "query: How to reduce the porosity of die-cast aluminium housings below 0.5%?",
    "passage: 一种高强度铝合金压铸件的热处理方法及其装置",
    "passage: 主营产品：伺服电机、数控系统、工业机器人、注塑机、轴承",
    "passage: 特种气体",
    "passage: 本发明公开了一种锂离子电池正极材料的制备方法：S1、将前驱体与锂源按摩尔比1:1.05混合；",
    "passage: S2、在氧气气氛下于750℃烧结12h；S3、破碎、过筛、包覆，得到所述正极材料。",
    "passage: 公司成立于2009年，是一家集研发、生产、销售于一体的高新技术企业，产品覆盖生物医药、",
    "passage: 医疗器械、体外诊断试剂等领域，已通过ISO 13485认证，服务客户300余家。",
    "passage: 基于深度学习的遥感图像目标检测 针对小目标漏检，提出多尺度特征融合网络，mAP提高3.2%。",
    "passage: 乡村振兴背景下县域物流配送体系优化",
    "passage: Graphene-reinforced epoxy coating for towers, salt spray ≥ 3000 h (GB/T 1771).",
    "passage: 开发面向6G的太赫兹通信芯片，工作频率220GHz，输出功率大于10dBm，18个月内完成验收。",
)


def loudness(weights: Weights, texts: Iterable[Sequence[int]]) -> dict[str, Floats]:
    """Largest absolute input of the quantised products, channel by channel.

    Args:
        weights: of the encoder.
        texts: token ids of each text.

    Returns:
        For layer i: "l{i}.q" (attention's input) and "l{i}.fi" (feed-forward's), shape (hidden,).
    """
    dense = cache(weights.dense)  # dequantised once for all texts
    words = _words(weights)
    runs = [_inputs(weights.shape, dense, words(np.asarray(ids))) for ids in texts]
    return {
        name: np.abs(np.concatenate([run[name] for run in runs])).max(axis=0) for name in runs[0]
    }


def _words(weights: Weights) -> Callable[[Ids], Floats]:
    """From token ids to the sum of word, position and type, (tokens, hidden)."""
    shape = weights.shape
    nibbles, scales = weights.blocks("emb.word", shape.vocabulary * shape.hidden)
    nibbles = nibbles.reshape(shape.vocabulary, -1, BLOCK)
    scales = scales.reshape(shape.vocabulary, -1, 1)
    places = weights.dense("emb.pos", shape.positions, shape.hidden)
    places += weights.dense("emb.type", 2, shape.hidden)[0]

    def words(ids: Ids) -> Floats:
        blocks = (nibbles[ids].astype(np.float32) - 8) * scales[ids]
        found: Floats = blocks.reshape(len(ids), -1) + places[: len(ids)]
        return found

    return words


def _inputs(shape: Shape, dense: Callable[..., Floats], words: Floats) -> dict[str, Floats]:
    hidden, inner, heads = shape.hidden, shape.inner, shape.heads
    tokens = len(words)

    def linear(x: Floats, name: str, inputs: int, outputs: int) -> Floats:
        return x @ dense(f"{name}.w", outputs, inputs).T + dense(f"{name}.b", outputs)

    def norm(x: Floats, name: str) -> Floats:
        x = x - x.mean(axis=1, keepdims=True)
        x = x / np.sqrt((x * x).mean(axis=1, keepdims=True) + shape.epsilon)
        return x * dense(f"{name}.w", hidden) + dense(f"{name}.b", hidden)

    def split(x: Floats) -> Floats:
        return x.reshape(tokens, heads, hidden // heads).transpose(1, 0, 2)

    found: dict[str, Floats] = {}
    x = norm(words, "emb.ln")
    for layer in (f"l{i}" for i in range(shape.layers)):
        found[f"{layer}.q"] = x
        q, k, v = (split(linear(x, f"{layer}.{name}", hidden, hidden)) for name in "qkv")
        weight = np.exp(q @ k.transpose(0, 2, 1) / np.sqrt(hidden // heads))
        weight /= weight.sum(axis=2, keepdims=True)
        mixed = (weight @ v).transpose(1, 0, 2).reshape(tokens, hidden)
        x = norm(x + linear(mixed, f"{layer}.ao", hidden, hidden), f"{layer}.aln")
        found[f"{layer}.fi"] = x
        y = linear(x, f"{layer}.fi", hidden, inner)
        y = y / (1 + np.exp(-1.702 * y))  # near enough to GELU to see how loud it is
        x = norm(x + linear(y, f"{layer}.fo", inner, hidden), f"{layer}.oln")
    return found
