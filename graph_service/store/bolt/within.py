"""Names that stand in a text, on a server: they are read once, kept here, and looked up here.

No index of the server's finds the names that a text holds. So those of a label are read when they
are first asked for and whenever a node of the label was written since (``counts``: ``written``);
that they are still true is asked in the same question that reads the nodes found.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import inf
from time import monotonic
from typing import Self

import numpy as np
import numpy.typing as npt

from graph_service.model import Filter, Hit, Label
from graph_service.names import LONGEST_NAME, fold
from graph_service.store.bolt import counts, cypher_reading
from graph_service.store.bolt.asking import Ask, Asking, only
from graph_service.store.bolt.filters import passing
from graph_service.store.bolt.reading import Nodes, node
from graph_service.store.within import NamesWithin

#: Seconds after which what a transaction wrote is there altogether: while a server commits, a
#: reader may meet the new counts beside nodes that are still as before (see ``kept``).
SETTLED = 3.0


@dataclass(frozen=True, eq=False)
class Shown:
    """The names that nodes of a label are shown by, as of one number of writes to one store.

    Attributes:
        written: the store (``Meta.identity``), and the number of writes (``counts``).
        ids: of the nodes.
        names: theirs, in the same order.
        lengths: of the names, in characters.
        until: when they are read once more (``monotonic``), for they had just been written.
    """

    written: tuple[str, int]
    ids: Sequence[str]
    names: NamesWithin
    lengths: npt.NDArray[np.int64]
    until: float

    @classmethod
    def of(
        cls, written: tuple[str, int], ids: Sequence[str], titles: Sequence[str], until: float
    ) -> Self:
        """From what was read."""
        folded = [fold(title)[:LONGEST_NAME] for title in titles]
        lengths = np.fromiter(map(len, folded), np.int64, len(folded))
        return cls(written, ids, NamesWithin.build(folded), lengths, until)

    def holds(self, written: tuple[str, int]) -> bool:
        """Whether they are still true where this is what was written."""
        return self.written == written and monotonic() < self.until


def search_within(
    terms: Collection[str],
    where: Filter,
    limit: int,
    kept: dict[Label, Shown],
    *,
    nodes: bool = False,
) -> Asking[tuple[list[Hit], Nodes]]:
    """Nodes whose names stand in a text, the longest first; one question while nothing changed."""
    labels = sorted(label for label in Label if label in (where.labels or Label))
    if not terms or limit <= 0 or not labels:
        return [], {}
    chosen = passing(where)
    asked = cypher_reading.named(chosen, nodes=nodes)
    fresh = False
    while True:
        lengths = _lengths(terms, [kept[label] for label in labels if label in kept])
        rows = yield Ask(asked, {**chosen.values, "found": list(lengths)})
        store, told, there = only(rows)
        now = counts.unpacked(told)
        stale = [
            one
            for one in labels
            if one not in kept or not kept[one].holds((store, now["written", one]))
        ]
        if fresh or not stale:
            break
        for label in stale:
            store, told, ids, titles = only((yield Ask(cypher_reading.titles(label), {})))
            written = counts.unpacked(told)["written", label]
            kept[label] = Shown.of(
                (store, written), ids, titles, _until(kept.get(label), store, written)
            )
        fresh = True  # what is written from now on comes after this read
    best = sorted((-lengths[id_], id_) for id_, *_ in there)[:limit]
    found = dict(there) if nodes else {}
    return [Hit(id_, -score) for score, id_ in best], {
        id_: node(found[id_]) for _, id_ in best if id_ in found
    }


def _until(before: Shown | None, store: str, written: int) -> float:
    """When names are read once more that are now read for so many writes."""
    known = before is not None and before.written == (store, written)
    return inf if known else monotonic() + SETTLED


def _lengths(terms: Collection[str], some: Sequence[Shown]) -> dict[str, float]:
    """The nodes whose names stand in the texts, with the lengths of those."""
    texts = [fold(text) for text in terms]
    return {
        shown.ids[place]: float(shown.lengths[place])
        for shown in some
        for text in texts
        for place in shown.names.find(text).tolist()
    }
