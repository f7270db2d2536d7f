"""What a load changes, shown by examples: nodes that are new, and nodes before and after."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from graph_service.model import Batch, Changes, Node
from graph_service.ports import GraphStore

#: Examples of new and of changed nodes, each.
EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Example:
    """A node as a load found it (None: it is new) and as it left it."""

    before: Node | None
    after: Node

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data: each property that differs, before and after."""
        before: Mapping[str, Any] = self.before.props if self.before else {}
        after = self.after.props
        return {
            "id": self.after.id,
            "label": self.after.label.value,
            "title": self.after.title,
            "change": "changed" if self.before else "new",
            "props": {
                key: {"before": before.get(key), "after": after.get(key)}
                for key in (*after, *(key for key in before if key not in after))
                if before.get(key) != after.get(key)
            },
        }


class Sampler:
    """Applies batches to a store and keeps the first examples of what they change."""

    def __init__(self, store: GraphStore) -> None:
        self._store = store
        self._new: dict[str, Example] = {}
        self._changed: dict[str, Example] = {}

    def apply(self, batch: Batch) -> Changes:
        """As the store's."""
        if len(self._new) >= EXAMPLES and len(self._changed) >= EXAMPLES:
            return self._store.apply(batch)
        ids = [node.id for node in batch.nodes]
        before = self._store.nodes(ids)
        changes = self._store.apply(batch)
        for id_, node in self._store.nodes(ids).items():
            self._see(id_, before.get(id_), node)
        return changes

    def _see(self, id_: str, before: Node | None, after: Node) -> None:
        if before is not None and before.version == after.version:
            return
        kept = self._new if before is None or id_ in self._new else self._changed
        if id_ in kept:
            kept[id_] = Example(kept[id_].before, after)
        elif len(kept) < EXAMPLES:
            kept[id_] = Example(before, after)

    def examples(self) -> list[Example]:
        """The changed ones, then the new ones."""
        return [*self._changed.values(), *self._new.values()]
