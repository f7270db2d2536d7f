"""What an encoder is trained with and measured by, read from a store through its port."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from itertools import chain

from embeddings.adapting import floor, pairs
from embeddings.adapting.floor import Question, Trial
from embeddings.adapting.pairs import Kind, Pair
from graph_service.model import EdgeType, Filter, Label, Node
from graph_service.ports import GraphStore

_PAGE = 1_000
_ASKED = 300  # questions of a kind that is measured
_AMONG = 1_500  # texts among which a held-back pair's is looked for
_DISTRACTING = 3_000  # names among which others of a firm are looked for
_OF_A_FIRM = 30  # products that are looked at
_MANY = 40  # times what is wanted, from which some is let go

#: A number to sort by, id and name of a product.
Name = tuple[int, str, str]

#: Demand and candidate of each match that was accepted.
Accepted = Iterable[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Material:
    """What a store gives.

    Attributes:
        pairs: to train with.
        short: short names and keyword queries whose vectors training must leave where they are.
        trials: what is measured; nothing of it is trained with, but for names to be looked among.
    """

    pairs: list[Pair]
    short: list[str]
    trials: Mapping[str, Trial]


def gather(
    store: GraphStore,
    accepted: Accepted,
    *,
    limit: int,
    seed: int,
    step: Callable[[], None] = lambda: None,
) -> Material:
    """Read a store from end to end.

    Args:
        store: as the viewer sees it.
        accepted: matches that people accepted, by ids; of nodes that are gone none is taken.
        limit: the most pairs to train with, and the most short texts.
        seed: of what is taken where there is more.
        step: called now and then; may raise to break off.
    """
    trained: list[Pair] = []
    kept: list[Pair] = []
    short: set[str] = set()
    names: list[Name] = []
    for pair in _accepted(store, accepted):
        (kept if pair.held else trained).append(pair)
    for page in _pages(store):
        step()
        for node in page:
            out = pairs.held(node.id)
            (kept if out else trained).extend(pairs.pairs_of(node))
            name = pairs.short_name(node)
            if name:
                names.append((pairs.rank("name", node.id), node.id, name))
            if not out:
                short.update(filter(None, (name, pairs.keywords(node))))
        # A large store does not fit into memory: what would not be taken in the end goes now.
        trained = _fewer(trained, limit, seed)
        kept = _fewer(kept, _ASKED, seed)
        if len(short) > _MANY * limit:
            short = set(_first(short, limit, seed))
    taken = pairs.chosen(trained, limit, seed=seed)
    return Material(
        taken,
        _first(short, limit, seed),
        {**_held_trials(kept, taken), **_names_trial(store, names), **floor.general()},
    )


def _pages(store: GraphStore) -> Iterator[Sequence[Node]]:
    where = Filter(
        labels=frozenset({Label.RESULT, Label.DEMAND, Label.PRODUCT, Label.ORGANIZATION})
    )
    cursor: str | None = None
    while True:
        page = store.scan(where, after=cursor, limit=_PAGE)
        yield page.nodes
        cursor = page.cursor
        if cursor is None:
            return


def _fewer(found: list[Pair], limit: int, seed: int) -> list[Pair]:
    return pairs.chosen(found, 8 * limit, seed=seed) if len(found) > _MANY * limit else found


def _first(texts: Iterable[str], limit: int, seed: int) -> list[str]:
    return nsmallest(limit, texts, key=lambda text: (pairs.rank(str(seed), text), text))


def _accepted(store: GraphStore, accepted: Accepted) -> Iterator[Pair]:
    matches = list(accepted)
    for first in range(0, len(matches), _PAGE):
        some = matches[first : first + _PAGE]
        nodes = store.nodes([id_ for match in some for id_ in match])
        for demand, candidate in some:
            if demand in nodes and candidate in nodes:
                yield from pairs.accepted_pair(nodes[demand], nodes[candidate])


def _held_trials(kept: Iterable[Pair], others: Iterable[Pair]) -> dict[str, Trial]:
    """What is held back: each anchor should find its own positive among all of them and some of
    the others'."""
    asked = pairs.chosen(kept, 4 * _ASKED, seed=0)
    places: dict[str, int] = {}
    for pair in asked:
        places.setdefault(pair.positive, len(places))
    for pair in others:
        if len(places) < _AMONG:
            places.setdefault(pair.positive, len(places))
    found = {
        floor.HELD: [pair for pair in asked if pair.kind is not Kind.KEYWORDS],
        floor.KEYWORDS: [pair for pair in asked if pair.kind is Kind.KEYWORDS],
    }
    return {
        kind: Trial(
            list(places),
            [Question(one.anchor, frozenset({places[one.positive]})) for one in some[:_ASKED]],
        )
        for kind, some in found.items()
        if some
    }


def _names_trial(store: GraphStore, names: list[Name]) -> dict[str, Trial]:
    """Short product names that one firm alone makes: each should find what else that firm makes.

    Asked are names that are held back; they are looked for among these and others of the store.
    """
    names = sorted(names)
    told = {id_: name for _, id_, name in names}
    asked = [id_ for _, id_, _ in names if pairs.held(id_)][: 3 * _ASKED]
    makers = {
        id_: [hop.end for hop in hops]
        for id_, hops in store.neighbours(
            asked, types=[EdgeType.MAKES], direction="in", limit=2
        ).items()
    }
    alone = sorted({ends[0] for ends in makers.values() if len(ends) == 1})
    made = {
        firm: [hop.end for hop in hops if hop.end in told]
        for firm, hops in store.neighbours(
            alone, types=[EdgeType.MAKES], direction="out", limit=_OF_A_FIRM
        ).items()
    }
    relevant: dict[str, set[str]] = {}
    for id_ in asked:
        firms = makers.get(id_, [])
        rest = set(made.get(firms[0], ())) - {id_} if len(firms) == 1 else set()
        if rest and len(relevant) < _ASKED:
            relevant[id_] = rest
    found = chain.from_iterable(map(sorted, relevant.values()))
    ids = list(dict.fromkeys([*relevant, *found, *list(told)[:_DISTRACTING]]))
    places = {id_: place for place, id_ in enumerate(ids)}
    questions = [
        Question(told[id_], frozenset(places[one] for one in rest), places[id_])
        for id_, rest in relevant.items()
    ]
    return {floor.NAMES: Trial([told[id_] for id_ in ids], questions)} if questions else {}
