"""Text as the whole product sees it: normal form, words, passages, hashes. Pure functions.

The tokens are part of the stores' contract: both engines index exactly these words.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import accumulate

from graph_service.model import Edge, Label, Node

#: Characters of a document / of a query that the plain dense recipe sees.
DOC_CHARS = 220
QUERY_CHARS = 300

#: Labels whose nodes are matched or searched by meaning: their passages get vectors.
EMBEDDED_LABELS = frozenset({Label.ORGANIZATION, Label.DEMAND, Label.RESULT, Label.PRODUCT})

_WORD = re.compile(r"\w")
_SPACE = re.compile(r"\s+")
_SURROGATE = re.compile("[\ud800-\udfff]")
_SENTENCE_END = re.compile(r"(?<=[。！？；!?;\n])")


def normalize(text: str) -> str:
    """NFKC, lower case, white space folded to single spaces, ends trimmed.

    A lone surrogate, which no encoding can hold, becomes "?".
    """
    whole = text.encode("utf-8", "replace").decode() if _SURROGATE.search(text) else text
    return _SPACE.sub(" ", unicodedata.normalize("NFKC", whole).lower()).strip()


def tokens(text: str) -> list[str]:
    """The words of a text in order, with repeats: jieba's search mode on the normal form.

    Search mode gives a long word and the words inside it. Tokens without any letter or digit are
    left out; nothing else is (no stop words).
    """
    import rjieba  # loads its dictionary on first use

    return [word for word in rjieba.cut_for_search(normalize(text)) if _WORD.search(word)]


def cuts(text: str) -> frozenset[int]:
    """Where a text in normal form falls into words: its beginning, between any two, its end."""
    import rjieba

    return frozenset(accumulate(map(len, rjieba.cut(text)), initial=0))


def text_hash(text: str) -> bytes:
    """16 bytes that stand for a text: the key under which its vector is kept."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of a node's text.

    Ordinal 0 is the whole document (the unit of the plain recipes); its vector sees the first
    ``DOC_CHARS`` characters. Ordinals 1... are the pieces of a text longer than that and what a
    firm makes beyond its text, each at most ``DOC_CHARS`` long, led by the title.
    """

    node_id: str
    ordinal: int
    text: str

    @property
    def embed_text(self) -> str:
        """What the encoder is given."""
        return self.text[:DOC_CHARS]


def document(node: Node, products: Sequence[str] = ()) -> str:
    """The whole text of a node: title or name (never the id), then ``text``; a firm without text
    tells its products, one that others were merged into goes by their names too.

    Args:
        node: any node.
        products: names of what it MAKES (``made_products``); used for organisations without text.
    """
    title, body = heading(node), str(node.props.get("text") or "")
    if not body and products:
        body = "主营产品：" + "、".join(products)
    if node.props.get("merged"):
        title += "（" + "、".join(map(str, node.props.get("aliases") or ())) + "）"
    return f"{title} {body}".strip()


def heading(node: Node) -> str:
    """Its title or name; "" where it has neither."""
    return str(node.props.get("title") or node.props.get("name") or "")


def made_products(made: Iterable[tuple[Edge, Node]]) -> list[str]:
    """Names of the products at the ends of MAKES edges: by falling revenue share, then by name.

    Inferred edges are left out, for a guess must not turn into plain text, and so are products
    known by their id alone. A share that is no number counts as none.
    """

    def share(edge: Edge) -> float:
        value = edge.props.get("revenue_share")
        return float(value) if isinstance(value, (int, float)) else 0.0

    told = ((-share(edge), to.title) for edge, to in made if not edge.inferred and heading(to))
    return [name for _, name in sorted(told)]


def passages(node: Node, products: Sequence[str] = ()) -> list[Passage]:
    """The passages of a node: the whole document, its pieces where it is long, and for a firm
    with a text of its own what it makes beyond what that text says."""
    whole, title = document(node, products), heading(node)
    found = [whole]
    if node.label in EMBEDDED_LABELS:
        lead = title[:60]
        room = DOC_CHARS - len(lead) - 1
        unsaid = [name for name in products if name not in whole]
        body = whole[len(title) :].strip() if len(whole) > DOC_CHARS else ""
        more = "主营产品：" + "、".join(unsaid) if unsaid else ""
        found += [f"{lead} {piece}".strip() for piece in [*split(body, room), *split(more, room)]]
    return [Passage(node.id, ordinal, text) for ordinal, text in enumerate(found)]


def split(text: str, room: int) -> list[str]:
    """Cut a text into pieces of at most ``room`` characters, at sentence ends where it can."""
    pieces: list[str] = []
    current = ""
    for sentence in _clip(_SENTENCE_END.split(text), room):
        if current and len(current) + len(sentence) > room:
            pieces.append(current.strip())
            current = ""
        current += sentence
    if current.strip():
        pieces.append(current.strip())
    return [piece for piece in pieces if piece]


def _clip(sentences: Iterable[str], room: int) -> Iterable[str]:
    for sentence in sentences:
        for start in range(0, len(sentence), room):
            yield sentence[start : start + room]


@lru_cache(maxsize=65_536)
def product_name(name: str) -> str:
    """A product's name in normal form without brackets and white space: the key of its id."""
    return re.sub(r"[\s()（）\[\]【】《》\"'“”‘’]", "", normalize(name))
