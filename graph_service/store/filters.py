"""Facets of nodes, and a ``Filter`` as SQL over them: the one place that spells its conditions."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from graph_service.model import EdgeType, Filter, Label, Props
from graph_service.store.record import json_array

#: Facet under which the names of ``Industry`` nodes stand, so that a filter finds them by name.
NAME = "name"

_AMONG = "(SELECT value FROM json_each(?))"
_FACET = f"SELECT node_num FROM facets WHERE facet = ? AND value IN {_AMONG}"
# A date of a tier may be partial: "until 2026" is until its last day, "from 2026" from its first.
_TODAY = "date('now', 'localtime')"
_HELD = f"""SELECT f.node_num FROM facets f JOIN nodes o ON o.num = f.node_num
    WHERE f.facet = 'tier' AND f.value IN {_AMONG} AND EXISTS (
        SELECT 1 FROM json_each(o.props, '$.tiers') t
        WHERE (t.type = 'text' AND t.value = f.value) OR (t.type = 'object'
            AND t.value ->> 'tier' = f.value
            AND coalesce(t.value ->> 'until', '9') >=
                substr({_TODAY}, 1, length(coalesce(t.value ->> 'until', '9')))
            AND coalesce(t.value ->> 'from', '') <=
                substr({_TODAY}, 1, length(coalesce(t.value ->> 'from', '')))))"""
# What is said of an organisation holds for the results it owns and the demands it posted.
_OWN_OR_OWNER = f"""(n.num IN ({{0}}) OR n.num IN (
    SELECT e.to_num FROM edges e
    WHERE e.type IN ('{EdgeType.OWNS}', '{EdgeType.POSTED}') AND NOT e.inferred
    AND e.from_num IN ({{0}})))"""
_IDS = """n.id IN (SELECT coalesce(a.kept_id, w.value)
    FROM json_each(?) w LEFT JOIN aliases a ON a.id = w.value)"""
# A partial date counts as its first day: "2021" and "2021-10" are filled up, a time is cut off.
_DAY = "substr({0} || substr('-01-01', length({0}) - 3), 1, 10)"
_INDUSTRY = f"""(
    n.num IN (SELECT node_num FROM facets WHERE facet = 'industry' AND value IN {_AMONG})
    OR n.num IN (
        SELECT e.from_num FROM edges e
        WHERE e.type = '{EdgeType.IN_INDUSTRY}' AND e.to_num IN (
            WITH RECURSIVE branch(num) AS (
                SELECT num FROM nodes WHERE id IN {_AMONG}
                UNION SELECT node_num FROM facets WHERE facet = '{NAME}' AND value IN {_AMONG}
                UNION SELECT c.from_num FROM branch b
                    JOIN edges c ON c.to_num = b.num AND c.type = '{EdgeType.SUBTYPE_OF}')
            SELECT num FROM branch)))"""


def facets(label: str, props: Props) -> set[tuple[str, str]]:
    """The (facet, value) pairs by which filters find a node.

    ``tiers`` holds names, or objects ``{"tier": name, "from": ..., "until": ...}``.
    """
    found = {
        (facet, value)
        for facet, prop in (
            ("kind", "kind"),
            ("tier", "tiers"),
            ("district", "district"),
            ("industry", "industry"),
        )
        for value in _values(props.get(prop))
    }
    if label == Label.INDUSTRY:
        found |= {(NAME, value) for value in _values(props.get("name"))}
    return found


def conditions(where: Filter) -> tuple[str, list[str]]:
    """The filter as a condition on ``nodes AS n``, with its parameters; "1" where all pass."""
    parts: list[str] = []
    values: list[str] = []
    if len(where.labels) == 1:  # so that the index on labels gives ids in order
        parts.append("n.label = ?")
        values += where.labels
    elif where.labels:
        parts.append(f"n.label IN {_AMONG}")
        values.append(json_array(sorted(where.labels)))
    if where.ids:
        parts.append(_IDS)
        values.append(json_array(sorted(where.ids)))
    if where.kinds:
        parts.append(f"n.num IN ({_FACET})")
        values += ["kind", json_array(sorted(where.kinds))]
    if where.tiers:
        parts.append(_OWN_OR_OWNER.format(_HELD))
        values += [json_array(sorted(where.tiers))] * 2
    if where.districts:
        parts.append(_OWN_OR_OWNER.format(_FACET))
        values += ["district", json_array(sorted(where.districts))] * 2
    if where.industries:
        parts.append(_INDUSTRY)
        values += [json_array(sorted(where.industries))] * 3
    for compare, day in ((">=", where.observed_from), ("<=", where.observed_to)):
        if day:
            parts.append(f"{_DAY.format('n.observed_at')} {compare} {_DAY.format('?')}")
            values += [day, day]
    return " AND ".join(parts) or "1", values


def matching_nums(connection: sqlite3.Connection, where: Filter) -> set[int] | None:
    """The ``num`` of every node that passes; None where nothing but labels is asked for."""
    if where.only_labels:
        return None
    condition, values = conditions(where)
    return {
        num for (num,) in connection.execute(f"SELECT num FROM nodes n WHERE {condition}", values)
    }


def _values(given: Any) -> Iterator[str]:
    for value in given if isinstance(given, list) else [given]:
        name = value.get("tier") if isinstance(value, Mapping) else value
        if name is not None:
            yield str(name)
