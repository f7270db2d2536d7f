"""Insight: communities and gaps of a scope, computed once for each state of the graph."""

import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from graph_service.errors import InputError, NotFoundError
from graph_service.insight import answers
from graph_service.insight.communities import Picture
from graph_service.insight.finding import find
from graph_service.insight.judging import Judging, Progress, Verdict
from graph_service.insight.kept import Kept
from graph_service.insight.lacking import Gaps, gaps_dict, gaps_of
from graph_service.insight.network import project
from graph_service.insight.opened import Opened, opened
from graph_service.insight.picturing import picture
from graph_service.insight.places import Places
from graph_service.insight.scope import Scope, read
from graph_service.insight.wanting import nodes_of, open_demands
from graph_service.model import EdgeType, Viewer
from graph_service.ports import Store
from graph_service.visibility import seen

#: Bounds of the resolution; those that are offered.
LEAST_RESOLUTION, MOST_RESOLUTION = 0.05, 20.0
RESOLUTIONS = (0.5, 1.0, 2.0)

#: Facts and pairs of all pictures that are kept, but for the last: some 500 MB.
_KEPT_LINKS = 1_000_000


class Insight:
    """Communities, their insides, and gaps.

    Pictures are kept for as long as the graph stays the same (``stats()["change"]``) and the day
    does. Where things stood is kept beside the graph (``Places``): the next picture of the same
    scope begins from there.

    Args:
        store: the graph.
        judging: tells which demands are unmet; None leaves all unjudged.
        today: gives the day.
    """

    def __init__(
        self, store: Store, judging: Judging | None = None, today: Callable[[], date] | None = None
    ) -> None:
        self._store = store
        self._judging = judging
        self._today = today or date.today  # a status ends on a day of the office's calendar
        self._pictures: Kept[Picture] = Kept(weigh=_links, load=_KEPT_LINKS)
        self._opened: Kept[Opened] = Kept(64)
        self._gaps: Kept[Gaps] = Kept(64)
        self._places = Places(store, self._today)

    def picture(self, scope: Scope, resolution: float = 1.0, *, viewer: Viewer) -> Picture:
        """The communities of a scope.

        Raises:
            NotFoundError: the scope's chain is not there.
            InputError: a resolution that cannot be used.
            QueryTimeoutError: it is not ready within the time limit, and goes on.
        """
        if not LEAST_RESOLUTION <= resolution <= MOST_RESOLUTION:
            raise InputError(
                f"分辨率 {resolution:g} 不能用",
                hint=f"应在 {LEAST_RESOLUTION:g} 与 {MOST_RESOLUTION:g} 之间，如 1；越大群落越小",
                resolution=resolution,
            )
        store = seen(self._store, viewer)
        change, today = int(store.stats()["change"]), self._today()

        def make() -> Picture:
            before = self._places.before(scope, resolution, viewer=viewer)
            facts = read(store, scope)
            made = picture(
                facts,
                project(facts, scope),
                scope,
                resolution,
                read=lambda ids: nodes_of(store, ids),
                demands=open_demands(store, facts, today),
                before=before,
                change=change,
                now=datetime.now(UTC),
                today=today,
            )
            self._places.keep(made.standing, before, scope, resolution, viewer=viewer)
            return made

        return self._pictures.get((viewer, scope, resolution, change, today), make)

    def communities(
        self, scope: Scope, resolution: float = 1.0, *, judge: bool = True, viewer: Viewer
    ) -> dict[str, Any]:
        """The communities of a scope, JSON-ready; with ``judge`` their demands are judged where
        that was not done. Raises as ``picture``."""
        began = time.perf_counter()
        made = self.picture(scope, resolution, viewer=viewer)
        demands = [one for community in made.children(None) for one in community.demands]
        judged = self.verdicts(demands, made.change, judge=judge, viewer=viewer)
        told = answers.picture_dict(made, *judged)
        return {"took_ms": _since(began), **told}

    def open(
        self, id_: str, scope: Scope, resolution: float = 1.0, *, viewer: Viewer
    ) -> tuple[Picture, Opened]:
        """A community opened; what is above it is opened first, for it is drawn within.

        Raises:
            NotFoundError: no such community in the scope as it is now; and as ``picture``.
        """
        made = self.picture(scope, resolution, viewer=viewer)
        self._check(made, id_)
        community = made.communities[id_]
        around = community.circle
        if community.parent is not None:
            _, above = self.open(community.parent, scope, resolution, viewer=viewer)
            around = next(circle for one, circle in above.children if one.id == id_)

        def make() -> Opened:
            before = self._places.before(scope, resolution, id_, viewer=viewer)
            found = opened(made, id_, around, before, datetime.now(UTC))
            self._places.keep(found.standing, before, scope, resolution, id_, viewer=viewer)
            return found

        key = viewer, scope, resolution, id_, made.change, made.today
        return made, self._opened.get(key, make)

    def community(
        self,
        id_: str,
        scope: Scope,
        resolution: float = 1.0,
        *,
        links: int = 300,
        judge: bool = True,
        viewer: Viewer,
    ) -> dict[str, Any]:
        """A community opened, JSON-ready, with its strongest links. Raises as ``open``."""
        began = time.perf_counter()
        made, found = self.open(id_, scope, resolution, viewer=viewer)
        demands = found.community.demands
        verdicts, progress = self.verdicts(demands, made.change, judge=judge, viewer=viewer)
        told = answers.opened_dict(made, found, verdicts, progress, posters(made), links)
        return {"took_ms": _since(began), **told}

    def find(
        self, typed: str, scope: Scope, resolution: float = 1.0, *, limit: int = 10, viewer: Viewer
    ) -> dict[str, Any]:
        """Organisations of the scope by name, with the communities that they are in, JSON-ready.
        Raises as ``picture``."""
        began = time.perf_counter()
        made = self.picture(scope, resolution, viewer=viewer)
        found = find(seen(self._store, viewer), made, typed, limit)
        told = {"query": typed, "organizations": [one.as_dict() for one in found]}
        return {"took_ms": _since(began), **answers.head(made), **told}

    def gaps(
        self,
        scope: Scope,
        *,
        community: str | None = None,
        resolution: float = 1.0,
        limit: int = 20,
        judge: bool = True,
        viewer: Viewer,
    ) -> dict[str, Any]:
        """What is lacking in a scope, or in one of its communities, JSON-ready; of each kind the
        first ``limit``. Raises as ``open``."""
        began = time.perf_counter()
        found = self.lacking(
            scope, community=community, resolution=resolution, limit=limit, viewer=viewer
        )
        change = found.made.change
        verdicts, progress = self.verdicts(found.demands, change, judge=judge, viewer=viewer)
        told = gaps_dict(found, verdicts, progress, posters(found.made), limit)
        return {"took_ms": _since(began), **told}

    def lacking(
        self,
        scope: Scope,
        *,
        community: str | None = None,
        resolution: float = 1.0,
        limit: int = 20,
        viewer: Viewer,
    ) -> Gaps:
        """As ``gaps``, not yet as data."""
        made = self.picture(scope, resolution, viewer=viewer)
        self._check(made, community)
        key = viewer, scope, resolution, community, limit, made.change, made.today
        store = seen(self._store, viewer)
        return self._gaps.get(key, lambda: gaps_of(store, made, community, limit))

    def close(self) -> None:
        """Compute nothing more beside the requests."""
        if self._judging is not None:
            self._judging.close()

    def verdicts(
        self, demands: Iterable[str], change: int, *, judge: bool = True, viewer: Viewer
    ) -> tuple[Mapping[str, Verdict], Progress]:
        """What is known of whether something fits demands of the graph in a state; with ``judge``
        what is not known is judged next."""
        ids = sorted(nodes_of(seen(self._store, viewer), sorted(set(demands))))
        if self._judging is None:
            return {}, Progress(0, len(ids), "没有判断需求是否有合适的候选。")
        return self._judging.verdicts(ids, change, ask=judge)

    def _check(self, made: Picture, id_: str | None) -> None:
        if id_ is not None and id_ not in made.communities:
            raise NotFoundError(
                f"这个范围里没有编号为 {id_} 的群落。",
                hint="群落的编号随范围、设置与数据而定；请从群落的列表重新打开。",
                id=id_,
            )


def _links(made: Picture) -> int:
    return len(made.network.pairs) + sum(map(len, made.facts.edges.values()))


def posters(made: Picture) -> dict[str, list[str]]:
    """Organisations of the scope by the demands that they posted."""
    found: dict[str, list[str]] = {}
    for edge in made.facts.of(EdgeType.POSTED):
        if edge.from_id in made.facts.firms:
            found.setdefault(edge.to_id, []).append(edge.from_id)
    return found


def _since(began: float) -> float:
    return round((time.perf_counter() - began) * 1000, 2)
