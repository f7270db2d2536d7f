"""Ids of nodes that were merged into others.

``aliases`` has a row for each id that has no node of its own any more: ``into_id`` is what it was
merged into, ``kept_id`` the node that stands for it now. What was said under such an id stays apart
among the facts of the kept node and of its edges (``facts.fact_key``), so that a merge moves
statements and a split moves them back.
"""

import sqlite3
from collections.abc import Iterable, Sequence

from graph_service.store.record import json_array


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
