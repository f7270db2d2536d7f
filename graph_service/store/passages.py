"""Keeping the record's passages in step with the nodes they are made of."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from operator import attrgetter

import orjson

from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.store.record import json_array
from graph_service.text import EMBEDDED_LABELS, made_products, passages, text_hash, tokens

#: (ordinal, hash, text, tokens, length): a row of ``passages`` without its node.
_Row = tuple[int, bytes, str | None, str | None, int | None]

_NODES = """
    SELECT n.num, n.id, n.label, n.props
    FROM json_each(?) w JOIN nodes n ON n.num = w.value"""
# made_products leaves inferred edges out; here they need not even be read.
_MADE = f"""
    SELECT e.from_num, CASE WHEN json_type(e.props, '$.revenue_share') IN ('integer', 'real')
        THEN e.props ->> '$.revenue_share' END, p.id, p.props
    FROM json_each(?) w
    CROSS JOIN edges e ON e.from_num = w.value AND e.type = '{EdgeType.MAKES}' AND NOT e.inferred
    CROSS JOIN nodes p ON p.num = e.to_num"""
_STORED = """
    SELECT p.node_num, p.ordinal, p.hash, p.text, p.tokens, p.length
    FROM json_each(?) w JOIN passages p ON p.node_num = w.value ORDER BY p.node_num, p.ordinal"""


def follow(connection: sqlite3.Connection, nums: Iterable[int]) -> set[int]:
    """Write anew the passages of these nodes where they differ; the nums of those that did.

    A node without any text, such as a bare one, has no passage.
    """
    nodes = {
        num: Node(id_, Label(label), orjson.loads(props))
        for num, id_, label, props in connection.execute(_NODES, (json_array(nums),))
    }
    made = _made(
        connection, [num for num, node in nodes.items() if node.label == Label.ORGANIZATION]
    )
    stored: dict[int, list[_Row]] = defaultdict(list)
    for num, *row in connection.execute(_STORED, (json_array(nodes),)):
        stored[num].append((row[0], row[1], row[2], row[3], row[4]))
    wanted = {num: _rows(node, made.get(num, [])) for num, node in nodes.items()}
    changed = {num for num, rows in wanted.items() if rows != stored.get(num, [])}
    connection.executemany(
        "DELETE FROM passages WHERE node_num = ?", [(num,) for num in changed & stored.keys()]
    )
    connection.executemany(
        "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?)",
        [(num, *row) for num in sorted(changed) for row in wanted[num]],
    )
    return changed


def _made(connection: sqlite3.Connection, nums: list[int]) -> dict[int, list[str]]:
    """Names of the products that organisations make, in the order in which they are told."""
    ends: dict[int, list[tuple[Edge, Node]]] = defaultdict(list)
    for num, share, product, product_props in connection.execute(_MADE, (json_array(nums),)):
        node = Node(product, Label.PRODUCT, orjson.loads(product_props))
        edge = Edge(EdgeType.MAKES, "", product, props={"revenue_share": share})
        ends[num].append((edge, node))
    return {num: made_products(pairs) for num, pairs in ends.items()}


def _rows(node: Node, products: list[str]) -> list[_Row]:
    embedded = node.label in EMBEDDED_LABELS
    rows: list[_Row] = []
    for passage in filter(attrgetter("text"), passages(node, products)):
        text = passage.embed_text
        words = tokens(passage.text) if passage.ordinal == 0 else None
        rows.append(
            (
                passage.ordinal,
                text_hash(text),
                text if embedded else None,
                None if words is None else " ".join(words),
                None if words is None else len(words),
            )
        )
    return rows
