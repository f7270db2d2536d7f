"""Which demands nobody and nothing fits, by the matcher's own abstention.

Judging one takes two matches (results, organisations), some hundred milliseconds: it is done once
for each demand and state of the graph, beside the requests, one demand at a time. Answers tell how
far it is: a demand that was not judged yet is 未算, never 未满足.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from graph_service.errors import JiebangError
from graph_service.matching.types import Query, Target
from graph_service.model import Node, Viewer

if TYPE_CHECKING:
    from graph_service.matching.service import Matcher

#: The most demands judged for one state of the graph; results and organisations named for one.
MOST, _NEAREST = 5000, 3

_CLOSING_SECONDS = 10.0


@dataclass(frozen=True, slots=True)
class Nearest:
    """A firm or result nearest to fitting, JSON-ready path and owners as a match gives them."""

    node: Node
    probability: float | None
    path: Sequence[Mapping[str, Any]] = ()
    owners: Sequence[Mapping[str, Any]] = ()


@dataclass(frozen=True, slots=True)
class Verdict:
    """``fits`` false where probably neither a result nor an organisation is worth forwarding; None
    where that was not learned (未知)."""

    fits: bool | None
    nearest: Sequence[Nearest] = ()


Judge = Callable[[str], Verdict]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many demands asked about are judged; ``warning`` says why no more will be."""

    done: int
    of: int
    warning: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {"done": self.done, "of": self.of, "warning": self.warning}


class Judging:
    """Judges demands, and keeps what it found for one state of the graph.

    Args:
        judge: says whether something fits a demand.
        aside: judge in a thread of its own; without it ``verdicts`` judges all before it answers.
    """

    def __init__(self, judge: Judge, *, aside: bool = True) -> None:
        self._judge = judge
        self._aside = aside
        self._guard = threading.Lock()
        self._change: int | None = None
        self._found: dict[str, Verdict] = {}
        self._wanted: dict[str, None] = {}
        self._warning: str | None = None
        self._thread: threading.Thread | None = None
        self._closed = False

    def close(self) -> None:
        """Judge no more; the one that is being judged is waited for."""
        with self._guard:
            self._closed, thread = True, self._thread
        if thread is not None:
            thread.join(_CLOSING_SECONDS)

    def verdicts(
        self, demands: Iterable[str], change: int, *, ask: bool = True
    ) -> tuple[dict[str, Verdict], Progress]:
        """What is known of demands, and how far it is.

        Args:
            demands: ids.
            change: of the graph; verdicts of another are forgotten.
            ask: judge next what is not known.
        """
        ids = sorted(set(demands))[:MOST]
        with self._guard:
            if change != self._change:
                self._change, self._found, self._wanted, self._warning = change, {}, {}, None
            missing = [id_ for id_ in ids if ask and id_ not in self._found]
            self._wanted.update(dict.fromkeys(missing))
            idle = self._thread is None and self._warning is None and not self._closed
            if self._aside and missing and idle:
                self._thread = threading.Thread(target=self._work, daemon=True, name="judging")
                self._thread.start()
        if not self._aside:
            self._work()
        with self._guard:
            found = {id_: self._found[id_] for id_ in ids if id_ in self._found}
            return found, Progress(len(found), len(ids), self._warning)

    def _work(self) -> None:
        while True:
            with self._guard:
                change = self._change
                id_ = next(iter(self._wanted), None)
                if id_ is None or self._warning is not None or self._closed:
                    self._thread = None
                    return
                del self._wanted[id_]
            try:
                verdict, warning = self._judge(id_), None
            except Exception as error:  # a thread has nobody to raise to: who asks is told
                said = error.message if isinstance(error, JiebangError) else type(error).__name__
                verdict, warning = None, f"没有判断需求是否有合适的候选：{said}"
            with self._guard:
                if self._change == change:
                    self._warning = warning
                    if verdict is not None:
                        self._found[id_] = verdict


def by_matching(matcher: "Callable[[], Matcher]", viewer: Viewer) -> Judge:
    """Judge by ``full``: a demand is fitted where the matcher does not say of results, or of
    organisations, that nothing fits; the nearest are the first of both.

    Args:
        matcher: made when a demand is judged; may raise EmbedderError.
        viewer: on whose behalf.
    """

    def judge(demand: str) -> Verdict:
        found = [
            matcher().match(Query.of_node(demand), to=to, top=_NEAREST, viewer=viewer)
            for to in (Target.RESULTS, Target.ORGANIZATIONS)
        ]
        said = [one.nothing_fits for one in found]
        fits = True if False in said else None if None in said else False
        near = [
            Nearest(
                one.node,
                one.probability,
                [step.as_dict() for step in one.path],
                [{"id": owner.id, "title": owner.title} for owner in one.owners],
            )
            for result in found
            for one in result.candidates
        ]
        return Verdict(fits, sorted(near, key=lambda one: -(one.probability or 0.0)))

    return judge
