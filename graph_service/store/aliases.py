"""Ids of nodes that were merged into others, and what was said under an id.

``aliases`` has a row for each id that has no node of its own any more: ``into_id`` is what it was
merged into, ``kept_id`` the node that stands for it now. What was said under such an id stays apart
among the facts of the kept node and of its edges (``facts.fact_key``), so that a merge moves
statements and a split moves them back.
"""

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from graph_service.errors import InputError
from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.store.facts import Statement, spoken
from graph_service.store.record import json_array

_EDGE = "e.type, a.id, b.id, e.key, e.facts, e.version"


@dataclass(frozen=True, slots=True)
class Said:
    """All that was said of a node and its edges, under the ids and by the sources that said it.

    ``version`` is the highest of the rows it was taken from.
    """

    label: Label
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    version: int


def all_kept(connection: sqlite3.Connection) -> dict[str, str]:
    """Every merged id with the id of the node that stands for it."""
    return dict(connection.execute("SELECT id, kept_id FROM aliases").fetchall())


def kept(connection: sqlite3.Connection, ids: Iterable[str]) -> dict[str, str]:
    """Those of these ids that were merged, with the ids of the nodes that stand for them."""
    return dict(
        connection.execute(
            "SELECT a.id, a.kept_id FROM json_each(?) w CROSS JOIN aliases a ON a.id = w.value",
            (json_array(ids),),
        ).fetchall()
    )


def merges(connection: sqlite3.Connection) -> list[tuple[str, str]]:
    """As ``Whole.merges``."""
    return in_order(connection.execute("SELECT id, into_id FROM aliases ORDER BY id").fetchall())


def in_order(merged: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Merges (id, what it was merged into) so that each can be done when its turn comes."""
    under: dict[str, list[str]] = {}
    for id_, into in merged:
        under.setdefault(into, []).append(id_)
    gone = {id_ for id_, _ in merged}
    order: list[tuple[str, str]] = []  # from what stands down, to be turned round
    waiting = [into for into in under if into not in gone]
    while waiting:
        into = waiting.pop()
        order += [(id_, into) for id_ in under.get(into, ())]
        waiting += under.get(into, ())
    return order[::-1]


def merge(connection: sqlite3.Connection, gone: str, into: str) -> None:
    """Let an id, and what was merged into it, name another node from now on."""
    connection.execute("INSERT INTO aliases VALUES (?, ?, ?)", (gone, into, into))
    connection.execute("UPDATE aliases SET kept_id = ? WHERE kept_id = ?", (into, gone))


def split(connection: sqlite3.Connection, gone: str) -> str:
    """Let a merged id, and what was merged into it, name a node of its own; what it named.

    Raises:
        InputError: it was not merged.
    """
    row = connection.execute("SELECT kept_id FROM aliases WHERE id = ?", (gone,)).fetchone()
    if row is None:
        raise InputError(
            f"{gone} 没有并入别的节点。", hint="请核对编号；可能已经撤销过了。", id=gone
        )
    connection.execute(
        """
        WITH RECURSIVE below(id) AS (
            SELECT id FROM aliases WHERE into_id = :gone
            UNION SELECT a.id FROM aliases a JOIN below ON a.into_id = below.id)
        UPDATE aliases SET kept_id = :gone WHERE id IN (SELECT id FROM below)""",
        {"gone": gone},
    )
    connection.execute("DELETE FROM aliases WHERE id = ?", (gone,))
    return str(row[0])


def said(connection: sqlite3.Connection, id_: str) -> Said | None:
    """All that was said of a node; None where there is no such node."""
    row = connection.execute(
        "SELECT num, label, facts, version FROM nodes WHERE id = ?", (id_,)
    ).fetchone()
    if row is None:
        return None
    num, label, facts, version = row
    rows = connection.execute(
        f"SELECT {_EDGE} FROM edges e CROSS JOIN nodes a ON a.num = e.from_num "
        "CROSS JOIN nodes b ON b.num = e.to_num WHERE e.from_num = :num "
        f"UNION SELECT {_EDGE} FROM edges e CROSS JOIN nodes a ON a.num = e.from_num "
        "CROSS JOIN nodes b ON b.num = e.to_num WHERE e.to_num = :num",
        {"num": num},
    ).fetchall()
    return Said(
        Label(label),
        [_node(id_, label, *item) for item in _facts(facts)],
        [_edge(row, *item) for row in rows for item in _facts(row[4])],
        max([version, *(row[5] for row in rows)]),
    )


def _facts(text: str) -> Iterable[tuple[str, Statement]]:
    facts: Mapping[str, Statement] = orjson.loads(text)
    return facts.items()


def _node(id_: str, label: str, key: str, statement: Statement) -> Node:
    source, under = spoken(key)
    return Node(
        under[0] if under else id_,
        Label(label),
        statement["props"],
        source or None,
        statement["observed_at"],
    )


def _edge(row: Sequence[Any], key: str, statement: Statement) -> Edge:
    source, under = spoken(key)
    from_id, to_id = under or row[1:3]
    return Edge(
        EdgeType(row[0]),
        from_id,
        to_id,
        row[3],
        statement["props"],
        source or None,
        statement["observed_at"],
        statement["confidence"],
        statement["inferred"],
    )
