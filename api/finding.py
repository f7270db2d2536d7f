"""``search`` as the command line and the service answer it: by words alone without a model."""

from dataclasses import dataclass
from time import perf_counter
from typing import TYPE_CHECKING, Any

from graph_service.errors import EmbedderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.bootstrap import Services
    from graph_service.matching.types import SearchHit
    from graph_service.model import Filter, Viewer


@dataclass(frozen=True, slots=True)
class Finding:
    """What a search found. ``warning`` says why meaning was left out; None where it was not."""

    query: str
    took_ms: float
    hits: "Sequence[SearchHit]"
    warning: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "query": self.query,
            "took_ms": round(self.took_ms, 2),
            "hits": [hit.as_dict() for hit in self.hits],
            "warning": self.warning,
        }


def find(made: "Services", text: str, *, where: "Filter", limit: int, viewer: "Viewer") -> Finding:
    """Nodes by id, name, words and, where there is a model, meaning."""
    warning = None
    try:
        matcher = made.matcher()
    except EmbedderError as error:
        matcher = made.matcher(by_words=True)
        warning = f"只按字词查找：{error.message}"
    began = perf_counter()
    hits = matcher.search(text, where=where, limit=limit, viewer=viewer)
    return Finding(text, (perf_counter() - began) * 1000, hits, warning)
