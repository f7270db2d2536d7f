"""What a deployment learned, kept in its store: one record, with what was in use before it."""

from typing import Any

from graph_service.errors import NotFoundError
from graph_service.matching.learned.weights import Learned, shipped
from graph_service.model import Put, UnitOfWork
from graph_service.ports import Records

KIND, ID = "learned", "in-use"


def in_use(records: Records) -> Learned:
    """What was trained here last; else what comes with the product. Raises StoreError."""
    record = records.get(KIND, [ID]).get(ID)
    now = record.data["now"] if record else None
    return shipped() if now is None else Learned.of_dict(now)


def use(records: Records, learned: Learned) -> None:
    """Put something newly learned into use; what was in use can be rolled back to.

    Raises:
        ConflictError: another process did so at the same moment.
        StoreError
    """
    record = records.get(KIND, [ID]).get(ID)
    before = record.data["now"] if record else None
    _put(records, {"now": learned.as_dict(), "before": before}, record.version if record else 0)


def roll_back(records: Records) -> Learned:
    """Use what was in use before, and give it.

    Raises:
        NotFoundError: nothing was trained here.
        ConflictError, StoreError
    """
    record = records.get(KIND, [ID]).get(ID)
    if record is None or record.data["now"] is None:
        raise NotFoundError(
            "没有可以退回的：这个库没有用过自己训练的权重。", hint="现在用的是随产品附带的权重。"
        )
    _put(records, {"now": record.data["before"], "before": None}, record.version)
    return in_use(records)


def _put(records: Records, data: dict[str, Any], expected: int) -> None:
    records.commit(UnitOfWork([Put(KIND, ID, data, expected=expected)]))
