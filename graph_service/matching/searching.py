"""Search: nodes by id, name, words and meaning, without reasons."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

from graph_service import text as texts
from graph_service.lockstep import at_once, each
from graph_service.matching.scores import reciprocal_rank
from graph_service.matching.types import FoundBy, SearchHit
from graph_service.model import Filter, Hit, Node
from graph_service.names import BEGINNING, WHOLE, closeness, names
from graph_service.ports import Embedder
from graph_service.reads import Finding, Nodes, Scan, TextSearch, VectorSearch


async def search(
    embedder: Embedder | None, text: str, where: Filter, limit: int
) -> list[SearchHit]:
    """Nodes by id, name, words and meaning: whose id or name is the text first, then by ranks.

    An organisation's id is also found by its bare 统一社会信用代码, a name by a part of it, its
    pinyin or its initials too. Without an encoder nothing is found by meaning.
    """
    terms = dict.fromkeys(texts.tokens(text), 1.0)
    if not terms:
        return []
    ids = frozenset({text.strip(), f"org:{text.strip().upper()}"})
    ids = ids & where.ids if where.ids else ids
    deep = max(100, limit)
    searches: dict[str, Finding[list[Hit]]] = {
        "name": TextSearch({text: 1.0}, where, limit, names=True),
        "text": TextSearch(terms, where, deep),
    }
    if embedder is not None:
        embed, asked = embedder.embed_queries, text[: texts.QUERY_CHARS]
        searches["dense"] = VectorSearch(
            lambda: embed([asked])[0], embedder.fingerprint, where, deep
        )
    named, hits = await at_once(_by_id(ids, where), each(searches.values()))
    found_by = _found_by({"id": named} | dict(zip(searches, hits, strict=True)))
    found = [
        SearchHit(
            node,
            _closeness(text, node, found_by[node_id])
            + sum(reciprocal_rank(found.rank) for found in found_by[node_id]),
            found_by[node_id],
        )
        for node_id, node in (await Nodes(sorted(found_by))).items()
    ]
    return sorted(found, key=lambda hit: (-hit.score, hit.node.id))[:limit]


async def _by_id(ids: frozenset[str], where: Filter) -> list[Hit]:
    if not ids:
        return []
    return [Hit(node.id, 1.0) for node in (await Scan(replace(where, ids=ids))).nodes]


def _found_by(hits: Mapping[str, Sequence[Hit]]) -> dict[str, list[FoundBy]]:
    """Which lists held a node, and where."""
    found_by: dict[str, list[FoundBy]] = defaultdict(list)
    for retriever, some in hits.items():
        for rank, hit in enumerate(some, start=1):
            found_by[hit.node_id].append(FoundBy(retriever, rank))
    return found_by


def _closeness(text: str, node: Node, found_by: Sequence[FoundBy]) -> float:
    """3 where the text is the id, 2 where it is a name (also a short or another one, as of what was
    merged into the node), 1 where a name holds it or sounds so at its beginning, else 0."""
    if any(found.retriever == "id" for found in found_by):
        return 3.0
    near = [close for name in names(node.props) if (close := closeness(name, text))]
    if any(close.place == WHOLE for close in near):
        return 2.0
    return float(any(close.place == BEGINNING or close.way == "name" for close in near))
