"""Computing vectors for what has none, and telling of it."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from api.bootstrap import Services
    from graph_service.progress import Progress


def embed_pending(made: "Services", bars: "Progress") -> dict[str, Any]:
    """Embed every text without a vector; what was done, JSON-ready."""
    from embeddings.fill import fill

    embedder = made.embedder
    report = fill(made.store, embedder, progress=bars)
    return {
        "texts": report.texts,
        "seconds": round(report.seconds, 2),
        "fingerprint": embedder.fingerprint,
    }


def embedding_line(done: Mapping[str, Any]) -> str:
    """What was done, in a line."""
    if not done["texts"]:
        return "向量：没有新的文字需要计算。"
    return f"向量：{done['texts']:,} 段文字，用时 {done['seconds']:.1f} 秒。"
