"""What a process keeps of what it read on a server, and asks again only whether it still holds.

Words and vectors of documents hold until the store's next change: the question that needs them
tells the server as of which state they were read (``Meta.identity`` and ``Meta.change``: a server
may have been emptied and filled again meanwhile) and which are missing, and only where the state is
another are all read anew. So every answer is that of its own moment.

Nothing is kept of a state that was seen for the first time just before: while a server commits, a
reader may meet the new ``Meta`` beside nodes that are still as before (of 10,000 nodes for some 15
ms, measured on 5.26), and would keep those for as long as nothing else changes.
"""

from collections.abc import Callable, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from threading import Lock
from time import monotonic
from typing import Generic, TypeVar

from graph_service.model import Label
from graph_service.store.bolt.within import SETTLED, Shown

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

#: Bytes of words and of vectors that are kept: of some 40,000 documents, of some 80,000 passages.
_WORDS, _VECTORS = 1 << 26, 1 << 27

#: Bytes that each value takes beside its own.
_EACH = 200


@dataclass(frozen=True, slots=True)
class _State(Generic[K, V]):
    as_of: str
    values: dict[K, V]
    room: int
    since: float


class Remembered(Generic[K, V]):
    """Values as of one state of the store; where room is short, the last read alone stay. Threads
    may share it.

    Args:
        room: bytes for all.
        size: those of a value.
    """

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        self._room, self._size = room, size
        self._state: _State[K, V] = _State("", {}, room, 0.0)
        self._adding = Lock()

    def now(self) -> tuple[str, Mapping[K, V]]:
        """The state, and the values as of it; "" and nothing before the first, and while it has not
        settled."""
        state = self._state
        if monotonic() - state.since < SETTLED:
            return "", {}
        return state.as_of, state.values

    def add(self, before: str, as_of: str, values: Mapping[K, V]) -> None:
        """Keep what was read as of a state; ``before``: what ``now`` told when the reading began.
        Of another state than before nothing is kept yet."""
        with self._adding:
            state = self._state
            if as_of != state.as_of:
                self._state = _State(as_of, {}, self._room, monotonic())
            elif before == as_of:
                fresh = {key: one for key, one in values.items() if key not in state.values}
                taken = sum(_EACH + self._size(one) for one in fresh.values())
                if taken > state.room:
                    self._state = _State(as_of, fresh, self._room - taken, state.since)
                else:
                    state.values.update(fresh)
                    self._state = _State(as_of, state.values, state.room - taken, state.since)


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
