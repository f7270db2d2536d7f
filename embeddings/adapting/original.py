"""multilingual-e5-small in float32 on sentence-transformers: what the default model is held to,
and what training begins with."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.e5_weights import Weights
from graph_service.ports import Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: Our names of a layer's parts -> transformers' names.
LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}

#: Their name of the word table.
WORDS = "embeddings.word_embeddings.weight"

_SPECIAL = {"bos_token": "<s>", "eos_token": "</s>", "pad_token": "<pad>", "unk_token": "<unk>"}


def float32_model(weights: Weights, tokenizer: Path, folder: Path) -> "SentenceTransformer":
    """The same weights as a BertModel with mean pooling, written into ``folder`` and loaded.

    Args:
        weights: of the default model.
        tokenizer: the default model's ``tokenizer.json``.
        folder: an empty folder, for 470 MB.

    Raises:
        ImportError: the extra ``models`` is not installed.
    """
    from safetensors.numpy import save_file
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer
    from transformers import BertConfig, PreTrainedTokenizerFast

    shape = weights.shape
    BertConfig(
        architectures=["BertModel"],
        vocab_size=shape.vocabulary,
        hidden_size=shape.hidden,
        num_hidden_layers=shape.layers,
        num_attention_heads=shape.heads,
        intermediate_size=shape.inner,
        max_position_embeddings=shape.positions,
        layer_norm_eps=shape.epsilon,
    ).save_pretrained(folder)
    save_file(_tensors(weights), folder / "model.safetensors", metadata={"format": "pt"})
    wrapped: Any = PreTrainedTokenizerFast
    wrapped(
        tokenizer_object=Tokenizer.from_file(str(tokenizer)),
        **_SPECIAL,
        model_max_length=shape.positions,
    ).save_pretrained(folder)
    bert = Transformer(str(folder), model_kwargs={"add_pooling_layer": False})
    return SentenceTransformer(modules=[bert, Pooling(shape.hidden)], device="cpu")


def _tensors(weights: Weights) -> dict[str, Floats]:
    shape = weights.shape
    hidden, inner = shape.hidden, shape.inner
    tensors = {
        WORDS: weights.dense("emb.word", shape.vocabulary, hidden),
        "embeddings.position_embeddings.weight": weights.dense("emb.pos", shape.positions, hidden),
        "embeddings.token_type_embeddings.weight": weights.dense("emb.type", 2, hidden),
        "embeddings.LayerNorm.weight": weights.dense("emb.ln.w", hidden),
        "embeddings.LayerNorm.bias": weights.dense("emb.ln.b", hidden),
    }
    for layer in range(shape.layers):
        for ours, theirs in LAYER.items():
            outputs = inner if ours == "fi" else hidden
            inputs = inner if ours == "fo" else hidden
            size = (outputs,) if ours.endswith("ln") else (outputs, inputs)
            name = f"encoder.layer.{layer}.{theirs}"
            tensors[f"{name}.weight"] = weights.dense(f"l{layer}.{ours}.w", *size)
            tensors[f"{name}.bias"] = weights.dense(f"l{layer}.{ours}.b", outputs)
    return tensors
