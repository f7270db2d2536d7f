"""What training begins with, and how what comes of it is written: one class for each form."""

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from embeddings import e5_weights
from embeddings.adapting import training
from embeddings.adapting.columns import Prefixes
from embeddings.adapting.export import export
from embeddings.build import TOKENIZER, build
from embeddings.e5_weights import Weights
from embeddings.factory import DEFAULT, HASHING
from embeddings.local import ENCODER, Form, is_made, onnx_fingerprint
from embeddings.onnx_e5 import PASSAGE, QUERY, OnnxEmbedder
from graph_service.errors import InputError
from graph_service.ports import Embedder, Floats

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class Base(Protocol):
    """A model that can be trained further."""

    @property
    def name(self) -> str:
        """The value of the setting ``model`` that names it."""
        ...

    @property
    def form(self) -> Form:
        """In which a model made from it is kept."""
        ...

    @property
    def embedder(self) -> Embedder:
        """It, as it serves."""
        ...

    @property
    def prefixes(self) -> Prefixes:
        """What it wants before texts."""
        ...

    def opened(self, device: str) -> AbstractContextManager["SentenceTransformer"]:
        """It in float32 for the length of the block, to be trained in place."""
        ...

    def write(
        self, model: "SentenceTransformer", weights: Mapping[str, Floats], folder: Path
    ) -> None:
        """Write a model of these weights into an empty folder."""
        ...

    def reopened(self, folder: Path, id_: str, hashed: str) -> Embedder:
        """What was written, as it will serve under an id; ``hashed`` is that of its files."""
        ...


class E5Base:
    """The default model, int8 without torch before and after.

    Args:
        folder: what ``embeddings.build`` made of the weights.
        weights: of the model.
        threads: for encoding; 0 means all cores.
    """

    form: Form = "onnx"
    name = DEFAULT
    prefixes = Prefixes(QUERY, PASSAGE)

    def __init__(self, folder: Path, weights: Weights, *, threads: int = 0) -> None:
        self._folder = folder
        self._weights = weights
        self._threads = threads
        self.embedder: Embedder = OnnxEmbedder(
            folder, dimension=weights.shape.hidden, threads=threads
        )

    @contextmanager
    def opened(self, device: str) -> Iterator["SentenceTransformer"]:
        try:
            import sentence_transformers  # noqa: F401 - what the module below needs
            import transformers  # noqa: F401

            from embeddings.adapting.original import float32_model
        except ImportError as error:
            raise training.needed() from error
        with tempfile.TemporaryDirectory(prefix="jiebang-") as scratch:
            model = float32_model(self._weights, self._folder / TOKENIZER, Path(scratch))
            yield model.to(device)

    def write(
        self, model: "SentenceTransformer", weights: Mapping[str, Floats], folder: Path
    ) -> None:
        _ = model
        export(self._weights, weights, folder)

    def reopened(self, folder: Path, id_: str, hashed: str) -> Embedder:
        size = self.embedder.dimension
        return OnnxEmbedder(
            folder,
            fingerprint=onnx_fingerprint(id_, hashed, QUERY, PASSAGE, size),
            dimension=size,
            threads=self._threads,
        )


class SentenceBase:
    """Any sentence-transformers model, on torch before and after.

    Raises:
        ModelMissingError: it, or the extra ``models``, is not there.
    """

    form: Form = "sentence"

    def __init__(self, name: str, *, threads: int = 0) -> None:
        from embeddings.sentence import SentenceEmbedder

        self.name = name
        self._threads = threads
        opened = SentenceEmbedder(name, threads=threads)
        self.embedder: Embedder = opened
        self.prefixes = Prefixes(*opened.prefixes)

    @contextmanager
    def opened(self, device: str) -> Iterator["SentenceTransformer"]:
        from sentence_transformers import SentenceTransformer

        yield SentenceTransformer(self.name, device=device)

    def write(
        self, model: "SentenceTransformer", weights: Mapping[str, Floats], folder: Path
    ) -> None:
        training.set_weights(model, weights)
        model.prompts = {"query": self.prefixes.query, "document": self.prefixes.passage}
        model.save(str(folder / ENCODER), create_model_card=False)

    def reopened(self, folder: Path, id_: str, hashed: str) -> Embedder:
        from embeddings.sentence import SentenceEmbedder

        _ = id_, hashed
        return SentenceEmbedder(str(folder / ENCODER), threads=self._threads)


def open_base(setting: str, cache: Path, *, threads: int = 0) -> Base:
    """What the setting names, to be trained further.

    Raises:
        InputError: it is no model that can be.
        ModelMissingError: it, or the extra ``models``, is not there.
    """
    if setting == HASHING or is_made(Path(setting)):
        raise InputError(
            f"设为 JIEBANG_MODEL 的 {setting} 不能再训练。",
            hint="请用 default，或 sentence-transformers 模型的目录或名称。",
            setting=setting,
        )
    training.device_of("cpu")  # says at once what is not installed
    if setting == DEFAULT:
        return E5Base(build(cache), e5_weights.read(), threads=threads)
    return SentenceBase(setting, threads=threads)
