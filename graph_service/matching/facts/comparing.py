"""Technical indicators (技术指标) of a demand against those of a candidate: met, unmet or unknown.

Both are machine-read, so every verdict is inferred (推断), with a confidence. It is strict: the
same property by name, comparable units, the same conditions, and both about the same thing.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.matching.facts import naming
from graph_service.matching.facts.bounds import Verdict, comparable, verdict
from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.statements import Stated, asked_of, claims_of
from graph_service.model import Label

_DIGITS = re.compile(r"\d+(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Compared:
    """What was asked, what is offered for it if anything, and the verdict."""

    verdict: Verdict
    asked: Stated
    offered: Stated | None = None
    confidence: float | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON; machine-read on both sides."""
        return {
            "verdict": self.verdict,
            "asked": self.asked.as_dict(),
            "offered": self.offered.as_dict() if self.offered else None,
            "inferred": True,
            "confidence": self.confidence,
        }


def compared(asked: Side, offered: Side) -> Fact:
    """(met − unmet) / known of a demand's indicators, unknown where none is known.

    Args:
        asked: the demand.
        offered: the candidate, or the query where demands are looked for.
    """
    wanted = asked_of(asked)
    if not wanted:
        return UNKNOWN
    told = [_judged(one, claims_of(offered, one.name)) for one in wanted]
    counts = {one: sum(each.verdict == one for each in told) for one in ("met", "unmet", "unknown")}
    known = counts["met"] + counts["unmet"]
    value = (counts["met"] - counts["unmet"]) / known if known else None
    evidence: Mapping[str, Any] = {
        **counts,
        "inferred": True,
        "confidence": min((one.confidence for one in told if one.confidence), default=None),
        "indicators": [one.as_dict() for one in told],
    }
    return Fact(value, evidence)


def load() -> None:
    """Load words, patterns and units by comparing a sentence, so that no request waits for them:
    pint alone takes about a second."""
    compared(
        Side.of_text("钢筋的抗拉强度不低于 0.5 GPa。"),
        Side(Label.RESULT, "一种钢筋", "钢筋的抗拉强度为 600 MPa。"),
    )


def _judged(asked: Stated, claims: Sequence[Stated]) -> Compared:
    """The verdict over all that is claimed of a property; claims that disagree say nothing."""
    held = [one for claim in claims if (one := _held(asked, claim)).verdict != "unknown"]
    if len({one.verdict for one in held}) == 1:
        return max(held, key=lambda one: one.confidence or 0.0)
    return Compared("unknown", asked, claims[0] if claims else None)


def _held(asked: Stated, claim: Stated) -> Compared:
    """One claim held against what is asked."""
    one, two = asked.indicator, claim.indicator
    sure = _alike(asked, claim)
    found = verdict(one, two, naming.direction(asked.name)) if sure else "unknown"
    if sure is None or found == "unknown":
        return Compared("unknown", asked, claim)
    plainly = 1.0 if one.relation not in {"=", "~"} else naming.LONGER
    return Compared(found, asked, claim, round(one.confidence * two.confidence * sure * plainly, 2))


def _alike(asked: Stated, claim: Stated) -> float | None:
    """How sure it is that two mentions can be held against each other; None where they cannot."""
    named = naming.same(asked.name, claim.name)
    if named is None or naming.of_process(asked.name):
        return None
    sure, rest = named
    one, two = asked.indicator, claim.indicator
    near, there = (f"{it.subject}\n{it.passage}" for it in (asked, claim))
    alike = (
        comparable(one.normal_unit, two.normal_unit)
        and _conditions_agree(one.condition, two.condition)
        and (not rest or (naming.goes_with(rest, near) and naming.goes_with(rest, there)))
        and bool(naming.shared_things(near, claim.subject, asked.name))
    )
    return sure if alike else None


def _conditions_agree(one: str | None, two: str | None) -> bool:
    """Conditions with figures must have the same ones; others are no hindrance."""
    figures = [set(_DIGITS.findall(stated or "")) for stated in (one, two)]
    return figures[0] == figures[1]
