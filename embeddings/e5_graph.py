"""multilingual-e5-small as an int8 ONNX graph, written directly from the weights.

Input ``ids``: int64 (texts, tokens), all texts of one length, so that nothing is padded or masked.
Output ``vectors``: float32 (texts, hidden), the L2-normalised mean over the tokens.

Matrices are int8 per output column; activations are quantised as they come, one scale a tensor.
Two things spoil that scale, and both are taken out of it (cosine to float32 .9976 -> .9995):

- in each layer one inner channel of the feed-forward block runs up to 60 where the others stay
  below 5; it is the one with the largest outgoing weights, and it is computed in float32 beside
  the quantised rest (as LLM.int8(), Dettmers et al. 2022);
- the attention's layer norm has a few channels of large gain; they are divided by ``CALM`` before
  the quantised product and their weights multiplied by it (as SmoothQuant, Xiao et al. 2023).

The word table keeps the 4-bit blocks of its source, which loses nothing. Adding and normalising
are two operators, since onnxruntime's fused SkipLayerNormalization took a quarter of the time.
"""

from typing import Any

import numpy as np
import numpy.typing as npt
import onnx
from onnx import TensorProto, helper, numpy_helper

from embeddings.e5_weights import BLOCK, E5Weights
from graph_service.ports import Floats

MICROSOFT = "com.microsoft"
OPSET, IR_VERSION = 21, 10
CALM, CALMED_CHANNELS = np.float32(8), 3


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


def encoder(weights: E5Weights) -> onnx.ModelProto:
    """The whole encoder, from token ids to vectors."""
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
        x = _attention(graph, weights, f"l{layer}", x, flat, batched)
        x = _feed_forward(graph, weights, f"l{layer}", x)
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


def _embed(graph: _Graph, weights: E5Weights, flat: str) -> str:
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
    graph: _Graph, weights: E5Weights, layer: str, x: str, flat: str, batched: str
) -> str:
    hidden = weights.shape.hidden
    parts = [_linear(weights, f"{layer}.{name}", hidden, hidden) for name in "qkv"]
    matrix, scale = _int8(np.concatenate([matrix for matrix, _ in parts], axis=1))
    bias = np.concatenate([bias for _, bias in parts])
    quantised, x_scale, x_zero = graph.add(
        "DynamicQuantizeLinear", graph.one("Reshape", x, batched), outputs=3
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


def _feed_forward(graph: _Graph, weights: E5Weights, layer: str, x: str) -> str:
    hidden, inner = weights.shape.hidden, weights.shape.inner
    into, into_bias = _linear(weights, f"{layer}.fi", hidden, inner)
    out, out_bias = _linear(weights, f"{layer}.fo", inner, hidden)

    loud = [int(np.linalg.norm(out, axis=1).argmax())]
    alone = graph.one("Gemm", x, graph.constant(into[:, loud]), graph.constant(into_bias[loud]))
    alone = graph.one("Gelu", alone, domain=MICROSOFT)
    residual = graph.one("Gemm", alone, graph.constant(out[loud]), x)
    into[:, loud], into_bias[loud], out[loud] = 0, 0, 0

    gain = np.abs(weights.dense(f"{layer}.aln.w", hidden))
    calm = np.ones(hidden, np.float32)
    calm[np.argsort(-gain)[:CALMED_CHANNELS]] = CALM
    calmed = graph.one("Mul", x, graph.constant(1 / calm))
    y = _product(graph, calmed, into * calm[:, None], into_bias)
    y = _product(graph, graph.one("Gelu", y, domain=MICROSOFT), out, out_bias)
    return _norm(graph, weights, f"{layer}.oln", graph.one("Add", residual, y))


def _linear(weights: E5Weights, name: str, inputs: int, outputs: int) -> tuple[Floats, Floats]:
    """Matrix (inputs, outputs) and bias (outputs,)."""
    return weights.dense(f"{name}.w", outputs, inputs).T.copy(), weights.dense(f"{name}.b", outputs)


def _norm(graph: _Graph, weights: E5Weights, name: str, x: str) -> str:
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
