"""Products that a text names without saying so (产品提及).

They are guesses (``inferred``): each comes as an ABOUT edge whose confidence says how telling the
name is, so that a path over it is never shown as observed.
"""

import math
from collections.abc import Iterable, Sequence

from graph_service import text as texts
from graph_service.matching.understand import Question
from graph_service.model import Edge, EdgeType, Filter, Hop, Label, Node
from graph_service.ports import LexicalFeatures
from graph_service.reads import Lexical, TextSearch, WithNodes

#: Source named by edges that the linker guessed.
LINKER = "jiebang:mention"

#: Product candidates read from the index for one text, and how many mentions are kept.
_LOOKED_AT, _KEPT = 400, 12

#: Names less telling than this say nothing; a guess is never surer than that.
_LEAST_TELLING, _MOST_SURE = 0.45, 0.9


async def proposed(question: Question) -> Sequence[Node]:
    """Products that have words of the text: what the index proposes, the text itself decides."""
    _, nodes = await WithNodes(
        TextSearch(question.terms, Filter(labels=frozenset({Label.PRODUCT})), limit=_LOOKED_AT)
    )
    return list(nodes.values())


async def mentioned(
    question: Question, products: Sequence[Node], counted: LexicalFeatures, among: Label
) -> list[Hop]:
    """Products whose whole name stands in the text, the most telling names first.

    A name inside a longer one that was found at the same place is not counted. Confidence is how
    telling the name's rarest word is among the documents of a label: its inverse document
    frequency as a share of the greatest one; names as common as 设备 or 产业化 are left out.

    Args:
        question: whose text it is.
        products: those that may stand in it (``proposed``).
        counted: in how many documents the question's words stand, in their order.
        among: the label of these documents.
    """
    found = _standing(texts.product_name(question.text), products)
    telling = await _telling([name for name, _ in found], question, counted, among)
    kept = sorted(
        (-telling[name], name, product_id)
        for name, product_id in found
        if telling[name] >= _LEAST_TELLING
    )
    return [_mention(question.id, to, name, -minus) for minus, name, to in kept[:_KEPT]]


def _standing(text: str, products: Sequence[Node]) -> list[tuple[str, str]]:
    """Names that stand in a text, each with its product's id, the longest first."""
    named = sorted(
        {(texts.product_name(node.title), node.id) for node in products},
        key=lambda pair: (-len(pair[0]), pair),
    )
    taken: list[tuple[int, int]] = []
    found: list[tuple[str, str]] = []
    for name, product_id in named:
        at = _free_place(text, name, taken) if len(name) > 1 else None
        if at is not None:
            taken.append((at, at + len(name)))
            found.append((name, product_id))
    return found


async def _telling(
    names: Sequence[str], question: Question, counted: LexicalFeatures, among: Label
) -> dict[str, float]:
    """For each name the inverse document frequency of its rarest word, as a share of the most."""
    words = {name: texts.tokens(name) for name in names}
    frequency = dict(zip(question.terms, counted.frequency.tolist(), strict=True))
    unknown = sorted({word for some in words.values() for word in some} - frequency.keys())
    if unknown:  # cut out of the text alone a name may have other words than within it
        more = await Lexical(unknown, among)
        frequency |= dict(zip(unknown, more.frequency.tolist(), strict=True))
    most = math.log1p(counted.documents) or 1.0

    def share(term: str) -> float:
        return math.log((1 + counted.documents) / (1 + frequency[term])) / most

    return {name: max(map(share, some), default=0.0) for name, some in words.items()}


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
