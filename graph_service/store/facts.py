"""What each source says about a node or an edge, and the merge of it that is read. Pure.

Facts are plain JSON: ``{source: {"observed_at": day, "props": {...}}}``, for edges with
``confidence`` and ``inferred`` too; no source is "". Empty facts are those of a bare node, of which
nothing is known but its id. Both engines keep facts, and merge them here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson

from graph_service.model import Edge, Node, Props

Statement = Mapping[str, Any]
Facts = Mapping[str, Statement]


@dataclass(frozen=True, slots=True)
class Merged:
    """What is read. ``source`` and ``observed_at`` are those of the first statement in rank."""

    props: Props = field(default_factory=dict)
    source: str | None = None
    observed_at: str | None = None
    confidence: float = 1.0
    inferred: bool = False


def node_statement(node: Node) -> Statement:
    """What a node, as handed to the store, says.

    Raises:
        orjson.JSONEncodeError: a property cannot be written as JSON.
    """
    return {"observed_at": node.observed_at or None, "props": _plain(node.props)}


def edge_statement(edge: Edge) -> Statement:
    """What an edge, as handed to the store, says.

    Raises:
        orjson.JSONEncodeError: a property cannot be written as JSON.
    """
    return {
        "observed_at": edge.observed_at or None,
        "props": _plain(edge.props),
        "confidence": float(edge.confidence),
        "inferred": bool(edge.inferred),
    }


def stated(facts: Facts, source: str | None, said: Statement, today: str) -> Facts | None:
    """The facts after a source said something; None where it says what it said before.

    A statement without a date is dated ``today`` when it is new, and equals an earlier one of the
    same content whatever its date.
    """
    before = facts.get(source or "")
    if before is not None:
        undated = said["observed_at"] is None
        if before == ({**said, "observed_at": before["observed_at"]} if undated else said):
            return None
    return {**facts, source or "": {**said, "observed_at": said["observed_at"] or today}}


def merge(facts: Facts) -> Merged:
    """The merge of all statements, property by property.

    The newest ``observed_at`` wins, then the source's name in order. Where any statement is an
    observed one the inferred ones are left out: a guess never adds to what was observed.
    """
    if not facts:
        return Merged()
    if any(said.get("inferred") for said in facts.values()):
        observed = {name: said for name, said in facts.items() if not said["inferred"]}
        facts = observed or facts
    ranked = sorted(facts.items())
    if len(ranked) > 1:
        ranked.sort(key=lambda item: filled(item[1]["observed_at"]), reverse=True)  # stable
    props: dict[str, Any] = {}
    for _, said in reversed(ranked):
        props.update(said["props"])
    source, first = ranked[0]
    return Merged(
        props,
        source or None,
        first["observed_at"],
        first.get("confidence", 1.0),
        first.get("inferred", False),
    )


def filled(date: str) -> str:
    """A partial date as its first day: "2021" and "2021-10" are filled up, longer ones kept."""
    return date + "-01-01"[max(len(date) - 4, 0) :]


def _plain(props: Props) -> dict[str, Any]:
    """Properties as they come back from JSON; a property without a value says nothing."""
    plain = orjson.loads(orjson.dumps(dict(props)))
    return {name: value for name, value in plain.items() if value is not None}
