"""The text index: which documents have any of some words, best first (tantivy).

One index a label: tantivy counts documents and their lengths over a whole index, and a word is
rare, and a document long, beside others of its own label. The words come ready-made from the
record, joined by spaces. The index only chooses candidates: they are scored from the forward index,
whose statistics are exact, so that a base with a tail of changes ranks like a fresh one.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import tantivy

from graph_service.model import Label
from graph_service.store.forward_index import CODE, ForwardIndex
from graph_service.store.snapshots import Nums, Scored, members

#: Up to this many candidates every one of them is scored; no index is asked.
ALL_BELOW = 20_000

_NUM, _WORDS = "num", "words"
_LONGEST = 10_000  # characters of a word; the index takes no word above 64 KiB


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_unsigned_field(_NUM, indexed=True, fast=True)
    builder.add_text_field(_WORDS, tokenizer_name="whitespace", index_option="freq")
    return builder.build()


class TextIndex:
    """A searcher over the documents of one label as they were when it was opened."""

    def __init__(self, folder: Path) -> None:
        """Open. Raises ValueError where it is missing or torn."""
        index = tantivy.Index.open(str(folder))
        self._schema = index.schema
        self._searcher = index.searcher()

    @classmethod
    def write(cls, folder: Path, stale: Nums, documents: Iterable[tuple[int, str]]) -> Self:
        """Put documents (number, words) in the place of those of the stale nodes; an empty folder
        gets a new index.

        Files are added and removed, none is changed: links to them elsewhere hold the old state.
        """
        index = tantivy.Index(_schema(), path=str(folder))
        writer = index.writer()
        if len(stale):
            # Not by term: that takes a Python int for a signed one and silently deletes nothing.
            query = tantivy.Query.term_set_query(index.schema, _NUM, stale.tolist())
            writer.delete_documents_by_query(query)
        for num, words in documents:
            if len(words) > _LONGEST:
                words = " ".join(word[:_LONGEST] for word in words.split(" "))  # noqa: PLW2901
            document = tantivy.Document()
            document.add_unsigned(_NUM, num)
            document.add_text(_WORDS, words)
            writer.add_document(document)
        writer.commit()
        writer.wait_merging_threads()
        return cls(folder)

    def best(self, weights: Mapping[str, float], count: int) -> Scored:
        """The ``count`` best documents by the index's own score: numbers and falling scores."""
        wanted = [
            (
                tantivy.Occur.Should,
                tantivy.Query.boost_query(
                    tantivy.Query.term_query(self._schema, _WORDS, term[:_LONGEST], "freq"), weight
                ),
            )
            for term, weight in weights.items()
        ]
        query = tantivy.Query.boolean_query(wanted)
        hits = self._searcher.search(query, limit=count, count=False).hits
        nums = self._searcher.fast_field_values(_NUM, [address for _, address in hits])
        return np.array(nums, dtype=np.int32), np.array([score for score, _ in hits])

    def nums(self) -> Nums:
        """The numbers of all documents, in no order."""
        query = tantivy.Query.all_query()
        hits = self._searcher.search(query, limit=max(self._searcher.num_docs, 1), count=False).hits
        found = self._searcher.fast_field_values(_NUM, [address for _, address in hits])
        return np.array(found, dtype=np.int32)


def search(
    indexes: Mapping[Label, TextIndex],
    forward: ForwardIndex,
    weights: Mapping[str, float],
    *,
    labels: Collection[Label],
    allowed: Nums | None,
    limit: int,
) -> Scored:
    """The ``limit`` best documents that have any of the words, by BM25, and more, in no promised
    order; fewer where there are fewer.

    Args:
        indexes: the text indexes. Where one of a label that is looked at is not there, every
            document is scored.
        forward: all documents of the record.
        weights: words with their weights in the query; those not above 0 are ignored.
        labels: labels to look at; empty for all.
        allowed: rising numbers of nodes that may be found; None for all.
        limit: how many are wanted.
    """
    weights = {term: weight for term, weight in weights.items() if term and weight > 0}
    if not weights or limit <= 0:
        return np.empty(0, np.int32), np.empty(0)
    nums = None
    if allowed is None or len(allowed) > ALL_BELOW:
        held = sorted(forward.indexed & frozenset(labels or Label))
        if all(label in indexes for label in held):
            asked = [indexes[label] for label in held]
            nums = _candidates(asked, forward, weights, labels=labels, allowed=allowed, limit=limit)
    if nums is None:
        nums = forward.select(labels, among=allowed)
    scores = forward.scores(weights, nums)
    met = scores > 0
    return nums[met], scores[met]


def _candidates(
    indexes: Sequence[TextIndex],
    forward: ForwardIndex,
    weights: Mapping[str, float],
    *,
    labels: Collection[Label],
    allowed: Nums | None,
    limit: int,
) -> Nums | None:
    """Candidates among which the best are; None where that takes too many."""
    # The index rounds lengths and counts deleted documents, so a few more are scored than wanted.
    wanted = limit + limit // 4 + 50
    count = wanted
    while count < ALL_BELOW:
        nums, scores = _merged([index.best(weights, count) for index in indexes], count)
        good = forward.alive(nums)
        if allowed is not None:
            good &= members(nums, allowed)
        found = nums[good]
        exhausted = len(nums) < count
        # Where those at the cut tie, which of them came first is chance: look further.
        if exhausted or (len(found) >= wanted and scores[good][limit - 1] > scores[-1]):
            changed = forward.tail.nums
            if labels:
                changed = changed[np.isin(forward.tail.labels, [CODE[label] for label in labels])]
            if allowed is not None:
                changed = changed[members(changed, allowed)]
            return np.concatenate([found, changed])
        count *= 4
    return None


def _merged(found: Sequence[Scored], count: int) -> Scored:
    """The ``count`` best of several labels' documents, with falling scores."""
    if len(found) == 1:
        return found[0]
    none = np.empty(0, np.int32), np.empty(0)
    nums, scores = (np.concatenate(column) for column in zip(none, *found, strict=True))
    best = np.argsort(-scores, kind="stable")[:count]
    return nums[best], scores[best]
