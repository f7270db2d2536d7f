"""Decisions on which organisations are one, as the command line and the service tell them."""

from contextlib import suppress
from typing import TYPE_CHECKING, Any

from graph_service.errors import EmbedderError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from api.bootstrap import Services
    from graph_service.model import Record

_FEW = 200  # texts that are embedded at once


def pair_dict(record: "Record") -> dict[str, Any]:
    """A pair as JSON-ready data."""
    return {"id": record.id, "version": record.version, **record.data}


def pairs_dict(records: "Sequence[Record]", total: int) -> dict[str, Any]:
    """A page of pairs as JSON-ready data: ``total`` pairs pass in all."""
    from graph_service.resolution.scoring import PRIOR

    return {"total": total, "prior": PRIOR, "pairs": [pair_dict(record) for record in records]}


def embed_few(made: "Services") -> None:
    """Give vectors to the few texts that a decision made. Where many wait, or there is no model,
    that is left to ``jiebang embed``; words find all of them."""
    from embeddings.fill import fill

    if made.store.stats()["vectors"]:
        with suppress(EmbedderError):
            waiting = made.store.pending_texts(made.embedder.fingerprint, limit=_FEW + 1)
            if 0 < len(waiting) <= _FEW:
                fill(made.store, made.embedder)
