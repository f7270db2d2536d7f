"""Which of many names stand in a text: every stretch of the text is looked up by its hash.

A name is known by a hash of its characters; those of all stretches of a text as long as some name
grow from each other character by character (Karp, Rabin 1987), for all places of it at once. What
meets is compared character by character. Against an automaton (Aho, Corasick 1975) it takes little
to make: a tenth of a second and 60 bytes a name for 100,000 names, so that it can be made anew
whenever names changed.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from graph_service.store.snapshots import Rows, spans

Letters = npt.NDArray[np.uint32]
Hashes = npt.NDArray[np.uint64]

#: What a hash is multiplied by from one character to the next: odd, so that none is lost.
_BY = np.uint64(0x9E3779B97F4A7C15)

#: Places in the table of marks, for each name, at least: so few stretches meet one by chance.
_ROOM = 8


@dataclass(frozen=True, eq=False)
class NamesWithin:
    """Names that can be found in texts (immutable).

    Attributes:
        letters: the code points of all names, one name after another.
        starts: where each begins, and where the last ends, shape (names + 1,).
        lengths: how long names are, each length once, rising.
        order: names by their hashes, the empty ones left out.
        hashes: theirs, rising.
        marks: whether any hash has these first bits, shape (a power of two,).
    """

    letters: Letters
    starts: Rows
    lengths: Sequence[int]
    order: Rows
    hashes: Hashes
    marks: npt.NDArray[np.bool_]

    @classmethod
    def build(cls, names: Sequence[str]) -> Self:
        """Of names, each known by its place from now on."""
        sizes = np.fromiter(map(len, names), np.int64, len(names))
        letters = _letters("".join(names))
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        hashes = np.zeros(len(names), np.uint64)
        longest_first = np.argsort(-sizes, kind="stable")
        rising = -sizes[longest_first]
        for at in range(int(sizes.max(initial=0))):
            going_on = longest_first[: np.searchsorted(rising, -at)]
            hashes[going_on] = hashes[going_on] * _BY + letters[starts[going_on] + at]
        order = np.argsort(hashes, kind="stable")
        order = order[sizes[order] > 0]
        marks = np.zeros(1 << max(_ROOM * len(names), 2).bit_length(), bool)
        marks[_place(hashes[order], marks)] = True
        lengths = [size for size in np.unique(sizes).tolist() if size]
        return cls(letters, starts, lengths, order, hashes[order], marks)

    def find(self, text: str) -> Rows:
        """The places of the names that stand in a text, rising, each once."""
        letters = _letters(text)
        hashes = np.zeros(len(letters), np.uint64)
        found = [np.empty(0, np.int64)]
        wanted = frozenset(self.lengths)
        for size in range(1, min(len(letters), max(self.lengths, default=0)) + 1):
            hashes = hashes[: len(letters) - size + 1] * _BY + letters[size - 1 :]
            if size in wanted:
                met = np.flatnonzero(self.marks[_place(hashes, self.marks)])
                if len(met):
                    found.append(self._same(letters, met, hashes[met], size))
        return np.unique(np.concatenate(found))

    def _same(self, letters: Letters, at: Rows, hashes: Hashes, size: int) -> Rows:
        """The names that stand at some places of a text, by the hashes of the stretches there."""
        first = np.searchsorted(self.hashes, hashes)
        end = np.searchsorted(self.hashes, hashes, side="right")
        names = self.order[spans(first, end)]
        at = np.repeat(at, end - first)
        long = self.starts[names + 1] - self.starts[names] == size
        names, at = names[long], at[long]
        along = np.arange(size)
        here = letters[at[:, None] + along] == self.letters[self.starts[names][:, None] + along]
        same: Rows = names[here.all(axis=1)]
        return same


def _letters(text: str) -> Letters:
    return np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)


def _place(hashes: Hashes, marks: npt.NDArray[np.bool_]) -> Hashes:
    """Where the marks of hashes are: by their first bits."""
    shifted: Hashes = hashes >> np.uint64(64 - (len(marks).bit_length() - 1))
    return shifted
