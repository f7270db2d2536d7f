"""Computing vectors for what has none."""

from typing import TYPE_CHECKING, Any

from graph_service.errors import EmbedderError

if TYPE_CHECKING:
    from api.bootstrap import Services
    from embeddings.fill import FillReport
    from graph_service.progress import Progress


def embed_pending(made: "Services", progress: "Progress") -> dict[str, Any]:
    """Embed every text without a vector; what was done, JSON-ready.

    Raises:
        EmbedderError: the model or a package that it needs is missing.
        StoreError
    """
    from embeddings.fill import fill

    return told(fill(made.store, made.embedder, progress=progress), made.embedder.fingerprint)


def told(report: "FillReport", fingerprint: str) -> dict[str, Any]:
    """A report, JSON-ready."""
    return {
        "texts": report.texts,
        "seconds": round(report.seconds, 2),
        "fingerprint": fingerprint,
    }


def embed_new(made: "Services", progress: "Progress") -> dict[str, Any]:
    """Embed at the end of a load. The load stands even where the model is missing: then the
    error is told, and everything is still found by its words."""
    try:
        return embed_pending(made, progress)
    except EmbedderError as error:
        return {"error": error.as_dict()}
