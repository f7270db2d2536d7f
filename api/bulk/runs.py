"""How far a bulk run of matching is: kept in the store's records, so that it can be gone on with.

A run has a record (kind ``bulk``, id ``match:<recipe>``) and, until its edges are written, one for
each shard that is matched. Each step is one commit that expects the run's record as this process
left it: of two processes at the run of a recipe one is refused, whatever it wanted to write.
"""

import uuid
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from enum import StrEnum
from typing import Any

from graph_service.errors import ConflictError, StoreLockedError
from graph_service.model import Batch, Changes, Put, UnitOfWork
from graph_service.paging import record_pages
from graph_service.ports import Store

KIND = "bulk"

#: Records of shards read at once: each has some thousand finds.
_PAGE = 20


class Phase(StrEnum):
    """What a run is at."""

    MATCHING = "matching"  # shards are matched, what they found is kept in records
    WRITING = "writing"  # all are matched, their edges are being written
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Run:
    """A run as it stands.

    Attributes:
        token: tells it from earlier runs of the recipe.
        began: the day.
        terms: what it depends on; another value of one makes another run.
        phase: what it is at.
    """

    token: str
    began: str
    terms: Mapping[str, Any]
    phase: Phase = Phase.MATCHING


class Runs:
    """The runs of one recipe, for the process that writes. Every method that writes raises
    StoreLockedError where another process is at the recipe too, and StoreError.

    Args:
        store: where they are kept.
        recipe: the recipe.
    """

    def __init__(self, store: Store, recipe: str) -> None:
        self._store = store
        self._recipe = recipe
        self._id = f"match:{recipe}"
        self._version = 0

    def last(self) -> Run | None:
        """The run that was begun last."""
        record = self._store.get(KIND, [self._id]).get(self._id)
        if record is None:
            return None
        self._version = record.version
        return Run(**{**record.data, "phase": Phase(record.data["phase"])})

    def begin(self, terms: Mapping[str, Any], today: str) -> Run:
        """A new run in place of the last one, whose shards are forgotten."""
        run = Run(uuid.uuid4().hex, today, terms)
        self._commit(run)
        stale = [id_ for id_, data in self._shards() if data["run"] != run.token]
        for i in range(0, len(stale), _PAGE):
            self._store.commit(UnitOfWork([Put(KIND, id_, None) for id_ in stale[i : i + _PAGE]]))
        return run

    def keep(self, run: Run, number: int, found: Any) -> None:
        """Acknowledge that a shard is matched, with what was found (JSON-ready)."""
        data = {"recipe": self._recipe, "run": run.token, "number": number, "found": found}
        self._commit(run, Put(KIND, _shard(run, number), data))

    def kept(self, run: Run) -> Iterator[tuple[int, Any]]:
        """Number and finds of the shards that are kept, in order; each may be written, and so
        forgotten, as it comes."""
        for _, data in self._shards():
            if data["run"] == run.token:
                yield data["number"], data["found"]

    def turn(self, run: Run, phase: Phase) -> Run:
        """The run is at something else now."""
        turned = replace(run, phase=phase)
        self._commit(turned)
        return turned

    def write(self, run: Run, number: int, batch: Batch) -> Changes:
        """Write what a shard found to the graph and forget the shard, in one transaction."""
        return self._commit(run, Put(KIND, _shard(run, number), None), batch=batch)

    def _commit(self, run: Run, *puts: Put, batch: Batch = Batch()) -> Changes:  # noqa: B008
        header = Put(KIND, self._id, asdict(run), expected=self._version)
        try:
            committed = self._store.commit(UnitOfWork([header, *puts], batch))
        except ConflictError as error:
            raise StoreLockedError(
                f"另一个进程也在用方案 {self._recipe} 成批匹配。",
                hint="等它做完，或停下它，再运行同一条命令。",
                recipe=self._recipe,
            ) from error
        self._version += 1
        return committed.changes

    def _shards(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """Ids and data of the records of all the recipe's shards."""
        for records in record_pages(self._store, KIND, _PAGE, {"recipe": [self._recipe]}):
            yield from ((record.id, record.data) for record in records)


def _shard(run: Run, number: int) -> str:
    return f"{run.token}:{number:08d}"
