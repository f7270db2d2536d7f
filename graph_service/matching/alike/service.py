"""Finds like demands: reads them, groups them, and tells what each group shares.

Everything is read in a few round trips, whatever the number of demands; what takes long, the words
and reasons of a group, is read of those groups only that are shown.
"""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from graph_service import deadline
from graph_service import text as texts
from graph_service.errors import InputError
from graph_service.lockstep import at_once, each, run
from graph_service.matching.alike.clusters import complete_link
from graph_service.matching.alike.common import own_words, properties, shared_products, shared_words
from graph_service.matching.alike.likeness import (
    by_passages,
    by_words,
    likeness,
    usual_cosine,
    weighted,
    words_of,
)
from graph_service.matching.alike.types import THRESHOLD, Alike, Group, Member
from graph_service.matching.explain import owners_of
from graph_service.matching.facts.sides import Side
from graph_service.matching.facts.statements import Stated, asked_of
from graph_service.matching.mentions import Words, mentions, proposed, standing
from graph_service.matching.types import Query
from graph_service.matching.understand import Question, understand
from graph_service.model import ANY, Filter, Hop, Label, Node, Viewer
from graph_service.ports import Floats, GraphStore
from graph_service.reads import Lexical, Nodes, Scan, Vectors
from graph_service.visibility import seen

#: The most demands that are compared at once: all pairs are held in memory, 100 MB.
MOST = 5000

#: Nodes of a kind by whose vectors it is told how near any two texts are.
_USUAL = 300

_PAGE = 1000


@dataclass(frozen=True, slots=True)
class _Found:
    """Groups as positions of the demands, with how like each two demands are."""

    demands: Sequence[Node]
    bags: Sequence[Mapping[str, float]]
    likeness: Floats
    groups: Sequence[Sequence[int]]
    by_vectors: bool
    posters: Mapping[str, Sequence[Node]]


def like_demands(
    store: GraphStore,
    fingerprint: str | None,
    *,
    where: Filter = ANY,
    threshold: float = THRESHOLD,
    firms: int = 1,
    limit: int = 20,
    viewer: Viewer,
) -> Alike:
    """Groups of demands that could be posted as one.

    In a group every two are at least as like as the threshold. Groups of the most organisations
    come first, then of the most members that do not repeat each other, then of the most alike.

    Args:
        store: the graph.
        fingerprint: of the active vectors; None compares words alone.
        where: the demands, whatever its labels.
        threshold: of likeness, 0-1.
        firms: only groups that so many organisations posted, as far as is known; 1 is all.
        limit: how many groups to tell of.
        viewer: who looks.

    Raises:
        InputError: more than ``MOST`` demands pass the filter, a threshold that is none.
        FingerprintError
    """
    began = time.perf_counter()
    if not 0 < threshold <= 1:  # nor NaN
        raise InputError(
            f"相近的门槛 {threshold:g} 不能用",
            hint="应大于 0、不大于 1，如 0.35",
            threshold=threshold,
        )

    async def asking() -> Alike:
        found = await _grouped(fingerprint, where, threshold)
        ranked = sorted(found.groups, key=lambda group: _place(found, group))
        kept = [group for group in ranked if firms < 2 or _firms(found, group) >= firms]
        return Alike(
            demands=len(found.demands),
            groups=await each(_told(found, group) for group in kept[:limit]),
            found=len(kept),
            grouped=sum(map(len, kept)),
            threshold=threshold,
            by_vectors=found.by_vectors,
            took_ms=0.0,
        )

    told = run(seen(store, viewer), asking())
    return replace(told, took_ms=(time.perf_counter() - began) * 1000)


async def _grouped(fingerprint: str | None, where: Filter, threshold: float) -> _Found:
    demands, usual = await at_once(_demands(where), _usual(fingerprint))
    ids = [demand.id for demand in demands]
    said = []
    for demand in demands:
        deadline.check()
        said.append(words_of(demand))
    rarity, passages = await at_once(_rarity(said), _passages(ids, fingerprint, usual))
    bags = [weighted(one, rarity) for one in said]
    both = likeness(by_words(bags), passages)
    groups = complete_link(both, threshold)
    posters = await owners_of([ids[i] for group in groups for i in group])
    return _Found(demands, bags, both, groups, passages is not None, posters)


async def _demands(where: Filter) -> list[Node]:
    """The demands that pass, in id order."""
    where = replace(where, labels=frozenset({Label.DEMAND}))
    found: list[Node] = []
    cursor: str | None = None
    while True:
        page = await Scan(where, cursor, _PAGE)
        found += page.nodes
        cursor = page.cursor
        if len(found) > MOST:
            raise InputError(
                f"需求超过 {MOST:,} 项，不能一次两两比较",
                hint="加上区县、行业或日期的条件，分批来做",
                most=MOST,
            )
        if cursor is None:
            return found


async def _usual(fingerprint: str | None) -> float:
    """How near any two texts are: of the first demands and results, whatever is asked for."""
    if fingerprint is None:
        return 0.0
    pages = await each(
        Scan(Filter(labels=frozenset({label})), limit=_USUAL)
        for label in (Label.DEMAND, Label.RESULT)
    )
    ids = [node.id for page in pages for node in page.nodes]
    return usual_cosine((await Vectors(ids, fingerprint, whole_documents=True)).matrix)


async def _rarity(said: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The inverse document frequency of each word among all demands."""
    words = sorted({word for one in said for word in one})
    if not words:
        return {}
    counted = await Lexical(words, Label.DEMAND)
    rare = np.log((counted.documents + 1) / (counted.frequency + 0.5))
    return dict(zip(words, rare.tolist(), strict=True))


async def _passages(ids: Sequence[str], fingerprint: str | None, usual: float) -> Floats | None:
    """How much nearer the passages of each two are than usual; None without any vector."""
    if fingerprint is None or not ids:
        return None
    stored = await Vectors(ids, fingerprint)
    return by_passages(ids, stored, usual) if len(stored.node_ids) else None


def _firms(found: _Found, group: Sequence[int]) -> int:
    return len({firm.id for i in group for firm in found.posters.get(found.demands[i].id, ())})


def _place(found: _Found, group: Sequence[int]) -> tuple[int, int, float, str]:
    different = len({_whole(found.demands[i]) for i in group})
    least = _least(found, group)
    return -_firms(found, group), -different, -least, found.demands[group[0]].id


def _least(found: _Found, group: Sequence[int]) -> float:
    return float(found.likeness[np.ix_(group, group)].min())


async def _told(found: _Found, group: Sequence[int]) -> Group:
    """A group with what it shares: reads its members as any question is read."""
    among = found.likeness[np.ix_(group, group)].astype(np.float64)
    mean = (among.sum(axis=1) - among.diagonal()) / (len(group) - 1)
    order = sorted(range(len(group)), key=lambda i: (-mean[i], found.demands[group[i]].id))
    ids = [found.demands[group[i]].id for i in order]
    questions = await each(understand(Query.of_node(node_id)) for node_id in ids)
    named = await each(_named(question) for question in questions)
    about = dict(zip(ids, named, strict=True))
    products = await Nodes(sorted({hop.end for hops in named for hop in hops}))
    bags = {ids[k]: found.bags[group[i]] for k, i in enumerate(order)}
    own = own_words(bags)
    members = [
        Member(
            found.demands[group[i]],
            float(mean[i]),
            found.posters.get(ids[k], ()),
            questions[k].district,
            own=own[ids[k]],
        )
        for k, i in enumerate(order)
    ]
    return Group(
        _with_repeats(members),
        _least(found, group),
        shared_products(about, products, len(ids)),
        shared_words(bags),
        properties({member.node.id: _asked(member.node) for member in members}),
    )


async def _named(question: Question) -> list[Hop]:
    """Products that a demand states, and those that its text names."""
    named = standing(question, await proposed(question))
    counted = await Lexical(list(question.terms), Label.DEMAND)
    words = await Words.known(named, question, counted).completed(Label.DEMAND)
    stated = {hop.end for hop in question.stated}
    guessed = [hop for hop in mentions(named, words) if hop.end not in stated]
    return [*question.stated, *guessed]


def _asked(demand: Node) -> Sequence[Stated]:
    return asked_of(Side.of_node(demand))


def _whole(demand: Node) -> str:
    return texts.normalize(texts.document(demand))


def _with_repeats(members: Sequence[Member]) -> list[Member]:
    """Each with the first before it that says the same, to the letter."""
    first: dict[str, str] = {}
    told = []
    for member in members:
        same = first.setdefault(_whole(member.node), member.node.id)
        told.append(replace(member, repeats=same if same != member.node.id else None))
    return told
