"""What a process keeps of what it read on a server, and asks again only whether it still holds.

Words and vectors of documents hold until the store's next change (``Meta.change``): the question
that needs them tells the server as of which change they were read and which are missing, and only
where the number is another are all read anew. So every answer is that of its own moment.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from graph_service.model import Label
from graph_service.store.bolt.within import Shown

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Bytes of words and of vectors that are kept: of some 40,000 documents, of some 80,000 passages.
_WORDS, _VECTORS = 1 << 26, 1 << 27


@dataclass(frozen=True, slots=True)
class _State(Generic[K, V]):
    change: int
    values: dict[K, V]
    room: int


class Remembered(Generic[K, V]):
    """Values as of one change of the store; where room is short, the last read alone stay.

    Args:
        room: bytes for all.
        size: those of a value.
    """

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        self._room, self._size = room, size
        self._state: _State[K, V] = _State(-1, {}, room)

    def now(self) -> tuple[int, Mapping[K, V]]:
        """The change, and the values as of it."""
        state = self._state
        return state.change, state.values

    def add(self, change: int, values: Mapping[K, V]) -> None:
        """Keep what was read as of a change; what was read later is not given up for it."""
        state = self._state
        if change < state.change:
            return
        taken = sum(map(self._size, values.values()))
        if change > state.change or taken > state.room:
            self._state = _State(change, dict(values), self._room - taken)
        else:
            state.values.update(values)
            self._state = _State(change, state.values, state.room - taken)


@dataclass(frozen=True)
class Kept:
    """What a store keeps.

    Attributes:
        names: by label (``within``).
        documents: words joined by spaces, and how many, by id.
        vectors: ordinals and vectors of passages, by fingerprint, whether whole, and id.
    """

    names: dict[Label, Shown] = field(default_factory=dict)
    documents: Remembered[str, tuple[str, int]] = field(
        default_factory=lambda: Remembered(_WORDS, lambda document: 2 * len(document[0]))
    )
    vectors: Remembered[tuple[str, bool, str], list[tuple[int, bytes]]] = field(
        default_factory=lambda: Remembered(_VECTORS, _bytes)
    )


def _bytes(vectors: Iterable[tuple[int, bytes]]) -> int:
    return sum(len(stored) for _, stored in vectors)
