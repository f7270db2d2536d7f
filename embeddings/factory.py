"""One setting names the embedder."""

from pathlib import Path

from graph_service.ports import Embedder

DEFAULT, HASHING = "default", "hashing"


def open_embedder(model: str, cache: Path, *, threads: int = 0) -> Embedder:
    """The embedder that a setting names.

    Args:
        model: "default" (multilingual-e5-small, int8), "hashing" (no model, for tests), the folder
            of a model that was adapted here, or any local folder or hub name that
            sentence-transformers loads.
        cache: where the default model's folder is, and is made if it is not there yet.
        threads: threads for encoding; 0 means all cores.

    Raises:
        ModelMissingError: the model or a package that it needs is not there.
    """
    if model == HASHING:
        from embeddings.hashing import HashingEmbedder

        return HashingEmbedder()
    if model == DEFAULT:
        from embeddings.build import build
        from embeddings.onnx_e5 import OnnxEmbedder

        return OnnxEmbedder(build(cache), threads=threads)
    from embeddings.local import is_made, open_made

    if is_made(Path(model)):
        return open_made(Path(model), threads=threads)
    from embeddings.sentence import SentenceEmbedder

    return SentenceEmbedder(model, threads=threads)
