"""What writing asks of an engine: rows of nodes, edges, passages and aliases, by id and in bulk.

``store.writing`` decides what is to be written, an engine's ``Rows`` reads and writes it, a few
statements a batch and not a few a row.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from graph_service.model import Node, Props
from graph_service.store.facts import Facts, Merged

#: What an edge is: (type, from_id, to_id, key).
EdgeKey = tuple[str, str, str, str]

#: A passage without its node: (ordinal, hash, text, tokens, length). The text is there where it is
#: to be embedded; the tokens, joined by blanks, and their number for ordinal 0.
PassageRow = tuple[int, bytes, str | None, str | None, int | None]


@dataclass(slots=True)
class NodeRow:
    """A node as it is to be; ``version``, ``props`` (JSON), ``was`` and ``ref`` as it is stored."""

    label: str
    version: int = 0  # 0 while it is not stored
    facts: Facts = field(default_factory=dict)
    props: str = "{}"
    was: str = ""  # the label stored
    ref: Any = None  # the engine's own handle


@dataclass(slots=True)
class EdgeRow:
    """An edge as it is to be; ``version``, ``inferred`` and ``ref`` as it is stored."""

    version: int = 0  # 0 while it is not stored
    facts: Facts = field(default_factory=dict)
    inferred: bool = False
    ref: Any = None  # the engine's own handle


@dataclass(slots=True)
class NodeWrite:
    """What a node is written as, and what was read of it ``before``."""

    id: str
    row: NodeRow
    merged: Merged
    before: Props
    version: int


@dataclass(slots=True)
class EdgeWrite:
    """What an edge is written as."""

    key: EdgeKey
    row: EdgeRow
    merged: Merged
    version: int


class Rows(Protocol):
    """One transaction's view of an engine's rows; it sees what it wrote."""

    def kept(self, ids: Collection[str]) -> Mapping[str, str]:
        """Of these ids, and maybe of others, the merged ones: what stands for each now."""
        ...

    def merge(self, gone: str, into: str) -> None:
        """Let an id, and what was merged into it, name another node from now on."""
        ...

    def split(self, gone: str) -> str | None:
        """Let a merged id, and what was merged into it, name a node of its own; what it named, None
        where it was not merged."""
        ...

    def there(self, ids: Collection[str]) -> Collection[str]:
        """Those of these ids that have a node."""
        ...

    def nodes(self, ids: Collection[str]) -> dict[str, NodeRow]: ...

    def told(self, ids: Collection[str]) -> dict[str, Node]:
        """Nodes by id: their labels and properties."""
        ...

    def edges(self, keys: Collection[EdgeKey]) -> dict[EdgeKey, EdgeRow]:
        """Edges by what they are; their ends are ids that ``there`` or a write knows of."""
        ...

    def edges_at(self, ids: Collection[str]) -> dict[EdgeKey, EdgeRow]:
        """All edges at any of these nodes."""
        ...

    def write_nodes(self, writes: Sequence[NodeWrite]) -> None: ...

    def write_edges(self, writes: Sequence[EdgeWrite]) -> None: ...

    def delete_edges(self, edges: Mapping[EdgeKey, EdgeRow]) -> None: ...

    def delete_nodes(self, nodes: Mapping[str, NodeRow]) -> None:
        """Delete nodes that have no edges any more, with their passages."""
        ...

    def makers(self, ids: Collection[str]) -> set[str]:
        """Who MAKES any of these."""
        ...

    def made(self, ids: Collection[str]) -> Iterable[tuple[str, object, Node]]:
        """(who, revenue share as told, product) for each observed MAKES edge of these."""
        ...

    def passages(self, ids: Collection[str]) -> dict[str, list[PassageRow]]:
        """The passages of these nodes by their ordinals."""
        ...

    def write_passages(
        self,
        nodes: Mapping[str, Node],
        passages: Mapping[str, Sequence[PassageRow]],
        before: Mapping[str, Sequence[PassageRow]],
    ) -> None:
        """Put passages in the place of those before."""
        ...

    def finish(self) -> None:
        """Log what changed; the last call."""
        ...
