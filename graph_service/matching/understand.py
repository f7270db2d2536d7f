"""Understanding a query: its words, the products it states, who asks and where."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from graph_service import text as texts
from graph_service.errors import InputError, NotFoundError
from graph_service.lockstep import at_once
from graph_service.matching.pairs import pairs as character_pairs
from graph_service.matching.types import Query
from graph_service.model import EdgeType, Hop, Label, Node
from graph_service.reads import Neighbours, Nodes, WithNodes
from graph_service.understanding.reading import WEIGHTS, Reading, read
from graph_service.understanding.sections import sections

#: Id of the query in paths when it is free text.
TEXT_ID = "text"

#: Words that join others and name nothing (虚词).
FUNCTION_WORDS = frozenset(
    [
        *"的了和与及或在是为对等中上下由以从到将被把可能不并其该此这那各每有无也都而且但于之所后前内外间时个种一我本需要",
        *("我们", "可以", "以及", "同时", "并且", "因此", "但是", "如果", "由于", "通过", "进行"),
        *("the", "of", "to", "in", "and", "or", "for", "with", "on", "by", "from", "is", "are"),
        *("that", "this", "how", "we"),  # not a, as, at, be, it: also marks, alloys, elements
    ]
)

#: A first line that is longer, or ends like a sentence, is no title.
_TITLE_CHARS, _SENTENCE_ENDS = 60, frozenset("。！？；，!?;,:：")

#: Edges by which a node states its products.
_STATED = (EdgeType.ABOUT, EdgeType.MAKES, EdgeType.NEEDS)


@dataclass(frozen=True)
class Question:
    """A query as understood.

    Attributes:
        id: the node's id, or ``TEXT_ID``.
        node: the stored node, None for free text.
        text: the whole text.
        terms: its words with how often they stand in it.
        stated: hops from the query to products it states.
        askers: ids of the organisations behind it, as observed.
        district: where the asker is, if known.
    """

    id: str
    node: Node | None
    text: str
    terms: Mapping[str, float]
    stated: Sequence[Hop] = ()
    askers: Sequence[str] = ()
    district: str | None = None

    @property
    def title(self) -> str:
        """Of a node; of a free text the first of its lines, unless that is a sentence."""
        if self.node is not None:
            return texts.heading(self.node)
        first, _, rest = self.text.partition("\n")
        first = first.strip()
        titled = rest.strip() and len(first) <= _TITLE_CHARS and first[-1:] not in _SENTENCE_ENDS
        return first if titled else ""

    @cached_property
    def reading(self) -> Reading:
        """As read: the sections of a demand or a free text, with what each says of the need."""
        return read(self.title, self._body, sectioned=self._sectioned)

    @cached_property
    def weighed(self) -> Mapping[str, float]:
        """Its words with how often they stand in it, by what their section says of the need: the
        firm's history counts less than the problem. What only a section cut off by itself would
        have for a word is left out."""
        if not self._sectioned:
            return self.terms
        counts: defaultdict[str, float] = defaultdict(float)
        for word in texts.tokens(self.title):
            counts[word] += 1.0
        for one in sections(self._body):
            for word in texts.tokens(self._body[one.start : one.end]):
                counts[word] += WEIGHTS[one.part]
        return {word: n for word, n in counts.items() if word in self.terms} or self.terms

    @cached_property
    def pairs(self) -> Mapping[str, float]:
        """Its pairs of characters with how often they stand in it, weighed as its words are."""
        if not self._sectioned:
            return character_pairs(self.text)
        counts: defaultdict[str, float] = defaultdict(float)
        for pair, n in character_pairs(self.title).items():
            counts[pair] += n
        for one in sections(self._body):
            for pair, n in character_pairs(self._body[one.start : one.end]).items():
                counts[pair] += n * WEIGHTS[one.part]
        return counts

    @property
    def _body(self) -> str:
        return self.text.strip()[len(self.title) :].strip()

    @property
    def _sectioned(self) -> bool:
        return self.node is None or self.node.label is Label.DEMAND


async def understand(query: Query) -> Question:
    """Read a query: a node's id, or text.

    Raises:
        NotFoundError: no node of that id.
        InputError: the text has no word in it.
    """
    if query.node_id is not None:
        return await _of_node(query.node_id)
    text = query.text or ""
    terms = _terms(text)
    if not terms:
        raise InputError("查询文本里没有可用的字词", hint="请写出需求或成果的内容")
    return Question(TEXT_ID, None, text, terms)


async def _of_node(node_id: str) -> Question:
    # The products' nodes are for a firm without text, the askers' for a node without district:
    # what it is is known no earlier than they are.
    nodes, (stated, products), (asking, askers) = await at_once(
        Nodes([node_id]),
        WithNodes(Neighbours([node_id], _STATED, "out", 500)),
        WithNodes(Neighbours([node_id], (EdgeType.POSTED, EdgeType.OWNS), "in")),
    )
    node = nodes.get(node_id)
    if node is None:
        raise NotFoundError.node(node_id)
    hops = stated.get(node_id, [])
    text = texts.document(node, _made_products(node, hops, products))
    if node.label is Label.ORGANIZATION:
        behind = [node]
    else:
        told = [hop for hop in asking.get(node_id, ()) if not hop.edge.inferred]
        behind = [askers[hop.end] for hop in told if hop.end in askers]
    return Question(
        node_id,
        node,
        text,
        _terms(text),
        stated=hops,
        askers=[asker.id for asker in behind],
        district=_district([node, *behind]),
    )


def _terms(text: str) -> dict[str, float]:
    return {term: float(count) for term, count in Counter(texts.tokens(text)).items()}


def _made_products(node: Node, stated: Sequence[Hop], ends: Mapping[str, Node]) -> list[str]:
    if node.label is not Label.ORGANIZATION or node.props.get("text"):
        return []
    made = [hop for hop in stated if hop.edge.type is EdgeType.MAKES and hop.end in ends]
    return texts.made_products((hop.edge, ends[hop.end]) for hop in made)


def _district(nodes: Sequence[Node]) -> str | None:
    """The first that is told."""
    told = (node.props.get("district") for node in nodes)
    return next((str(district) for district in told if district), None)
