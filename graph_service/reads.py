"""Reads as data, so that those which do not wait for each other can go to the store together.

A read is what one call of ``GraphStore`` asks, as a value that knows the type of its answer.
``together`` answers several; ``graph_service.lockstep`` runs functions that await them.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from graph_service.model import Direction, EdgeType, Filter, Hit, Hop, Label, Node, Page, Path
from graph_service.ports import Floats, GraphStore, LexicalFeatures, Names, Passages, PassageVectors

T = TypeVar("T")

#: Hops by the id of the node at which they begin, as ``GraphStore.neighbours`` gives them.
Hops = dict[str, list[Hop]]

#: An edge type, and the direction in which it is walked.
Step = tuple[EdgeType, Direction]


class Read(ABC, Generic[T]):
    """Something to be read, whose answer is a ``T``."""

    __slots__ = ()

    @abstractmethod
    def ask(self, store: GraphStore) -> T:
        """The answer, by the store's own method."""

    def __await__(self) -> Generator[list["Read[Any]"], list[Any], T]:
        (answer,) = yield [self]
        found: T = answer
        return found


class Finding(Read[T]):
    """A read whose answer names nodes, which may be read with it: see ``WithNodes``."""

    __slots__ = ()

    @abstractmethod
    def ids_in(self, answer: T) -> set[str]:
        """Ids of the nodes that an answer names."""


@dataclass(frozen=True, slots=True)
class Nodes(Read[dict[str, Node]]):
    """As ``GraphStore.nodes``."""

    ids: Sequence[str]

    def ask(self, store: GraphStore) -> dict[str, Node]:
        return store.nodes(self.ids)


@dataclass(frozen=True, slots=True)
class Scan(Read[Page]):
    """As ``GraphStore.scan``."""

    where: Filter
    after: str | None = None
    limit: int = 100

    def ask(self, store: GraphStore) -> Page:
        return store.scan(self.where, after=self.after, limit=self.limit)


@dataclass(frozen=True, slots=True)
class Neighbours(Finding[Hops]):
    """As ``GraphStore.neighbours``; names the other ends."""

    ids: Sequence[str]
    types: Collection[EdgeType] = ()
    direction: Direction = "both"
    limit: int = 100

    def ask(self, store: GraphStore) -> Hops:
        return store.neighbours(
            self.ids, types=self.types, direction=self.direction, limit=self.limit
        )

    def ids_in(self, answer: Hops) -> set[str]:
        return {hop.end for hops in answer.values() for hop in hops}


@dataclass(frozen=True, slots=True)
class Onward(Finding[tuple[list[Hops], Hops]]):
    """A walk of one step, or of two: the neighbours of some nodes by each of the steps ``over``,
    and the neighbours by ``arrive`` of wherever those lead, with ``direct`` of the nodes themselves
    too. At most ``limit`` hops of a step at a node, the first of ``GraphStore.neighbours``. Names
    the nodes at which it arrives.
    """

    ids: Sequence[str]
    over: Sequence[Step]
    arrive: Step
    limit: int = 100
    direct: bool = True

    def ask(self, store: GraphStore) -> tuple[list[Hops], Hops]:
        def by(step: Step, ids: Sequence[str]) -> Hops:
            return store.neighbours(ids, types=step[:1], direction=step[1], limit=self.limit)

        over = [by(step, self.ids) for step in self.over]
        ends = {hop.end for reached in over for hops in reached.values() for hop in hops}
        return over, by(self.arrive, sorted(ends.union(self.ids if self.direct else ())))

    def ids_in(self, answer: tuple[list[Hops], Hops]) -> set[str]:
        return {hop.end for hops in answer[1].values() for hop in hops}


@dataclass(frozen=True, slots=True)
class Paths(Finding[list[Path]]):
    """As ``GraphStore.paths``; names every node on them."""

    start: str
    end: str
    types: Collection[EdgeType] = ()
    direction: Direction = "both"
    max_hops: int = 4
    k: int = 3

    def ask(self, store: GraphStore) -> list[Path]:
        return store.paths(
            self.start,
            self.end,
            types=self.types,
            direction=self.direction,
            max_hops=self.max_hops,
            k=self.k,
        )

    def ids_in(self, answer: list[Path]) -> set[str]:
        return {node_id for path in answer for node_id in path.node_ids}


@dataclass(frozen=True, slots=True)
class TextSearch(Finding[list[Hit]]):
    """As ``GraphStore.search_text``; names the nodes found."""

    terms: Mapping[str, float]
    where: Filter
    limit: int = 1000
    names: Names = False

    def ask(self, store: GraphStore) -> list[Hit]:
        return store.search_text(self.terms, self.where, limit=self.limit, names=self.names)

    def ids_in(self, answer: list[Hit]) -> set[str]:
        return {hit.node_id for hit in answer}


@dataclass(frozen=True, slots=True)
class VectorSearch(Finding[list[Hit]]):
    """As ``GraphStore.search_vectors``; names the nodes found.

    ``make`` gives the vector, shape (d,): a text is embedded when the answer is sought, beside the
    other reads of the batch where the store can, and once however often it is asked.
    """

    make: Callable[[], Floats]
    fingerprint: str
    where: Filter
    limit: int = 1000
    passages: Passages = "all"

    def ask(self, store: GraphStore) -> list[Hit]:
        return store.search_vectors(
            self.make(), self.fingerprint, self.where, limit=self.limit, passages=self.passages
        )

    def ids_in(self, answer: list[Hit]) -> set[str]:
        return {hit.node_id for hit in answer}


@dataclass(frozen=True, slots=True)
class Lexical(Read[LexicalFeatures]):
    """As ``GraphStore.lexical_features``."""

    terms: Sequence[str]
    label: Label
    ids: Sequence[str] = ()

    def ask(self, store: GraphStore) -> LexicalFeatures:
        return store.lexical_features(self.terms, self.label, self.ids)


@dataclass(frozen=True, slots=True)
class DocumentWords(Read[Sequence[str]]):
    """As ``GraphStore.document_words``."""

    ids: Sequence[str]

    def ask(self, store: GraphStore) -> Sequence[str]:
        return store.document_words(self.ids)


@dataclass(frozen=True, slots=True)
class Vectors(Read[PassageVectors]):
    """As ``GraphStore.passage_vectors``."""

    ids: Sequence[str]
    fingerprint: str
    whole_documents: bool = False

    def ask(self, store: GraphStore) -> PassageVectors:
        return store.passage_vectors(
            self.ids, self.fingerprint, whole_documents=self.whole_documents
        )


@dataclass(frozen=True, slots=True)
class WithNodes(Read[tuple[T, dict[str, Node]]]):
    """The answer of a read, and the nodes that it names."""

    of: Finding[T]

    def ask(self, store: GraphStore) -> tuple[T, dict[str, Node]]:
        answer = self.of.ask(store)
        return answer, store.nodes(sorted(self.of.ids_in(answer)))


@runtime_checkable
class Batching(Protocol):
    """What a store may offer besides its port: many reads in one round trip."""

    def together(self, reads: Sequence[Read[Any]]) -> list[Any]:
        """The answer of each read, in the order asked, as its ``ask`` would give it.

        Raises:
            What the first read that fails raises.
        """
        ...


def together(store: GraphStore, reads: Sequence[Read[Any]]) -> list[Any]:
    """The answer of each read: in one round trip where the store can, else one by one."""
    if isinstance(store, Batching):
        return store.together(reads)
    return [read.ask(store) for read in reads]
