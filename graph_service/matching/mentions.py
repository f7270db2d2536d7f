"""Products that a text names without saying so (产品提及).

They are guesses (``inferred``): each comes as an ABOUT edge whose confidence says how telling the
name is, so that a path over it is never shown as observed.
"""

import math
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from graph_service import text as texts
from graph_service.matching.understand import Question
from graph_service.model import Edge, EdgeType, Filter, Hop, Label, Node
from graph_service.ports import LexicalFeatures
from graph_service.reads import Lexical, TextSearch, WithNodes

#: Source named by edges that the linker guessed.
LINKER = "jiebang:mention"

#: Products read for one text, those with the longest names, and how many mentions are kept.
_LOOKED_AT, _KEPT = 400, 12

#: Names less telling than this say nothing; a guess is never surer than that.
_LEAST_TELLING, _MOST_SURE = 0.5, 0.9


async def proposed(question: Question) -> Sequence[Node]:
    """Products whose names stand in the text, as the store reads names; ``standing`` decides."""
    products = Filter(labels=frozenset({Label.PRODUCT}))
    _, nodes = await WithNodes(
        TextSearch({question.text: 1.0}, products, limit=_LOOKED_AT, names="within")
    )
    return list(nodes.values())


def standing(question: Question, products: Sequence[Node]) -> list[Hop]:
    """A hop to each of these products whose whole name stands in the text; how telling the names
    are is not judged yet.

    A name inside a longer one that was found at the same place is not counted.
    """
    text = texts.product_name(question.text)
    cuts = texts.cuts(text)
    named = sorted(
        {(texts.product_name(node.title), node.id) for node in products},
        key=lambda pair: (-len(pair[0]), pair),
    )
    taken: list[tuple[int, int]] = []
    found: list[Hop] = []
    for name, product_id in named:
        at = _free_place(text, name, cuts, taken) if len(name) > 1 else None
        if at is not None:
            taken.append((at, at + len(name)))
            found.append(_mention(question.id, product_id, name))
    return found


@dataclass(frozen=True, slots=True)
class Words:
    """The words of the names that stand in a text, and in how many documents of a label each is.

    Attributes:
        of: words by name.
        frequency: of the words that are known.
        documents: how many there are.
        unknown: words that are still to be counted: cut out of its text alone a name may have
            other words than within it.
    """

    of: Mapping[str, Sequence[str]]
    frequency: Mapping[str, int]
    documents: int

    @classmethod
    def known(cls, named: Sequence[Hop], question: Question, counted: LexicalFeatures) -> "Words":
        """Words of names, with what was ``counted`` of the question's."""
        of = {_name(hop): texts.tokens(_name(hop)) for hop in named}
        frequency = dict(zip(question.terms, counted.frequency.tolist(), strict=True))
        return cls(of, frequency, counted.documents)

    @property
    def unknown(self) -> list[str]:
        return sorted({word for some in self.of.values() for word in some} - self.frequency.keys())

    async def completed(self, among: Label) -> "Words":
        """With those that are unknown."""
        unknown = self.unknown
        if not unknown:
            return self
        counted = (await Lexical(unknown, among)).frequency.tolist()
        more = dict(zip(unknown, counted, strict=True))
        return replace(self, frequency={**self.frequency, **more})

    def telling(self, name: str) -> float:
        """The inverse document frequency of a name's rarest word, as a share of the greatest."""
        most = math.log1p(self.documents) or 1.0
        shares = (
            math.log((1 + self.documents) / (1 + self.frequency[word])) / most
            for word in self.of[name]
        )
        return max(shares, default=0.0)


def likely(named: Sequence[Hop], words: Words) -> list[Hop]:
    """The products named of which ``mentions`` may keep some, whatever the unknown words count."""
    return [
        hop
        for hop in named
        if not words.frequency.keys() >= set(words.of[_name(hop)])
        or words.telling(_name(hop)) >= _LEAST_TELLING
    ]


def mentions(named: Sequence[Hop], words: Words) -> list[Hop]:
    """The most telling of the products named, with how telling their names are as confidence;
    names as common as 设备 or 产业化 are left out."""
    telling = {name: words.telling(name) for name in words.of}
    kept = sorted(
        (-telling[_name(hop)], _name(hop), hop.end)
        for hop in named
        if telling[_name(hop)] >= _LEAST_TELLING
    )
    return [
        _mention(named[0].start, product_id, name, round(_MOST_SURE * -minus, 2))
        for minus, name, product_id in kept[:_KEPT]
    ]


def _name(hop: Hop) -> str:
    return str(hop.edge.props["mention"])


def _mention(query_id: str, product_id: str, name: str, confidence: float = 0.0) -> Hop:
    edge = Edge(
        EdgeType.ABOUT,
        query_id,
        product_id,
        props={"mention": name},
        source=LINKER,
        confidence=confidence,
        inferred=True,
    )
    return Hop(edge, forward=True)


def _free_place(
    text: str, name: str, cuts: Set[int], taken: Iterable[tuple[int, int]]
) -> int | None:
    """Where a name stands in the text, from word to word, outside of every place already taken."""
    at = text.find(name)
    while at >= 0:
        if {at, at + len(name)} <= cuts and all(
            at >= end or at + len(name) <= start for start, end in taken
        ):
            return at
        at = text.find(name, at + 1)
    return None
