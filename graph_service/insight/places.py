"""Where drawings stood last, kept beside the graph: positions outlast the process that drew them.

A drawing is a scope with its settings, or one of its communities. The last ``MOST`` that were
looked at are kept; which day each was used stands in a record of its own, for it is small.
"""

import hashlib
from collections.abc import Callable
from datetime import date
from threading import Lock

import orjson

from graph_service.errors import StoreError
from graph_service.insight.scope import Scope
from graph_service.insight.standing import Standing
from graph_service.model import Put, UnitOfWork, Viewer
from graph_service.ports import Store
from graph_service.visibility import seen

#: Kinds of records: the places, and when they were used.
PLACES, USED = "layout", "layout_used"

#: Drawings whose places are kept.
MOST = 200


class Places:
    """Keeps places, for each viewer their own.

    A store that cannot be written to now keeps none: this process then remembers them by itself,
    for a drawing is whole without.

    Args:
        store: the records.
        today: gives the day.
    """

    def __init__(self, store: Store, today: Callable[[], date]) -> None:
        self._store = store
        self._today = today
        self._guard = Lock()
        self._unwritten: dict[str, Standing] = {}

    def before(
        self, scope: Scope, resolution: float, id_: str | None = None, *, viewer: Viewer
    ) -> Standing | None:
        """How the scope stood last, or its community ``id_``; None where that is not known."""
        key = _key(scope, resolution, id_, viewer)
        with self._guard:
            mine = self._unwritten.get(key)
        if mine is not None:
            return mine
        found = seen(self._store, viewer).get(PLACES, [key])
        return Standing.from_dict(found[key].data) if key in found else None

    def keep(
        self,
        made: Standing,
        before: Standing | None,
        scope: Scope,
        resolution: float,
        id_: str | None = None,
        *,
        viewer: Viewer,
    ) -> None:
        """Keep how it stands now; nothing is written where it stands as before and was used today
        already."""
        if not made.circles:
            return
        key = _key(scope, resolution, id_, viewer)
        store = seen(self._store, viewer)
        try:
            self._write(store, key, made, changed=made != before)
        except StoreError:
            with self._guard:
                self._unwritten[key] = made
                while len(self._unwritten) > MOST:
                    del self._unwritten[next(iter(self._unwritten))]
        else:
            with self._guard:
                self._unwritten.pop(key, None)

    def _write(self, store: Store, key: str, made: Standing, *, changed: bool) -> None:
        day = self._today().isoformat()
        used = store.get(USED, [key]).get(key)
        puts = [Put(PLACES, key, made.as_dict())] if changed or used is None else []
        if used is None or used.data["day"] != day:
            puts.append(Put(USED, key, {"day": day}))
        if puts:
            store.commit(UnitOfWork(puts))
        if used is None:
            self._forget(store)

    def _forget(self, store: Store) -> None:
        """Drop what was used longest ago."""
        many = store.count(USED) - MOST
        if many > 0:
            page = store.query(USED, limit=MOST + many)
            oldest = sorted(page.records, key=lambda one: (one.data["day"], one.id))[:many]
            store.commit(
                UnitOfWork([Put(kind, one.id, None) for one in oldest for kind in (PLACES, USED)])
            )


def _key(scope: Scope, resolution: float, id_: str | None, viewer: Viewer) -> str:
    told = orjson.dumps([viewer.name, scope.as_dict(), resolution, id_])
    return hashlib.blake2b(told, digest_size=16).hexdigest()
