"""Maturity (技术成熟度, TRL 1-9 of GB/T 22900) of a result against the stage a demand asks for."""

from functools import lru_cache

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.matching.facts.parts import READ, told_in
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.wording import table
from graph_service.understanding.sections import SectionPart

#: Parts of a demand that tell the stage asked for.
_ASKING = frozenset({SectionPart.NEED, SectionPart.GOALS, SectionPart.COOPERATION})

#: Value by how many levels are missing; what misses more has the last.
_MISSING = (1.0, 0.5, 0.0, -0.5, -1.0)

#: How sure the stage asked for is: read from words, not measured.
_CONFIDENCE = 0.7

_HIGHEST = 9


def ready(asked: Side, offered: Side) -> Fact:
    """1 where a result is as mature as asked, less by a half for each level that is missing.

    Unknown where the demand names no stage, or the result no level. A level concluded from a stage
    (``trl_by_stage``) counts where none is stated, marked inferred.
    """
    stage = stage_asked(asked)
    stated = _level(offered.props.get("trl"))
    concluded = _level(offered.props.get("trl_by_stage"))
    level = stated if stated is not None else concluded
    if stage is None and level is None:
        return UNKNOWN
    evidence = {
        "asked": stage,
        "asked_level": table()["stages"][stage]["level"] if stage else None,
        "offered": level,
        "offered_inferred": level is not None and stated is None,
        "inferred": True,
        "confidence": _CONFIDENCE,
    }
    if stage is None or level is None:
        return Fact(None, evidence)
    missing = max(0, table()["stages"][stage]["level"] - level)
    return Fact(_MISSING[min(missing, len(_MISSING) - 1)], evidence)


def stage_asked(demand: Side) -> str | None:
    """The furthest stage that a demand's title, asking parts or way of co-operation name; None for
    none. What a solver must have (揭榜条件: 有规模化生产能力) is no stage."""
    return _stage_in(demand.title, demand.text[:READ], _plain(demand.props.get("cooperation")))


@lru_cache(maxsize=1_024)
def _stage_in(title: str, text: str, more: str) -> str | None:
    named = [
        stage
        for stage, row in table()["stages"].items()
        if any(word in f"{title}\n{text}\n{more}" for word in row["words"])
    ]
    if not named:
        return None
    told = "\n".join([title, more, *told_in(text, _ASKING)])
    found = [one for one in named if any(word in told for word in table()["stages"][one]["words"])]
    return max(found, key=lambda one: int(table()["stages"][one]["level"]), default=None)


def _level(value: object) -> int | None:
    try:
        level = int(str(value))
    except ValueError:
        return None
    return level if 1 <= level <= _HIGHEST else None


def _plain(value: object) -> str:
    return " ".join(map(str, value)) if isinstance(value, list) else str(value or "")
