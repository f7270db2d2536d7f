"""How far a copy is: a record in the store that is copied into, written with what is copied."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

from graph_service.copying.portions import COPY
from graph_service.errors import ConflictError, InputError, StoreLockedError
from graph_service.model import Batch, Put, UnitOfWork
from graph_service.ports import Mark, Whole

#: The phase of a copy that was found to be the same as its source.
DONE = "done"

#: The id of the one record of the kind.
_ID = "copy"


@dataclass(frozen=True, slots=True)
class State:
    """How far it is.

    Attributes:
        source: identity of the store that is copied.
        writes: its ``Mark.writes`` when reading began.
        phase: what is copied now; ``DONE`` once both were found the same.
        place: how far that is read, see ``portions``.
        count: how many of that are copied.
        at: ISO time of the last step.
        version: of the record.
    """

    source: str
    writes: int
    phase: str
    place: str | None = None
    count: int = 0
    at: str = ""
    version: int = 0


def begin(source: Mark, target: Whole, first: str) -> State:
    """The state to go on from: of a copy of the same source that was begun, else of a new one.

    What was copied of an earlier state of the source is gone over again.

    Raises:
        InputError: the target is the source, or holds anything else than such a copy.
    """
    if target.mark().identity == source.identity:
        raise InputError("来源与目标是同一个图谱库。", hint="请另指一个空的库作为目标。")
    record = target.get(COPY, [_ID]).get(_ID)
    if record is None:
        if _anything(target.stats()):
            raise InputError(
                "目标不是空的图谱库；没有复制任何内容。",
                hint="请另指一个空的文件夹，或一个空的 Neo4j。",
            )
        return State(source.identity, source.writes, first)
    state = State(**{**record.data, "version": record.version})
    if state.source != source.identity:
        raise InputError(
            f"目标里是另一个库的复制（{state.at}），不是这个来源的；没有复制任何内容。",
            hint="请另指一个空的库作为目标，或用原来的来源接着复制。",
        )
    if state.writes == source.writes:
        return state
    if state.phase == DONE:
        raise InputError(
            f"目标里是这个来源先前的复制（{state.at}），来源此后又有改动。",
            hint="请另指一个空的库作为目标；不覆盖已有的复制。",
        )
    return replace(state, writes=source.writes, phase=first, place=None, count=0)


def advance(
    target: Whole, state: State, puts: list[Put] | None = None, batch: Batch | None = None
) -> State:
    """Write a state together with what was copied up to it: both or neither.

    Raises:
        StoreLockedError: another process copies into the same store.
        StoreError: it cannot be written.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    data: Mapping[str, Any] = {**asdict(replace(state, at=now)), "version": None}
    data = {name: value for name, value in data.items() if value is not None}
    own = Put(COPY, _ID, data, expected=state.version)
    try:
        written = target.commit(UnitOfWork([own, *(puts or ())], batch or Batch()))
    except ConflictError as error:
        raise StoreLockedError(
            "另一个程序正在往同一个目标复制。", hint="请等它结束后再试。"
        ) from error
    return replace(state, at=now, version=written.records[0].version)


def _anything(counts: Mapping[str, Any]) -> bool:
    return any(counts[part] for part in ("nodes", "edges", "passages", "vectors", "records"))
