"""multilingual-e5-small as an int8 ONNX graph, written directly from the weights.

Input ``ids``: int64 (texts, tokens), all texts of one length, so that nothing is padded or masked.
Output ``vectors``: float32 (texts, hidden), the L2-normalised mean over the tokens.

Matrices are int8 per output column; activations are quantised as they come, one scale a tensor.
Two things spoil that scale, and both are taken out of it (cosine to float32 .9976 -> .9998):

- in each layer one inner channel of the feed-forward block runs up to 60 where the others stay
  below 5; it is the one with the largest outgoing weights, and it is computed in float32 beside
  the quantised rest (as LLM.int8(), Dettmers et al. 2022);
- a few channels of the layer norms are ten times as loud as the others; each channel is divided by
  the root of its loudness and its weights multiplied by it (SmoothQuant, Xiao et al. 2023).

The word table keeps the 4-bit blocks of its source, which loses nothing. Adding and normalising
are two operators, since onnxruntime's fused SkipLayerNormalization took a quarter of the time.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from embeddings.e5_weights import BLOCK, Weights
from graph_service.ports import Floats

MICROSOFT = "com.microsoft"
OPSET, IR_VERSION = 21, 10


class _Graph:
    """Nodes and constants under numbered names."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, array: npt.ArrayLike) -> str:
        name = f"constant_{len(self.constants)}"
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def add(self, kind: str, *inputs: str, outputs: int = 1, **attributes: Any) -> list[str]:
        names = [f"{kind}_{len(self.nodes)}_{i}" for i in range(outputs)]
        self.nodes.append(helper.make_node(kind, inputs, names, **attributes))
        return names

    def one(self, kind: str, *inputs: str, **attributes: Any) -> str:
        return self.add(kind, *inputs, **attributes)[0]


def encoder(weights: Weights, loudness: Mapping[str, Floats]) -> onnx.ModelProto:
    """The whole encoder, from token ids to vectors.

    Args:
        weights: of the encoder.
        loudness: see ``e5_calibration.loudness``.
    """
    graph, shape = _Graph(), weights.shape
    hidden = shape.hidden
    flat = graph.constant(np.array([-1, hidden], np.int64))
    batched = graph.one(
        "Concat",
        graph.one("Shape", "ids"),
        graph.constant(np.array([hidden], np.int64)),
        axis=0,
    )
    x = _embed(graph, weights, flat)
    for layer in range(shape.layers):
        name = f"l{layer}"
        x = _attention(graph, weights, name, loudness[f"{name}.q"], x, flat, batched)
        x = _feed_forward(graph, weights, name, loudness[f"{name}.fi"], x)
    pooled = graph.one(
        "ReduceSum",
        graph.one("Reshape", x, batched),
        graph.constant(np.array([1], np.int64)),
        keepdims=0,
    )
    graph.nodes.append(helper.make_node("LpNormalization", [pooled], ["vectors"], axis=1, p=2))
    return helper.make_model(
        helper.make_graph(
            graph.nodes,
            "multilingual-e5-small",
            [helper.make_tensor_value_info("ids", TensorProto.INT64, ["texts", "tokens"])],
            [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["texts", hidden])],
            graph.constants,
        ),
        opset_imports=[helper.make_opsetid("", OPSET), helper.make_opsetid(MICROSOFT, 1)],
        ir_version=IR_VERSION,
    )


def _embed(graph: _Graph, weights: Weights, flat: str) -> str:
    """Word + position + type, normalised: (texts * tokens, hidden)."""
    shape = weights.shape
    vocabulary, hidden = shape.vocabulary, shape.hidden
    nibbles, scales = weights.blocks("emb.word", vocabulary * hidden)
    packed = (nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)).reshape(vocabulary, hidden // 2)
    words = graph.one(
        "GatherBlockQuantized",
        graph.constant(packed),
        "ids",
        graph.constant(scales.reshape(vocabulary, hidden // BLOCK)),
        domain=MICROSOFT,
        bits=4,
        block_size=BLOCK,
        gather_axis=0,
        quantize_axis=1,
    )
    positions = weights.dense("emb.pos", shape.positions, hidden)
    positions += weights.dense("emb.type", 2, hidden)[0]
    start = graph.constant(np.array([0], np.int64))
    length = graph.one("Shape", "ids", start=1, end=2)
    x = graph.one(
        "Add",
        graph.one("Cast", words, to=TensorProto.FLOAT),
        graph.one("Slice", graph.constant(positions), start, length, start),
    )
    return _norm(graph, weights, "emb.ln", graph.one("Reshape", x, flat))


def _attention(
    graph: _Graph,
    weights: Weights,
    layer: str,
    loudness: Floats,
    x: str,
    flat: str,
    batched: str,
) -> str:
    hidden = weights.shape.hidden
    parts = [_linear(weights, f"{layer}.{name}", hidden, hidden) for name in "qkv"]
    smooth, whole = _smooth(graph, x, np.concatenate([w for w, _ in parts], axis=1), loudness)
    matrix, scale = _int8(whole)
    bias = np.concatenate([bias for _, bias in parts])
    quantised, x_scale, x_zero = graph.add(
        "DynamicQuantizeLinear", graph.one("Reshape", smooth, batched), outputs=3
    )
    mixed = graph.one(
        "QAttention",
        quantised,
        graph.constant(matrix),
        graph.constant(bias),
        x_scale,
        graph.constant(scale),
        "",
        x_zero,
        graph.constant(np.zeros_like(scale, np.int8)),
        domain=MICROSOFT,
        num_heads=weights.shape.heads,
    )
    out, out_bias = _linear(weights, f"{layer}.ao", hidden, hidden)
    y = _product(graph, graph.one("Reshape", mixed, flat), out, out_bias)
    return _norm(graph, weights, f"{layer}.aln", graph.one("Add", x, y))


def _feed_forward(graph: _Graph, weights: Weights, layer: str, loudness: Floats, x: str) -> str:
    hidden, inner = weights.shape.hidden, weights.shape.inner
    into, into_bias = _linear(weights, f"{layer}.fi", hidden, inner)
    out, out_bias = _linear(weights, f"{layer}.fo", inner, hidden)

    loud = [int(np.linalg.norm(out, axis=1).argmax())]
    alone = graph.one("Gemm", x, graph.constant(into[:, loud]), graph.constant(into_bias[loud]))
    alone = graph.one("Gelu", alone, domain=MICROSOFT)
    residual = graph.one("Gemm", alone, graph.constant(out[loud]), x)
    into[:, loud], into_bias[loud], out[loud] = 0, 0, 0

    smooth, into = _smooth(graph, x, into, loudness)
    y = _product(graph, smooth, into, into_bias)
    y = _product(graph, graph.one("Gelu", y, domain=MICROSOFT), out, out_bias)
    return _norm(graph, weights, f"{layer}.oln", graph.one("Add", residual, y))


def _linear(weights: Weights, name: str, inputs: int, outputs: int) -> tuple[Floats, Floats]:
    """Matrix (inputs, outputs) and bias (outputs,)."""
    return weights.dense(f"{name}.w", outputs, inputs).T.copy(), weights.dense(f"{name}.b", outputs)


def _smooth(graph: _Graph, x: str, matrix: Floats, loudness: Floats) -> tuple[str, Floats]:
    """x and the matrix with their common channels brought nearer to one loudness."""
    scale = np.sqrt(loudness / np.median(loudness)).astype(np.float32)
    return graph.one("Mul", x, graph.constant(1 / scale)), matrix * scale[:, None]


def _norm(graph: _Graph, weights: Weights, name: str, x: str) -> str:
    gain, bias = (weights.dense(f"{name}.{part}", weights.shape.hidden) for part in "wb")
    return graph.one(
        "LayerNormalization",
        x,
        graph.constant(gain),
        graph.constant(bias),
        epsilon=weights.shape.epsilon,
    )


def _product(graph: _Graph, x: str, matrix: Floats, bias: Floats) -> str:
    quantised, scale = _int8(matrix)
    return graph.one(
        "DynamicQuantizeMatMul",
        x,
        graph.constant(quantised),
        graph.constant(scale),
        graph.constant(np.zeros_like(scale, np.int8)),
        graph.constant(bias),
        domain=MICROSOFT,
    )


def _int8(matrix: Floats) -> tuple[npt.NDArray[np.int8], Floats]:
    """Values in -127..127 and one scale for each column; a column of zeros has scale 1."""
    largest = np.abs(matrix).max(axis=0)
    scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
    return np.rint(matrix / scale).astype(np.int8), scale
