"""What synthetic texts and vectors look like: measured on a loaded store, else declared.

``Likeness`` holds the figures; ``Writer`` draws texts and ``Space`` vectors from them. Words follow
the measured rank-frequency curve, continued by a power law for the words that only a larger corpus
shows (Heaps 1978), so that posting lists grow as they would. Vectors have the measured mean and
covariance, and cluster as a tree: what is near stays as near in a larger corpus, of which more
shares the lower levels.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import rjieba

from graph_service import text as texts
from graph_service.model import Filter, Label
from graph_service.ports import Floats, GraphStore

Ints = npt.NDArray[np.int64]
Doubles = npt.NDArray[np.float64]

#: Exponents of Heaps' law and of the tail of Zipf's that goes with it, as the shared texts have.
HEAPS = 0.645
TAIL = 1 / HEAPS

#: Of a vector's variance: what each level of the tree of topics makes, each level eight times as
#: wide as the one above; what the document makes; what the passage makes.
LEVELS = (0.10, 0.09, 0.09, 0.08, 0.07, 0.06, 0.06)
DOCUMENT, PASSAGE = 0.38, 0.07

#: Of a text's words: how many are drawn from its topic's.
TOPICAL = 0.5

#: Words drawn one by one are cut into more words than they were drawn as.
_FEWER = 0.88

_ABOVE = 5  # levels of the tree above a topic
_CENTRES = 1 << 16  # different centres that the tree's nodes have
_COMMON = 200  # the commonest words belong to no topic
_PER_TOPIC = 40
_LABELS = (Label.RESULT, Label.ORGANIZATION, Label.PRODUCT, Label.DEMAND)


@dataclass(frozen=True)
class Words:
    """Words of the texts of one label: ``frequency`` falls, shape (words,); ``lengths`` are the
    percentiles 0, 1 ... 100 of a text's length in words; ``share`` is that of nodes with a text."""

    words: Sequence[str]
    frequency: Doubles
    lengths: Doubles

    def grown(self, tokens: float) -> "Words":
        """With the words that a corpus of this many words would show."""
        known, seen = len(self.words), float(self.frequency.sum())
        size = int(known * max(tokens / seen, 1.0) ** HEAPS)
        ranks = np.arange(known, size)
        tail = self.frequency[-1] * (known / (ranks + 1.0)) ** TAIL
        fresh = [f" {np.base_repr(rank + 46_656, 36).lower()} " for rank in ranks.tolist()]
        return replace(self, words=[*self.words, *fresh], frequency=np.append(self.frequency, tail))


@dataclass(frozen=True)
class Likeness:
    """Words by label; mean (d,) and axes (d, d) of the vectors: a vector is mean + z @ axes."""

    words: dict[Label, Words]
    mean: Floats
    axes: Floats

    def save(self, path: Path) -> None:
        told = {
            str(label): [list(some.words), some.frequency.tolist(), some.lengths.tolist()]
            for label, some in self.words.items()
        }
        np.savez(path, mean=self.mean, axes=self.axes, words=np.array(json.dumps(told)))

    @classmethod
    def load(cls, path: Path) -> "Likeness":
        with np.load(path) as found:
            told = json.loads(str(found["words"]))
            words = {
                Label(label): Words(some, np.array(frequency), np.array(lengths))
                for label, (some, frequency, lengths) in told.items()
            }
            return cls(words, found["mean"], found["axes"])


def measured(store: GraphStore, fingerprint: str, *, most: int = 6_000) -> Likeness:
    """The likeness of a loaded store's texts (the first ``most`` of each label) and vectors."""
    words: dict[Label, Words] = {}
    rows: list[Floats] = []
    for label in _LABELS:
        nodes = store.scan(Filter(labels=frozenset({label})), limit=most).nodes
        cut = [rjieba.cut(texts.normalize(texts.document(node))) for node in nodes]
        counts = Counter(word for some in cut for word in some).most_common()
        words[label] = Words(
            [word for word, _ in counts],
            np.array([count for _, count in counts], np.float64),
            np.percentile([len(some) for some in cut], np.arange(101)),
        )
        ids = [node.id for node in nodes]
        if label is not Label.PRODUCT:
            rows.append(store.passage_vectors(ids, fingerprint).matrix)
    matrix = np.concatenate(rows)
    mean = matrix.mean(axis=0)
    values, basis = np.linalg.eigh(np.cov(matrix - mean, rowvar=False))
    axes = (np.sqrt(np.maximum(values, 0))[:, None] * basis.T).astype(np.float32)
    return Likeness(words, mean, axes)


def declared(dimension: int = 384) -> Likeness:
    """A likeness without any data: Zipf's law, the shared texts' lengths, falling axes."""
    rng = np.random.default_rng(5)
    words: dict[Label, Words] = {}
    spread = {  # words at the percentiles 0, 50, 95, 100
        Label.RESULT: (30, 110, 150, 300),
        Label.ORGANIZATION: (3, 35, 110, 400),
        Label.PRODUCT: (1, 2, 4, 15),
        Label.DEMAND: (20, 100, 360, 600),
    }
    for label, lengths in spread.items():
        ranks = np.arange(1, 40_001, dtype=np.float64)
        names = [f"{np.base_repr(rank + 36, 36).lower()} " for rank in range(40_000)]
        frequency = 7e4 / (ranks + 2.7) ** 1.05
        sampled = np.interp(np.arange(101), (0, 50, 95, 100), lengths)
        words[label] = Words(names, frequency, sampled)
    mean = rng.normal(size=dimension)
    mean *= 0.9 / np.linalg.norm(mean)
    basis = np.linalg.qr(rng.normal(size=(dimension, dimension)))[0]
    values = 1.0 / (np.arange(dimension) + 10.0)
    values *= 0.19 / values.sum()
    axes = np.sqrt(values)[:, None] * basis
    return Likeness(words, mean.astype(np.float32), axes.astype(np.float32))


class Writer:
    """Draws texts of one label."""

    def __init__(self, words: Words, topics: int, rng: np.random.Generator) -> None:
        self._words = words
        self._rng = rng
        self._sum = np.cumsum(words.frequency) / words.frequency.sum()
        first = self._sum[min(_COMMON, len(self._sum) // 4)]
        # A topic's own words, the first of them said the most.
        fixed = np.random.default_rng(7)  # labels of the same words have the same topics
        drawn = first + (1 - first) * fixed.random((topics, _PER_TOPIC))
        self._topics = self._find(drawn)
        ranks = np.arange(1, _PER_TOPIC + 1)
        self._within = np.cumsum(1.0 / ranks) / np.sum(1.0 / ranks)

    def texts(self, topics: Ints, lengths: Ints | None = None) -> list[str]:
        """A text for each topic, of these lengths in words or of lengths like the measured."""
        if lengths is None:
            at = self._rng.random(len(topics)) * 100
            like = np.interp(at, np.arange(101), self._words.lengths)
            lengths = np.rint(_FEWER * like).astype(np.int64)
        lengths = np.maximum(lengths, 1)
        owner = np.repeat(topics, lengths)
        drawn = self._find(self._rng.random(len(owner)))
        topical = np.flatnonzero(self._rng.random(len(owner)) < TOPICAL)
        place = np.searchsorted(self._within, self._rng.random(len(topical)))
        drawn[topical] = self._topics[owner[topical], np.minimum(place, _PER_TOPIC - 1)]
        words = list(map(self._words.words.__getitem__, drawn.tolist()))
        ends = np.cumsum(lengths).tolist()
        return ["".join(words[a:b]) for a, b in zip([0, *ends], ends, strict=False)]

    def _find(self, drawn: Doubles) -> Ints:
        return np.minimum(np.searchsorted(self._sum, drawn), len(self._sum) - 1)


class Space:
    """Draws vectors of length 1."""

    def __init__(self, likeness: Likeness, topics: int, rng: np.random.Generator) -> None:
        self._likeness = likeness
        self._rng = rng
        self._book = rng.standard_normal((_CENTRES, len(likeness.mean)), np.float32)
        self._places = np.zeros(topics, np.int64)
        self._topics = np.zeros((topics, len(likeness.mean)), np.float32)
        for level in range(_ABOVE):
            self._down(level, self._places, self._topics)

    def vectors(self, topics: Ints, passages: Ints) -> Floats:
        """``passages[i]`` vectors for a document of ``topics[i]``, one document after another."""
        documents, places = self._topics[topics], self._places[topics]
        for level in range(_ABOVE, len(LEVELS)):
            self._down(level, places, documents)
        documents += np.float32(DOCUMENT**0.5) * self._normal(documents.shape)
        rows = np.repeat(documents, passages, axis=0)
        rows += np.float32(PASSAGE**0.5) * self._normal(rows.shape)
        found = self._likeness.mean + rows @ self._likeness.axes
        found /= np.linalg.norm(found, axis=1, keepdims=True)
        return found.astype(np.float32)

    def _down(self, level: int, places: Ints, rows: Floats) -> None:
        """Take each place one level down the tree, and add what that level makes."""
        branches = (8 * self._rng.random(len(places)) ** 1.5).astype(np.int64)
        np.add(places * 8 + 1, branches, out=places)
        mixed = (places.astype(np.uint64) + np.uint64(level)) * np.uint64(0x9E3779B97F4A7C15)
        rows += np.float32(LEVELS[level] ** 0.5) * self._book[mixed >> np.uint64(48)]

    def _normal(self, shape: tuple[int, ...]) -> Floats:
        return self._rng.standard_normal(shape, np.float32)
