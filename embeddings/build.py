"""Make the default model's folder: ``python -m embeddings.build`` (``make setup`` runs it once).

``<cache>/models/e5-small-int8-<revision>/`` holds ``model.onnx`` and ``tokenizer.json``. It appears
whole or not at all, and making it again does nothing. Needs no torch.
"""

import argparse
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from embeddings import e5_weights
from graph_service.errors import ModelMissingError

if TYPE_CHECKING:
    from tokenizers import Tokenizer

#: Source weights and version of ``e5_graph``: raise the last part when the graph's figures change.
REVISION = f"{e5_weights.SHA256[:8]}-2"
NAME = f"e5-small-int8-{REVISION}"
MODEL, TOKENIZER = "model.onnx", "tokenizer.json"
MAX_TOKENS = 512


def build(cache: Path) -> Path:
    """The folder of the default model, made if it is not there.

    Raises:
        ModelMissingError: the package with the weights or ``onnx`` is not installed, the weights
            are not the pinned ones, or the folder cannot be written.
    """
    folder = cache / "models" / NAME
    if folder.is_dir():
        return folder
    weights = e5_weights.read()
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=folder.parent, prefix=f".{NAME}-") as scratch:
            made = Path(scratch) / NAME
            made.mkdir()
            write(weights, made)
            _publish(made, folder)
    except OSError as error:
        raise ModelMissingError(
            "无法写入默认模型。",
            hint="请检查缓存文件夹是否可写、磁盘是否有约 100 MB 空间；"
            "缓存位置可用 JIEBANG_CACHE 设置。",
            path=folder,
        ) from error
    return folder


def write(weights: e5_weights.Weights, folder: Path) -> None:
    """Write ``model.onnx`` and ``tokenizer.json`` of an encoder of this kind into a folder.

    Raises:
        ModelMissingError: ``onnx`` is not installed.
        OSError: the folder cannot be written.
    """
    try:
        import onnx

        from embeddings import e5_calibration, e5_graph
    except ImportError as error:
        raise ModelMissingError(
            "生成默认模型需要 Python 包 onnx。", hint=e5_weights.HINT
        ) from error
    tokenizer = _tokenizer(weights)
    tokenizer.save(str(folder / TOKENIZER), pretty=False)
    texts = [encoding.ids for encoding in tokenizer.encode_batch(e5_calibration.TEXTS)]
    loudness = e5_calibration.loudness(weights, texts)
    onnx.save(e5_graph.encoder(weights, loudness), str(folder / MODEL))


def _tokenizer(weights: e5_weights.Weights) -> "Tokenizer":
    from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

    start, end, _pad, unknown = weights.shape.special
    tokenizer = Tokenizer(models.Unigram(weights.pieces, unk_id=unknown))
    tokenizer.normalizer = normalizers.Sequence(
        [normalizers.NFKC(), normalizers.Replace(Regex(r"\s+"), " ")]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", start), ("</s>", end)]
    )
    tokenizer.enable_truncation(MAX_TOKENS)
    return tokenizer


def _publish(made: Path, folder: Path) -> None:
    """Rename into place; where another process was faster, its folder is as good."""
    try:
        made.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(made)


def main() -> None:
    """Command line: build into the given cache folder and say where."""
    parser = argparse.ArgumentParser(description="生成默认的中文向量模型（int8，无需 torch）")
    parser.add_argument("--cache", type=Path, required=True, help="缓存文件夹")
    print(f"默认模型已就绪：{build(parser.parse_args().cache)}")


if __name__ == "__main__":
    main()
