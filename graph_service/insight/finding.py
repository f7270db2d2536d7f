"""Organisations of a scope by their names, with the communities that they are in."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from graph_service.insight.communities import Community, Picture
from graph_service.model import Filter, Label, Node
from graph_service.ports import GraphStore


@dataclass(frozen=True, slots=True)
class Found:
    """An organisation, and the communities that it is in, the uppermost first; none where nothing
    links it."""

    node: Node
    path: Sequence[Community]

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready data."""
        return {
            "id": self.node.id,
            "title": self.node.title,
            "path": [{"id": one.id, "name": one.name} for one in self.path],
        }


def find(store: GraphStore, made: Picture, typed: str, limit: int) -> list[Found]:
    """Organisations of a picture's scope whose names have what is typed, in characters, pinyin or
    initials, the nearest first (``graph_service.names.closeness``)."""
    firms = made.facts.firms
    if not firms:
        return []
    ids = frozenset[str]() if made.scope.everywhere else frozenset(firms)
    where = Filter(labels=frozenset({Label.ORGANIZATION}), ids=ids)
    hits = store.search_text({typed: 1.0}, where, limit=limit, names=True)
    known = (hit.node_id for hit in hits if hit.node_id in firms)
    return [
        Found(firms[id_], [made.communities[one] for one in made.homes.get(id_, ())])
        for id_ in known
    ]
