"""What each source says about a node or an edge, and the merge of it that is read. Pure.

Facts are plain JSON: ``{source: {"observed_at": day, "props": {...}}}``, for edges with
``confidence`` and ``inferred`` too; no source is "". Empty facts are those of a bare node, of which
nothing is known but its id. What was said under an id that has since been merged into another has
that id in its key (``fact_key``). Both engines keep facts, and merge them here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import orjson

from graph_service.model import Edge, Label, Node, Props

Statement = Mapping[str, Any]
Facts = Mapping[str, Statement]


#: By these a merged node is still told apart: kept under its id in ``merged`` of the kept one.
_IDENTITY = ("name", "names", "aliases", "uscc", "stock_code", "local_code", "kind")


def fact_key(source: str | None, *under: str) -> str:
    """The key of a statement: its source and, where it was said of what is merged now, the ids
    under which it was said: one for a node, both ends for an edge."""
    return "\0".join((source or "", *under))


def spoken(key: str) -> tuple[str, tuple[str, ...]]:
    """Source and ids of a ``fact_key``; no ids where it was said of the kept ones themselves."""
    source, *under = key.split("\0")
    return source, tuple(under)


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


def says_nothing(node: Node) -> bool:
    """Whether a node, as handed to the store, is bare: nothing but an id and a label."""
    return not (node.props or node.source or node.observed_at)


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


def stated(facts: Facts, key: str | None, said: Statement, today: str) -> Facts | None:
    """The facts after a source said something; None where it says what it said before.

    ``key`` is the ``fact_key``: without merges, the source.

    A statement without a date is dated ``today`` when it is new, and equals an earlier one of the
    same content whatever its date.
    """
    before = facts.get(key or "")
    if before is not None:
        undated = said["observed_at"] is None
        if before == ({**said, "observed_at": before["observed_at"]} if undated else said):
            return None
    return {**facts, key or "": {**said, "observed_at": said["observed_at"] or today}}


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
    key, first = ranked[0]
    return Merged(
        props,
        spoken(key)[0] or None,
        first["observed_at"],
        first.get("confidence", 1.0),
        first.get("inferred", False),
    )


def merge_node(facts: Facts) -> Merged:
    """The merge of all statements of a node; one that others were merged into goes by its own
    names, theirs stand in ``aliases``, and what tells them apart in ``merged``, by their ids."""
    merged = merge(facts)
    others = sorted({id_ for key in facts for id_ in spoken(key)[1]})
    if not others:
        return merged
    own = merge({key: said for key, said in facts.items() if not spoken(key)[1]}).props
    known = {
        id_: merge({key: said for key, said in facts.items() if spoken(key)[1] == (id_,)}).props
        for id_ in others
    }
    props = dict(merged.props)
    if "name" in own:
        props.pop("names", None)
        props |= {name: own[name] for name in ("name", "names") if name in own}
    names = [*_names(own, "aliases")]
    for one in known.values():
        names += _names(one, "name", "names", "aliases")
    own_names = {*_names(props, "name", "names")}
    props["aliases"] = [name for name in dict.fromkeys(names) if name not in own_names]
    props["merged"] = {
        id_: {name: one[name] for name in _IDENTITY if name in one} for id_, one in known.items()
    }
    return replace(merged, props=props)


def said_nodes(id_: str, label: Label, facts: Facts) -> Iterator[Node]:
    """What each source said of a node, as it said it: under the id, by the source."""
    for key, said in sorted(facts.items()):
        source, under = spoken(key)
        yield Node(
            under[0] if under else id_, label, said["props"], source or None, said["observed_at"]
        )


def said_edges(edge: Edge, facts: Facts) -> Iterator[Edge]:
    """What each source said of an edge, as it said it: between the ids, by the source."""
    for key, said in sorted(facts.items()):
        source, under = spoken(key)
        from_id, to_id = under or (edge.from_id, edge.to_id)
        yield Edge(
            edge.type,
            from_id,
            to_id,
            edge.key,
            said["props"],
            source or None,
            said["observed_at"],
            said["confidence"],
            said["inferred"],
        )


def _names(props: Props, *where: str) -> list[str]:
    found: list[str] = []
    for value in map(props.get, where):
        found += map(str, value) if isinstance(value, list) else [str(value)] if value else []
    return found


def filled(date: str) -> str:
    """A partial date as its first day: "2021" and "2021-10" are filled up, longer ones kept."""
    return date + "-01-01"[max(len(date) - 4, 0) :]


def _plain(props: Props) -> dict[str, Any]:
    """Properties as they come back from JSON; a property without a value says nothing."""
    plain = orjson.loads(orjson.dumps(dict(props)))
    return {name: value for name, value in plain.items() if value is not None}
