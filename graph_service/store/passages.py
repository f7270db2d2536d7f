"""Keeping the passages in step with the nodes that they are made of."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from operator import attrgetter

from graph_service.model import Edge, EdgeType, Label, Node
from graph_service.store.rows import PassageRow, Rows
from graph_service.text import EMBEDDED_LABELS, made_products, passages, text_hash, tokens


def follow(
    rows: Rows, ids: Collection[str], told: Mapping[str, Node], new: Collection[str]
) -> None:
    """Write anew the passages of these nodes where they differ.

    A node without any text, such as a bare one, has no passage.

    Args:
        rows: of the engine.
        ids: of nodes; one that is gone has no passages any more.
        told: nodes known already; the others are read.
        new: ids of nodes that were not there before, and have no passages yet.
    """
    nodes = {id_: told[id_] for id_ in ids if id_ in told}
    nodes |= rows.told([id_ for id_ in ids if id_ not in told])
    made = _made(rows, [id_ for id_, node in nodes.items() if node.label == Label.ORGANIZATION])
    stored = rows.passages([id_ for id_ in nodes if id_ not in new])
    wanted = {id_: _rows(node, made.get(id_, [])) for id_, node in nodes.items()}
    changed = {id_: some for id_, some in wanted.items() if some != stored.get(id_, [])}
    if changed:
        rows.write_passages(nodes, changed, stored)


def _made(rows: Rows, ids: list[str]) -> dict[str, list[str]]:
    """Names of the products that organisations make, in the order in which they are told."""
    ends: dict[str, list[tuple[Edge, Node]]] = defaultdict(list)
    for id_, share, product in rows.made(ids):
        edge = Edge(EdgeType.MAKES, "", product.id, props={"revenue_share": share})
        ends[id_].append((edge, product))
    return {id_: made_products(pairs) for id_, pairs in ends.items()}


def _rows(node: Node, products: list[str]) -> list[PassageRow]:
    embedded = node.label in EMBEDDED_LABELS
    rows: list[PassageRow] = []
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
