"""Understanding a query: its words, the products it names, who asks and where.

The products a text names are guesses (``inferred``): each comes as an ABOUT edge whose confidence
says how telling the name is, so that a path over it is never shown as observed.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from graph_service import text as texts
from graph_service.errors import InputError, NotFoundError
from graph_service.matching.types import Query, Target
from graph_service.model import Edge, EdgeType, Filter, Hop, Label, Node
from graph_service.ports import GraphStore

#: Id of the query in paths when it is free text.
TEXT_ID = "text"

#: Source named by edges that the linker guessed.
LINKER = "jiebang:mention"

#: Product candidates read from the index for one text, and how many mentions are kept.
_LOOKED_AT, _KEPT = 400, 12

#: Names less telling than this say nothing; a guess is never surer than that.
_LEAST_TELLING, _MOST_SURE = 0.45, 0.9

#: Words that join others and name nothing (虚词).
FUNCTION_WORDS = frozenset(
    [
        *"的了和与及或在是为对等中上下由以从到将被把可能不并其该此这那各每有无也都而且但于之所后前内外间时个种一我本需要",
        *("我们", "可以", "以及", "同时", "并且", "因此", "但是", "如果", "由于", "通过", "进行"),
    ]
)

#: Edges by which a node states its products.
_STATED = (EdgeType.ABOUT, EdgeType.MAKES, EdgeType.NEEDS)

#: Edges between an asker and whom he may not be matched with (利益冲突, 同一控制).
_RELATED = (EdgeType.CONFLICTS_WITH, EdgeType.CONTROLS)


@dataclass(frozen=True, slots=True)
class Question:
    """A query as understood.

    Attributes:
        id: the node's id, or ``TEXT_ID``.
        node: the stored node, None for free text.
        text: the whole text.
        terms: its words with how often they stand in it.
        products: hops from the query to products it states or names.
        excluded: nodes that may not be candidates: itself, who asks, who conflicts with them.
        district: where the asker is, if known.
    """

    id: str
    node: Node | None
    text: str
    terms: Mapping[str, float]
    products: Sequence[Hop] = ()
    excluded: frozenset[str] = field(default_factory=frozenset)
    district: str | None = None


def understand(store: GraphStore, query: Query, to: Target, *, graph: bool = True) -> Question:
    """Read a query.

    Args:
        store: where its node and the products stand.
        query: a node's id, or text.
        to: what is to be found.
        graph: False leaves the products out, for recipes that do not walk the graph.

    Raises:
        NotFoundError: no node of that id.
        InputError: the text has no word in it.
    """
    if query.node_id is not None:
        return _of_node(store, query.node_id, to, graph=graph)
    text = query.text or ""
    terms = Counter(texts.tokens(text))
    if not terms:
        raise InputError("查询文本里没有可用的字词", hint="请写出需求或成果的内容")
    mentions = mentioned_products(store, TEXT_ID, text, terms, to.label) if graph else []
    return Question(TEXT_ID, None, text, _weights(terms), products=mentions)


def _of_node(store: GraphStore, node_id: str, to: Target, *, graph: bool) -> Question:
    node = store.nodes([node_id]).get(node_id)
    if node is None:
        raise NotFoundError.node(node_id)
    stated = store.neighbours([node_id], types=_STATED, direction="out", limit=500).get(node_id, [])
    text = texts.document(node, _made_products(store, node, stated))
    terms = Counter(texts.tokens(text))
    askers = _askers(store, node)
    products = stated
    if graph and node.label is not Label.ORGANIZATION:
        named = {hop.end for hop in stated}
        mentions = mentioned_products(store, node_id, text, terms, to.label)
        products = stated + [hop for hop in mentions if hop.end not in named]
    return Question(
        node_id,
        node,
        text,
        _weights(terms),
        products=products,
        excluded=frozenset({node_id, *_barred(store, node, askers, to)}),
        district=_district(store, node, askers),
    )


def mentioned_products(
    store: GraphStore, query_id: str, text: str, terms: Mapping[str, int], among: Label
) -> list[Hop]:
    """Products whose whole name stands in a text, the most telling names first.

    The store's text index proposes, the text itself decides. A name inside a longer one that was
    found at the same place is not counted. Confidence is how telling the name's rarest word is
    among the documents of a label: its inverse document frequency as a share of the greatest one;
    names as common as 设备 or 产业化 are left out.
    """
    hits = store.search_text(
        _weights(terms), Filter(labels=frozenset({Label.PRODUCT})), limit=_LOOKED_AT
    )
    folded = texts.product_name(text)
    nodes = store.nodes([hit.node_id for hit in hits])
    named = sorted(
        {(texts.product_name(node.title), node.id) for node in nodes.values()},
        key=lambda pair: (-len(pair[0]), pair),
    )
    taken: list[tuple[int, int]] = []
    found: list[tuple[str, str]] = []
    for name, product_id in named:
        at = _free_place(folded, name, taken) if len(name) > 1 else None
        if at is not None:
            taken.append((at, at + len(name)))
            found.append((name, product_id))
    telling = _telling(store, [name for name, _ in found], among)
    kept = sorted(
        (-telling[name], name, product_id)
        for name, product_id in found
        if telling[name] >= _LEAST_TELLING
    )
    return [_mention(query_id, to, name, -minus) for minus, name, to in kept[:_KEPT]]


def _telling(store: GraphStore, names: Sequence[str], among: Label) -> dict[str, float]:
    """For each name the inverse document frequency of its rarest word, as a share of the most."""
    words = {name: texts.tokens(name) for name in names}
    terms = sorted({word for some in words.values() for word in some})
    features = store.lexical_features(terms, among, [])
    most = math.log1p(features.documents) or 1.0
    share = {
        term: math.log((1 + features.documents) / (1 + int(count))) / most
        for term, count in zip(terms, features.frequency, strict=True)
    }
    return {name: max((share[word] for word in some), default=0.0) for name, some in words.items()}


def _mention(query_id: str, product_id: str, name: str, telling: float) -> Hop:
    edge = Edge(
        EdgeType.ABOUT,
        query_id,
        product_id,
        props={"mention": name},
        source=LINKER,
        confidence=round(_MOST_SURE * telling, 2),
        inferred=True,
    )
    return Hop(edge, forward=True)


def _free_place(text: str, name: str, taken: Iterable[tuple[int, int]]) -> int | None:
    """Where a name stands in the text outside of every place already taken."""
    at = text.find(name)
    while at >= 0:
        if all(at >= end or at + len(name) <= start for start, end in taken):
            return at
        at = text.find(name, at + 1)
    return None


def _weights(terms: Mapping[str, int]) -> dict[str, float]:
    return {term: float(count) for term, count in terms.items()}


def _made_products(store: GraphStore, node: Node, stated: Sequence[Hop]) -> list[str]:
    if node.label is not Label.ORGANIZATION or node.props.get("text"):
        return []
    made = [hop for hop in stated if hop.edge.type is EdgeType.MAKES]
    ends = store.nodes([hop.end for hop in made])
    return texts.made_products((hop.edge, ends[hop.end]) for hop in made if hop.end in ends)


def _askers(store: GraphStore, node: Node) -> list[str]:
    """The organisations behind a node, as observed: who posted it, who owns it, itself."""
    if node.label is Label.ORGANIZATION:
        return [node.id]
    hops = store.neighbours([node.id], types=(EdgeType.POSTED, EdgeType.OWNS), direction="in")
    return [hop.end for hop in hops.get(node.id, ()) if not hop.edge.inferred]


def _barred(store: GraphStore, node: Node, askers: Sequence[str], to: Target) -> set[str]:
    """Who may not be a candidate: the askers, whom they are in conflict with, who controls them,
    is controlled by them or by whom controls them, and what these own or posted. Observed edges
    alone count. Like demands are exempt: they are not dealt with, but posted together."""
    if not askers or (node.label is Label.DEMAND and to is Target.DEMANDS):
        return set()
    related = _observed(store.neighbours(askers, types=_RELATED, limit=1000))
    parents = [hop.end for hop in related if hop.edge.type is EdgeType.CONTROLS and not hop.forward]
    sisters = _observed(
        store.neighbours(parents, types=(EdgeType.CONTROLS,), direction="out", limit=1000)
    )
    barred = {*askers, *(hop.end for hop in (*related, *sisters))}
    belongings = store.neighbours(
        sorted(barred), types=(EdgeType.OWNS, EdgeType.POSTED), direction="out", limit=10_000
    )
    return barred | {hop.end for hop in _observed(belongings)}


def _observed(hops: Mapping[str, Sequence[Hop]]) -> list[Hop]:
    return [hop for some in hops.values() for hop in some if not hop.edge.inferred]


def _district(store: GraphStore, node: Node, askers: Sequence[str]) -> str | None:
    if node.props.get("district"):
        return str(node.props["district"])
    for asker in store.nodes(askers).values():
        if asker.props.get("district"):
            return str(asker.props["district"])
    return None
