"""The records of the review list: a pair, what was decided of it, and the merge that follows."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from graph_service.model import Batch, Put, Record, UnitOfWork
from graph_service.resolution.scoring import Comparison

#: Kinds of records.
PAIR, ALIAS = "resolution", "alias"

#: What may have become of a pair.
OPEN, ACCEPTED, REJECTED = "open", "accepted", "rejected"


def pair_id(a: str, b: str) -> str:
    """The id of the record of two nodes: ten hexadecimal digits, whatever their order."""
    return hashlib.blake2b("\0".join(sorted((a, b))).encode(), digest_size=5).hexdigest()


def pair_data(one: Comparison, titles: Mapping[str, str]) -> dict[str, Any]:
    """What the record of an open pair holds; ``titles`` are of the two nodes, by id."""
    return {
        "a": one.a,
        "b": one.b,
        "titles": [titles[one.a], titles[one.b]],
        "score": round(one.score, 4),
        "probability": round(one.probability, 4),
        "level": one.level,
        "status": OPEN,
        "parts": [part.as_dict() for part in one.parts],
    }


def decided(record: Record, status: str, by: str, **more: str) -> Put:
    """A pair with what was decided of it, by whom and when."""
    at = datetime.now(UTC).isoformat(timespec="seconds")
    data = {**record.data, "status": status, "by": by, "at": at, **more}
    return Put(PAIR, record.id, data, record.version)


def joined(record: Record, *, by: str, kept: str, gone: str) -> UnitOfWork:
    """A pair accepted: the decision, the alias, and the merge of the graph."""
    alias = Put(ALIAS, gone, {"into": kept, "pair": record.id, "by": by}, expected=0)
    accepted = decided(record, ACCEPTED, by, kept=kept, gone=gone)
    return UnitOfWork([accepted, alias], Batch(merges=[(gone, kept)]))
