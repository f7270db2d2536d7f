"""Which model a store's vectors are asked by: one record, so that every process goes by it.

The record stands in for one value of the setting ``model``: where another is set, that one holds.
The model before it is remembered, and its vectors stay until the next switch: a roll back is one
write. ``None`` for a model's id is the one that the setting names.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from graph_service.errors import ModelRefusedError
from graph_service.model import Put, UnitOfWork
from graph_service.ports import Records

KIND, ID = "model", "active"


@dataclass(frozen=True, slots=True)
class Choice:
    """A model and the fingerprint of its vectors; id None is what the setting names."""

    id: str | None
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Active:
    """What is used in place of a setting's model.

    Attributes:
        setting: the value of the setting ``model`` that this stands in for.
        now: the model in use; None: nothing was ever chosen, it is the setting's.
        before: the model in use before it.
        since: ISO time in UTC of the switch; "" where there was none.
        version: of the record, 0 where there is none.
    """

    setting: str
    now: Choice | None = None
    before: Choice | None = None
    since: str = ""
    version: int = 0

    @property
    def id(self) -> str | None:
        """The id of the model in use; None for the setting's own."""
        return self.now.id if self.now else None


def active(records: Records, setting: str) -> Active:
    """What is in use where ``setting`` is set. Raises StoreError."""
    record = records.get(KIND, [ID]).get(ID)
    if record is None:
        return Active(setting)
    if record.data["setting"] != setting:
        return Active(setting, version=record.version)
    return Active(
        setting,
        _choice(record.data["now"]),
        _choice(record.data["before"]),
        record.data["since"],
        record.version,
    )


def switch(records: Records, was: Active, to: Choice, *, own: str) -> Active:
    """Use another model from now on, in one write.

    Args:
        records: where it is kept.
        was: what is in use, as it was read.
        to: the model; its vectors are there.
        own: the fingerprint of the setting's own model.

    Raises:
        ConflictError: somebody else has switched since ``was`` was read.
        StoreError
    """
    now = was.now or Choice(None, own)
    if now == to:
        return was
    return _put(records, replace(was, now=to, before=now))


def roll_back(records: Records, was: Active) -> Active:
    """Use the model before, in one write; rolled back twice, all is as it was.

    Raises:
        ModelRefusedError: there was none before.
        ConflictError, StoreError: as ``switch``.
    """
    if was.before is None:
        raise ModelRefusedError(
            "没有前一个模型可以回到。", hint="还没有换用过别的模型；可先看看有哪些模型。"
        )
    return _put(records, replace(was, now=was.before, before=was.now))


def forget_before(records: Records, was: Active) -> Active:
    """No longer remember the model before: its vectors are gone. Raises as ``switch``."""
    return _put(records, replace(was, before=None))


def _put(records: Records, wanted: Active) -> Active:
    wanted = replace(wanted, since=datetime.now(UTC).isoformat(timespec="seconds"))
    data = {
        "setting": wanted.setting,
        "now": wanted.now and asdict(wanted.now),
        "before": wanted.before and asdict(wanted.before),
        "since": wanted.since,
    }
    put = Put(KIND, ID, data, expected=wanted.version)
    (record,) = records.commit(UnitOfWork([put])).records
    return replace(wanted, version=record.version)


def _choice(told: Mapping[str, Any] | None) -> Choice | None:
    return Choice(**told) if told else None
