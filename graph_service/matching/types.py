"""What is asked of matching and what it answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from graph_service.model import Label, Node, PathStep


class Target(StrEnum):
    """Whom or what to find."""

    RESULTS = "results"  # 科技成果
    ORGANIZATIONS = "organizations"  # 揭榜方、需用成果的企业
    PARTNERS = "partners"  # 供应链伙伴
    DEMANDS = "demands"  # 需求 (from a demand: 共性需求)

    @property
    def label(self) -> Label:
        """Label of the candidates."""
        return {
            Target.RESULTS: Label.RESULT,
            Target.DEMANDS: Label.DEMAND,
        }.get(self, Label.ORGANIZATION)


@dataclass(frozen=True, slots=True)
class Query:
    """A stored node, or free text. Exactly one of the two is given."""

    node_id: str | None = None
    text: str | None = None

    @classmethod
    def of_node(cls, node_id: str) -> "Query":
        return cls(node_id=node_id)

    @classmethod
    def of_text(cls, text: str) -> "Query":
        return cls(text=text)


@dataclass(frozen=True, slots=True)
class Contribution:
    """One signal's part of a score: ``contribution`` = weight x value, 0 where ``value`` is None
    (unknown: 未知). ``evidence`` is what a person can check, ``learned`` false where the weight is
    declared (未学习), ``sentence`` all of it in one sentence of Chinese."""

    signal: str
    value: float | None
    weight: float
    evidence: Mapping[str, Any] = field(default_factory=dict)
    learned: bool = False
    sentence: str = ""

    @property
    def contribution(self) -> float:
        return 0.0 if self.value is None else self.weight * self.value


@dataclass(frozen=True, slots=True)
class FoundBy:
    """Which retriever found a candidate, and at what rank (from 1)."""

    retriever: str
    rank: int


@dataclass(frozen=True, slots=True)
class Candidate:
    """A ranked candidate with its reasons. ``score`` = ``prior`` + the sum of contributions.

    ``also`` are ids of candidates below it that it stands for: of the same organisation.
    """

    node: Node
    rank: int
    prior: float
    contributions: Sequence[Contribution]
    found_by: Sequence[FoundBy]
    path: Sequence[PathStep] = ()
    owners: Sequence[Node] = ()
    also: Sequence[str] = ()
    probability: float | None = None

    @property
    def score(self) -> float:
        return self.prior + sum(part.contribution for part in self.contributions)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data, as the command line and the API give it."""
        props = self.node.props
        return {
            "id": self.node.id,
            "label": self.node.label.value,
            "title": self.node.title,
            "rank": self.rank,
            "score": self.score,
            "prior": self.prior,
            "probability": self.probability,
            "contributions": [
                {
                    "signal": part.signal,
                    "value": part.value,
                    "weight": part.weight,
                    "contribution": part.contribution,
                    "learned": part.learned,
                    "sentence": part.sentence,
                    "evidence": dict(part.evidence),
                }
                for part in self.contributions
            ],
            "found_by": [{"retriever": f.retriever, "rank": f.rank} for f in self.found_by],
            "path": [step.as_dict() for step in self.path],
            "owners": [{"id": owner.id, "title": owner.title} for owner in self.owners],
            "also": list(self.also),
            "facts": {
                key: props[key]
                for key in ("kind", "district", "tiers", "trl", "licence", "stage")
                if props.get(key) not in (None, "", [])
            },
        }


@dataclass(frozen=True, slots=True)
class MatchResult:
    """Ranked candidates for a query.

    Attributes:
        recipe, to: as asked for.
        took_ms: wall time inside the matcher.
        candidates: best first.
        nothing_fits: whether probably none of the first ten is worth forwarding; None where that
            was not learned (未学习).
    """

    recipe: str
    to: Target
    took_ms: float
    candidates: Sequence[Candidate]
    nothing_fits: bool | None = None

    def as_dict(self) -> dict[str, Any]:
        return {
            "recipe": self.recipe,
            "to": self.to.value,
            "took_ms": round(self.took_ms, 2),
            "nothing_fits": self.nothing_fits,
            "candidates": [candidate.as_dict() for candidate in self.candidates],
        }


@dataclass(frozen=True, slots=True)
class SearchHit:
    """A node found by ``search``."""

    node: Node
    score: float
    found_by: Sequence[FoundBy]

    def as_dict(self) -> dict[str, Any]:
        return {
            "id": self.node.id,
            "label": self.node.label.value,
            "title": self.node.title,
            "score": self.score,
            "found_by": [{"retriever": f.retriever, "rank": f.rank} for f in self.found_by],
        }
