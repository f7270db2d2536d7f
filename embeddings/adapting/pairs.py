"""Pairs of texts that belong together, from what is loaded: no person labels anything. Pure.

What is held back hangs on a hash of the node's id, so that a node is on one side only, whatever is
loaded later. Order and choice hang on hashes too: same store, same seed, same pairs.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from hashlib import blake2b
from heapq import nsmallest

from graph_service.model import Label, Node
from graph_service.text import DOC_CHARS, document, product_name

#: One node in so many is held back, with all its pairs.
HELD_ONE_IN = 10

_LEAST = 20  # characters of a text that says something
_LONG = 200  # characters from which a need has details of its own
_TOLD = 100  # characters from which a firm's profile has two halves
_SAME = 80  # characters of a text that tell it from others
_SHORT_ANCHOR = 64  # characters of a title, of keywords
_NAME = range(2, 13)  # characters of a short product name


class Kind(StrEnum):
    """Where a pair comes from."""

    TITLE = "title"  # 成果的题目 ↔ 正文
    KEYWORDS = "keywords"  # 关键词 ↔ 正文
    PRODUCT = "product"  # 产品名 ↔ 说明
    NEED = "need"  # 需求的题目 ↔ 正文
    DETAILS = "details"  # 需求的前半 ↔ 后半
    PROFILE = "profile"  # 机构简介的前半 ↔ 后半
    ACCEPTED = "accepted"  # 需求 ↔ 被采纳的对象


@dataclass(frozen=True, slots=True)
class Pair:
    """Two texts that belong together.

    Attributes:
        kind: where it comes from.
        node: id of the node that it was taken from; of the demand where it was accepted.
        anchor: what would be asked.
        positive: what should be found, at most ``DOC_CHARS`` characters.
    """

    kind: Kind
    node: str
    anchor: str
    positive: str

    @property
    def held(self) -> bool:
        """Whether it is held back from training, to measure by."""
        return held(self.node)


def held(node_id: str) -> bool:
    """Whether a node's pairs are held back from training."""
    return rank("held", node_id) % HELD_ONE_IN == 0


def rank(*words: str) -> int:
    """A number that looks random and hangs on the words alone."""
    return int.from_bytes(blake2b("\0".join(words).encode(), digest_size=8).digest())


def pairs_of(node: Node) -> Iterator[Pair]:
    """The pairs that a node gives; none for labels that are not asked for by meaning."""
    title = str(node.props.get("title") or node.props.get("name") or "").strip()
    text = str(node.props.get("text") or "").strip()
    body = text.removeprefix(title).strip()
    match node.label:
        case Label.RESULT:
            found = [(Kind.TITLE, title, body), (Kind.KEYWORDS, keywords(node), body)]
        case Label.PRODUCT:
            found = [(Kind.PRODUCT, title, body)]
        case Label.DEMAND:
            found = [(Kind.NEED, title, body)]
            if len(body) > _LONG:
                found.append((Kind.DETAILS, *_halves(body)))
        case Label.ORGANIZATION:
            # Its own name stands in both halves and would give the answer away.
            body = body.replace(title, "") if title else body
            found = [(Kind.PROFILE, *_halves(body))] if len(body) > _TOLD else []
        case _:
            found = []
    for kind, anchor, positive in found:
        yield from _pair(kind, node.id, anchor, positive)


def _halves(body: str) -> tuple[str, str]:
    """The end of the first half of a text, and the second."""
    middle = len(body) // 2
    return body[:middle][-_LONG:], body[middle:]


def accepted_pair(demand: Node, candidate: Node) -> Iterator[Pair]:
    """The pair of a demand and what was accepted for it; none where either has no text."""
    yield from _pair(Kind.ACCEPTED, demand.id, document(demand)[:DOC_CHARS], document(candidate))


def keywords(node: Node) -> str:
    """A node's keywords, with spaces between them; "" where it has none."""
    told = node.props.get("keywords") or ()
    return " ".join([told] if isinstance(told, str) else map(str, told)).strip()


def short_name(node: Node) -> str | None:
    """A product's name, where it is short; else None."""
    name = str(node.props.get("name") or node.props.get("title") or "").strip()
    return name if node.label is Label.PRODUCT and len(name) in _NAME else None


def chosen(pairs: Iterable[Pair], limit: int, *, seed: int) -> list[Pair]:
    """At most so many pairs, in an order that looks random: those that were accepted before all
    others, and of two that say nearly the same one alone."""

    def place(pair: Pair) -> tuple[bool, int]:
        number = rank(str(seed), pair.kind, pair.node, pair.anchor, pair.positive)
        return pair.kind is not Kind.ACCEPTED, number

    seen: set[tuple[str, str]] = set()
    kept: list[Pair] = []
    # Some more than are wanted, for those that are left out; never all of a large store at once.
    for pair in nsmallest(2 * limit, pairs, key=place):
        signs = (_sign(pair.anchor), _sign(pair.positive))
        if signs not in seen and signs[0] != signs[1] and len(kept) < limit:
            seen.add(signs)
            kept.append(pair)
    return sorted(kept, key=lambda pair: place(pair)[1])


def batches(pairs: Sequence[Pair], size: int) -> list[list[Pair]]:
    """Whole batches in which no two pairs share a node or nearly the same text: within a batch
    every other pair's positive counts as wrong for an anchor. Short anchors and long ones stand
    apart, for every text of a batch takes as long as its longest; what is left of both fills the
    last batches, and what fills none is left out."""
    apart, rest = _filled(pairs, size, apart=True)
    return apart + _filled(rest, size, apart=False)[0]


def _filled(
    pairs: Sequence[Pair], size: int, *, apart: bool
) -> tuple[list[list[Pair]], list[Pair]]:
    """Whole batches, in the order in which they fill, and the pairs that are left."""
    open_: list[tuple[list[Pair], set[str]]] = []
    whole = []
    for pair in pairs:
        signs = {f"n{pair.node}", f"a{_sign(pair.anchor)}", f"p{_sign(pair.positive)}"}
        for place, (batch, taken) in enumerate(open_):
            if not signs & taken and not (apart and _long(pair) != _long(batch[0])):
                batch.append(pair)
                taken.update(signs)
                if len(batch) == size:
                    whole.append(batch)
                    open_.pop(place)
                break
        else:
            open_.append(([pair], signs))
    return whole, [pair for batch, _ in open_ for pair in batch]


def _long(pair: Pair) -> bool:
    return len(pair.anchor) > _SHORT_ANCHOR


def _pair(kind: Kind, node: str, anchor: str, positive: str) -> Iterator[Pair]:
    anchor, positive = anchor.strip(), positive.strip()[:DOC_CHARS]
    if len(anchor) > 1 and len(positive) >= _LEAST:
        yield Pair(kind, node, anchor[:DOC_CHARS], positive)


def _sign(text: str) -> str:
    """What texts that are nearly the same share: their beginning without spaces and brackets."""
    return product_name(text[: 2 * _SAME])[:_SAME]
