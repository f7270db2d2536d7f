"""What training learns from: each pair with whether it was accepted, from a store or from rows."""

from collections.abc import Iterable
from dataclasses import dataclass

from graph_service.feedback.model import REASONS, Decision, Row, Statement
from graph_service.feedback.service import Feedback
from graph_service.model import Viewer
from graph_service.ports import Store


@dataclass(frozen=True, slots=True)
class Judgement:
    """What was decided on a pair.

    Attributes:
        demand: its id.
        candidate: its id.
        accepted: else it was rejected.
        reason: a code of ``REASONS`` where it was rejected, else None.
        date: when, ISO, a day or a part of a date.
    """

    demand: str
    candidate: str
    accepted: bool
    reason: str | None
    date: str

    @property
    def about_fit(self) -> bool:
        """Whether it says that the candidate fits, or does not; a price, say, tells of neither."""
        return self.reason is None or REASONS[self.reason].about_fit


def judgements(store: Store, *, viewer: Viewer) -> list[Judgement]:
    """What stands in a store, by the ids of the nodes as they are now, in the order of ids: one of
    a pair, the latest. Decisions on nodes that are no longer there are left out."""
    return _latest(
        (one.demand.id, one.candidate.id, one.said)
        for one in Feedback(store).standing(viewer=viewer)
        if not (one.demand.gone or one.candidate.gone)
    )


def judgements_of(rows: Iterable[Row]) -> list[Judgement]:
    """What rows of ``feedback.jsonl`` say, by the ids that they name: one of a pair, the latest."""
    return _latest((row.demand, row.candidate, row.said) for row in rows)


def _latest(said: Iterable[tuple[str, str, Statement]]) -> list[Judgement]:
    latest: dict[tuple[str, str], Statement] = {}
    for demand, candidate, one in said:
        before = latest.get((demand, candidate))
        if before is None or before.at <= one.at:
            latest[demand, candidate] = one
    return [
        Judgement(*pair, one.decision is Decision.ACCEPTED, one.reason, one.at[:10])
        for pair, one in sorted(latest.items(), key=lambda item: item[0])
        if one.decision is not Decision.WITHDRAWN
    ]
