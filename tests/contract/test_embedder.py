"""What ``graph_service.ports.Embedder`` promises, for every embedder."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from api.settings import load_settings
from embeddings.factory import open_embedder
from graph_service.ports import Embedder

TEXTS = [
    "一种高强度铝合金压铸件的热处理方法",
    "压铸铝合金零件热处理工艺",
    "儿童绘本出版与发行",
    "泵",
    "需要一种精度±5μm、寿命不低于10000小时的谐波减速器，用于协作机器人关节。" * 3,
    "formic acid sensor, 0–50 ppm",
    "长文本" * 900,
    "",
]


@pytest.fixture(scope="session")
def cache() -> Path:
    """Where ``make setup`` put the default model; how it is made has tests of its own."""
    return load_settings().cache


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A sentence-transformers folder of random weights, whose name asks for e5's prefixes."""
    pytest.importorskip("sentence_transformers", reason="没有安装 models 附加组件")
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Regex, Tokenizer, models, pre_tokenizers
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    torch.manual_seed(0)
    letters = sorted(set("".join(TEXTS)) | set("query: passage: "))
    words = {word: number for number, word in enumerate(["[PAD]", "[UNK]", *letters])}
    tokenizer = Tokenizer(models.WordLevel(words, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex("."), "isolated")
    base = tmp_path_factory.mktemp("bert")
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        max_position_embeddings=128,
    )
    BertModel(config, add_pooling_layer=False).save_pretrained(base)
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="[PAD]", unk_token="[UNK]", model_max_length=128
    ).save_pretrained(base)
    folder = tmp_path_factory.mktemp("models") / "tiny-e5"
    modules = [Transformer(str(base)), Pooling(32)]
    SentenceTransformer(modules=modules, device="cpu").save(str(folder))
    return str(folder)


@pytest.fixture(scope="module", params=["default", "hashing", "sentence"])
def model(request: pytest.FixtureRequest) -> str:
    if request.param == "sentence":
        return str(request.getfixturevalue("tiny_model"))
    return str(request.param)


@pytest.fixture(scope="module")
def embedder(model: str, cache: Path) -> Embedder:
    return open_embedder(model, cache, threads=2)


def test_it_is_an_embedder(embedder: Embedder) -> None:
    assert isinstance(embedder, Embedder)


@pytest.mark.parametrize("kind", ["embed_queries", "embed_documents"])
def test_vectors_are_float32_rows_of_length_one(embedder: Embedder, kind: str) -> None:
    vectors = getattr(embedder, kind)(TEXTS)
    assert vectors.dtype == np.float32
    assert vectors.shape == (len(TEXTS), embedder.dimension)
    assert np.linalg.norm(vectors, axis=1) == pytest.approx(1, abs=1e-5)


def test_no_texts_give_no_vectors(embedder: Embedder) -> None:
    assert embedder.embed_documents([]).shape == (0, embedder.dimension)
    assert embedder.embed_queries([]).shape == (0, embedder.dimension)


def test_a_text_has_the_same_vector_whatever_it_is_batched_with(embedder: Embedder) -> None:
    together = embedder.embed_documents(TEXTS)
    backwards = embedder.embed_documents(TEXTS[::-1])[::-1]
    alone = np.concatenate([embedder.embed_documents([text]) for text in TEXTS])
    crowded = embedder.embed_documents([TEXTS[0], *(text[:17] for text in TEXTS * 5)])[:1]
    assert (together * backwards).sum(axis=1).min() > 1 - 1e-3
    assert (together * alone).sum(axis=1).min() > 1 - 1e-3
    assert (together[:1] * crowded).sum() > 1 - 1e-3


def test_rows_keep_the_order_of_the_texts(embedder: Embedder) -> None:
    vectors = embedder.embed_documents([TEXTS[2], TEXTS[6], TEXTS[3], TEXTS[2]])
    assert vectors[0] @ vectors[3] > 1 - 1e-3
    assert vectors[0] @ vectors[1] < 0.99
    assert vectors[0] @ vectors[2] < 0.99


def test_threads_get_what_one_caller_gets(embedder: Embedder) -> None:
    expected = embedder.embed_documents(TEXTS)
    with ThreadPoolExecutor(4) as pool:
        for vectors in pool.map(embedder.embed_documents, [TEXTS] * 8):
            assert (vectors * expected).sum(axis=1).min() > 1 - 1e-3


def test_opened_again_it_has_the_same_fingerprint_and_vectors(
    embedder: Embedder, model: str, cache: Path
) -> None:
    again = open_embedder(model, cache, threads=1)
    assert again.fingerprint == embedder.fingerprint
    assert again.dimension == embedder.dimension
    both = again.embed_queries(TEXTS) * embedder.embed_queries(TEXTS)
    assert both.sum(axis=1).min() > 1 - 1e-3


def test_fingerprints_tell_models_apart(tiny_model: str, cache: Path) -> None:
    models = ["default", "hashing", tiny_model]
    embedders = [open_embedder(name, cache) for name in models]
    assert len({embedder.fingerprint for embedder in embedders}) == len(models)
    for embedder in embedders:
        assert str(embedder.dimension) in embedder.fingerprint
