"""Ways of dealing (许可、转让、作价入股、合作开发 …): asked by a demand, offered for a result."""

from collections.abc import Mapping
from functools import lru_cache

from graph_service.matching.facts.fact import UNKNOWN, Fact
from graph_service.matching.facts.parts import READ, told_in
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.wording import table
from graph_service.understanding.sections import SectionPart

#: What serves who asks for a mode, beside that mode itself.
_SERVES: Mapping[str, frozenset[str]] = {
    "许可": frozenset({"开放许可", "先使用后付费"}),
    "开放许可": frozenset({"许可"}),
    "先使用后付费": frozenset({"开放许可"}),
}

#: Who offers rights may work on them with who asks, and the other way round: no reason against.
_WORK = "合作开发"

#: Another mode than asked can be talked about: not the worst.
_ANOTHER = -0.5

_CONFIDENCE = 0.7


def offered_as_asked(asked: Side, offered: Side) -> Fact:
    """1 where a mode asked for is offered, −0.5 where only others are; unknown where one side tells
    none, or where one asks to develop together and the other offers rights."""
    stated = _named(_plain(asked.props.get("cooperation")))
    wanted = stated or _in_text(asked.text[:READ])
    given = _named(_plain(offered.props.get("licence")))
    if not wanted and not given:
        return UNKNOWN
    inferred = bool(wanted) and not stated
    evidence = {
        "asked": sorted(wanted),
        "offered": sorted(given),
        "inferred": inferred,
        "confidence": _CONFIDENCE if inferred else 1.0,
    }
    if not wanted or not given:
        return Fact(None, evidence)
    serving = wanted.union(*(_SERVES.get(mode, frozenset()) for mode in wanted))
    if serving & given:
        return Fact(1.0, evidence)
    if _WORK in wanted or given == {_WORK}:
        return Fact(None, evidence)
    return Fact(_ANOTHER, evidence)


@lru_cache(maxsize=1_024)
def _in_text(text: str) -> frozenset[str]:
    """The modes that a demand's part on co-operation names."""
    if not _named(text):
        return frozenset()
    return _named("\n".join(told_in(text, {SectionPart.COOPERATION})))


def _named(text: str) -> frozenset[str]:
    """Modes by the words that name them; each piece of text names the first that fits (开放许可 is
    not counted as 许可 too)."""
    found = set()
    left = text
    for mode, spellings in table()["modes"].items():
        for word in spellings:
            if word in left:
                found.add(str(mode))
                left = left.replace(word, "\n")
    return frozenset(found)


def _plain(value: object) -> str:
    return "\n".join(map(str, value)) if isinstance(value, list) else str(value or "")
