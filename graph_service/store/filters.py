"""A ``Filter`` as SQL over the record: the one place where its conditions are spelled."""

import sqlite3

import orjson

from graph_service.model import EdgeType, Filter, Label

#: Facet under which the names of ``Industry`` nodes stand, so that a filter finds them by name.
NAME = "name"

_AMONG = "(SELECT value FROM json_each(?))"
_FACET = f"n.num IN (SELECT node_num FROM facets WHERE facet = ? AND value IN {_AMONG})"
# A partial date counts as its first day: "2021" and "2021-10" are filled up, a time is cut off.
_DAY = "substr({0} || substr('-01-01', length({0}) - 3), 1, 10)"
_INDUSTRY = f"""(
    n.num IN (SELECT node_num FROM facets WHERE facet = 'industry' AND value IN {_AMONG})
    OR n.num IN (
        SELECT e.from_num FROM edges e
        WHERE e.type = '{EdgeType.IN_INDUSTRY}' AND e.to_num IN (
            SELECT num FROM nodes WHERE id IN {_AMONG}
            UNION SELECT node_num FROM facets WHERE facet = '{NAME}' AND value IN {_AMONG})))"""


def conditions(where: Filter) -> tuple[str, list[str]]:
    """The filter as a condition on ``nodes AS n``, with its parameters; "1" where all pass."""
    parts: list[str] = []
    values: list[str] = []
    if where.labels:
        parts.append(f"n.label IN {_AMONG}")
        values.append(_json(where.labels))
    if where.ids:
        parts.append(f"n.id IN {_AMONG}")
        values.append(_json(where.ids))
    for facet, wanted in (
        ("kind", where.kinds),
        ("tier", where.tiers),
        ("district", where.districts),
    ):
        if wanted:
            parts.append(_FACET)
            values += [facet, _json(wanted)]
    if where.industries:
        parts.append(_INDUSTRY)
        values += [_json(where.industries)] * 3
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


def _json(values: frozenset[str] | frozenset[Label]) -> str:
    return orjson.dumps(sorted(values)).decode()
