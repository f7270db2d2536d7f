"""Facets of nodes, and a ``Filter`` as SQL over them: the one place that spells its conditions."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from graph_service.model import EdgeType, Filter, Label, Props
from graph_service.store.record import json_array

#: Facet under which the names of ``Industry`` nodes stand, so that a filter finds them by name.
NAME = "name"

_AMONG = "(SELECT value FROM json_each(?))"
_FACET = f"n.num IN (SELECT node_num FROM facets WHERE facet = ? AND value IN {_AMONG})"
_IDS = """n.id IN (SELECT coalesce(a.kept_id, w.value)
    FROM json_each(?) w LEFT JOIN aliases a ON a.id = w.value)"""
# A partial date counts as its first day: "2021" and "2021-10" are filled up, a time is cut off.
_DAY = "substr({0} || substr('-01-01', length({0}) - 3), 1, 10)"
_INDUSTRY = f"""(
    n.num IN (SELECT node_num FROM facets WHERE facet = 'industry' AND value IN {_AMONG})
    OR n.num IN (
        SELECT e.from_num FROM edges e
        WHERE e.type = '{EdgeType.IN_INDUSTRY}' AND e.to_num IN (
            SELECT num FROM nodes WHERE id IN {_AMONG}
            UNION SELECT node_num FROM facets WHERE facet = '{NAME}' AND value IN {_AMONG})))"""


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
    if where.labels:
        parts.append(f"n.label IN {_AMONG}")
        values.append(json_array(sorted(where.labels)))
    if where.ids:
        parts.append(_IDS)
        values.append(json_array(sorted(where.ids)))
    for facet, wanted in (
        ("kind", where.kinds),
        ("tier", where.tiers),
        ("district", where.districts),
    ):
        if wanted:
            parts.append(_FACET)
            values += [facet, json_array(sorted(wanted))]
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
