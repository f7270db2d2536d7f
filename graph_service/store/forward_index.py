"""The forward index: which words each document has, how often, and how long it is. Exact.

Documents are the ordinal-0 passages. They are kept as compressed sparse rows, one row a document in
the order of node numbers; a row's word numbers point into the list of words. From these come the
counts that BM25 needs and the text search's own scores.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from graph_service.model import Label
from graph_service.ports import Ints, LexicalFeatures
from graph_service.store.snapshots import (
    Mask,
    Nums,
    Rows,
    load_arrays,
    members,
    positions,
    save_arrays,
    spans,
)

#: A label's code is its place here.
LABELS = tuple(Label)
CODE = {label: code for code, label in enumerate(LABELS)}

#: The text search's BM25 (those of the text index, so that both order alike).
K1, B = 1.2, 0.75

_ARRAYS = ("nums", "labels", "lengths", "starts", "terms", "counts", "frequency")
_CHUNK = 20_000  # documents worked on at a time, to bound memory

#: A document as the record gives it: node number, label, its words joined by spaces.
Document = tuple[int, str, str]


@dataclass(frozen=True, eq=False)
class Documents:
    """Some documents and their words (immutable; arrays may be memory maps).

    Attributes:
        nums: node numbers, rising, shape (n,).
        labels: label codes, shape (n,).
        lengths: words with repeats, shape (n,).
        starts: row i is terms[starts[i]:starts[i+1]], shape (n+1,).
        terms: word numbers, distinct within a row.
        counts: how often.
        frequency: documents of a label that have a word, shape (labels, words).
        words: the words by number, joined by line ends.
    """

    nums: Nums
    labels: npt.NDArray[np.int8]
    lengths: Ints
    starts: Rows
    terms: Ints
    counts: Ints
    frequency: Ints
    words: str

    @classmethod
    def build(cls, documents: Iterable[Document]) -> Self:
        """Count the words of documents given in the order of node numbers."""
        vocabulary: defaultdict[str, int] = defaultdict()
        vocabulary.default_factory = vocabulary.__len__
        chunks = [_count(chunk, vocabulary) for chunk in _chunked(documents)]
        nums, labels, lengths, sizes, terms, counts = (
            np.concatenate([np.empty(0, dtype), *(chunk[column] for chunk in chunks)]).astype(dtype)
            for column, dtype in enumerate(
                (np.int32, np.int8, np.int32, np.int64, np.int32, np.int32)
            )
        )
        return cls._of(
            nums=nums,
            labels=labels,
            lengths=lengths,
            sizes=sizes,
            terms=terms,
            counts=counts,
            words=list(vocabulary),
        )

    @classmethod
    def _of(
        cls,
        *,
        nums: Nums,
        labels: npt.NDArray[np.int8],
        lengths: Ints,
        sizes: Rows,
        terms: Ints,
        counts: Ints,
        words: Sequence[str],
    ) -> Self:
        cells = np.repeat(labels.astype(np.int64), sizes) * len(words) + terms
        frequency = np.bincount(cells, minlength=len(LABELS) * len(words))
        return cls(
            nums=nums,
            labels=labels,
            lengths=lengths,
            starts=np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
            terms=terms,
            counts=counts,
            frequency=frequency.reshape(len(LABELS), len(words)).astype(np.int32),
            words="\n".join(words),
        )

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Map what ``save`` wrote. Raises OSError or ValueError where it is torn."""
        arrays = load_arrays(folder, _ARRAYS)
        return cls(**arrays, words=(folder / "words.txt").read_bytes().decode("utf-8"))

    def save(self, folder: Path) -> None:
        save_arrays(folder, {name: getattr(self, name) for name in _ARRAYS})
        (folder / "words.txt").write_bytes(self.words.encode("utf-8"))

    @cached_property
    def vocabulary(self) -> dict[str, int]:
        """Word → number."""
        words = self.words.split("\n") if self.words else []
        return dict(zip(words, range(len(words)), strict=True))

    @cached_property
    def held(self) -> frozenset[Label]:
        """The labels of which there are documents."""
        return frozenset(LABELS[code] for code in np.unique(self.labels))

    def labels_of(self, nums: Nums) -> frozenset[Label]:
        """The labels of those of these nodes that have a document here."""
        rows, there = positions(self.nums, nums)
        return frozenset(LABELS[code] for code in np.unique(self.labels[rows[there]]))

    def replaced(self, stale: Nums, fresh: "Documents") -> Self:
        """These documents without the stale ones, and with the fresh ones."""
        keep = np.flatnonzero(~members(self.nums, stale))
        added = [word for word in fresh.vocabulary if word not in self.vocabulary]
        words = [*self.vocabulary, *added]
        number = {word: place for place, word in enumerate(words)}
        renumber = np.fromiter((number[word] for word in fresh.vocabulary), np.int32)
        fresh_terms = renumber[fresh.terms] if len(fresh.terms) else fresh.terms
        # One long list of entries (old, then fresh), read row by row in the order of node numbers.
        nums = np.concatenate([self.nums[keep], fresh.nums])
        order = np.argsort(nums, kind="stable")
        sizes = np.concatenate([np.diff(self.starts)[keep], np.diff(fresh.starts)])[order]
        first = np.concatenate([self.starts[keep], fresh.starts[:-1] + len(self.terms)])[order]
        entries = spans(first, first + sizes)
        return self._of(
            nums=nums[order],
            labels=np.concatenate([self.labels[keep], fresh.labels])[order],
            lengths=np.concatenate([self.lengths[keep], fresh.lengths])[order],
            sizes=sizes,
            terms=np.concatenate([self.terms, fresh_terms])[entries],
            counts=np.concatenate([self.counts, fresh.counts])[entries],
            words=words,
        )

    def count(self, rows: Rows, terms: Sequence[str]) -> Ints:
        """How often documents have words, shape (rows, terms); the terms are distinct."""
        found = np.zeros((len(rows), len(terms)), dtype=np.int32)
        row, column, counts = self.counted(rows, terms)
        found[row, column] = counts
        return found

    def counted(self, rows: Rows, terms: Sequence[str]) -> tuple[Rows, Rows, Ints]:
        """The same as places in ``rows`` and ``terms``, rising rows, with the counts that are not
        0."""
        column_of = np.full(self.frequency.shape[1], -1, dtype=np.int16)
        for column, term in enumerate(terms):
            if (number := self.vocabulary.get(term)) is not None:
                column_of[number] = column
        starts, ends = self.starts[rows], self.starts[rows + 1]
        entries = spans(starts, ends)
        columns = column_of[self.terms[entries]]
        hit = np.flatnonzero(columns >= 0)
        row = np.searchsorted(np.cumsum(ends - starts), hit, side="right")
        return row, columns[hit].astype(np.int64), self.counts[entries[hit]].astype(np.int32)


@dataclass(frozen=True)
class LabelStatistics:
    """Of one label: how many documents, how many words in all, and documents by word."""

    documents: int
    total_length: int
    frequency: npt.NDArray[np.float64]


class ForwardIndex:
    """All documents of the record: a base, less those changed since, and the changed ones."""

    def __init__(self, base: Documents, stale: Nums, tail: Documents) -> None:
        """``stale`` are the node numbers, rising, whose rows in the base no longer hold."""
        self.tail = tail
        self._base = base
        at, there = positions(base.nums, stale)
        self._dead = at[there]
        self._stale = stale
        self._totals: dict[int, tuple[int, int, npt.NDArray[np.int64]]] = {}

    def features(self, terms: Sequence[str], label: Label, nums: Nums) -> LexicalFeatures:
        """See ``GraphStore.lexical_features``; ``nums`` in the order asked for, -1 for unknown."""
        distinct = list(dict.fromkeys(terms))
        place = {term: column for column, term in enumerate(distinct)}
        columns = np.array([place[term] for term in terms], dtype=np.int64)
        statistics = self.statistics(CODE[label], distinct)
        counts, lengths = self._read(nums, distinct)
        return LexicalFeatures(
            documents=statistics.documents,
            average_length=statistics.total_length / max(statistics.documents, 1),
            frequency=statistics.frequency[columns].astype(np.int32),
            counts=counts[:, columns],
            lengths=lengths,
        )

    def scores(self, weights: Mapping[str, float], nums: Nums) -> npt.NDArray[np.float64]:
        """BM25 of documents, by the statistics of each one's own label; 0 where no word is met.

        A document's score depends on its own counts and on the statistics alone, bit for bit.
        """
        terms = [term for term, weight in weights.items() if weight > 0]
        weight = np.array([weights[term] for term in terms], dtype=np.float64)
        scores = np.zeros(len(nums))
        for first in range(0, len(nums), _CHUNK):
            for part, place, rows in self._located(nums[first : first + _CHUNK]):
                row, column, counts = part.counted(rows, terms)
                # In the order of the words, so that equal documents score alike to the last bit.
                order = np.lexsort((column, row))
                row, column, count = row[order], column[order], counts[order].astype(np.float64)
                codes, lengths = part.labels[rows], part.lengths[rows]
                for code in np.unique(codes):
                    statistics = self.statistics(int(code), terms)
                    documents, frequency = statistics.documents, statistics.frequency
                    idf = np.log1p((documents - frequency + 0.5) / (frequency + 0.5))
                    average = max(statistics.total_length / documents, 1e-9)
                    own = codes[row] == code
                    at, of, n = row[own], column[own], count[own]
                    norm = K1 * (1 - B + B * lengths[at] / average)
                    parts = (idf * weight)[of] * n * (K1 + 1) / (n + norm)
                    scores[first + place] += np.bincount(at, weights=parts, minlength=len(rows))
        return scores

    def select(self, labels: Iterable[Label], *, among: Nums | None = None) -> Nums:
        """Node numbers of the documents of these labels (of any, without labels)."""
        base_rows = np.ones(len(self._base.nums), dtype=bool)
        base_rows[self._dead] = False
        codes = [CODE[label] for label in labels]
        found = []
        for documents, keep in ((self._base, base_rows), (self.tail, None)):
            chosen = documents.nums if keep is None else documents.nums[keep]
            if codes:
                own = documents.labels if keep is None else documents.labels[keep]
                chosen = chosen[np.isin(own, codes)]
            found.append(chosen)
        nums = np.concatenate(found)
        return nums if among is None else nums[members(nums, among)]

    @property
    def indexed(self) -> frozenset[Label]:
        """The labels of which the base has documents."""
        return self._base.held

    def alive(self, nums: Nums) -> Mask:
        """Which of these numbers, found in an older state, stand unchanged in the base."""
        return members(nums, self._base.nums) & ~members(nums, self._stale)

    def statistics(self, code: int, terms: Sequence[str]) -> LabelStatistics:
        """Exact statistics of one label for some words."""
        if code not in self._totals:
            self._totals[code] = self._total(code)
        documents, total_length, gone = self._totals[code]
        frequency = np.zeros(len(terms))
        for column, term in enumerate(terms):
            if (number := self._base.vocabulary.get(term)) is not None:
                frequency[column] += self._base.frequency[code, number] - gone[number]
            if (number := self.tail.vocabulary.get(term)) is not None:
                frequency[column] += self.tail.frequency[code, number]
        return LabelStatistics(documents, total_length, frequency)

    def _total(self, code: int) -> tuple[int, int, npt.NDArray[np.int64]]:
        """Of one label: documents, their words in all, and stale documents by word."""
        dead = self._dead[self._base.labels[self._dead] == code]
        documents, total_length = -len(dead), -int(self._base.lengths[dead].sum())
        for part in (self._base, self.tail):
            own = part.labels == code
            documents += int(own.sum())
            total_length += int(part.lengths[own].sum())
        entries = spans(self._base.starts[dead], self._base.starts[dead + 1])
        size = self._base.frequency.shape[1]
        return documents, total_length, np.bincount(self._base.terms[entries], minlength=size)

    def _read(self, nums: Nums, terms: Sequence[str]) -> tuple[Ints, Ints]:
        """Counts (nums, terms) and lengths (nums,); zeros where there is no document."""
        counts = np.zeros((len(nums), len(terms)), dtype=np.int32)
        lengths = np.zeros(len(nums), dtype=np.int32)
        for part, place, rows in self._located(nums):
            counts[place] = part.count(rows, terms)
            lengths[place] = part.lengths[rows]
        return counts, lengths

    def _located(self, nums: Nums) -> Iterator[tuple[Documents, Rows, Rows]]:
        """Where documents stand: a part, places in ``nums``, and their rows in the part."""
        for part in (self._base, self.tail):
            rows, there = positions(part.nums, nums)
            if part is self._base:
                there &= ~members(nums, self._stale)
            place = np.flatnonzero(there)
            if len(place):
                yield part, place, rows[place]


def _chunked(documents: Iterable[Document]) -> Iterable[list[Document]]:
    chunk: list[Document] = []
    for document in documents:
        chunk.append(document)
        if len(chunk) == _CHUNK:
            yield chunk
            chunk = []
    if chunk:
        yield chunk


def _count(chunk: Sequence[Document], vocabulary: Mapping[str, int]) -> tuple[Any, ...]:
    """Columns (nums, labels, lengths, sizes, terms, counts) of some documents."""
    split = [words.split(" ") if words else [] for _, _, words in chunk]
    lengths = np.fromiter(map(len, split), np.int64, len(split))
    every = map(vocabulary.__getitem__, chain.from_iterable(split))
    numbers = np.fromiter(every, np.int64, int(lengths.sum()))
    owners = np.repeat(np.arange(len(chunk)), lengths)
    width = max(len(vocabulary), 1)
    cells, counts = np.unique(owners * width + numbers, return_counts=True)
    return (
        [num for num, _, _ in chunk],
        [CODE[Label(label)] for _, label, _ in chunk],
        lengths,
        np.bincount(cells // width, minlength=len(chunk)),
        cells % width,
        counts,
    )
